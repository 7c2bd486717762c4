# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: storage hangs while the guest that uses it is destroyed; disks of others are attached and detached meanwhile
# why: the destruction of a backend device waits for its I/O, and a workqueue runs a limited number
#   of items at once
# expected: with a limit of one item, other devices still connect, work and close
# timeout: 200

disk=$(disk_make slow 16) || bail "backing disk"
other=$(disk_make other 16) || bail "backing disk"
dmsetup create hung --table "0 $(blockdev --getsz "$disk") linear $disk 0" || bail "device mapper"
[ -e /dev/mapper/hung ] || dmsetup mknodes hung
limit=/sys/bus/workqueue/devices/xenpv/max_active
[ -e "$limit" ] && old=$(cat "$limit") && echo 1 >"$limit"
guest_start g1 --root ram --disk "phy:/dev/mapper/hung,xvdb,w" || bail "guest starts"
guest_start g2 --root ram || bail "guest starts"
check "the disk is written" guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=64k count=4 oflag=direct 2>/dev/null'
dmsetup suspend --noflush --nolockfs hung || bail "suspend"
guest_run g1 '(dd if=/dev/zero of=/dev/xvdb bs=64k count=8 oflag=direct >/dev/null 2>&1 </dev/null &)'
# device-mapper does not count what it holds back
busy() { guest_run g1 'grep -q "inflight [1-9]" /sys/kernel/debug/xen-blkfront/vbd-51728/rings'; }
check "a request hangs" wait_for 20 busy
guest_destroy g1 >/dev/null 2>&1
check "another disk is attached while one hangs" disk_attach g2 "phy:$other,xvdb,w"
check "it works" guest_run g2 -t 20 'dd if=/dev/zero of=/dev/xvdb bs=64k count=16 oflag=direct 2>/dev/null'
check "it is detached" disk_detach g2 xvdb
dmsetup resume hung
wait_for 30 dmsetup remove hung
check "the disk that hung is let go of" eval '! dmsetup info hung >/dev/null 2>&1'
rm -f /dev/mapper/hung
[ -z "${old:-}" ] || echo "$old" >"$limit"
guest_destroy g2
