/* SPDX-License-Identifier: GPL-2.0-only */
/* Private header of the xenstore client. */
#ifndef XENBUS_STORE_H
#define XENBUS_STORE_H

#include <linux/wait.h>
#include <xen/xenbus.h>
#include "request.h"
#include "wire.h"
#include "../xenbus.h"

/* Swap may be on a disk that is being connected. */
#define XS_GFP	(GFP_NOIO | __GFP_HIGH)

struct file;
struct inode;
struct poll_table_struct;
struct seq_file;

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
void xsstats_print(struct seq_file *s);

/* ring.c */
enum xsring_state {
	XSRING_DOWN,
	XSRING_SYNC,
	XSRING_UP,
};

extern wait_queue_head_t xsring_wait;
extern bool xsring_woken;

enum xsring_state xsring_state(void);
void xsring_set_state(enum xsring_state state);
void xsring_wake(void);
bool xsring_is_ending(void);
int xsring_init(void);
void xsring_exit(void);
int xsring_rebind(void);
int xsring_connect(bool *fresh, void (*tick)(void));
u32 xsring_error(void);
bool xsring_readable(void);
bool xsring_writable(void);
int xsring_read(void *buf, u32 len);
int xsring_write(const void *buf, u32 len);
void xsring_notify(void);
bool xsring_is_owed(void);
void xsring_seen(bool useful);

/* comms.c */
int xscomms_start(void);
void xscomms_stop(int err);
void xscomms_pause(void);
void xscomms_continue(void);

/* tx.c */
u32 xstx_begin(u32 id);
bool xstx_find(u32 tx, u32 *id);
void xstx_end(u32 tx);
void xstx_forget(void);
unsigned int xstx_count(void);

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
