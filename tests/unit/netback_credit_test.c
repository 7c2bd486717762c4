// SPDX-License-Identifier: GPL-2.0-only
/* The rate limit: a bucket, and senders that share it. */
#include "ktap.h"
#include "../../netback/credit.h"

#define SECOND 1000000ULL

static struct netback_bucket b;
static u64 due;

static void test_refill(void)
{
	netback_bucket_init(&b, 1000, 50000, 7);
	check_eq(b.tokens, 1000);
	/* Less than a byte earned: the time is kept. */
	netback_bucket_refill(&b, 7 + 49);
	check_eq(b.tokens, 1000);
	check_eq(b.stamp, 7);
	netback_bucket_refill(&b, 7 + 50);
	check_eq(b.tokens, 1001);
	check_eq(b.stamp, 57);
	/* No more than a burst, however long it was idle. */
	netback_bucket_refill(&b, 57 + 1000 * SECOND);
	check_eq(b.tokens, NETBACK_BURST);
	netback_bucket_init(&b, 1000000, 50000, 0);
	b.tokens = -5;
	netback_bucket_refill(&b, 1000 * SECOND);
	check_eq(b.tokens, 1000000);
	/* The largest of all. */
	netback_bucket_init(&b, NETBACK_RATE_MAX, 1, 0);
	b.tokens = -(s64)NETBACK_RATE_MAX;
	netback_bucket_refill(&b, ~0ULL);
	check_eq(b.tokens, NETBACK_RATE_MAX);
}

/* Of idle time 64 s count, and a long one does not overflow. */
static void test_idle(void)
{
	check_eq(NETBACK_BURST, 65536);
	check_eq(NETBACK_IDLE, 64 * SECOND);
	netback_bucket_init(&b, 1000, SECOND, 0);
	netback_bucket_refill(&b, 64 * SECOND);
	check_eq(b.tokens, 65000);
	netback_bucket_init(&b, 1000, SECOND, 0);
	netback_bucket_refill(&b, 65 * SECOND);
	check_eq(b.tokens, 65000);
	netback_bucket_init(&b, 2, 1, 0);
	netback_bucket_refill(&b, 1ULL << 63);
	check_eq(b.tokens, NETBACK_BURST);
}

static void test_take(void)
{
	due = 0;
	netback_bucket_init(&b, 1000, 1000, 0);
	/* A byte is enough for a large packet, which is owed then. */
	check_eq(netback_bucket_take(&b, 999, 0, &due), 0);
	check_eq(netback_bucket_take(&b, 65535, 0, &due), 0);
	check_eq(b.tokens, 1 - 65535);
	check_eq(due, 0);
	check_eq(netback_bucket_take(&b, 1, 0, &due), 65536);
	check_eq(due, 65536);
	/* Asking again does not put it off. */
	check_eq(netback_bucket_take(&b, 1, 60000, &due), 5536);
	check_eq(netback_bucket_take(&b, 1, 65535, &due), 0);
	check_eq(due, 0);
	check_eq(b.tokens, 0);
	check_eq(netback_bucket_take(&b, 1, 65535, &due), 2);
	check_eq(netback_bucket_take(&b, 1, 65536, &due), 0);
}

/* What was refused may go when its time has come, though others took all. */
static void test_turn(void)
{
	u64 other = 0;

	due = 0;
	netback_bucket_init(&b, 1000, 1000, 0);
	b.tokens = -100;
	check_eq(netback_bucket_take(&b, 500, 0, &due), 102);
	check_eq(netback_bucket_take(&b, 70, 101, &other), 0);
	check_eq(netback_bucket_take(&b, 500, 101, &due), 1);
	check_eq(netback_bucket_take(&b, 500, 102, &due), 0);
	check_eq(b.tokens, 1 - 70 + 1 - 500);
	check_eq(netback_bucket_take(&b, 500, 102, &due), 570);
}

/*
 * Senders that always have a packet, asked in the same order at each tick of
 * @tick microseconds and then served as long as they may; bytes of each in @got.
 */
static void share(const unsigned int *len, u64 *got, unsigned int nr, u64 tick,
		  u64 end)
{
	u64 at[8] = { }, wait, dues[8] = { };
	unsigned int i;
	u64 now;

	for (now = tick; now < end; now += tick) {
		for (i = 0; i < nr; i++) {
			if (now < at[i])
				continue;
			while (!(wait = netback_bucket_take(&b, len[i], now,
							    &dues[i])))
				got[i] += len[i];
			/* a timer of that tick, at least one */
			at[i] = now + (wait + tick - 1) / tick * tick;
		}
	}
}

static void test_share(void)
{
	static const unsigned int len[] = { 60, 1442, 65535, 65535 };
	u64 got[4] = { }, sum = 0;
	unsigned int i;

	/* 10 Mbit/s for 20 s */
	netback_bucket_init(&b, 62500, 50000, 0);
	share(len, got, 4, 4000, 20 * SECOND);
	for (i = 0; i < 4; i++) {
		check(got[i] / len[i] >= 60);
		sum += got[i];
	}
	check(got[2] && got[3]);
	check(sum >= 24500000);
	check(sum <= 25000000 + 62500 + 4 * 65535);
	/* What is owed is bounded. */
	check(b.tokens > -5 * 65535);
}

static void test_alone(void)
{
	static const unsigned int len[] = { 1442 };
	u64 got[1] = { };

	/* Periods shorter than a tick: 1 MB/s all the same. */
	netback_bucket_init(&b, 1000, 1000, 0);
	share(len, got, 1, 4000, 10 * SECOND);
	check(got[0] >= 9900000 && got[0] <= 10100000);
}

static const struct ktap_case cases[] = {
	{ "refill", test_refill },
	{ "idle", test_idle },
	{ "take", test_take },
	{ "turn", test_turn },
	{ "share", test_share },
	{ "alone", test_alone },
};

KTAP_MAIN(cases)
