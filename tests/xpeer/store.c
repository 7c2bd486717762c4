// SPDX-License-Identifier: GPL-2.0-only
/* The xenstore wire protocol: one request at a time, every reply waited for with a bound. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store.h"
#include "xpeer.h"

#define REPLY_MS	10000

static const struct {
	const char *name;
	int err;
} xs_errors[] = {
	{ "EINVAL", EINVAL }, { "EACCES", EACCES }, { "EEXIST", EEXIST }, { "EISDIR", EISDIR },
	{ "ENOENT", ENOENT }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC }, { "EIO", EIO },
	{ "ENOTEMPTY", ENOTEMPTY }, { "EROFS", EROFS },
	{ "EBUSY", EBUSY }, { "EAGAIN", EAGAIN }, { "EISCONN", EISCONN }, { "E2BIG", E2BIG },
	{ "EPERM", EPERM }, { "EQUOTA", EDQUOT },
};

int store_open(struct store *s)
{
	static const char * const paths[] = { "/dev/xen/xenbus", "/proc/xen/xenbus" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		s->fd = open(paths[i], O_RDWR | O_CLOEXEC);
		if (s->fd >= 0)
			break;
	}
	s->req_id = 0;
	return s->fd < 0 ? -errno : 0;
}

void store_close(struct store *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int read_all(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t end = now_ms() + REPLY_MS;

	while (len) {
		int64_t left = (int64_t)(end - now_ms());
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return -ETIMEDOUT;
		n = read(fd, buf, len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		buf = (char *)buf + n;
		len -= n;
	}
	return 0;
}

static int error_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(xs_errors); i++)
		if (!strcmp(xs_errors[i].name, name))
			return -xs_errors[i].err;
	return -EPROTO;
}

/* One request and its reply; the reply's length, cut to @size - 1 and terminated, or -errno. */
static int talk(struct store *s, enum xs_type type, uint32_t tx, const void *req, size_t len,
		char *reply, size_t size)
{
	struct {
		struct xs_header h;
		char body[XS_PAYLOAD_MAX + 1];
	} m;
	int err;

	if (len > XS_PAYLOAD_MAX)
		return -E2BIG;
	m.h = (struct xs_header){ .type = type, .req_id = ++s->req_id, .tx_id = tx, .len = len };
	memcpy(m.body, req, len);
	if (write(s->fd, &m, sizeof(m.h) + len) != (ssize_t)(sizeof(m.h) + len))
		return errno ? -errno : -EIO;
	do {
		err = read_all(s->fd, &m.h, sizeof(m.h));
		if (!err && m.h.len > XS_PAYLOAD_MAX)
			err = -EPROTO;
		if (!err)
			err = read_all(s->fd, m.body, m.h.len);
		if (err)
			return err;
	} while (m.h.type == XS_WATCH_EVENT || m.h.req_id != s->req_id);
	m.body[m.h.len] = 0;
	if (m.h.type == XS_ERROR)
		return error_number(m.body);
	if (reply && size) {
		if (m.h.len >= size)
			m.h.len = size - 1;
		memcpy(reply, m.body, m.h.len);
		reply[m.h.len] = 0;
	}
	return (int)m.h.len;
}

int store_begin(struct store *s, uint32_t *tx)
{
	char id[16];
	int n = talk(s, XS_TRANSACTION_START, 0, "", 1, id, sizeof(id));

	if (n < 0)
		return n;
	*tx = (uint32_t)strtoul(id, NULL, 10);
	return 0;
}

int store_end(struct store *s, uint32_t tx, bool commit)
{
	int n = talk(s, XS_TRANSACTION_END, tx, commit ? "T" : "F", 2, NULL, 0);

	return n < 0 ? n : 0;
}

/* The length of the name with its terminating zero, or -errno. */
static int node_name(char *path, size_t size, const char *dir, const char *key)
{
	int len = snprintf(path, size, "%s%s%s", dir, key ? "/" : "", key ? key : "");

	return len >= (int)size ? -ENAMETOOLONG : len + 1;
}

int store_read(struct store *s, uint32_t tx, const char *dir, const char *key, char *buf,
	       size_t size)
{
	char path[STORE_DIR * 2];
	int n = node_name(path, sizeof(path), dir, key);

	if (n > 0)
		n = talk(s, XS_READ, tx, path, (size_t)n, buf, size);
	return n < 0 ? n : 0;
}

int store_write(struct store *s, uint32_t tx, const char *dir, const char *key,
		const char *value)
{
	char buf[XS_PAYLOAD_MAX];
	int n = node_name(buf, STORE_DIR * 2, dir, key);
	size_t len = strlen(value);

	if (n < 0)
		return n;
	if ((size_t)n + len > sizeof(buf))
		return -E2BIG;
	memcpy(buf + n, value, len);
	n = talk(s, XS_WRITE, tx, buf, (size_t)n + len, NULL, 0);
	return n < 0 ? n : 0;
}

int store_writef(struct store *s, uint32_t tx, const char *dir, const char *key,
		 const char *fmt, ...)
{
	char value[STORE_DIR * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	return store_write(s, tx, dir, key, value);
}

int store_mkdir(struct store *s, uint32_t tx, const char *dir)
{
	int n = talk(s, XS_MKDIR, tx, dir, strlen(dir) + 1, NULL, 0);

	return n < 0 ? n : 0;
}

int store_remove(struct store *s, uint32_t tx, const char *dir, const char *key)
{
	char path[STORE_DIR * 2];
	int n = node_name(path, sizeof(path), dir, key);

	if (n > 0)
		n = talk(s, XS_RM, tx, path, (size_t)n, NULL, 0);
	return n < 0 && n != -ENOENT ? n : 0;
}

int store_perms(struct store *s, uint32_t tx, const char *dir, unsigned int owner,
		unsigned int reader)
{
	char buf[STORE_DIR * 2 + 32];
	int len, n;

	len = snprintf(buf, sizeof(buf), "%s%cn%u%cr%u", dir, 0, owner, 0, reader);
	if (len >= (int)sizeof(buf))
		return -ENAMETOOLONG;
	n = talk(s, XS_SET_PERMS, tx, buf, (size_t)len + 1, NULL, 0);
	return n < 0 ? n : 0;
}

uint64_t store_number(struct store *s, const char *dir, const char *key, uint64_t fallback)
{
	char value[64], *end;
	unsigned long long n;

	if (store_read(s, 0, dir, key, value, sizeof(value)))
		return fallback;
	n = strtoull(value, &end, 10);
	return end == value ? fallback : n;
}

bool store_exists(struct store *s, const char *dir, const char *key)
{
	char value[8];

	return !store_read(s, 0, dir, key, value, sizeof(value));
}
