# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: xen-blkback is unloaded while guests discard
# why: discards ran on the workqueue that unloading destroys: a late one was lost, and unloading
#   hung
# expected: each unload ends in seconds, nothing is logged, and the guest continues with the next
#   backend
# arguments: n=COUNT of unloads
# timeout: 400

[ "$LAB_FRONT$LAB_BACK" = oursours ] || { skip "unload" "the in-tree module cannot go while it is used"; exit 0; }
disks=()
for n in 0 1 2 3; do
	# each discard takes some milliseconds
	base=$(disk_make unload$n 16 --delay 3) || bail "backing disk"
	disks+=("$base")
done
guest_start g1 --root ram --vcpus 2 || bail "guest starts"
names=(xvdb xvdc xvdd xvde)
for n in 0 1 2 3; do disk_attach g1 "phy:${disks[n]},${names[n]},w" || bail "attach ${names[n]}"; done
guest_run g1 "for d in ${names[*]}; do setsid sh -c \"echo 0 >/run/\$d.n; while fio --filename=/dev/\$d --size=16m --bs=4k \
	--rw=randtrim --direct=1 --ioengine=psync --numjobs=4 --thread --time_based --runtime=2 --name=t >/run/\$d.log 2>&1; do
	echo x >>/run/\$d.n; done; echo 1 >/run/\$d.rc\" </dev/null >/dev/null 2>&1 & done"
ds() { cat /sys/bus/xen-backend/devices/vbd-*/statistics/ds_req 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'; }
discards() { local a; a=$(ds); wait_for 20 eval "[ \"\$(ds)\" -gt $((a + 50)) ]"; }
cycle() {
	discards || { echo "no discards"; return 1; }
	timeout 40 modprobe -r xen-blkback || { echo "modprobe -r: $?"; return 1; }
	modprobe xen-blkback
}
times=${LAB_ARG_n:-6} i=0
while [ $i -lt "$times" ] && cycle; do i=$((i + 1)); done
is "unloads that ended" "$i" "$times"
check "discards go on" discards
is "no error in the guest" "$(guest_run g1 'ls /run/*.rc 2>/dev/null')" ""
check "guest shuts down" guest_stop g1
