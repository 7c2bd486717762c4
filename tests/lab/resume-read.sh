# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a device of the guest reads a disk while the device is resumed
# why: until all devices are resumed there are no watches and no user space, and the disk has to
#   connect to a new backend
# expected: the read completes during the resume, after a checkpoint and after a restore
# needs: late
# timeout: 200

[ "$LAB_TYPE" != pvh ] || { skip "save and restore" "the lab does not save PVH guests"; exit 0; }

{ disk=$(disk_make data 32) && module=$(disk_make module 4); } || bail "backing disk"
dd if="$JOB/bin/late.ko" of="$module" bs=64k conv=fsync 2>/dev/null
guest_start g1 --root ram --disk "phy:$disk,xvdb,w" --disk "phy:$module,xvdc,r" || bail "guest starts"
check "a device that reads when it is resumed" guest_run g1 "
	head -c $(stat -c %s "$JOB/bin/late.ko") /dev/xvdc >/run/late.ko && insmod /run/late.ko"

reads() { guest_run g1 'dmesg | grep -c "late.*read 512 bytes in the resume"'; }
resumed() { # TEXT NUMBER
	check "$1: the guest answers" wait_for 60 guest_run g1 -t 10 true
	is "$1: reads in the resume" "$(reads)" "$2" || note "$(guest_run g1 'dmesg | tail -n 12
		cat /sys/kernel/debug/xen-blkfront/vbd-51728/state')"
	check "$1: the disk works" guest_run g1 'dd if=/dev/xvdb of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null'
	# not from memory the next time
	guest_run g1 'echo 3 >/proc/sys/vm/drop_caches'
}
# in this order: the xl that waits for the guest's end may leave at a checkpoint, and a restore starts another one
check "checkpoint" xl save -c g1 /dev/shm/save
resumed checkpoint 1
check "save" xl save g1 /dev/shm/save
check "restore" xl restore /dev/shm/save
rm -f /dev/shm/save
guest_id g1 >"$GUESTS/g1/domid"
resumed restore 2
check "guest shuts down" guest_stop g1
