/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that another domain can write at any time.
 *
 * Sparse treats a __peer pointer like a __user pointer: it cannot be
 * dereferenced, only read through the accessors below, which fetch every byte
 * exactly once. They return private copies, which may be checked and then used.
 */
#ifndef XENPV_PEER_H
#define XENPV_PEER_H

#include <linux/compiler.h>
#include <linux/types.h>

#ifdef __CHECKER__
#define __peer __attribute__((noderef, address_space(__peer)))
#else
#define __peer
#endif

static inline u32 xpv_peer_read32(const u32 __peer *p)
{
	return READ_ONCE(*(const u32 __force *)p);
}

static inline void xpv_peer_write32(u32 __peer *p, u32 val)
{
	WRITE_ONCE(*(u32 __force *)p, val);
}

/**
 * xpv_peer_fetch() - copy from shared memory, reading each byte once
 * @dst: private memory, 4-byte aligned
 * @src: shared memory, 4-byte aligned
 * @len: bytes, a multiple of 4
 *
 * A plain memcpy() may be turned into several reads of one location, so that a
 * value checked in @dst is not the value used later (XSA-155). The loads here
 * are volatile. This is inline because @len is a constant in nearly every
 * caller.
 */
static __always_inline void xpv_peer_fetch(void *dst, const void __peer *src,
					   size_t len)
{
	const u32 *from = (const u32 __force *)src;
	u32 *to = dst;
	size_t i;

	for (i = 0; i < len / sizeof(*to); i++)
		to[i] = READ_ONCE(from[i]);
}

/**
 * xpv_peer_store() - copy to shared memory
 * @dst: shared memory
 * @src: private memory; must hold no byte that the peer may not see
 * @len: bytes
 */
static inline void xpv_peer_store(void __peer *dst, const void *src, size_t len)
{
	memcpy((void __force *)dst, src, len);
}

#endif
