/* SPDX-License-Identifier: GPL-2.0-only */
/* xenstore for the tools: directories, permissions, domains. */
#ifndef TOOLS_STORE_H
#define TOOLS_STORE_H

#include <stdbool.h>

#include <xenstore.h>

#define DOMID_MAX	0x7fef	/* the last number of an ordinary domain */
#define PATH_LEN	512

#define EXIT_SOME_FAILED	1
#define EXIT_USAGE		2

/* A directory and its entries. */
struct node {
	char path[PATH_LEN];
	unsigned int nr;
	char **name;
	char **value;
};

/* the connection */
extern struct xs_handle *xs;
/* any failures, which determine the exit status */
extern unsigned int failed;

void complain(const char *fmt, ...);
_Noreturn void die(int status, const char *text, const char *what);
void *must(void *memory);
bool number(const char *text, unsigned long max, unsigned int *value);
char *store_read(xs_transaction_t t, const char *fmt, ...);
bool store_write(xs_transaction_t t, const char *folder, const char *name, const char *value);
bool store_number(xs_transaction_t t, const char *folder, const char *name,
		  unsigned int value);
bool store_remove(xs_transaction_t t, const char *path);
bool store_permit(xs_transaction_t t, const char *folder, const char *name,
		  unsigned int owner, unsigned int reader);
bool store_folder(xs_transaction_t t, const char *path, unsigned int owner,
		  unsigned int reader);
void node_free(struct node *node);
bool node_read(xs_transaction_t t, struct node *node);
const char *node_get(const struct node *node, const char *name);
bool domain_lives(unsigned int domid);
unsigned int domain_of(const char *text, bool lives);

#endif
