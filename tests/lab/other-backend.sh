# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a guest is saved and restored onto backends that differ: write cache, block size, queues, size of rings
# why: a disk outlives its backend, and what it told its users must remain true
# expected: a write with O_DSYNC that the first backend accepted is flushed by a second one that has
#   a cache; the block size stays; queues are added, and rings become larger and are used; back on the
#   first disk everything works
# timeout: 300

[ "$LAB_TYPE" != pvh ] || { skip "save and restore" "the lab does not save PVH guests"; exit 0; }

below=$(disk_make first 64 --sector 4096) || bail "backing disk"
size=$(blockdev --getsz "$below")
disk_map first "0 $size delay $below 0 0" || bail "backing disk"
d2=$(disk_make second 64 --cache) || bail "backing disk"
backend "$LAB_BACK" max_queues=1 max_ring_page_order=0 || bail "the first backend"
guest_start g1 --root ram --vcpus 2 --append xen_blkfront.max_ring_page_order=2 --disk "phy:/dev/mapper/first,xvdb,w" || bail "guest starts"

# most_under_way: requests on the rings at a time, while many more are wanted than one page holds
most_under_way() {
	guest_run g1 -t 60 'fio --filename=/dev/xvdb --rw=randread --bs=4k --size=16m --direct=1 --ioengine=libaio \
		--iodepth=128 --thread --time_based --runtime=5 --output-format=terse --name=t >/run/fio.q 2>&1 &
		most=0
		while kill -0 $! 2>/dev/null; do
			n=$(sed -n "s/.*inflight \([0-9]*\).*/\1/p" /sys/kernel/debug/xen-blkfront/vbd-51728/rings |
				sort -n | tail -n 1)
			[ "${n:-0}" -le $most ] || most=$n
		done
		echo $most'
}
# sysfs FILE / mq: of the disk in the guest; flushes: that its backend has done
sysfs() { guest_run g1 "cat /sys/block/xvdb/$1"; }
mq() { guest_run g1 'ls /sys/block/xvdb/mq | wc -l'; }
flushes() { cat "/sys/bus/xen-backend/devices/vbd-$(guest_id g1)-51728/statistics/f_req"; }
# move DISK PARAMETER...: save, and restore onto that disk of a backend with those parameters
move() {
	xl save g1 /dev/shm/save || return 1
	backend "$LAB_BACK" "${@:2}" || return 1
	sed "s|phy:/dev/[^,]*,xvdb|phy:$1,xvdb|" "$GUESTS/g1/xl.cfg" >/run/later.cfg
	xl restore /run/later.cfg /dev/shm/save || return 1
	rm -f /dev/shm/save
	guest_id g1 >"$GUESTS/g1/domid"
	wait_for 60 guest_run g1 -t 10 true
}

is "one queue" "$(sysfs xen/nr_rings) $(mq)" "1 1"
is "rings of one page" "$(sysfs xen/ring_pages)" 1
is "no cache, blocks of 4096" "$(sysfs xen/flush) $(sysfs queue/logical_block_size)" "none 4096"
# from here on a write takes its time, so that it is under way when the guest is saved
slow() {
	dmsetup suspend --noflush first &&
	dmsetup load first --table "0 $size delay $below 0 0 $below 0 $1" && dmsetup resume first
}
check "a slow disk" slow 12000
# Not by dd: the guest is suspended when its processes are, and one that sleeps for its write cannot be. Not by
# an applet of busybox either, whose shell would take its own programs.
guest_run g1 -t 5 '{ fio --filename=/dev/xvdb --rw=write --bs=4k --size=4k --direct=1 --sync=dsync --ioengine=libaio \
	--thread --output-format=terse --name=t >/run/fio.w 2>&1
	echo $? >/run/fio.rc; } </dev/null >/dev/null 2>&1 &'
check "a write with O_DSYNC is under way" wait_for 10 eval '
	guest_run g1 "grep -q \"inflight [1-9]\" /sys/kernel/debug/xen-blkfront/vbd-51728/rings"' ||
	{ note "$(guest_run g1 'cat /run/fio.w /run/fio.rc /sys/kernel/debug/xen-blkfront/vbd-51728/rings')"; exit 1; }

check "restored onto a disk with a cache and small blocks" move "$d2" max_queues=2
check "the write ends well" wait_for 60 guest_run g1 '[ "$(cat /run/fio.rc)" = 0 ]'
check "it was flushed" wait_for 5 eval '[ "$(flushes)" -ge 1 ]' || note "flushes: $(flushes)"
is "flush is used" "$(sysfs xen/flush) $(sysfs queue/write_cache)" "flush write back"
is "blocks are 4096 as ever" "$(sysfs queue/logical_block_size)" 4096
check "two queues" wait_for 20 eval '[ "$(sysfs xen/nr_rings) $(mq)" = "2 2" ]' ||
	note "rings $(sysfs xen/nr_rings), queues $(mq)"
# The block layer knows of the cache now; a write without O_DSYNC is no more than that.
plain_write() {
	local n
	n=$(flushes)
	guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=4k count=1 seek=9 oflag=direct 2>/dev/null' &&
		[ "$(flushes)" = "$n" ]
}
check "plain writes are not flushed any more" wait_for 20 plain_write
verify() {
	check "$1" guest_run g1 -t 60 'fio --filename=/dev/xvdb --size=12m --bsrange=4k-128k --blockalign=4k \
		--verify=crc32c --do_verify=1 --verify_state_save=0 --verify_fatal=1 --rw=randwrite --direct=1 \
		--ioengine=libaio --iodepth=8 --numjobs=2 --offset_increment=16m --end_fsync=1 \
		--output-format=terse --name=t >/run/fio 2>&1 || { cat /run/fio; exit 1; }'
}
verify "two queues work"
is "rings of four pages" "$(sysfs xen/ring_pages)" 4
n=$(most_under_way)
check "with more requests than a page holds" test "$n" -gt 32 || note "at most $n on a ring"

check "the first disk is fast again" slow 0
check "restored onto the first disk" move /dev/mapper/first
is "connected" "$(sysfs xen/state)" Connected
is "no flush" "$(sysfs xen/flush)" none
verify "it works"
check "guest shuts down" guest_stop g1
backend "$LAB_BACK" || bail "the backend as before"
