// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU that counts instructions by place: what dom0, a guest and Xen
 * execute between two marks (insnmark.c). tests/bench/profile adds the names.
 *
 * Domains are told apart by where in memory a kernel's text is, which is in one
 * piece: dom0's is the first that is seen. Xen counts for the domain that ran last.
 * Argument out=PATH; the n-th pair of marks makes PATH.n, whose lines are
 * "<address> <domain> <instructions> <times>", one for each place that is
 * jumped to.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The part of QEMU's plugin interface, version 1, that is used here. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*udata_cb)(unsigned int vcpu, void *udata);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, udata_cb cb, int flags,
					  void *udata);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, udata_cb cb, int flags,
					    void *udata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

#define EXPORT		__attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

#define TEXT		0xffffffff81000000ULL
#define TEXT_PAGES	8192
#define DOMS		2
#define MAX_CPUS	8
#define HASH		0x40000U

struct place {
	struct place *next;
	uint64_t vaddr;
	uint64_t insns[DOMS];
	uint64_t runs[DOMS];
};

/* One translation of a block. */
struct block {
	struct place *place;
	unsigned int insns;
	int dom;		/* -1: that of whoever ran before */
};

static struct place *places[HASH];
static char *dom0_text;
static unsigned int dom_now[MAX_CPUS];
static bool counting;
static const char *out = "insns";

static struct place *place_of(uint64_t vaddr)
{
	struct place **p = &places[(vaddr ^ vaddr >> 18) % HASH];

	for (; *p; p = &(*p)->next)
		if ((*p)->vaddr == vaddr)
			return *p;
	*p = calloc(1, sizeof(**p));
	(*p)->vaddr = vaddr;
	return *p;
}

static void write_result(void)
{
	static unsigned int nr;
	unsigned int i, d;
	struct place *p;
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s.%u", out, ++nr);
	f = fopen(path, "w");
	if (!f)
		return;
	for (i = 0; i < HASH; i++)
		for (p = places[i]; p; p = p->next)
			for (d = 0; d < DOMS; d++)
				if (p->insns[d])
					fprintf(f, "%016llx %u %llu %llu\n",
						(unsigned long long)p->vaddr, d,
						(unsigned long long)p->insns[d],
						(unsigned long long)p->runs[d]);
	fclose(f);
}

static void marked(unsigned int vcpu, void *udata)
{
	unsigned int i;
	struct place *p;

	counting = (intptr_t)udata == 1;
	if (!counting) {
		write_result();
		return;
	}
	for (i = 0; i < HASH; i++)
		for (p = places[i]; p; p = p->next) {
			memset(p->insns, 0, sizeof(p->insns));
			memset(p->runs, 0, sizeof(p->runs));
		}
}

static void executed(unsigned int vcpu, void *udata)
{
	struct block *b = udata;

	if (b->dom >= 0)
		dom_now[vcpu % MAX_CPUS] = b->dom;
	if (!counting)
		return;
	b->place->insns[dom_now[vcpu % MAX_CPUS]] += b->insns;
	b->place->runs[dom_now[vcpu % MAX_CPUS]]++;
}

/* nopl 0x58504dNN(%rax,%rax): no compiler makes that one */
static int mark_of(const struct qemu_plugin_insn *insn)
{
	const uint8_t *d = qemu_plugin_insn_data(insn);
	static const uint8_t mark[] = { 0x0f, 0x1f, 0x84, 0x00 };

	if (qemu_plugin_insn_size(insn) != 8 || memcmp(d, mark, 4) || d[5] != 0x4d ||
	    d[6] != 0x50 || d[7] != 0x58)
		return 0;
	return d[4];
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t vaddr = qemu_plugin_tb_vaddr(tb), page = (vaddr - TEXT) >> 12;
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct block *b = calloc(1, sizeof(*b));

	b->place = place_of(vaddr);
	b->insns = n;
	b->dom = -1;
	if (vaddr >= TEXT && page < TEXT_PAGES) {
		char *at = qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0));
		char *text = at - (vaddr - TEXT);

		if (!dom0_text)
			dom0_text = text;
		b->dom = text != dom0_text;
	}
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		intptr_t mark = mark_of(insn);

		if (mark)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, 0, (void *)mark);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, b);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	if (argc > 0 && !strncmp(argv[0], "out=", 4))
		out = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
