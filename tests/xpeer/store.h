/* SPDX-License-Identifier: GPL-2.0-only */
/* xenstore over the kernel's device file. One struct store per thread. */
#ifndef XPEER_STORE_H
#define XPEER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "xpeer.h"

#define STORE_DIR	128	/* buffers of directory names */

/* A key that is not what it should be; @value NULL leaves it out. */
struct store_key {
	const char *key;
	const char *value;
};

struct store {
	int		fd;
	uint32_t	req_id;
};

/* All return 0 or a negative errno; @tx is 0 outside of a transaction. */
int store_open(struct store *s);
void store_close(struct store *s);
int store_begin(struct store *s, uint32_t *tx);
int store_end(struct store *s, uint32_t tx, bool commit);
/*
 * A node is a directory and a key below it, or with @key NULL the directory itself.
 * At most @size - 1 bytes and a terminating zero go to @buf.
 */
int store_read(struct store *s, uint32_t tx, const char *dir, const char *key, char *buf,
	       size_t size);
int store_write(struct store *s, uint32_t tx, const char *dir, const char *key,
		const char *value);
[[gnu::format(printf, 5, 6)]]
int store_writef(struct store *s, uint32_t tx, const char *dir, const char *key,
		 const char *fmt, ...);
int store_mkdir(struct store *s, uint32_t tx, const char *dir);
/* Removing what is not there is success. */
int store_remove(struct store *s, uint32_t tx, const char *dir, const char *key);
/* The owner has all rights, @reader may read, nobody else may do anything. */
int store_perms(struct store *s, uint32_t tx, const char *dir, unsigned int owner,
		unsigned int reader);

/* A number below a directory; @fallback if there is none. */
uint64_t store_number(struct store *s, const char *dir, const char *key, uint64_t fallback);
bool store_exists(struct store *s, const char *dir, const char *key);

/* state.c: the device's state machine, seen through the store. */
enum xb_state state_get(struct store *s, const char *dir);
int state_set(struct store *s, const char *dir, enum xb_state state);
/* Wait until the state is one of @mask (1 << state); the state, or -ETIMEDOUT. */
int state_wait(struct store *s, const char *dir, unsigned int mask, unsigned int ms);
const char *state_name(int state);

#define STATE(s)	(1u << XB_##s)

#endif
