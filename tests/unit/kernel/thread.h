/* SPDX-License-Identifier: GPL-2.0-only */
/* What the store's thread and xenbus/store/store.c need besides. */
#ifndef UNIT_THREAD_H
#define UNIT_THREAD_H

#include "kernel.h"

#define pr_err(...)	kernel_says(__VA_ARGS__)
#define pr_warn(...)	kernel_says(__VA_ARGS__)
#define pr_info(...)	kernel_says(__VA_ARGS__)
#define cond_resched()	do { } while (0)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define SYSTEM_RUNNING	3

struct task_struct { int unused; };

struct module { bool live; };

struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long n, void *p);
};

/* The log: as a comment of the test's. */
__attribute__((format(printf, 1, 2)))
static inline void kernel_says(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
}

static int system_state = SYSTEM_RUNNING;
static struct module unit_module = { true };
#define THIS_MODULE (&unit_module)
static inline bool module_is_live(struct module *m) { return m->live; }

#define BLOCKING_NOTIFIER_HEAD(name) int name
#define blocking_notifier_chain_register(c, nb) (*(c) = 1)
#define blocking_notifier_chain_unregister(c, nb) (*(c) = 0)
#define blocking_notifier_call_chain(c, n, p) (*(c) = 1)

static struct task_struct unit_thread;
#define kthread_run(fn, data, name) ((void)(fn), &unit_thread)
#define kthread_stop(t) do { } while (0)
#define kthread_park(t) do { } while (0)
#define kthread_unpark(t) do { } while (0)
#define kthread_parkme() do { } while (0)
#define kthread_should_stop() true
#define kthread_should_park() false
#define wake_up(wq) do { } while (0)

static inline void msleep(unsigned int msecs)
{
	jiffies += msecs * HZ / 1000;
}

#endif
