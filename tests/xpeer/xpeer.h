/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xpeer: a Xen PV peer in user space that keeps the protocol, or breaks it on order.
 *
 * Everything a case reports goes through the helpers here, so that each case reads as
 * "do this, then return fail("...") unless that".
 */
#ifndef XPEER_H
#define XPEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE_BYTES	4096u
#define SECTOR_BYTES	512u
#define PAGE_SECTORS	(PAGE_BYTES / SECTOR_BYTES)

/* The exit status of a case, and of the program; "a() ?: b()" does b if a has passed. */
enum verdict {
	V_PASS	= 0,
	V_FAIL	= 1,
	V_ERROR	= 2,	/* the environment: no device, no memory, no permission */
	V_SKIP	= 4,
};

/* What a driver of the tests has to know about a case; --list prints the names. */
enum case_flags {
	CASE_FATAL	= 1 << 0,	/* the peer closes the device and leaves an error text */
	CASE_EITHER	= 1 << 1,	/* connecting and closing are both right; counting too */
	CASE_HALT	= 1 << 2,	/* the peer stops the ring until a reconnect */
	CASE_LOST	= 1 << 3,	/* the device may be gone afterwards: attach it again */
	CASE_IO		= 1 << 4,	/* wants I/O from --io */
	CASE_FLUSH	= 1 << 5,	/* wants a flush from --io */
	CASE_DISCARD	= 1 << 6,	/* wants a discard from --io */
	CASE_READONLY	= 1 << 7,	/* wants a read-only vbd */
	CASE_SLOW	= 1 << 8,	/* waits for a time limit of the peer */
	CASE_GOOD	= 1 << 9,	/* keeps the protocol: a control */
	CASE_IO_FAILS	= 1 << 10,	/* what --io runs is expected to see errors */
	CASE_UNPLUG	= 1 << 11,	/* --io has to take the driver off the device */
};

struct options {
	const struct role *role;
	unsigned int	dev;		/* virtual device number, 51728 is xvdb */
	unsigned int	domid;		/* backends and store: the guest */
	unsigned int	server;		/* store: process id of xenstored */
	unsigned int	wait_ms;	/* bound of every single wait for the peer */
	unsigned int	case_ms;	/* bound of a case */
	unsigned int	close_ms;	/* bound of the peer's way to Closed */
	unsigned int	storm_ms;	/* how long storms last */
	unsigned int	linger_ms;	/* how long a halted ring stays connected */
	unsigned int	disk_mb;	/* blk-back: size of the RAM disk */
	uint64_t	seed;
	const char	*io;		/* backends: command that makes the guest do I/O */
	bool		verbose;
};

struct xcase {
	const char	*name;
	const char	*site;		/* where the peer counts it, NULL: nowhere */
	unsigned int	flags;
	enum verdict	(*run)(const struct options *opt, const struct xcase *c);
	const char	*what;		/* one line: what we do and what the peer has to do */
	/* Parameters of the case: meaning given by ->run. */
	long long	arg;
	const char	*key;
	const char	*value;
	const void	*data;
};

struct case_table {
	const struct xcase	*cases;
	size_t			nr;
};

/* A side of a protocol: "blk-front", "blk-back", "net-front", "net-back", "store". */
struct role {
	const char			*name;
	const struct case_table		* const *tables;
	size_t				nr_tables;
	const struct back_kind		*back;	/* one of them */
	const struct front_kind		*front;
	bool				store;
};

extern const struct role role_blk_front;
extern const struct role role_blk_back;
extern const struct role role_net_front;
extern const struct role role_net_back;
extern const struct role role_store;

/* report.c */
[[gnu::format(printf, 1, 2)]] void diag(const char *fmt, ...);
[[gnu::format(printf, 1, 2)]] enum verdict fail(const char *fmt, ...);
[[gnu::format(printf, 1, 2)]] enum verdict broken(const char *fmt, ...);
[[gnu::format(printf, 1, 2)]] enum verdict skip(const char *fmt, ...);
void report_plan(unsigned int nr);
void report_case(unsigned int nr, const struct xcase *c, enum verdict v);

/* runner.c */
enum verdict run_case(const struct options *opt, const struct xcase *c);

/* command.c: --io */
struct command {
	int	pid;		/* 0: none runs */
	int	status;		/* of the last one */
};

enum verdict command_start(const struct options *opt, const struct xcase *c, const char *want,
			   uint64_t sectors, struct command *cmd);
bool command_done(struct command *cmd);

/* clock.c */
uint64_t now_ms(void);
void sleep_ms(unsigned int ms);
uint64_t rnd(uint64_t *state);

/* selftest.c */
enum verdict self_test(void);
/* options.c */
int options_parse(int argc, char **argv, struct options *opt);

#endif
