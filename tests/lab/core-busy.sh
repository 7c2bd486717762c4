# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: an HVM guest with two processors on the core, with disk and network under full load
# why: real guests have events on several busy processors, and a core may handle them wrongly
# expected: every byte is correct, the guest survives, both processors get the events assigned to
#   them
# arguments: secs=SECONDS (15), more=PARAM=VALUE of xen-events, xl=LINE of the xl file, with + for a space
#   (viridian+=+1: Xen poses as Hyper-V, and its own leaves are elsewhere)
# type: hvm
# timeout: 1200

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
xl=${LAB_ARG_xl:-}
core_begin --vcpus 2 --config "${xl//+/ }"
check "core" core_ready "${LAB_ARG_more:-}" || exit 1
check "network" net_up g1 "$CORE_PV" || exit 1

guest_run g1 "
	(setsid sh -c 'fio --filename=/dev/xvdb --size=6m --offset_increment=6m --numjobs=2 --bsrange=512-128k \
	--blockalign=512 --rw=randwrite --direct=1 --ioengine=libaio --iodepth=16 --verify=crc32c \
	--verify_backlog=64 --verify_fatal=1 --verify_state_save=0 --time_based --runtime=${LAB_ARG_secs:-15} \
	--minimal --name=s >/run/fio 2>&1; echo \$? >/run/fio.rc' </dev/null >/dev/null 2>&1 &)
	(setsid sh -c 'traffic stream $NET_DOM0_4 500 /run/stream >/run/stream.err 2>&1
	echo \$? >/run/stream.rc' </dev/null >/dev/null 2>&1 &)"
# waited for there: a command takes more of the guest's time than a look at a file
check "the writers end without an error" guest_run g1 -t 400 '
	until [ -s /run/fio.rc ]; do sleep 0.5; done; [ "$(cat /run/fio.rc)" = 0 ]' || {
	note "$(guest_run g1 'tail -5 /run/fio'; guest_console g1 | tail -n 20)"
	note "$(for v in 0 1; do xenctx -a "$(guest_id g1)" $v; done)"
	xl debug-keys d
	sleep 2
	xl dmesg | tail -n 120
}
guest_run g1 'touch /run/stream.stop'
check "the connection lived, every byte right" wait_for 60 guest_run g1 '[ "$(cat /run/stream.rc)" = 0 ]' ||
	note "$(guest_run g1 'cat /run/stream /run/stream.err')"
events=$(guest_run g1 'awk "/blkif|vif|eth[0-9]+-q/ { a += \$2; b += \$3 } END { print a + 0, b + 0 }" /proc/interrupts')
note "events of each processor: $events"
check "both processors took events" eval '[ "${events% *}" -gt 100 ] && [ "${events#* }" -gt 100 ]'

# As an administrator or irqbalance does it. The interrupt is of the ring that the first processor sends on.
moves() { # CPU
	guest_run g1 "
		f() { awk '/blkif/ { if (!n++) { print \$1 + 0, \$2, \$3 } }' /proc/interrupts; }
		read -r irq a0 b0 <<<\"\$(f)\"
		echo $1 >/proc/irq/\$irq/smp_affinity_list || exit 1
		taskset -c 0 dd if=/dev/xvdb of=/dev/null bs=4k count=300 iflag=direct 2>/dev/null
		read -r irq a b <<<\"\$(f)\"
		echo \"interrupt \$irq: \$((a - a0)) on 0, \$((b - b0)) on 1\"
		set -- \$((a - a0)) \$((b - b0))
		[ $1 = 0 ] || set -- \$2 \$1
		[ \$1 -ge 250 ] && [ \$2 -le 20 ]"
}
check "an interrupt goes to the processor that it is given" eval 'moves 1 && moves 0 && moves 1'
case $xl in
*viridian*) check "Xen's leaves are elsewhere" guest_run g1 'dmesg | grep "CPUID leaves at 0x40000100"' ;;
esac
core_end
