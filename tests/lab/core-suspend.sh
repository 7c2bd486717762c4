# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: checkpoint, save and restore of an HVM guest on the core, with disk and network in use
# why: in a new domain Xen knows nothing of what the core has set up
# expected: the writer and a TCP connection continue, bytes are correct, events come to both
#   processors, the core can still be unloaded and loaded, twice in a row
# argument: more=PARAM=VALUE of xen-events
# type: hvm
# timeout: 900

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_setup
core_guest g1 --vcpus 2 || bail "guest starts"
check "core" core_load g1 "${LAB_ARG_more:-}" || exit 1
check "network" net_up g1 "$CORE_PV" || exit 1

# work SECONDS: a writer that verifies, and a TCP connection until worked(), in the background of the guest.
# Both keep a pace, for each event and hypercall of an HVM guest takes this emulated machine long.
work() {
	guest_run g1 "rm -f /run/fio.rc /run/stream*
		(setsid sh -c 'fio --filename=/dev/xvdb --size=24m --bsrange=512-128k --blockalign=512 \
		--rw=randwrite --direct=1 --ioengine=libaio --iodepth=16 --rate_iops=150 --verify=crc32c \
		--verify_backlog=64 --verify_fatal=1 --verify_state_save=0 --time_based --runtime=$1 \
		--minimal --name=s >/run/fio 2>&1; echo \$? >/run/fio.rc' </dev/null >/dev/null 2>&1 &)
		(setsid sh -c 'traffic stream $NET_DOM0_4 20 /run/stream >/run/stream.err 2>&1
		echo \$? >/run/stream.rc' </dev/null >/dev/null 2>&1 &)"
}
worked() {
	check "$1: the writer ends without an error" wait_for 120 guest_run g1 '[ "$(cat /run/fio.rc)" = 0 ]' ||
		note "$(guest_run g1 'tail -5 /run/fio')"
	guest_run g1 'touch /run/stream.stop'
	check "$1: the connection lived, every byte right" wait_for 60 guest_run g1 '[ "$(cat /run/stream.rc)" = 0 ]' ||
		note "$(guest_run g1 'cat /run/stream /run/stream.err')"
}
reaches() { guest_run g1 -t 60 "for i in \$(seq 40); do ping -q -c 1 -W 1 $NET_DOM0_4 >/dev/null && exit 0; done; exit 1"; }
restored() {
	check "$1: restore" xl restore /dev/shm/save
	rm -f /dev/shm/save
	guest_id g1 >"$GUESTS/g1/domid"
	check "$1: the guest answers" wait_for 60 guest_run g1 -t 10 true || {
		note "$(guest_console g1 | tail -n 20)"
		exit 1
	}
	check "$1: the guest reaches dom0" reaches || note "$(guest_run g1 'dmesg | tail -n 20')"
}

work 20
sleep 3
check "checkpoint" xl save -c g1 /dev/shm/save
check "the guest works after the checkpoint" guest_run g1 \
	'dd if=/dev/xvdb of=/dev/null bs=4k count=8 iflag=direct 2>/dev/null && xenstore-read domid'
check "and reaches dom0" reaches
check "save" xl save g1 /dev/shm/save
restored first
is "first: the store knows the new domain" "$(guest_run g1 xenstore-read domid)" "$(guest_id g1)"
worked first
check "first: it is said" guest_run g1 'dmesg | grep "resumed in a new domain"'
before=$(guest_run g1 "awk '/blkif|vif|eth[0-9]+-q/ { b += \$3 } END { print b + 0 }' /proc/interrupts")
check "first: bytes of the disk" core_data g1 1
check "first: files go both ways" net_both_ways g1 "$CORE_PV" 2
note "events of the second processor: $before before, now $(guest_run g1 \
	"awk '/blkif|vif|eth[0-9]+-q/ { b += \$3 } END { print b + 0 }' /proc/interrupts")"
check "first: a processor goes and comes" guest_run g1 \
	'echo 0 >/sys/devices/system/cpu/cpu1/online && echo 1 >/sys/devices/system/cpu/cpu1/online'
check "first: the emulated disk works" guest_run g1 'dd if=/dev/sda of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null'
check "first: unloads" core_unload g1
check "first: loads" core_load g1 "${LAB_ARG_more:-}"
check "first: network" net_up g1 "$CORE_PV"
work 15
sleep 2
check "second save" xl save g1 /dev/shm/save
restored second
worked second
check "xl shutdown is heard" timeout 60 xl shutdown g1
check "guest shuts down" wait_for 60 eval '! xl domid g1'
