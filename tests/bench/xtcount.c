// SPDX-License-Identifier: GPL-2.0-only
/*
 * xtcount FILE: count the hypercalls in an xentrace of class TRC_PV, and of
 * class TRC_HVM the exits of HVM guests (of a processor with SVM).
 *
 * One line a kind: "<hypercall>[.<command>] <calls> <operations>". Operations
 * are those of grant table calls, which come in batches; else as many as calls.
 * "exit.<reason>" are exits, "guest.<hypercall>" those that are hypercalls; of
 * these the trace has no command.
 * Record layout: xen/include/public/trace.h.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define HYPERCALL_V2		0x0020100d
#define HYPERCALL_SUBCALL	0x0020200e
#define LOST_RECORDS		0x0001f001
#define HVM_EXIT		0x00081002
#define HVM_EXIT_64		0x00081102
#define HVM_VMMCALL		0x00082012

#define GRANT_TABLE_OP		20
#define EVENT_CHANNEL_OP	32
#define SCHED_OP		29

#define NR_CALLS		64
#define NR_CMDS			32
#define NR_EXITS		0x402
#define EXIT_EXCEPTIONS		0x40

static unsigned long calls[NR_CALLS][NR_CMDS], ops[NR_CALLS][NR_CMDS];
static unsigned long exits[NR_EXITS], guest_calls[NR_CALLS];
static unsigned long lost;

static const char *const names[NR_CALLS] = {
	[1] = "mmu_update", [3] = "stack_switch", [5] = "fpu_taskswitch",
	[12] = "memory_op", [13] = "multicall", [14] = "update_va_mapping",
	[15] = "set_timer_op", [17] = "xen_version", [18] = "console_io",
	[GRANT_TABLE_OP] = "grant_table_op", [23] = "iret", [24] = "vcpu_op",
	[25] = "set_segment_base", [26] = "mmuext_op", [SCHED_OP] = "sched_op",
	[EVENT_CHANNEL_OP] = "event_channel_op", [33] = "physdev_op",
	[34] = "hvm_op", [41] = "dm_op",
};

static const char *const exit_names[NR_EXITS] = {
	[0x60] = "interrupt", [0x61] = "nmi", [0x64] = "vintr", [0x6e] = "rdtsc",
	[0x72] = "cpuid", [0x77] = "pause", [0x78] = "hlt", [0x7b] = "port",
	[0x7c] = "msr", [0x81] = "hypercall", [0x400] = "memory",
};

static const char *const grant_names[NR_CMDS] = {
	[0] = "map", [1] = "unmap", [5] = "copy",
};

static const char *const event_names[NR_CMDS] = {
	[4] = "send", [9] = "unmask",
};

static const char *const sched_names[NR_CMDS] = {
	[0] = "yield", [1] = "block", [3] = "poll",
};

static void count(const uint32_t *extra, unsigned int nr)
{
	unsigned int call, cmd = 0, n = 1;

	if (!nr)
		return;
	call = extra[0] & 0xfffff;
	if (call >= NR_CALLS)
		return;
	/* the command is argument 0 of all three, the count argument 2 */
	if ((call == GRANT_TABLE_OP || call == EVENT_CHANNEL_OP ||
	     call == SCHED_OP) && nr > 1 && (extra[0] & (3u << 20)))
		cmd = extra[1];
	if (call == GRANT_TABLE_OP && nr > 2)
		n = extra[2];
	if (cmd >= NR_CMDS)
		cmd = NR_CMDS - 1;
	calls[call][cmd]++;
	ops[call][cmd] += n;
}

static void count_hvm(uint32_t event, uint32_t value)
{
	if (event == HVM_VMMCALL)
		guest_calls[value < NR_CALLS ? value : NR_CALLS - 1]++;
	else
		exits[value < NR_EXITS ? value : NR_EXITS - 1]++;
}

static void print_hvm(void)
{
	unsigned int i;

	for (i = 0; i < NR_EXITS; i++) {
		if (!exits[i])
			continue;
		if (exit_names[i])
			printf("exit.%s", exit_names[i]);
		else if (i >= EXIT_EXCEPTIONS && i < EXIT_EXCEPTIONS + 32)
			printf("exit.exception%u", i - EXIT_EXCEPTIONS);
		else
			printf("exit.%#x", i);
		printf(" %lu %lu\n", exits[i], exits[i]);
	}
	for (i = 0; i < NR_CALLS; i++) {
		if (!guest_calls[i])
			continue;
		if (names[i])
			printf("guest.%s", names[i]);
		else
			printf("guest.hypercall%u", i);
		printf(" %lu %lu\n", guest_calls[i], guest_calls[i]);
	}
}

static void print(unsigned int call, unsigned int cmd)
{
	const char *sub = NULL;

	if (names[call])
		printf("%s", names[call]);
	else
		printf("hypercall%u", call);
	if (call == GRANT_TABLE_OP)
		sub = grant_names[cmd];
	else if (call == EVENT_CHANNEL_OP)
		sub = event_names[cmd];
	else if (call == SCHED_OP)
		sub = sched_names[cmd];
	if (sub)
		printf(".%s", sub);
	else if (cmd)
		printf(".%u", cmd);
	printf(" %lu %lu\n", calls[call][cmd], ops[call][cmd]);
}

int main(int argc, char **argv)
{
	uint32_t head, extra[7], tsc[2];
	unsigned int event, nr, i, j;
	FILE *f;

	f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (!f) {
		fprintf(stderr, "usage: xtcount FILE\n");
		return 2;
	}
	while (fread(&head, sizeof(head), 1, f) == 1) {
		event = head & 0x0fffffff;
		nr = head >> 28 & 7;
		if (head >> 31 && fread(tsc, sizeof(tsc), 1, f) != 1)
			break;
		if (nr && fread(extra, sizeof(*extra), nr, f) != nr)
			break;
		if (event == HYPERCALL_V2 || event == HYPERCALL_SUBCALL)
			count(extra, nr);
		else if ((event == HVM_EXIT || event == HVM_EXIT_64 ||
			  event == HVM_VMMCALL) && nr)
			count_hvm(event, extra[0]);
		else if (event == LOST_RECORDS && nr)
			lost += extra[0];
	}
	fclose(f);
	for (i = 0; i < NR_CALLS; i++)
		for (j = 0; j < NR_CMDS; j++)
			if (calls[i][j])
				print(i, j);
	print_hvm();
	printf("lost %lu %lu\n", lost, lost);
	return 0;
}
