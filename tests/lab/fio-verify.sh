# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: random blocks at random places, each with a checksum, direct and buffered
# why: every size from one sector to 256 KiB takes another path: one segment, several,
#   indirect, split
# expected: fio finds every block as written
# timeout: 240

disk=$(disk_make fio 64) || bail "backing disk"
guest_start g1 --disk "phy:$disk,xvdb,w" || bail "guest starts"

fio_args="--filename=/dev/xvdb --size=48m --bsrange=512-256k --verify=crc32c \
	--do_verify=1 --verify_state_save=0 --verify_fatal=1 --rw=randwrite \
	--blockalign=512 --output-format=terse --name=t"
check "direct, depth 16" guest_run g1 -t 90 \
	"fio $fio_args --ioengine=libaio --direct=1 --iodepth=16 >/run/fio || { cat /run/fio; exit 1; }"
check "buffered" guest_run g1 -t 90 \
	"fio $fio_args --ioengine=psync --fsync_on_close=1 --invalidate=1 >/run/fio || { cat /run/fio; exit 1; }"
check "guest shuts down" guest_stop g1
