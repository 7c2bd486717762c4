# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the guest and dom0 are asked to give back memory while disks are idle
# why: pages cached for speed have to be released when memory is short
# expected: the pools of both ends shrink when the system asks its shrinkers; I/O continues
#
# There is no hog of anonymous memory here. One that takes less than MemAvailable does not reach the
# kernel's reserve, and above that nothing is reclaimed; one that takes more is soon killed, because
# these systems have hardly any page cache. In the guest, reading a large disk fills the page cache.
# timeout: 500

[ "$LAB_FRONT$LAB_BACK" = oursours ] || { skip "pressure" "needs ours at both ends"; exit 0; }
disk=$(disk_make press 64) || bail "backing disk"
guest_start g1 --root ram --memory 640 --disk "phy:$disk,xvdb,w" || bail "guest starts"
check "the disk is there" disk_ready g1 ,xvdb
id=$(guest_id g1)
back=/sys/kernel/debug/xen-blkback/vbd-$id-51728/grants
front=/sys/kernel/debug/xen-blkfront/vbd-51728/grants
param=/sys/module/xen_blkback/parameters

field() { awk -v n="$1" '{ for (i = 1; i < NF; i++) if ($i == n) s += $(i + 1) } END { print s + 0 }'; }
back_free() { field free_pages <"$back"; }
front_free() { guest_run g1 "cat $front" | field pages_free; }
back_shrunk() { [ "$(back_free)" -le "$1" ]; }
front_shrunk() { [ "$(front_free)" -le "$1" ]; }
# The frontend can free what the backend does not map any more.
back_forgets() { [ "$(field persistent <"$back")" = 0 ]; }
# Many large requests at once, so that both ends have pages to spare afterwards.
fill() {
	guest_run g1 -t 120 "fio --name=v --filename=/dev/xvdb --rw=randrw --bs=128k --size=24m --direct=1 \
		--ioengine=libaio --iodepth=32 --verify=crc32c --verify_fatal=1 --minimal >/run/fio.log 2>&1 ||
		{ tail -n 20 /run/fio.log; exit 1; }"
}

echo 1 >$param/persistent_grant_unused_seconds
check "fio" fill
note "frontend: $(guest_run g1 "cat $front")"
check "the frontend has pages to spare" test "$(front_free)" -gt 256
check "the backend unmaps what is idle" wait_for 30 back_forgets
note "frontend: $(guest_run g1 "cat $front")"
reclaimed() { guest_run g1 "awk '/^pgsteal_/ { n += \$2 } END { print n + 0 }' /proc/vmstat"; }
guest_run g1 -t 120 'modprobe null_blk nr_devices=1 gb=2 && dd if=/dev/nullb0 of=/dev/null bs=1M count=1000 2>/dev/null'
note "pages reclaimed: $(reclaimed); frontend: $(guest_run g1 "cat $front")"
check "memory is reclaimed while a large disk is read" test "$(reclaimed)" -gt 10000
check "the frontend's shrink meanwhile" front_shrunk 128

check "fio" fill
check "the frontend has pages to spare again" test "$(front_free)" -gt 256
check "the backend unmaps what is idle" wait_for 30 back_forgets
guest_run g1 'echo 2 >/proc/sys/vm/drop_caches'
note "frontend: $(guest_run g1 "cat $front")"
check "the frontend's shrink when the system asks" front_shrunk 64

# Persistent grants stay mapped; the pages of others are free when their requests have ended.
echo 16 >$param/max_persistent_grants
check "fio" fill
note "backend: $(cat "$back")"
check "the backend has pages to spare" test "$(back_free)" -gt 128
echo 2 >/proc/sys/vm/drop_caches
check "the backend's shrink when the system asks" wait_for 5 back_shrunk 0
check "fio goes on" fill
echo 1056 >$param/max_persistent_grants
echo 60 >$param/persistent_grant_unused_seconds
check "guest shuts down" guest_stop g1
