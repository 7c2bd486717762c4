# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: our frontend on QEMU's disk backend: data, flush, discard, ring sizes
# why: xl users may use this backend instead of ours, and it differs: persistent grants, other
#   limits, up to 16 ring pages
# expected: fio finds every block as written, and the file in dom0 has them; the offered features
#   work; rings of 16 pages are used
# timeout: 300

file=$(disk_make q 64 --kind file) || bail "backing file"
guest_start g1 --root ram --append xen_blkfront.max_ring_page_order=4 --disk "format=raw,backendtype=qdisk,vdev=xvdb,access=rw,discard,target=$file" ||
	bail "guest starts"
note "$(xenstore-ls "/local/domain/0/backend/qdisk/$(guest_id g1)")"
check "the disk is QEMU's" xenstore-exists "/local/domain/0/backend/qdisk/$(guest_id g1)/51728"
is "ring pages" "$(guest_run g1 'cat /sys/block/xvdb/xen/ring_pages')" 16
is "flush is used" "$(guest_run g1 'cat /sys/block/xvdb/xen/flush')" flush

check "random blocks, direct, depth 16" guest_run g1 -t 90 'fio --filename=/dev/xvdb --size=32m --bsrange=512-256k \
	--verify=crc32c --do_verify=1 --verify_state_save=0 --verify_fatal=1 --rw=randwrite --blockalign=512 \
	--direct=1 --ioengine=libaio --iodepth=16 --end_fsync=1 --output-format=terse --name=t \
	>/run/fio || { cat /run/fio; exit 1; }'
check "what was synced is in the file" eval 'guest_run g1 "yes q1 | head -c 1048576 >/run/p &&
	dd if=/run/p of=/dev/xvdb bs=64k conv=fsync 2>/dev/null" &&
	yes q1 | head -c 1048576 | cmp -n 1048576 - "$file"'

if [ "$(guest_run g1 'cat /sys/block/xvdb/queue/discard_max_bytes')" -gt 0 ]; then
	check "blkdiscard clears its range and nothing else" eval 'guest_run g1 "blkdiscard -o 256k -l 512k /dev/xvdb" &&
		cmp -n 524288 -i 262144:0 "$file" /dev/zero &&
		yes q1 | head -c 262144 | cmp -n 262144 - "$file"'
	fi=$(guest_run g1 'cat /sys/kernel/debug/xen-blkfront/vbd-51728/violations')
	note "$fi"
else
	skip "discard" "not offered"
fi

check "a file system survives" guest_run g1 -t 60 '
	set -e
	mkfs.ext4 -q /dev/xvdb
	mount /dev/xvdb /mnt
	cp -r /bin /mnt/
	sync
	umount /mnt
	e2fsck -fn /dev/xvdb'

note "the module is used by $(guest_run g1 'cat /sys/module/xen_blkfront/refcnt; ps' | grep -v "\[")"
check "no violation of the protocol" guest_run g1 '
	! grep -vE " 0$|^feature " /sys/kernel/debug/xen-blkfront/vbd-51728/violations'
check "guest shuts down" guest_stop g1
