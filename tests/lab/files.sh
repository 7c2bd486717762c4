# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a file tree on a second disk survives mkfs, copy, unmount and fsck
# why: the everyday use of a disk: small and large, ordered and cached writes
# expected: the same sha256 of every file before and after; e2fsck finds nothing
# timeout: 240

disk=$(disk_make files 256) || bail "backing disk"
guest_start g1 --disk "phy:$disk,xvdb,w" || bail "guest starts"

check "mkfs and copy" guest_run g1 -t 100 '
	set -e
	mkfs.ext4 -q /dev/xvdb
	mount /dev/xvdb /mnt
	mkdir /mnt/bin
	cp -a /usr/bin/[a-m]* /mnt/bin/
	cp -a /etc /mnt/
	cd /mnt
	find bin etc -type f -print0 | sort -z | xargs -0 sha256sum >/run/sums
	wc -l </run/sums
	cd /
	umount /mnt'
check "file system check" guest_run g1 -t 60 'e2fsck -fn /dev/xvdb'
check "same content read back" guest_run g1 -t 60 '
	set -e
	echo 3 >/proc/sys/vm/drop_caches
	mount -o ro /dev/xvdb /mnt
	cd /mnt
	sha256sum --quiet -c /run/sums
	cd /
	umount /mnt'
check "guest shuts down" guest_stop g1
# what the guest believes to have written is what dom0 has
check "check from dom0" e2fsck -fn "$disk"
