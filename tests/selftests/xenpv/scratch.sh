# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Is the disk that a test may overwrite really free? Sourced by disk.sh, after lib.sh.

# mounted NR FILE: a mount of that device number, or of that file
mounted() {
	local id parent nr root rest dash source
	while read -r id parent nr root rest; do
		: "$id $parent $root"
		[ "$nr" != "$1" ] || return 0
		# file systems over several disks have numbers of their own
		dash=${rest#* - }
		read -r _ source _ <<<"$dash"
		case $source in /*) [ "$(readlink -f "$source")" != "$2" ] || return 0 ;; esac
	done </proc/self/mountinfo
	return 1
}

# swapped FILE
swapped() {
	local name
	while read -r name _; do
		case $name in /*) [ "$(readlink -f "$name")" != "$1" ] || return 0 ;; esac
	done </proc/swaps
	return 1
}

any() { [ -e "$1" ]; }

# scratch_busy FILE: says why the disk is in use; status 1 if it is not
scratch_busy() {
	local file=$1 nr sys part f major minor
	nr=$(stat -c '%t %T' "$file") || { echo "cannot be examined"; return 0; }
	read -r major minor <<<"$nr"
	nr=$((16#$major)):$((16#$minor))
	sys=/sys/dev/block/$nr
	[ -d "$sys" ] || { echo "has no directory in sysfs"; return 0; }
	mounted "$nr" "$file" && { echo "is mounted"; return 0; }
	swapped "$file" && { echo "is used for swap"; return 0; }
	for part in "$sys"/*/partition; do
		[ ! -e "$part" ] || { echo "has partitions"; return 0; }
	done
	any "$sys"/holders/* && { echo "is used by another device (LVM, md, dm)"; return 0; }
	[ ! -d "$sys/bcache" ] || { echo "belongs to bcache"; return 0; }
	for f in /sys/fs/btrfs/*/devices/*; do
		[ "$(readlink -f "$f")" != "$(readlink -f "$sys")" ] || { echo "belongs to a btrfs"; return 0; }
	done
	for f in /sys/block/loop*/loop/backing_file; do
		[ ! -e "$f" ] || [ "$(value "$f")" != "$file" ] || { echo "is used by a loop device"; return 0; }
	done
	for f in /sys/bus/xen-backend/devices/vbd-*/physical_device; do
		[ ! -e "$f" ] || [ "$(value "$f")" != "$major:$minor" ] || { echo "is the disk of a guest"; return 0; }
	done
	[ "$(value "$sys/ro")" != 1 ] || { echo "is read-only"; return 0; }
	return 1
}

# all_zero FILE START_MIB MIB: no other byte
all_zero() {
	[ "$(dd if="$1" bs=1M skip="$2" count="$3" 2>/dev/null | tr -d '\0' | head -c 1 | wc -c)" -eq 0 ]
}

# scratch_blank FILE MIB AREA: the area that is written, the end, and 64 places between have only zeros
scratch_blank() {
	local i
	all_zero "$1" 0 "$3" || return 1
	[ "$2" -gt "$3" ] || return 0
	all_zero "$1" $(($2 - 1)) 2 || return 1
	for i in {0..63}; do
		all_zero "$1" $(($3 + ($2 - $3 - 1) * i / 64)) 1 || return 1
	done
}
