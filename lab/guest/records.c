// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a database promises: a record that it has acknowledged is on the disk.
 *
 *   records write FILE ACK PER_SECOND   append records to FILE with fsync, at that pace or slower;
 *                                       ACK has the figures, ACK.stop ends it
 *   records check FILE ACK              every record that ACK counts is in FILE as it was written
 *
 * Figures are one line of "name value" pairs. FILE is on the disk under test, ACK is not. A write
 * or fsync that fails is an error and the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORDS	64

struct record {
	uint64_t word[WORDS];
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void die(const char *what)
{
	fprintf(stderr, "records: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Every word differs with the record and with its place. */
static void fill(struct record *r, uint64_t nr)
{
	for (uint64_t i = 0; i < WORDS; i++)
		r->word[i] = (nr * WORDS + i + 1) * 0x9e3779b97f4a7c15u;
}

static void figures(const char *ack, unsigned long nr, unsigned long errors, uint64_t longest)
{
	char tmp[256];
	FILE *f;

	snprintf(tmp, sizeof(tmp), "%s.new", ack);
	f = fopen(tmp, "w");
	if (!f)
		die(tmp);
	fprintf(f, "records %lu errors %lu longest_ms %lu\n", nr, errors,
		(unsigned long)(longest / 1000));
	fclose(f);
	rename(tmp, ack);
}

static int write_all(const char *file, const char *ack, int per_second)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	uint64_t start, us, longest = 0;
	unsigned long nr = 0;
	struct record r;
	char stop[256];

	if (fd < 0)
		die(file);
	snprintf(stop, sizeof(stop), "%s.stop", ack);
	while (access(stop, F_OK)) {
		fill(&r, nr);
		start = now_us();
		if (write(fd, &r, sizeof(r)) != sizeof(r) || fsync(fd)) {
			perror("records");
			figures(ack, nr, 1, longest);
			return 1;
		}
		us = now_us() - start;
		if (us > longest)
			longest = us;
		figures(ack, ++nr, 0, longest);
		if (us < 1000000u / per_second)
			usleep(1000000u / per_second - us);
	}
	return 0;
}

static int check(const char *file, const char *ack)
{
	unsigned long nr, i, lost = 0;
	FILE *f = fopen(ack, "r");
	struct record r, want;

	if (!f || fscanf(f, "records %lu", &nr) != 1)
		die(ack);
	fclose(f);
	f = fopen(file, "r");
	if (!f)
		die(file);
	for (i = 0; i < nr; i++) {
		fill(&want, i);
		lost += fread(&r, sizeof(r), 1, f) != 1 || memcmp(&r, &want, sizeof(r));
	}
	fclose(f);
	printf("acknowledged %lu lost %lu\n", nr, lost);
	return lost || !nr;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (!strcmp(how, "write") && argc == 5 && atoi(argv[4]) > 0)
		return write_all(argv[2], argv[3], atoi(argv[4]));
	if (!strcmp(how, "check") && argc == 4)
		return check(argv[2], argv[3]);
	fprintf(stderr, "usage: records write FILE ACK PER_SECOND | check FILE ACK\n");
	return 2;
}
