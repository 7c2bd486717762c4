// SPDX-License-Identifier: GPL-2.0-only
/* Keys of a disk's backend that are missing, garbage or absurd. */
#include "blk_back.h"

#define REFUSED(_name, _key, _value, _what) \
	{ .name = (_name), .site = "key", .flags = CASE_FATAL, .run = back_run_key, \
	  .key = (_key), .value = (_value), .what = (_what) }
#define TAKEN(_name, _key, _value, _what) \
	{ .name = (_name), .flags = CASE_IO, .run = back_run_key, .key = (_key), \
	  .value = (_value), .what = (_what) }
/* No offer at all: counted at another site, and the disk works. */
#define IGNORED(_name, _key, _value, _what) \
	{ .name = (_name), .site = "feature", .flags = CASE_IO, .run = back_run_key, \
	  .key = (_key), .value = (_value), .what = (_what) }
#define EITHER(_name, _key, _value, _what) \
	{ .name = (_name), .site = "key", .flags = CASE_EITHER, .run = back_run_key, \
	  .key = (_key), .value = (_value), .what = (_what) }

#define MAX_2_32	"4294967295"

static const struct xcase cases[] = {
	REFUSED("sector-size-0", "sector-size", "0", "refused"),
	REFUSED("sector-size-1", "sector-size", "1", "refused"),
	REFUSED("sector-size-511", "sector-size", "511", "refused"),
	REFUSED("sector-size-768", "sector-size", "768", "no power of two: refused"),
	REFUSED("sector-size-66048", "sector-size", "66048", "512 in 16 bits: refused"),
	REFUSED("sector-size-4g", "sector-size", "4294967296", "0 in 32 bits: refused"),
	REFUSED("sector-size-4g512", "sector-size", "4294967808", "512 in 32 bits: refused"),
	REFUSED("sector-size-garbage", "sector-size", "big", "refused"),
	REFUSED("sectors-max", "sectors", "18446744073709551615", "2^64 - 1: refused"),
	REFUSED("sectors-over", "sectors", "99999999999999999999", "no 64-bit number: refused"),
	REFUSED("sectors-garbage", "sectors", "many", "refused"),
	REFUSED("sectors-negative", "sectors", "-1", "refused"),
	REFUSED("sectors-missing", "sectors", NULL, "refused"),
	EITHER("sectors-0", "sectors", "0", "an empty disk"),
	EITHER("sectors-3", "sectors", "3", "less than a page"),
	EITHER("physical-0", "physical-sector-size", "0", "refused or ignored"),
	EITHER("physical-511", "physical-sector-size", "511", "refused or ignored"),
	EITHER("physical-garbage", "physical-sector-size", "x", "refused or ignored"),
	EITHER("physical-max", "physical-sector-size", MAX_2_32, "refused or ignored"),
	EITHER("info-max", "info", MAX_2_32, "every bit set"),
	EITHER("info-garbage", "info", "x", "refused or ignored"),
	TAKEN("indirect-max", "feature-max-indirect-segments", MAX_2_32, "cut to our own limit"),
	IGNORED("indirect-garbage", "feature-max-indirect-segments", "x", "ignored"),
	IGNORED("queues-0", "multi-queue-max-queues", "0", "ignored"),
	TAKEN("queues-max", "multi-queue-max-queues", MAX_2_32, "cut to our own limit"),
	IGNORED("queues-negative", "multi-queue-max-queues", "-1", "ignored"),
	TAKEN("order-31", "max-ring-page-order", "31", "cut to our own limit"),
	TAKEN("order-32", "max-ring-page-order", "32", "cut to our own limit"),
	TAKEN("order-max", "max-ring-page-order", MAX_2_32, "cut to our own limit"),
	IGNORED("order-negative", "max-ring-page-order", "-1", "ignored"),
	EITHER("pages-0", "max-ring-pages", "0", "refused or ignored"),
	EITHER("pages-3", "max-ring-pages", "3", "refused or ignored"),
	TAKEN("pages-max", "max-ring-pages", MAX_2_32, "cut to our own limit"),
	TAKEN("granularity-0", "discard-granularity", "0", "sector size, or no discard"),
	TAKEN("granularity-3", "discard-granularity", "3", "sector size, or no discard"),
	TAKEN("granularity-max", "discard-granularity", MAX_2_32, "taken, or no discard"),
	TAKEN("alignment-max", "discard-alignment", MAX_2_32, "taken, or no discard"),
	IGNORED("persistent-garbage", "feature-persistent", "x", "ignored"),
	IGNORED("flush-garbage", "feature-flush-cache", "x", "ignored"),
};

const struct case_table blk_back_key = { cases, ARRAY_SIZE(cases) };
