// SPDX-License-Identifier: GPL-2.0-only
/* xenstore for the tools: directories, permissions, domains. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

struct xs_handle *xs;
unsigned int failed;

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("xenpv-reattach: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

_Noreturn void die(int status, const char *text, const char *what)
{
	complain(text, what);
	exit(status);
}

void *must(void *memory)
{
	if (!memory)
		die(EXIT_SOME_FAILED, "%s", "out of memory");
	return memory;
}

/* A decimal number without sign or blanks. */
bool number(const char *text, unsigned long max, unsigned int *value)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || n > max)
		return false;
	*value = n;
	return true;
}

/*
 * Read a path. Returns NULL if it does not exist; any other error is a failure.
 */
char *store_read(xs_transaction_t t, const char *fmt, ...)
{
	char path[PATH_LEN];
	va_list ap;
	char *value;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	value = xs_read(xs, t, path, NULL);
	if (!value && errno != ENOENT) {
		complain("cannot read %s: %s", path, strerror(errno));
		failed++;
	}
	return value;
}

bool store_write(xs_transaction_t t, const char *folder, const char *name, const char *value)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (xs_write(xs, t, path, value, strlen(value)))
		return true;
	complain("cannot write %s: %s", path, strerror(errno));
	return false;
}

bool store_number(xs_transaction_t t, const char *folder, const char *name,
		  unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return store_write(t, folder, name, text);
}

bool store_remove(xs_transaction_t t, const char *path)
{
	if (xs_rm(xs, t, path) || errno == ENOENT)
		return true;
	complain("cannot remove %s: %s", path, strerror(errno));
	return false;
}

/* @owner has all rights, @reader may read; @name may be empty. */
bool store_permit(xs_transaction_t t, const char *folder, const char *name,
		  unsigned int owner, unsigned int reader)
{
	struct xs_permissions perms[2] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s%s%s", folder, *name ? "/" : "", name);
	if (xs_set_permissions(xs, t, path, perms, 2))
		return true;
	complain("cannot set the permissions of %s: %s", path, strerror(errno));
	return false;
}

/* Create an empty directory; entries inherit its permissions. */
bool store_folder(xs_transaction_t t, const char *path, unsigned int owner,
		  unsigned int reader)
{
	if (!store_remove(t, path))
		return false;
	if (!xs_mkdir(xs, t, path)) {
		complain("cannot make %s: %s", path, strerror(errno));
		return false;
	}
	return store_permit(t, path, "", owner, reader);
}

void node_free(struct node *node)
{
	for (unsigned int i = 0; i < node->nr; i++)
		free(node->value[i]);
	free(node->name);
	free(node->value);
	node->name = NULL;
	node->value = NULL;
	node->nr = 0;
}

/* Read a directory's entries. Returns false if it does not exist. */
bool node_read(xs_transaction_t t, struct node *node)
{
	node->value = NULL;
	node->nr = 0;
	node->name = xs_directory(xs, t, node->path, &node->nr);
	if (!node->name) {
		node->nr = 0;
		return false;
	}
	node->value = must(calloc(node->nr + 1, sizeof(*node->value)));
	for (unsigned int i = 0; i < node->nr; i++)
		node->value[i] = store_read(t, "%s/%s", node->path, node->name[i]);
	return true;
}

const char *node_get(const struct node *node, const char *name)
{
	for (unsigned int i = 0; i < node->nr; i++)
		if (!strcmp(node->name[i], name))
			return node->value[i];
	return NULL;
}

bool domain_lives(unsigned int domid)
{
	char path[PATH_LEN];
	char **names;
	unsigned int nr;

	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	names = xs_directory(xs, XBT_NULL, path, &nr);
	free(names);
	return names;
}

/* Find the number of a domain by its name, which must be unique. */
static bool domain_named(const char *name, unsigned int *domid)
{
	unsigned int nr, found = 0, id;
	char **ids = xs_directory(xs, XBT_NULL, "/local/domain", &nr);

	if (!ids)
		die(EXIT_SOME_FAILED, "cannot list the domains: %s", strerror(errno));
	for (unsigned int i = 0; i < nr; i++) {
		char *is = store_read(XBT_NULL, "/local/domain/%s/name", ids[i]);

		if (is && !strcmp(is, name) && number(ids[i], DOMID_MAX, &id)) {
			*domid = id;
			found++;
		}
		free(is);
	}
	free(ids);
	if (found > 1)
		die(EXIT_SOME_FAILED, "there are several domains named %s: give a number", name);
	return found;
}

/* Find a domain by number or name; it must exist if @lives is set. */
unsigned int domain_of(const char *text, bool lives)
{
	unsigned int domid;

	if (isdigit((unsigned char)*text) && strspn(text, "0123456789") == strlen(text)) {
		if (!number(text, DOMID_MAX, &domid))
			die(EXIT_USAGE, "%s is no domain number", text);
		if (lives && !domain_lives(domid))
			die(EXIT_SOME_FAILED, "there is no domain %s", text);
		return domid;
	}
	if (!domain_named(text, &domid))
		die(EXIT_SOME_FAILED, lives ? "there is no domain named %s" :
		    "there is no domain named %s: one that is gone has a number only (or leave --from out)",
		    text);
	return domid;
}
