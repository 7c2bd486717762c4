# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: discarded blocks lose their pattern, and no others do; fstrim on a file system
# why: a discard of one sector too many destroys data; one without effect fills the host's storage
# expected: zeros inside the range, the pattern around it, dom0 holds fewer pages; with
#   discard-enable=0 the guest is offered no discard
# timeout: 200

disk=$(disk_make trim 24) || bail "backing disk"
guest_start g1 --root ram || bail "guest starts"
check "attach" disk_attach g1 "phy:$disk,xvdb,w"
check "discard is offered" guest_run g1 \
	'[ $(cat /sys/block/xvdb/queue/discard_max_bytes) -gt 0 ]'

check "blkdiscard clears its range and nothing else" guest_run g1 '
	set -e
	yes pattern | head -c 16777216 >/run/p
	dd if=/run/p of=/dev/xvdb bs=1M oflag=direct 2>/dev/null
	blkdiscard -o 4M -l 8M /dev/xvdb
	echo 3 >/proc/sys/vm/drop_caches
	head -c 4194304 /run/p | cmp - <(dd if=/dev/xvdb bs=1M count=4 2>/dev/null)
	head -c 8388608 /dev/zero | cmp - <(dd if=/dev/xvdb bs=1M skip=4 count=8 2>/dev/null)
	tail -c 4194304 /run/p | cmp - <(dd if=/dev/xvdb bs=1M skip=12 count=4 2>/dev/null)'
check "dom0 sees the same" cmp -n 4194304 -i 6M:0 "$disk" /dev/zero

check "fstrim gives the space of a deleted file back" guest_run g1 -t 90 '
	set -e
	mkfs.ext4 -q -E nodiscard /dev/xvdb
	mount /dev/xvdb /mnt
	yes "secret of the file" | head -c 6000000 >/mnt/f
	sync
	export LC_ALL=C	# grep by bytes, which is many times as fast
	grep -aFq "secret of the file" /dev/xvdb
	rm /mnt/f
	sync
	fstrim -v /mnt
	umount /mnt
	echo 3 >/proc/sys/vm/drop_caches
	! grep -aFq "secret of the file" /dev/xvdb
	e2fsck -fn /dev/xvdb'
check "detach" disk_detach g1 xvdb

check "attach with no-discard" xl block-attach g1 "$disk,raw,xvdb,rw,no-discard"
check "it appears" wait_for 20 guest_run g1 '[ -b /dev/xvdb ] && [ $(blockdev --getsz /dev/xvdb) -gt 0 ]'
check "discard is not offered" guest_run g1 \
	'[ $(cat /sys/block/xvdb/queue/discard_max_bytes) -eq 0 ] && ! blkdiscard /dev/xvdb'
check "guest shuts down" guest_stop g1
