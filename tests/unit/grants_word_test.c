// SPDX-License-Identifier: GPL-2.0-only
/* Grant entries, and what Xen does to them at the same time. */
#include "ktap.h"
#include <asm/barrier.h>

/* Xen's part, where an entry is about to change: at atomic operations and barriers. */
static void (*hook)(void);
static unsigned int changes;

static void peer(void)
{
	if (hook)
		hook();
}

#define sync_cmpxchg(p, old, new)					\
	(peer(), __sync_val_compare_and_swap(p, old, new))
#undef virt_mb
#define virt_mb() peer()
#undef virt_wmb
#define virt_wmb() peer()

#include "../../grants/word.h"

static struct grant_entry_v1 v1;
static union grant_entry_v2 v2;
static grant_status_t status;

static void test_v1_set(void)
{
	memset(&v1, 0xff, sizeof(v1));
	grant_v1_set(&v1, 0x7ff0, 0xfedcba98, GTF_permit_access | GTF_readonly);
	check_eq(v1.flags, 5);
	check_eq(v1.domid, 0x7ff0);
	check_eq(v1.frame, 0xfedcba98);
	check_eq(sizeof(v1), 8);
}

static void test_v1_end(void)
{
	grant_v1_set(&v1, 1, 2, GTF_permit_access);
	check(grant_v1_end(&v1));
	check_eq(v1.flags, 0);
	/* once more, as after a resume: nothing to end */
	check(grant_v1_end(&v1));

	grant_v1_set(&v1, 1, 2, GTF_permit_access | GTF_reading);
	check(!grant_v1_end(&v1));
	check_eq(v1.flags, GTF_permit_access | GTF_reading);
	grant_v1_set(&v1, 1, 2, GTF_permit_access | GTF_writing);
	check(!grant_v1_end(&v1));
	check_eq(v1.frame, 2);
}

static void test_v2_set(void)
{
	memset(&v2, 0xff, sizeof(v2));
	grant_v2_set(&v2, 7, 0x123456789abcULL, GTF_permit_access);
	check_eq(v2.hdr.flags, 1);
	check_eq(v2.hdr.domid, 7);
	check_eq(v2.full_page.frame, 0x123456789abcLL);
	check_eq(sizeof(v2), 16);
}

static void test_v2_end(void)
{
	status = GTF_writing;
	check(!grant_v2_end(&v2, &status));
	check_eq(v2.hdr.flags, 0);
	check_eq(v2.full_page.frame, 0x123456789abcLL);
	status = GTF_reading;
	check(!grant_v2_end(&v2, &status));
	status = 0;
	check(grant_v2_end(&v2, &status));
}

static void peer_maps(void)
{
	v1.flags |= GTF_reading;
	hook = NULL;
}

/* Xen takes the entry into use between our look and our change. */
static void test_v1_race(void)
{
	grant_v1_set(&v1, 1, 2, GTF_permit_access);
	hook = peer_maps;
	check(!grant_v1_end(&v1));
	check_eq(v1.flags, GTF_permit_access | GTF_reading);
	v1.flags &= ~GTF_reading;
	check(grant_v1_end(&v1));
}

static void peer_unmaps(void)
{
	v1.flags ^= GTF_readonly;	/* any change that is not a use */
	changes++;
}

/* An entry that changes whenever we look: no endless loop. */
static void test_v1_restless(void)
{
	grant_v1_set(&v1, 1, 2, GTF_permit_access);
	changes = 0;
	hook = peer_unmaps;
	check(!grant_v1_end(&v1));
	hook = NULL;
	check_eq(GRANT_END_TRIES, 16);
	check_eq(changes, GRANT_END_TRIES);
	check(v1.flags & GTF_permit_access);
	check(grant_v1_end(&v1));
}

static void peer_had_it(void)
{
	check_eq(v2.hdr.flags, 0);	/* or the peer could have it anew */
	status = GTF_reading;
	hook = NULL;
}

static void test_v2_race(void)
{
	grant_v2_set(&v2, 1, 2, GTF_permit_access);
	status = 0;
	hook = peer_had_it;
	check(!grant_v2_end(&v2, &status));
	check(!hook);
	status = 0;
	check(grant_v2_end(&v2, &status));
}

static void peer_writes(void)
{
	changes++;
}

/* Xen's look at the flags comes between the barriers, the use of the page after both. */
static void test_v2_barriers(void)
{
	grant_v2_set(&v2, 1, 2, GTF_permit_access);
	status = 0;
	changes = 0;
	hook = peer_writes;
	check(grant_v2_end(&v2, &status));
	hook = NULL;
	check_eq(changes, 2);
}

static void peer_looks(void)
{
	check_eq(v2.hdr.flags, 0);
	check_eq(v2.hdr.domid, 7);
	check_eq(v2.full_page.frame, 9);
	hook = NULL;
}

/* Nothing is given before all of it is there. */
static void test_v2_order(void)
{
	memset(&v2, 0, sizeof(v2));
	hook = peer_looks;
	grant_v2_set(&v2, 7, 9, GTF_permit_access);
	check(!hook);
}

static const struct ktap_case cases[] = {
	{ "version 1: give", test_v1_set },
	{ "version 1: end", test_v1_end },
	{ "version 2: give", test_v2_set },
	{ "version 2: end", test_v2_end },
	{ "version 1: mapped meanwhile", test_v1_race },
	{ "version 1: changed all the time", test_v1_restless },
	{ "version 2: mapped meanwhile", test_v2_race },
	{ "version 2: barriers of an end", test_v2_barriers },
	{ "version 2: order of a grant", test_v2_order },
};

KTAP_MAIN(cases)
