# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: random blocks at random offsets, each with a checksum, direct and buffered
# why: sizes from one sector to 256 KiB use different code paths: one segment, several, indirect,
#   split
# expected: fio finds every block as written
# timeout: 240

disk=$(disk_make fio 64) || bail "backing disk"
slow=$(disk_make slow 24 --delay 3) || bail "backing disk"
slower=$(disk_make slower 24 --kind brd --delay 12) || bail "backing disk"
guest_start g1 --disk "phy:$disk,xvdb,w" --disk "phy:$slow,xvdc,w" --disk "phy:$slower,xvdd,w" || bail "guest starts"

fio_args="--filename=/dev/xvdb --size=48m --bsrange=512-256k --verify=crc32c \
	--do_verify=1 --verify_state_save=0 --verify_fatal=1 --rw=randwrite \
	--blockalign=512 --output-format=terse --name=t"
check "direct, depth 16" guest_run g1 -t 90 \
	"fio $fio_args --ioengine=libaio --direct=1 --iodepth=16 >/run/fio || { cat /run/fio; exit 1; }"
check "buffered" guest_run g1 -t 90 \
	"fio $fio_args --ioengine=psync --fsync_on_close=1 --invalidate=1 >/run/fio || { cat /run/fio; exit 1; }"
# Requests end later and in another order than they came: the ring is full, answers wait for each other.
fio_slow="${fio_args/--size=48m/--size=8m} --ioengine=libaio --direct=1 --iodepth=64"
check "a disk of 3 ms and one of 12 ms, depth 64" guest_run g1 -t 120 \
	"fio ${fio_slow/xvdb/xvdc} >/run/fio1 & fio ${fio_slow/xvdb/xvdd} >/run/fio2 || { cat /run/fio2; exit 1; }
	wait \$! || { cat /run/fio1; exit 1; }"
check "guest shuts down" guest_stop g1
