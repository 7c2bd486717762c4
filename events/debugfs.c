// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/debug/xen-events/: bindings and numbers of events. */
#include <linux/debugfs.h>
#include <linux/irq.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <xen/xenbus.h>
#include "events.h"

static struct dentry *debugfs_root;

static const char *const debugfs_kinds[] = {
	[EVENTS_INTERDOMAIN] = "interdomain",
	[EVENTS_VIRQ] = "virq",
	[EVENTS_IPI] = "ipi",
};

static void debugfs_channel(struct seq_file *m, struct events_channel *ch)
{
	u8 reasons = READ_ONCE(ch->reasons);

	seq_printf(m, "%u\t%u\t%s", ch->irq, READ_ONCE(ch->port),
		   debugfs_kinds[ch->kind]);
	if (ch->kind != EVENTS_INTERDOMAIN)
		seq_printf(m, " %u", ch->source);
	seq_printf(m, "\t%d\t%c%c%c\t%llu\t%llu\t%u\t%s\n", READ_ONCE(ch->cpu),
		   reasons & EVENTS_MASK_IRQ ? 'd' : '-',
		   reasons & EVENTS_MASK_EOI ? 'e' : '-',
		   reasons & EVENTS_MASK_CPU ? 'o' : '-',
		   ch->events, ch->delays, ch->spurious,
		   ch->dev ? dev_name(&ch->dev->dev) : "-");
}

static int debugfs_channels_show(struct seq_file *m, void *unused)
{
	struct events_channel *ch;

	seq_puts(m, "irq\tport\tkind\tcpu\tmask\tevents\tdelayed\tspurious\tdevice\n");
	mutex_lock(&events_bind_lock);
	list_for_each_entry(ch, &events_channels, list)
		debugfs_channel(m, ch);
	mutex_unlock(&events_bind_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(debugfs_channels);

static int debugfs_cpus_show(struct seq_file *m, void *unused)
{
	int cpu;

	seq_printf(m, "abi %s, upcall %s, %u resumes\n", events_abi->name,
		   events_upcall_name(), READ_ONCE(events_epoch));
	seq_puts(m, "cpu\tvcpu\tvector\tchannels\tupcalls\tevents\tstray\toverruns\tbad\n");
	for_each_online_cpu(cpu) {
		struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);

		if (!READ_ONCE(c->vcpu))
			continue;
		seq_printf(m, "%d\t%u\t%u\t%u\t%llu\t%llu\t%llu\t%llu\t%u\n",
			   cpu, c->id, c->vector, c->load, c->upcalls,
			   c->events, c->strays, c->overruns, c->fifo.bad);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(debugfs_cpus);

void events_debugfs_start(void)
{
	debugfs_root = debugfs_create_dir("xen-events", NULL);
	debugfs_create_file("channels", 0400, debugfs_root, NULL,
			    &debugfs_channels_fops);
	debugfs_create_file("cpus", 0400, debugfs_root, NULL,
			    &debugfs_cpus_fops);
}

void events_debugfs_stop(void)
{
	debugfs_remove(debugfs_root);
}
