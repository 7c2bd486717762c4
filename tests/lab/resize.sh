# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a disk grows while it is mounted, and shrinks while it is idle
# why: users grow volumes online and expect the guest to see it at once
# expected: the guest's size follows within seconds, resize2fs uses it, the data are unchanged
# timeout: 200

disk=$(disk_make grow 64 --kind loop) || bail "backing disk"
grow() { truncate -s "$1M" /dev/shm/disk-grow && losetup -c "$disk"; }
guest_sees() { wait_for 20 guest_run g1 "[ \$(blockdev --getsize64 /dev/xvdb) = $(($1 << 20)) ]"; }

guest_start g1 --root ram || bail "guest starts"
check "attach" disk_attach g1 "phy:$disk,xvdb,w"
check "a file on it" guest_run g1 'mkfs.ext4 -q /dev/xvdb && mount /dev/xvdb /mnt &&
	yes text | head -c 10000000 >/mnt/f && sha256sum /mnt/f >/run/sum'
# a writer holds the disk busy over the change
guest_run g1 -t 60 'for i in $(seq 200); do dd if=/dev/zero of=/mnt/w bs=64k count=8 \
	conv=fsync 2>/dev/null || exit 1; done' &
writer=$!
grow 128
check "the guest sees the new size under load" guest_sees 128
# not inside check, whose subshell is not the writer's parent
wait "$writer"
is "the writer met no error" $? 0
check "the file system grows online" guest_run g1 'resize2fs /dev/xvdb 2>&1 &&
	[ $(df -m /mnt | awk "NR == 2 { print \$2 }") -gt 100 ] && sha256sum -c /run/sum'
grow 192
check "an idle disk's growth is seen, too" guest_sees 192
check "unmount and check" guest_run g1 'umount /mnt && e2fsck -fn /dev/xvdb'
grow 160
check "shrinking is seen" guest_sees 160
check "reading beyond the new end fails, before it works" guest_run g1 '
	dd if=/dev/xvdb of=/dev/null bs=1M skip=159 count=1 iflag=direct 2>/dev/null &&
	! dd if=/dev/xvdb of=/dev/null bs=1M skip=160 count=1 iflag=direct 2>/dev/null | grep -q .'
check "guest shuts down" guest_stop g1
