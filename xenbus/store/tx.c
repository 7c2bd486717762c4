// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open transactions, under numbers of our own.
 *
 * xenstored starts to number them anew in each connection. A number that a user
 * still has from an earlier connection, or from the host that this domain has
 * left, may be another transaction by now. So users get numbers that are never
 * reused, and those of an earlier connection are unknown.
 *
 * Only called by queue.c, under its lock.
 */
#include <linux/xarray.h>
#include "store.h"

static DEFINE_XARRAY_ALLOC1(xstx_open);	/* maps our numbers to the store's */
static u32 xstx_last;
static unsigned int xstx_nr;

/**
 * xstx_begin() - the store has started a transaction
 * @id: the store's number
 *
 * Return: our number for it, 0 if there is no memory.
 */
u32 xstx_begin(u32 id)
{
	u32 tx;

	if (xa_alloc_cyclic(&xstx_open, &tx, xa_mk_value(id),
			    XA_LIMIT(1, S32_MAX), &xstx_last, GFP_ATOMIC) < 0)
		return 0;
	xstx_nr++;
	return tx;
}

/**
 * xstx_find() - look up the store's number of a transaction
 * @tx: our number
 * @id: result
 *
 * Return: false if it is not open: ended, or started in an earlier connection.
 */
bool xstx_find(u32 tx, u32 *id)
{
	void *entry = xa_load(&xstx_open, tx);

	if (!entry)
		return false;
	*id = xa_to_value(entry);
	return true;
}

/**
 * xstx_end() - a transaction has ended
 * @tx: our number; any
 */
void xstx_end(u32 tx)
{
	if (xa_erase(&xstx_open, tx))
		xstx_nr--;
}

/** xstx_forget() - the connection is lost, and all transactions with it */
void xstx_forget(void)
{
	xa_destroy(&xstx_open);
	xstx_nr = 0;
}

/**
 * xstx_count() - count the open transactions
 *
 * Return: the number.
 */
unsigned int xstx_count(void)
{
	return READ_ONCE(xstx_nr);
}
