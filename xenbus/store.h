/* SPDX-License-Identifier: GPL-2.0-only */
/* Private header of the xenstore client. */
#ifndef XENBUS_STORE_H
#define XENBUS_STORE_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/wait.h>
#include <xen/xenbus.h>
#include "wire.h"
#include "xenbus.h"

/* Swap may be on a disk that is being connected. */
#define XS_GFP	(GFP_NOIO | __GFP_HIGH)

struct file;
struct inode;
struct poll_table_struct;

/* stats.c */
enum xsstat {
	XSSTAT_REQUESTS,
	XSSTAT_REPLIES,
	XSSTAT_ERRORS,
	XSSTAT_TIMEOUTS,
	XSSTAT_LATE,
	XSSTAT_EVENTS,
	XSSTAT_EVENTS_UNWANTED,
	XSSTAT_EVENTS_MERGED,
	XSSTAT_EVENTS_IDLE,
	XSSTAT_KICKS,
	XSSTAT_RESETS,
	XSSTAT_DOWNS,
	XSSTAT_BAD_INDEX,
	XSSTAT_BAD_LENGTH,
	XSSTAT_HALF,
	XSSTAT_BAD_ID,
	XSSTAT_BAD_TYPE,
	XSSTAT_BAD_TX,
	XSSTAT_BAD_REPLY,
	XSSTAT_BAD_ERROR,
	XSSTAT_BAD_EVENT,
	XSSTAT_BAD_TOKEN,
	XSSTAT_NR,
};

void xsstats_count(enum xsstat stat);

/* ring.c */
extern wait_queue_head_t xsring_wait;

int xsring_init(void);
void xsring_exit(void);
int xsring_rebind(void);
int xsring_connect(bool *fresh);
u32 xsring_error(void);
bool xsring_readable(void);
bool xsring_writable(void);
int xsring_read(void *buf, u32 len);
int xsring_write(const void *buf, u32 len);
void xsring_notify(void);
bool xsring_is_owed(void);
void xsring_seen(bool useful);

/* comms.c */
enum xscomms_state {
	XSCOMMS_DOWN,
	XSCOMMS_SYNC,
	XSCOMMS_UP,
};

int xscomms_start(void);
void xscomms_stop(int err);
void xscomms_pause(void);
void xscomms_continue(void);
void xscomms_wake(void);
enum xscomms_state xscomms_state(void);

/* request.c */

/**
 * struct xsreq_data - a piece of a request's body
 * @base: bytes
 * @len:  number of bytes
 */
struct xsreq_data {
	const void *base;
	u32 len;
};

/* A string including its NUL. */
static inline struct xsreq_data xsreq_string(const char *s)
{
	return (struct xsreq_data){ s, strlen(s) + 1 };
}

/**
 * struct xsreq - a request in flight
 * @link:       entry in the queue, or in the list of those sent
 * @refs:       references of its creator and of the connection
 * @done:       called once, in the context of the comms thread or of a reset;
 *              must not make requests; NULL: @finished is completed instead
 * @finished:   for a caller that waits
 * @data:       for @done
 * @secs:       time limit; 0: that of the module's parameter
 * @end:        with @done: when it fails; 0: never
 * @urgent:     passes the closed gate of a suspend
 * @tx:         transaction, our number (tx.c), or 0
 * @linked:     it is in one of the lists
 * @orphan:     nobody waits any more
 * @err:        0: there is a reply
 * @reply_head: its header, with @tx in place of the store's number
 * @reply:      its body, kmalloc()ed with an additional NUL
 * @len:        bytes of @head and @body
 * @head:       header of the request, with the store's number of the
 *              transaction
 * @body:       body of the request
 */
struct xsreq {
	struct list_head link;
	refcount_t refs;
	void (*done)(struct xsreq *req);
	struct completion finished;
	void *data;
	unsigned int secs;
	unsigned long end;
	bool urgent;
	bool linked;
	bool orphan;
	u32 tx;
	int err;
	struct xsd_sockmsg reply_head;
	char *reply;
	u32 len;
	struct xsd_sockmsg head;
	char body[];
};

struct xsreq *xsreq_alloc(u32 type, u32 tx, const struct xsreq_data *data,
			  unsigned int nr);
void xsreq_put(struct xsreq *req);
void xsreq_cancel(void (*done)(struct xsreq *req));
extern wait_queue_head_t xsreq_gate_wait;
extern bool xsreq_mute;
bool xsreq_try(struct xsreq *req, int *err);
bool xsreq_abandon(struct xsreq *req);
void xsreq_timed_out(void);
void xsreq_number(struct xsreq *req);
void xsreq_up(void);
bool xsreq_is_ignored(void);
bool xsreq_is_timed(void);
void xsreq_expire(void);
struct xsreq *xsreq_next(void);
bool xsreq_is_queued(void);
void xsreq_answer(const struct xsd_sockmsg *head, const char *body);
void xsreq_reset(int down);
void xsreq_open(void);
bool xsreq_close(void);
void xsreq_load(unsigned int *queued, unsigned int *sent,
		unsigned int *orphans, unsigned int *transactions);

/* call.c */
int xsreq_submit(struct xsreq *req);
void *xsreq_call(struct xsreq *req, u32 *len);
void *xsreq_talk(u32 type, u32 tx, const struct xsreq_data *data,
		 unsigned int nr, u32 *len);

/* tx.c */
u32 xstx_begin(u32 id);
bool xstx_find(u32 tx, u32 *id);
void xstx_end(u32 tx);
void xstx_forget(void);
unsigned int xstx_count(void);

/* store.c */
bool xs_is_ending(void);

/* lane.c */
int xslane_init(void);
void xslane_exit(void);
void xslane_get(struct xs_lane *lane);
bool xslane_is_current(struct xs_lane *lane);
bool xslane_cancel(struct xs_lane *lane, struct xs_job *job);

/* watch.c */
void xswatch_exit(void);
void xswatch_event(const char *body, u32 len);
void xswatch_replay(void);
void xswatch_replay_later(void);
unsigned int xswatch_count(void);

/* dev.c, for both of its names */
int xsdev_open(struct inode *inode, struct file *file);
int xsdev_release(struct inode *inode, struct file *file);
ssize_t xsdev_read(struct file *file, char __user *buf, size_t len,
		   loff_t *pos);
ssize_t xsdev_write(struct file *file, const char __user *buf, size_t len,
		    loff_t *pos);
__poll_t xsdev_poll(struct file *file, struct poll_table_struct *wait);

#endif
