# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a guest is destroyed while it appends records, each acknowledged after fsync
# why: the loss of an acknowledged record is the worst fault of a disk
# expected: after each cut every acknowledged record is on the disk, the file system recovers,
#   e2fsck finds nothing
# timeout: 240

disk=$(disk_make cut 64) || bail "backing disk"
mkfs.ext4 -q "$disk" || bail "mkfs"

# Acknowledgements leave the guest by its own xenstore area, not by the disk.
writer='
mount /dev/xvdb /mnt || exit 1
n=$(cat /mnt/log 2>/dev/null | wc -l)
while :; do
	n=$((n + 1))
	echo "record $n $(echo $n | sha256sum)" >>/mnt/log
	sync /mnt/log || exit 1
	xenstore-write data/acked $n
done'

for round in $(seq "${LAB_ARG_n:-3}"); do
	guest_start g1 --root ram --disk "phy:$disk,xvdb,w" || bail "guest starts"
	id=$(guest_id g1)
	guest_run g1 -t 100 "$writer" >/dev/null 2>&1 &
	wait_for 30 eval "[ \$(xenstore-read /local/domain/$id/data/acked 2>/dev/null || echo 0) -ge $((round * 20)) ]" ||
		bail "round $round: records are written"
	acked=$(xenstore-read "/local/domain/$id/data/acked")
	guest_destroy g1
	wait
	mkdir -p /run/cut
	mount "$disk" /run/cut || bail "round $round: the file system mounts"
	have=$(wc -l </run/cut/log)
	bad=$(awk '$1 != "record" || $2 != NR' /run/cut/log | head -n -1 | grep -c .)
	umount /run/cut
	note "round $round: $acked acknowledged, $have found"
	[ "$have" -ge "$acked" ] && [ "$bad" -eq 0 ]
	check "round $round: no acknowledged record is lost" test "$have" -ge "$acked" -a "$bad" -eq 0
	check "round $round: file system is sound" e2fsck -fn "$disk"
done
