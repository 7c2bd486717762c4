// SPDX-License-Identifier: GPL-2.0-only
/*
 * insnmark MSECS FILE...: have insncount.c, outside of the machine, count for so
 * long, and print by how much the numbers in these files have grown meanwhile.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_FILES	16

/* nopl 0x58504dNN(%rax,%rax), which no compiler makes */
static void mark_begin(void)
{
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x01, 0x4d, 0x50, 0x58");
}

static void mark_end(void)
{
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x02, 0x4d, 0x50, 0x58");
}

static long long sum(const int *fds, int n)
{
	long long total = 0;
	char buf[64];
	ssize_t len;
	int i;

	for (i = 0; i < n; i++) {
		len = pread(fds[i], buf, sizeof(buf) - 1, 0);
		if (len <= 0)
			exit(1);
		buf[len] = '\0';
		total += atoll(buf);
	}
	return total;
}

int main(int argc, char **argv)
{
	int fds[MAX_FILES], n = argc - 2, i;
	long long before, after;

	if (n < 1 || n > MAX_FILES) {
		fprintf(stderr, "usage: insnmark MSECS FILE...\n");
		return 1;
	}
	for (i = 0; i < n; i++) {
		fds[i] = open(argv[i + 2], O_RDONLY);
		if (fds[i] < 0) {
			perror(argv[i + 2]);
			return 1;
		}
	}
	before = sum(fds, n);
	mark_begin();
	usleep(atoi(argv[1]) * 1000);
	mark_end();
	after = sum(fds, n);
	printf("%lld\n", after - before);
	return 0;
}
