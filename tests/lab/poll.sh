# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: submitters that poll for their completions (poll_queues), alone and besides others, stopped
#   in the middle, with a backend that is replaced
# why: a submitter that polls needs no interrupt, and must not suppress those that others need
# expected: data are as written; hardly any event while all poll; a submitter that does not poll
#   gets its responses although a polling one has stopped
# timeout: 400

[ "$LAB_FRONT" = ours ] || { skip "polling" "the in-tree xen-blkfront does not poll"; exit 0; }
disk=$(disk_make poll 64 --kind loop) || bail "backing disk"

guest_start g0 --root ram --vcpus 2 --disk "phy:$disk,xvdb,w" || bail "guest starts"
disk_ready g0 ,xvdb || bail "disk"
is "nobody polls unless asked to" "$(guest_run g0 'cat /sys/block/xvdb/queue/io_poll')" 0
check "guest shuts down" guest_stop g0

guest_start g1 --root ram --vcpus 2 --append xen_blkfront.poll_queues=2 --disk "phy:$disk,xvdb,w" ||
	bail "guest starts"
disk_ready g1 ,xvdb || bail "disk"
is "the disk can be polled" "$(guest_run g1 'cat /sys/block/xvdb/queue/io_poll')" 1
count() { guest_run g1 'cat /sys/kernel/debug/xen-blkfront/vbd-51728/counters' | awk -v n="$1" '$1 == n { print $2 }'; }

# fio_job NAME OFFSET OPTION...: random writes, read back and compared, in 24 MiB from there
fio_job() {
	local name=$1 offset=$2
	shift 2
	echo "fio --name=$name --filename=/dev/xvdb --offset=${offset}m --size=24m --direct=1 --rw=randrw \
		--verify=crc32c --verify_fatal=1 --verify_state_save=0 $* >/run/fio.$name 2>&1 ||
		{ cat /run/fio.$name; exit 1; }"
}
quiet() { # OPTION...: no more than an event for ten requests
	local e p
	e=$(count events) p=$(count polled)
	guest_run g1 -t 120 "$(fio_job quiet 0 "$@")" || return 1
	e=$(($(count events) - e)) p=$(($(count polled) - p))
	note "$*: $p polled requests, $e events"
	[ $p -ge 500 ] && [ $((e * 10)) -le $p ]
}
check "io_uring polls, with hardly an event" quiet --ioengine=io_uring --hipri --iodepth=16 --bs=4k
check "requests of many sizes" quiet --ioengine=io_uring --hipri --iodepth=8 --bsrange=512-64k --blockalign=512

both() {
	guest_run g1 -t 150 "($(fio_job a 0 --ioengine=io_uring --hipri --iodepth=16 --bs=4k)) & a=\$!
		($(fio_job b 24 --ioengine=libaio --iodepth=8 --bsrange=4k-64k)) & b=\$!
		wait \$a && wait \$b"
}
check "who polls and who does not, at once" both

# Its requests are answered, and it does not look.
stopped() {
	guest_run g1 -t 150 "($(fio_job s 0 --ioengine=io_uring --hipri --iodepth=32 --bs=4k --loops=20)) & j=\$!
		sleep 1; pkill -STOP -x fio
		timeout 20 dd if=/dev/xvdb of=/dev/null bs=4k count=500 skip=8000 iflag=direct 2>/dev/null; rc=\$?
		pkill -CONT -x fio
		sleep 1; pkill -INT -x fio; wait \$j
		[ \$rc = 0 ] && ! grep 'verify:' /run/fio.s"
}
check "one that polls is stopped, others go on" stopped

modules() {
	guest_run g1 "($(fio_job m 0 --ioengine=io_uring --hipri --iodepth=16 --bs=4k --time_based --runtime=20); echo done >/run/m) \
		>/run/m.log 2>&1 </dev/null &"
	sleep 3
	modprobe -r xen-blkback && sleep 2 && modprobe xen-blkback || return 1
	wait_for 60 guest_run g1 'test -e /run/m' || { guest_run g1 'cat /run/m.log /run/fio.m'; return 1; }
}
check "the backend goes and comes while all poll" modules
note "$(guest_run g1 'cat /sys/kernel/debug/xen-blkfront/vbd-51728/counters' | tr '\n' ' ')"
check "guest shuts down" guest_stop g1
