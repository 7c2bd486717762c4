# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: names, minors, read-only, CD-ROM and every kind of backing device
# why: fstab, udev rules and installers depend on the names; administrators use all kinds of devices
# expected: the in-tree names and numbers; no write to a read-only disk; correct data through loop,
#   LVM, RAM disk, null_blk and a partition
# timeout: 300

guest_start g1 --root ram || bail "guest starts"
rw() { # DEV
	guest_run g1 "dd if=/dev/urandom of=/run/r bs=64k count=8 2>/dev/null &&
		dd if=/run/r of=/dev/$1 bs=64k oflag=direct 2>/dev/null && sync /dev/$1 &&
		echo 3 >/proc/sys/vm/drop_caches && cmp -n 524288 /run/r /dev/$1"
}
for kind in null loop lvm brd; do
	d=$(disk_make "k$kind" 32 --kind $kind) || { not_ok "$kind backing disk"; continue; }
	check "$kind: attach" disk_attach g1 "phy:$d,xvdb,w" || continue
	check "$kind: data" rw xvdb
	check "$kind: detach" disk_detach g1 xvdb
done

d=$(disk_make part 64) || bail "backing disk"
printf 'label: dos\n,16M\n,16M\n' | sfdisk -q "$d" || bail "partition table"
check "whole disk with partitions" disk_attach g1 "phy:$d,xvdc,w"
check "its partitions have the in-tree minors" guest_run g1 '
	[ "$(cat /sys/block/xvdc/dev)" = 202:32 ] &&
	[ "$(cat /sys/block/xvdc/xvdc2/dev)" = 202:34 ] && lsblk /dev/xvdc'
check "detach" disk_detach g1 xvdc

one() { # VDEV NAME MAJ:MIN
	xl block-attach g1 "phy:$d,$1,w" &&
	wait_for 15 guest_run g1 "[ \"\$(cat /sys/block/$2/dev)\" = $3 ]" &&
	xl block-detach g1 "$1" &&
	wait_for 15 guest_run g1 "! [ -e /sys/block/$2 ]"
}
check "a disk named like a partition, xvdd1" one xvdd1 xvdd1 202:49
check "beyond the 16th disk, xvdq" one xvdq xvdq 202:4096
check "two letters, xvdaa" one xvdaa xvdaa 202:6656
check "old name hdb" one hdb xvdb 202:16
check "old name sdc" one sdc xvdc 202:32

check "read-only: attach" disk_attach g1 "phy:$d,xvdb,r"
check "read-only: no write" guest_run g1 '[ $(blockdev --getro /dev/xvdb) = 1 ] &&
	! dd if=/dev/zero of=/dev/xvdb bs=4k count=1 oflag=direct 2>/dev/null &&
	dd if=/dev/xvdb of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null'
check "read-only: detach" disk_detach g1 xvdb

check "CD-ROM: attach" disk_attach g1 "format=raw,vdev=xvdb,access=ro,devtype=cdrom,target=$d"
check "CD-ROM: removable, no write" guest_run g1 '[ $(cat /sys/block/xvdb/removable) = 1 ] &&
	[ $(blockdev --getro /dev/xvdb) = 1 ] &&
	dd if=/dev/xvdb of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null'
check "CD-ROM: detach" disk_detach g1 xvdb
kmsg_expect 'xvd[a-z]+: (unknown partition|p[0-9])'
check "guest shuts down" guest_stop g1
