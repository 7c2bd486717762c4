# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: what root can do to the core by sysfs: suspend to RAM and disk, drivers and the platform device taken
#   away, interrupts moved while their devices come and go
# why: none of it is how the core is meant to be used, and all of it is one write away
# expected: a suspend is refused with a line in the log; disk and network go on without the platform device,
#   and the core unloads and loads again; the load of each processor is what is bound there
# type: hvm
# timeout: 600

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_begin --vcpus 2
check "core" core_ready || exit 1
check "network" net_up g1 "$CORE_PV"

# ---- suspend by the guest itself ----------------------------------------------------

# asleep STATE: it is refused, before anything was touched, and the log says by whom
asleep() {
	guest_run g1 -t 60 "dmesg -C; ! echo $1 >/sys/power/state 2>/dev/null && dmesg | tee /dev/stderr |
		grep -q 'xen-events: suspend to RAM or disk is refused'"
}
note "states: $(guest_run g1 'cat /sys/power/state')"
for state in $(guest_run g1 'cat /sys/power/state'); do
	check "suspend ($state) is refused" asleep "$state"
done
check "bytes of the disk after that" core_data g1 1

# ---- drivers that sysfs must not take away --------------------------------------------

for name in xen-events xen-grants xenbus; do
	check "$name stays bound" guest_run g1 "[ -e /sys/bus/platform/devices/$name/driver ] &&
		[ ! -e /sys/bus/platform/drivers/$name/unbind ]"
done

# ---- load of the processors -----------------------------------------------------------

# loads: what each processor counts as bound to it, and what is bound to it
loads() {
	guest_run g1 'cd /sys/kernel/debug/xen-events
		awk "NR > 2 { print \$1, \$4 }" cpus | sort
		echo --
		for c in 0 1; do echo $c $(awk -v c=$c "NR > 1 && (\$3 == \"interdomain\" ? \$4 : \$5) == c" channels |
			wc -l); done'
}
counts_agree() {
	local all
	all=$(loads)
	[ "$(sed '/--/,$d' <<<"$all")" = "$(sed '1,/--/d' <<<"$all")" ] || { echo "$all"; return 1; }
}
check "the load of each processor is what is bound there" counts_agree || note "$(guest_run g1 \
	'cat /sys/kernel/debug/xen-events/c*')"
check "a disk and a NIC come and go while interrupts are moved" guest_run g1 -t 200 '
	(while [ ! -e /run/moved ]; do
		for f in /proc/irq/*/smp_affinity; do
			echo 1 >$f; echo 2 >$f
		done 2>/dev/null
	done) & mover=$!
	cd /sys/bus/xen/drivers
	vbd=$(ls -d vbd/vbd-*) && vif=$(ls -d vif/vif-*) || exit 1
	for i in 1 2 3 4 5 6 7 8; do
		for d in $vbd $vif; do
			echo ${d#*/} >${d%/*}/unbind; sleep 0.1; echo ${d#*/} >${d%/*}/bind || exit 1
		done
	done
	touch /run/moved; wait $mover; rm /run/moved
	for i in $(seq 100); do [ -b /dev/xvdb ] && exit 0; sleep 0.1; done; exit 1'
check "and the load still is what is bound there" counts_agree || note "$(guest_run g1 \
	'cat /sys/kernel/debug/xen-events/c*')"
check "network after that" net_up g1 "$CORE_PV"

# ---- the platform device ----------------------------------------------------------------

check "the platform device is removed from the PCI bus" guest_run g1 '
	d=$(dirname $(grep -l 0x5853 /sys/bus/pci/devices/*/vendor | head -n 1)) && echo 1 >$d/remove && [ ! -e $d ]'
check "bytes of the disk without it" core_data g1 1
check "files go both ways without it" net_both_ways g1 "$CORE_PV" 2
check "unloads without it" core_unload g1
check "it is found again" guest_run g1 'echo 1 >/sys/bus/pci/rescan; grep -q 0x5853 /sys/bus/pci/devices/*/vendor'
check "loads again" core_load g1 || note "$(guest_run g1 'dmesg | tail -n 20')"
check "bytes of the disk" core_data g1 1
core_end
