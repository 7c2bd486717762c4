# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: combinations of queues, ring pages, persistent grants, indirect segments and sector sizes
# why: each combination uses other code paths in both drivers, and the negotiated values may differ
#   from those asked for
# expected: the frontend's keys show the combination; fio finds every block as written
# argument: set=all runs every combination, set=few three, otherwise eight that cover all pairs
# timeout: 900

short="1:0:1:32:512 2:4:1:256:512 1:4:0:0:4096 2:0:0:32:4096
	1:0:0:256:512 2:0:1:0:512 1:4:1:256:4096 2:4:0:32:512"
all=$(for q in 1 2; do for o in 0 4; do for p in 0 1; do for i in 0 32 256; do
	for s in 512 4096; do echo "$q:$o:$p:$i:$s"; done; done; done; done; done)
case ${LAB_ARG_set:-} in
all) short=$all ;;
few) short="2:4:1:32:512 1:0:0:256:4096 2:4:0:0:512" ;;
esac

disk512=$(disk_make m512 64) || bail "backing disk"
disk4096=$(disk_make m4096 64 --sector 4096) || bail "backing disk of 4 KiB sectors"
# The in-tree frontend allocates all persistent pages it may ever use: 1 GiB for 2:4:1:256.
memory=512
[ "$LAB_FRONT" = ours ] || memory=1800
guest_start g1 --root ram --vcpus 2 --memory $memory || bail "guest starts"

offered=$(backend_queues xen_blkback 2)

# What the two ends agreed on, in the same form as a combination's first three.
agreed() {
	local dir q o p
	dir=/local/domain/$(guest_id g1)/device/vbd/51728
	q=$(xenstore-read "$dir/multi-queue-num-queues" 2>/dev/null || echo 1)
	o=$(xenstore-read "$dir/ring-page-order" 2>/dev/null || echo 0)
	p=$(xenstore-read "$dir/feature-persistent" 2>/dev/null || echo 0)
	echo "$q:$o:$p"
}

combination() { # Q:O:P:I:S
	local q o p i s disk
	IFS=: read -r q o p i s <<<"$1"
	disk=$disk512
	[ "$s" = 512 ] || disk=$disk4096
	guest_run g1 "modprobe -r xen-blkfront; modprobe xen-blkfront max_queues=$q \
		max_ring_page_order=$o feature_persistent=$p max_indirect_segments=$i" || return 1
	disk_attach g1 "phy:$disk,xvdb,w" || return 1
	[ "$(agreed)" = "$q:$o:$p" ] || { echo "agreed on $(agreed)"; return 1; }
	guest_run g1 "[ \$(blockdev --getss /dev/xvdb) = $s ]" || { echo "sector size"; return 1; }
	guest_run g1 -t 100 "fio --filename=/dev/xvdb --size=16m --bsrange=$s-512k \
		--blockalign=$s --verify=crc32c --do_verify=1 --verify_state_save=0 \
		--verify_fatal=1 --rw=randwrite --output-format=terse --ioengine=libaio \
		--direct=1 --iodepth=32 --name=d >/run/fio 2>&1 &&
	fio --filename=/dev/xvdb --size=8m --offset=24m --bsrange=$s-256k --numjobs=2 \
		--offset_increment=14m --blockalign=$s --verify=crc32c --do_verify=1 \
		--verify_state_save=0 --verify_fatal=1 --rw=randwrite --invalidate=1 \
		--end_fsync=1 --output-format=terse --ioengine=psync --name=b >>/run/fio 2>&1 ||
		{ tail -5 /run/fio; exit 1; }" || return 1
	disk_detach g1 xvdb
}

for c in $short; do
	check "queues:order:persistent:indirect:sector $c" combination "$c" ||
		disk_detach g1 xvdb --force
done
backend_queues xen_blkback "$offered" >/dev/null
check "guest shuts down" guest_stop g1
