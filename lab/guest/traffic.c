// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic that judges itself, over IPv4 and IPv6.
 *
 *   traffic serve [PORT]                 answer all of the below (port 7000), for ever
 *   traffic sizes ADDR FROM TO [STEP]    a UDP datagram of each size, there and back
 *   traffic flood ADDR SIZE SECONDS      UDP as fast as it goes, counted where it arrives
 *   traffic rr tcp|udp ADDR SIZE SECONDS request and response, one at a time
 *   traffic steady ADDR PER_SECOND FILE  UDP and TCP at a fixed pace; FILE has the figures,
 *                                        FILE.stop ends it
 *   traffic stream ADDR PER_SECOND FILE  the same with TCP only and all the patience of TCP
 *   traffic hear GROUP IFACE SECONDS     join a multicast group, count what comes
 *   traffic say GROUP IFACE COUNT        send to a multicast group
 *
 * TRAFFIC_PORT in the environment is another server's port. Figures are one line of "name value"
 * pairs. Every byte that comes back is compared. iperf3 measures streams; it has no UDP echo, no
 * latency and no verdict on content.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_PORT	"7000"
#define BATCH		64
#define MAX_SIZE	65507
/* How long an exchange may take. */
#define STEADY_US	10000000ull
#define STREAM_US	600000000ull
/* First byte of a datagram, or of a connection. */
#define KIND_ECHO	'e'
#define KIND_FLOOD	'f'
#define KIND_QUERY	'q'

static uint8_t out[MAX_SIZE + 1], in[MAX_SIZE + 1];

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(2);
}

static socklen_t address(const char *text, const char *port, struct sockaddr_storage *sa)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)sa;
	struct sockaddr_in *v4 = (struct sockaddr_in *)sa;

	memset(sa, 0, sizeof(*sa));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(atoi(port));
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(atoi(port));
		return sizeof(*v6);
	}
	fprintf(stderr, "traffic: '%s' is no address\n", text);
	exit(2);
}

static int connected(int type, const char *text)
{
	const char *port = getenv("TRAFFIC_PORT");
	struct sockaddr_storage sa;
	socklen_t len = address(text, port ? port : DEFAULT_PORT, &sa);
	int fd = socket(sa.ss_family, type | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, len))
		die(text);
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* Bytes that differ with the place and with @seed. */
static void pattern(uint8_t *mem, size_t len, uint32_t seed)
{
	uint32_t v = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		if (!(i & 3))
			v = v * 1664525u + 1013904223u;
		mem[i] = v >> ((i & 3) * 8);
	}
}

static bool wait_in(int fd, int64_t us)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec ts;

	if (us < 0)
		us = 0;
	ts.tv_sec = us / 1000000;
	ts.tv_nsec = us % 1000000 * 1000;
	return ppoll(&p, 1, &ts, NULL) > 0;
}

/* ---- the server --------------------------------------------------------------------- */

/* Datagrams come in batches, so that the counting costs less than the network. */
static void serve_udp(int fd)
{
	static uint8_t buf[BATCH][MAX_SIZE + 1];
	static struct sockaddr_storage from[BATCH];
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	uint64_t count = 0, first = 0, last = 0;

	for (;;) {
		int n;

		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
			msg[i].msg_hdr = (struct msghdr){
				.msg_name = &from[i], .msg_namelen = sizeof(from[i]),
				.msg_iov = &iov[i], .msg_iovlen = 1,
			};
		}
		n = recvmmsg(fd, msg, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			struct msghdr *h = &msg[i].msg_hdr;
			char text[96];
			int len;

			switch (msg[i].msg_len ? buf[i][0] : KIND_ECHO) {
			case KIND_FLOOD:
				last = now_us();
				if (!count++)
					first = last;
				break;
			case KIND_QUERY:
				len = snprintf(text, sizeof(text), "%llu %llu",
					       (unsigned long long)count,
					       (unsigned long long)(last - first));
				sendto(fd, text, len, 0, h->msg_name, h->msg_namelen);
				count = 0;
				break;
			default:
				sendto(fd, buf[i], msg[i].msg_len, 0, h->msg_name, h->msg_namelen);
			}
		}
	}
}

static void serve_connection(int fd)
{
	static uint8_t buf[65536];
	ssize_t n, done, w;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (done = 0; done < n; done += w) {
			w = write(fd, buf + done, n - done);
			if (w <= 0)
				_exit(1);
		}
	}
	_exit(0);
}

static int bound(int type, const char *port)
{
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), on = 1, off = 0, size = 4 << 20;
	struct sockaddr_storage sa;
	socklen_t len = address("::", port, &sa);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, len))
		die("bind");
	return fd;
}

static _Noreturn void serve(const char *port)
{
	int udp = bound(SOCK_DGRAM, port), tcp = bound(SOCK_STREAM, port), on = 1;

	signal(SIGCHLD, SIG_IGN);
	if (listen(tcp, 16))
		die("listen");
	if (fork() == 0)
		serve_udp(udp);
	for (;;) {
		int fd = accept(tcp, NULL, NULL);

		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (fork() == 0)
			serve_connection(fd);
		close(fd);
	}
}

/* ---- sizes -------------------------------------------------------------------------- */

/* Nothing is sent again: on an idle network a lost datagram is a fault. */
static int sizes(const char *addr, int from, int to, int step)
{
	int fd = connected(SOCK_DGRAM, addr), bad = 0, lost = 0, nr = 0, silent = 0;

	/* Where nothing comes back three times, nothing will. */
	for (int size = from; size <= to && silent < 3; size += step, nr++) {
		uint64_t end = now_us() + 2000000;
		ssize_t n = -1;

		pattern(out, size, size);
		out[0] = KIND_ECHO;
		if (send(fd, out, size, 0) != size) {
			printf("size %d: %s\n", size, strerror(errno));
			bad++;
			continue;
		}
		/* What comes late for an earlier size is not the answer to this one. */
		while (wait_in(fd, end - now_us())) {
			n = recv(fd, in, sizeof(in), 0);
			if (n >= size)
				break;
			n = -1;
		}
		silent = n < 0 ? silent + 1 : 0;
		if (n < 0) {
			printf("size %d: lost\n", size);
			lost++;
		} else if (n != size || memcmp(in, out, size)) {
			printf("size %d: %zd bytes came back, not as sent\n", size, n);
			bad++;
		}
	}
	printf("sizes %d lost %d bad %d\n", nr, lost, bad);
	return lost || bad || !nr;
}

/* ---- flood -------------------------------------------------------------------------- */

static bool query(int fd, unsigned long long *count, unsigned long long *us)
{
	char text[96];

	for (int i = 0; i < 10; i++) {
		text[0] = KIND_QUERY;
		if (send(fd, text, 1, 0) < 0 && errno != ENOBUFS && errno != ECONNREFUSED)
			return false;
		if (wait_in(fd, 1000000)) {
			ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

			if (n <= 0)
				continue;
			text[n] = 0;
			if (sscanf(text, "%llu %llu", count, us) == 2)
				return true;
		}
	}
	return false;
}

static int flood(const char *addr, int size, double seconds)
{
	int fd = connected(SOCK_DGRAM, addr), size_buf = 1 << 20;
	unsigned long long got, us, sent = 0;
	struct mmsghdr msg[BATCH];
	struct iovec iov = { out, size };
	uint64_t start, end;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size_buf, sizeof(size_buf));
	memset(msg, 0, sizeof(msg));
	pattern(out, size, 1);
	out[0] = KIND_FLOOD;
	for (int i = 0; i < BATCH; i++)
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	if (!query(fd, &got, &us)) {
		fprintf(stderr, "traffic: no server at %s\n", addr);
		return 2;
	}
	start = now_us();
	for (end = start + seconds * 1e6; now_us() < end; ) {
		int n = sendmmsg(fd, msg, BATCH, 0);

		if (n > 0)
			sent += n;
		else if (errno != ENOBUFS && errno != EAGAIN)
			die("send");
	}
	end = now_us();
	/* What is queued on the way still counts, but nobody waits for it long. */
	usleep(200000);
	if (!query(fd, &got, &us)) {
		fprintf(stderr, "traffic: the server does not answer any more\n");
		return 2;
	}
	printf("sent %llu received %llu sent_pps %.0f received_pps %.0f\n", sent, got,
	       sent * 1e6 / (end - start), us ? got * 1e6 / us : 0.0);
	return 0;
}

/* ---- request and response ----------------------------------------------------------- */

static bool read_all(int fd, uint8_t *buf, size_t len, uint64_t end)
{
	for (size_t done = 0; done < len; ) {
		ssize_t n;

		if (!wait_in(fd, end - now_us()))
			return false;
		n = read(fd, buf + done, len - done);
		if (n <= 0)
			return false;
		done += n;
	}
	return true;
}

/* There and back; microseconds, -1 lost, -2 not as sent. */
static long exchange(int fd, bool tcp, int size, uint32_t seed, uint64_t bound_us)
{
	uint64_t start = now_us(), end = start + bound_us;

	pattern(out, size, seed);
	out[0] = KIND_ECHO;
	if (send(fd, out, size, MSG_NOSIGNAL) != size)
		return -1;
	if (tcp) {
		if (!read_all(fd, in, size, end))
			return -1;
		return memcmp(in, out, size) ? -2 : (long)(now_us() - start);
	}
	while (wait_in(fd, end - now_us())) {
		/* An answer to one that was given up is neither lost nor bad. */
		if (recv(fd, in, sizeof(in), 0) == size && !memcmp(in, out, size))
			return now_us() - start;
	}
	return -1;
}

static int compare_long(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

static int rr(bool tcp, const char *addr, int size, double seconds)
{
	static long took[1 << 20];
	int fd = connected(tcp ? SOCK_STREAM : SOCK_DGRAM, addr);
	unsigned long n = 0, lost = 0, bad = 0;
	uint64_t start = now_us(), end = start + seconds * 1e6;
	double sum = 0;

	while (now_us() < end && n < sizeof(took) / sizeof(took[0])) {
		long us = exchange(fd, tcp, size, n, 2000000);

		if (us < 0) {
			lost += us == -1;
			bad += us == -2;
			if (tcp)
				break;
			continue;
		}
		took[n++] = us;
		sum += us;
	}
	end = now_us();
	if (!n) {
		fprintf(stderr, "traffic: nothing came back from %s\n", addr);
		return 1;
	}
	qsort(took, n, sizeof(took[0]), compare_long);
	printf("transactions %lu per_s %.0f mean_us %.1f ", n, n * 1e6 / (end - start), sum / n);
	printf("p50_us %ld p99_us %ld max_us %ld lost %lu bad %lu\n", took[n / 2],
	       took[n - 1 - n / 100], took[n - 1], lost, bad);
	return lost || bad;
}

/* ---- steady ------------------------------------------------------------------------- */

/*
 * The pace is slow enough for a busy machine. A late answer is late, not lost, up to 10 s: the
 * emulator stands still for that long when the machine beneath it does.
 */
static int steady(const char *addr, int per_second, const char *file, bool only_tcp)
{
	unsigned long sent = 0, ok = 0, lost = 0, bad = 0;
	int udp = connected(SOCK_DGRAM, addr), tcp = connected(SOCK_STREAM, addr);
	uint64_t gap = 1000000 / per_second, next = now_us(), start = next, now;
	char stop[256], tmp[256];
	long worst = 0, worst_now = 0;
	double sum = 0;

	snprintf(stop, sizeof(stop), "%s.stop", file);
	snprintf(tmp, sizeof(tmp), "%s.new", file);
	while (access(stop, F_OK)) {
		bool is_tcp = only_tcp || sent & 1;
		int size = 1 + (int)(sent * 7919 % (is_tcp ? 16384 : 1472));
		long us = exchange(is_tcp ? tcp : udp, is_tcp, size, sent,
				   only_tcp ? STREAM_US : STEADY_US);
		FILE *f;

		sent++;
		if (us >= 0) {
			ok++;
			sum += us;
			if (us > worst_now)
				worst_now = us;
		}
		lost += us == -1;
		bad += us == -2;
		if (worst_now > worst)
			worst = worst_now;
		if (sent % per_second == 0 || us < 0) {
			f = fopen(tmp, "w");
			if (!f)
				die(tmp);
			fprintf(f, "sent %lu ok %lu lost %lu bad %lu ", sent, ok, lost, bad);
			fprintf(f, "mean_us %.0f max_us %ld max_now_us %ld seconds %.1f\n",
				ok ? sum / ok : 0.0, worst, worst_now, (now_us() - start) / 1e6);
			fclose(f);
			rename(tmp, file);
			worst_now = 0;
		}
		/* A stream that broke stays broken: that is the verdict. */
		if (is_tcp && us < 0)
			break;
		next += gap;
		now = now_us();
		if (next > now)
			usleep(next - now);
		else
			next = now;
	}
	return lost || bad || !ok;
}

/* ---- multicast ---------------------------------------------------------------------- */

static void join(int fd, const struct sockaddr_storage *group, const char *iface)
{
	struct group_req req = { .gr_interface = if_nametoindex(iface) };

	memcpy(&req.gr_group, group, sizeof(*group));
	if (!req.gr_interface ||
	    setsockopt(fd, group->ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		       MCAST_JOIN_GROUP, &req, sizeof(req)))
		die(iface);
}

static int hear(const char *text, const char *iface, double seconds)
{
	struct sockaddr_storage group, any;
	socklen_t len = address(text, "7001", &group);
	int fd = socket(group.ss_family, SOCK_DGRAM, 0), on = 1, count = 0;
	uint64_t end = now_us() + seconds * 1e6;

	address(group.ss_family == AF_INET ? "0.0.0.0" : "::", "7001", &any);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, len))
		die("bind");
	join(fd, &group, iface);
	while (now_us() < end && wait_in(fd, end - now_us()))
		count += recv(fd, in, sizeof(in), 0) > 0;
	printf("heard %d\n", count);
	return 0;
}

static int say(const char *text, const char *iface, int count)
{
	struct sockaddr_storage group;
	socklen_t len = address(text, "7001", &group);
	struct ip_mreqn req = { .imr_ifindex = if_nametoindex(iface) };
	int fd = socket(group.ss_family, SOCK_DGRAM, 0), err;

	if (group.ss_family == AF_INET)
		err = setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &req, sizeof(req));
	else
		err = setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &req.imr_ifindex,
				 sizeof(req.imr_ifindex));
	if (fd < 0 || err)
		die(iface);
	for (int i = 0; i < count; i++) {
		if (sendto(fd, "hello", 5, 0, (struct sockaddr *)&group, len) < 0)
			die(text);
		usleep(5000);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(how, "serve"))
		serve(argc > 2 ? argv[2] : DEFAULT_PORT);
	if (!strcmp(how, "sizes") && argc > 4)
		return sizes(argv[2], atoi(argv[3]), atoi(argv[4]), argc > 5 ? atoi(argv[5]) : 1);
	if (!strcmp(how, "flood") && argc > 4)
		return flood(argv[2], atoi(argv[3]), atof(argv[4]));
	if (!strcmp(how, "rr") && argc > 5)
		return rr(!strcmp(argv[2], "tcp"), argv[3], atoi(argv[4]), atof(argv[5]));
	if (!strcmp(how, "steady") && argc > 4)
		return steady(argv[2], atoi(argv[3]), argv[4], false);
	if (!strcmp(how, "stream") && argc > 4)
		return steady(argv[2], atoi(argv[3]), argv[4], true);
	if (!strcmp(how, "hear") && argc > 4)
		return hear(argv[2], argv[3], atof(argv[4]));
	if (!strcmp(how, "say") && argc > 4)
		return say(argv[2], argv[3], atoi(argv[4]));
	fprintf(stderr, "usage: traffic serve|sizes|flood|rr|steady|stream|hear|say ...\n");
	return 2;
}
