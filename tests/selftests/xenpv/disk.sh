#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Data, sizes, flush, discard and statistics of the disk SCRATCH, which must not be in use and must be blank.
# The first 24 MiB are written, and are zeros again in the end.
#
# FORCE=1: the disk need not be blank. DESTRUCTIVE=1: also discard all of it, and make a file system.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=scratch.sh
. "$(dirname "$0")/scratch.sh"

[ -n "${SCRATCH:-}" ] || skip_all "SCRATCH=/dev/xvdX names no disk that may be overwritten"
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
AREA=24 # MiB

refuse() {
	echo "TAP version 13"
	fail "$SCRATCH may be overwritten" "$SCRATCH $1"
	echo "1..1"
	exit 1
}
[ -b "$SCRATCH" ] || refuse "is no block device"
disk=$(readlink -f "$SCRATCH")
if why=$(scratch_busy "$disk"); then refuse "$why"; fi
read -r major minor <<<"$(stat -c '%t %T' "$disk")"
sys=/sys/dev/block/$((16#$major)):$((16#$minor))
sectors=$(value "$sys/size")
mib=$((sectors / 2048))
[ $mib -ge $((AREA + 8)) ] || refuse "has $mib MiB, at least $((AREA + 8)) are needed"
if [ "${FORCE:-}" != 1 ] && ! scratch_blank "$disk" $mib $AREA; then
	refuse "is not blank (FORCE=1 overwrites it nevertheless)"
fi

# A partition has no queue of its own.
queue=$sys/queue
[ -d "$queue" ] || queue=$sys/../queue
block=$(value "$queue/logical_block_size") || block=512

zero() { dd if=/dev/zero of="$disk" bs=1M count=$AREA oflag=direct conv=fsync,notrunc 2>/dev/null; }
cleanup() {
	if mounted none "$disk"; then umount "$ksft_tmp/mnt" || return; fi
	zero
}
ksft_begin
note "$disk: $mib MiB, blocks of $block bytes, driver xen_blkfront: $(who_is xen_blkfront)"
pass "$SCRATCH is free"

# count N: field N of the statistics
count() {
	local -a f
	read -ra f <"$sys/stat"
	echo "${f[$(($1 - 1))]:-}"
}
drop() { echo 1 >/proc/sys/vm/drop_caches; }

# same MODEL MIB: the disk's first MiB are the file's
same() {
	local got
	drop
	got=$(dd if="$disk" bs=1M count="$2" iflag=direct 2>/dev/null | sha256sum) || return 1
	[ "${got%% *}" = "$(sum_of "$1")" ] || { echo "the checksum is another one"; return 1; }
}

model=$ksft_tmp/model
data() { # BLOCKSIZE [FLAG]
	head -c 8388608 /dev/urandom >"$model"
	dd if="$model" of="$disk" bs="$1" ${2:+oflag=$2} conv=notrunc,fsync && same "$model" 8
}
if [ "$block" -le 4096 ]; then
	check "data, direct, requests of 4 KiB" data 4k direct
fi
check "data, direct, requests of 64 KiB" data 64k direct
check "data, direct, requests of 1 MiB" data 1M direct
check "data, by the page cache" data 128k

# Lengths and places that are no multiple of a page, each kept in a file as well.
odd() {
	local at n
	head -c 8388608 /dev/urandom >"$model"
	dd if="$model" of="$disk" bs=1M oflag=direct conv=notrunc || return 1
	for n in 1 2 3 7 8 9 15 17 63 64 65 87 89 127 129 255 257 511 513; do
		for at in 1 5 1001; do
			head -c $((n * block)) /dev/urandom >"$ksft_tmp/piece"
			dd if="$ksft_tmp/piece" of="$disk" bs=$((n * block)) count=1 seek=$((at * block)) \
				oflag=direct,seek_bytes conv=notrunc 2>/dev/null || { echo "$n blocks at $at: cannot write"; return 1; }
			dd if="$ksft_tmp/piece" of="$model" bs=$((n * block)) count=1 seek=$((at * block)) \
				oflag=seek_bytes conv=notrunc 2>/dev/null
			dd if="$disk" of="$ksft_tmp/back" bs=$((n * block)) count=1 skip=$((at * block)) \
				iflag=direct,skip_bytes 2>/dev/null
			[ "$(sum_of "$ksft_tmp/piece")" = "$(sum_of "$ksft_tmp/back")" ] ||
				{ echo "$n blocks at $at: other data came back"; return 1; }
		done
	done
	same "$model" 8
}
check "1 to 513 blocks at odd places, and nothing beside them" odd
beyond() { ! dd if=/dev/zero of="$disk" bs="$block" count=1 seek=$((sectors * 512)) oflag=direct,seek_bytes conv=notrunc; }
check "a write beyond the end is refused" beyond
last() {
	local at=$(((sectors * 512 / block - 1) * block))
	head -c "$block" /dev/zero >"$ksft_tmp/piece"
	dd if="$disk" of="$ksft_tmp/was" bs="$block" count=1 skip=$at iflag=direct,skip_bytes || return 1
	dd if="$ksft_tmp/was" of="$disk" bs="$block" count=1 seek=$at oflag=direct,seek_bytes conv=notrunc
}
check "the last block can be read and written" last

if have fio "fio with checksums"; then
	fio_on() {
		fio --name=t --filename="$disk" --size=${AREA}m --io_size=16m --rw=randwrite --bsrange="$block-256k" \
			--blockalign="$block" --verify=crc32c --do_verify=1 --verify_state_save=0 --verify_fatal=1 \
			--output-format=terse "$@"
	}
	check "fio with checksums, buffered" fio_on --ioengine=psync --fsync_on_close=1 --invalidate=1
	check "fio with checksums, direct, 8 at a time" fio_on --ioengine=libaio --direct=1 --iodepth=8
	check "fio with memory aligned to 512 bytes" fio_on --ioengine=psync --direct=1 --iomem_align=512
else
	skip "memory aligned to 512 bytes" "no fio"
fi

flush() { dd if=/dev/urandom of="$disk" bs=64k count=4 conv=fsync,notrunc; }
before=$(count 16)
check "a flush" flush
case $(value "$queue/write_cache"):$before in
"write back":[0-9]*) check "it reached the disk" test "$(count 16)" -gt "$before" ;;
*) skip "it reached the disk" "the disk has no write cache, or this kernel does not count" ;;
esac

# statistics: 1 MiB each way are 2048 sectors
drop
reads=$(count 3) writes=$(count 7)
dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null
check "statistics count what was read" test $(($(count 3) - reads)) -ge 2048
dd if=/dev/zero of="$disk" bs=64k count=16 oflag=direct conv=notrunc 2>/dev/null
check "statistics count what was written" test $(($(count 7) - writes)) -ge 2048
if [ -e "$sys/xen/state" ]; then
	check "sysfs says Connected" test "$(value "$sys/xen/state")" = Connected
fi

# Data beside a discarded part stays.
discard() {
	head -c 8388608 /dev/urandom >"$model"
	dd if="$model" of="$disk" bs=1M oflag=direct conv=notrunc,fsync || return 1
	blkdiscard -o 8388608 -l 4194304 "$disk" || return 1
	dd if="$disk" of=/dev/null bs=1M skip=8 count=4 iflag=direct && same "$model" 8
}
if [ "$(value "$queue/discard_max_bytes")" -gt 0 ] 2>/dev/null; then
	if have blkdiscard "discard"; then
		check "discard, and data beside it" discard
		if [ "${DESTRUCTIVE:-}" = 1 ]; then
			check "discard of the whole disk" blkdiscard "$disk"
		else
			skip "discard of the whole disk" "DESTRUCTIVE=1 allows it"
		fi
	fi
else
	skip "discard" "the disk has none"
fi

# Within the area, so that nothing else of the disk is written.
files() {
	local mnt=$ksft_tmp/mnt i
	mkdir -p "$mnt" && zero || return 1
	mkfs.ext4 -q -F "$disk" ${AREA}M && mount -t ext4 "$disk" "$mnt" || return 1
	for i in {1..40}; do head -c $((i * 4321)) /dev/urandom >"$mnt/file$i" || return 1; done
	(cd "$mnt" && sha256sum file*) >"$ksft_tmp/sums"
	umount "$mnt" || return 1
	drop
	mount -t ext4 -o ro "$disk" "$mnt" || return 1
	(cd "$mnt" && sha256sum --quiet -c "$ksft_tmp/sums") || { umount "$mnt"; return 1; }
	umount "$mnt"
}
if [ "${DESTRUCTIVE:-}" != 1 ]; then
	skip "a file system" "DESTRUCTIVE=1 allows it"
elif have mkfs.ext4 "a file system" && have mount "a file system"; then
	check "a file system keeps its files" files
	! have e2fsck "e2fsck finds nothing" || check "e2fsck finds nothing" e2fsck -fn "$disk"
fi

check "zeros again" zero
check "are on the disk" all_zero "$disk" 0 $AREA
finish
