# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: disks served by a process (QEMU's qdisk): it is stopped and continues; it is killed, and one
#   disk gets another backend and the other one does not
# why: when a process dies nothing changes in xenstore; the disks used to hang forever
# expected: the guest waits for a stopped process; after a kill it sees a pause if there is a new
#   backend in time, and I/O errors after reconnect_timeout if there is none
# needs: reattach
# timeout: 400

[ "$LAB_FRONT" = ours ] || { skip "backend process" "the in-tree xen-blkfront waits for ever"; exit 0; }
for n in 1 2; do truncate -s 32M "/dev/shm/disk-qdisk$n"; done
trap 'rm -f /dev/shm/disk-qdisk[12]' EXIT
qdisk() { echo "format=raw,backendtype=qdisk,vdev=$1,access=rw,target=/dev/shm/disk-qdisk$2"; }
guest_start g1 --root ram --disk "$(qdisk xvdb 1)" --disk "$(qdisk xvdc 2)" \
	--append "xen_blkfront.request_timeout=5 xen_blkfront.reconnect_timeout=20" || bail "guest starts"
id=$(guest_id g1)
qemu() { pgrep -f "xen-domid $id( |\$)"; }
count() { guest_run g1 "cat /sys/kernel/debug/xen-blkfront/vbd-$1/counters" | awk -v n="$2" '$1 == n { print $2 }'; }

check "one process serves both" test "$(qemu | wc -w)" = 1
check "data of 512 bytes to 128 KiB is right" guest_run g1 -t 60 'fio --filename=/dev/xvdb --size=16m \
	--bsrange=512-128k --blockalign=512 --rw=randwrite --direct=1 --ioengine=libaio --iodepth=16 \
	--verify=crc32c --verify_fatal=1 --verify_state_save=0 --name=q 2>&1'

# reader DEVICE: reads until an error; /run/DEVICE.n has how many, /run/DEVICE.rc is there after an error
reader() {
	guest_run g1 "rm -f /run/$1.*; echo 0 >/run/$1.n
		setsid sh -c 'n=0; while dd if=/dev/$1 of=/dev/null bs=64k count=1 skip=\$((n % 500)) iflag=direct 2>/run/$1.err
			do n=\$((n + 1)); echo \$n >/run/$1.n; done; cut -d\" \" -f1 /proc/uptime >/run/$1.rc' </dev/null >/dev/null 2>&1 &"
}
reads() { # DEVICE SECONDS: it makes progress
	guest_run g1 -t $(($2 + 10)) "a=\$(cat /run/$1.n); for i in \$(seq $(($2 * 10))); do
		[ -e /run/$1.rc ] && { cat /run/$1.err; exit 1; }
		[ \$(cat /run/$1.n) -gt \$((a + 2)) ] && exit 0; sleep 0.1; done; echo 'no progress'; exit 1"
}
log_has() { guest_run g1 "[ \$(dmesg | grep -c '$1') -ge $2 ]"; }

reader xvdb
reader xvdc
check "both are read" eval 'reads xvdb 20 && reads xvdc 20'

# ---- it stands still ----------------------------------------------------------------------

kmsg_expect 'xvd[bc]: request at sector'
kill -STOP "$(qemu)"
check "the log says that there is no answer, again and again" wait_for 60 log_has 'xvdb: request at sector .* unanswered' 3
kill -CONT "$(qemu)"
check "both go on without an error" eval 'reads xvdb 20 && reads xvdc 20'
is "that is no outage of xvdb" "$(count 51728 outages)" 0
is "nor of xvdc" "$(count 51744 outages)" 0

# ---- it is killed -------------------------------------------------------------------------

kmsg_expect 'xvd[bc]: backend lost|xvdc: backend did not come back|on dev xvdc|dev xvdc, '
kill -9 "$(qemu)"
check "the loss is noticed" wait_for 30 log_has 'xvd[bc]: backend lost' 2
is "nothing has failed yet" "$(guest_run g1 'ls /run/xvdb.rc /run/xvdc.rc 2>/dev/null')" ""

# Another backend for xvdb, as a toolstack makes it: xen-blkback of dom0, on the same file.
back=/local/domain/0/backend/vbd/$id/51728
replaced() {
	loop=$(losetup -f --show /dev/shm/disk-qdisk1) || return 1
	xenstore-write "/libxl/$id/device/vbd/51728/backend" "/local/domain/29999/backend/vbd/$id/51728" &&
		"$JOB/bin/xenpv-reattach" --quiet --from 29999 --to 0 --guest g1 --type vbd &&
		wait_for 20 test -e "/sys/bus/xen-backend/devices/vbd-$id-51728" &&
		xenstore-write "$back/physical-device" "$(stat -c '%t:%T' "$loop")" "$back/hotplug-status" connected
}
check "another backend for xvdb" replaced
check "it goes on without an error" reads xvdb 30
is "after one outage" "$(count 51728 outages) $(count 51728 outages_failed)" "1 0"
check "xvdc fails when the time has passed" wait_for 60 guest_run g1 'test -e /run/xvdc.rc'
is "its outage was given up" "$(count 51744 outages) $(count 51744 outages_failed)" "1 1"
check "not before reconnect_timeout" test "$(count 51744 longest_outage_ms)" -ge 20000
check "and every further read at once" guest_run g1 -t 10 '! dd if=/dev/xvdc of=/dev/null bs=4k count=1 iflag=direct 2>&1'
guest_destroy g1
[ -z "${loop:-}" ] || losetup -d "$loop"
