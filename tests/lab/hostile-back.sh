# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a backend that breaks every rule, against xen-blkfront (set=few, cases=PATTERN+PATTERN)
# why: a guest must survive its driver domain, and protect its memory from it
# expected: each case ends as xpeer says; the violation is counted at the named site in the guest,
#   its I/O ends in bounded time, a well-behaved device under the same number works afterwards, the
#   guest's other disk is not affected, no grant remains
# needs: xpeer
# timeout: 1800

# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
# shellcheck source=../xpeer/back.bash
. "$JOB/tests/xpeer/back.bash"
cases=$(xp_cases "$XP_FEW_BACK")
# The kernel's own driver hangs at some of these; its controls show that xpeer works.
[ "$LAB_FRONT" = ours ] || [ -n "${LAB_ARG_cases:-}" ] ||
	cases='good*+out-of-order+late+resize+refuse*'
# shellcheck disable=SC2034 # back.bash reads these
XP_ROLE=blk-back XP_DEV=51744 XP_TOTALS=/sys/kernel/debug/xen-blkfront/violations \
	XP_OPTIONS='--io /run/xpeer-io'
node=xvdc

d1=$(disk_make victim 32) || bail "backing disk"
guest_start g1 --root ram --vcpus 2 || bail "guest starts"
# shellcheck disable=SC2034 # the same
XP_ID=$(guest_id g1)
# Without a disk: how many persistent grants one holds depends on the processors that read it.
leak_snapshot /run/before g1
check "attach the disk that must not notice" disk_attach g1 "phy:$d1,xvdb,w" || exit 1
# What names the attacked disk in the guest's log is explained, and so are failed I/Os on it.
kmsg_expect "vbd-$XP_DEV|$node"

# What makes the guest do I/O, as xpeer calls it.
XIO="$JOB/bin/agent run $(guest_agent g1)"
# An HVM guest in the emulator does a tenth of what another does in the time of a case.
XIO_SIZE=4m
[ "$LAB_TYPE" != hvm ] || XIO_SIZE=512k
export XIO XIO_NODE=$node XIO_DEV=$XP_DEV XIO_SIZE
cat >/run/xpeer-io <<'END'
#!/bin/bash
set -- "n=/dev/$XIO_NODE d=/sys/bus/xen/devices/vbd-$XIO_DEV s=$XPEER_SECTORS size=$XIO_SIZE
	there() { [ -b \$n ] && [ \$(blockdev --getsz \$n) -gt 0 ]; }
	$XP_UNTIL_TRUE"
# A device that is not there must not become a file of that name.
case $XPEER_WANT in
io) $XIO 100 "$1"'
	until_true there
	timeout -s KILL 90 fio --filename=$n --allow_file_create=0 --size=$size --rw=randrw --bs=4k --iodepth=16 \
		--ioengine=libaio --direct=1 --verify=crc32c --verify_fatal=1 \
		--verify_state_save=0 --name=a >/tmp/io.log 2>&1
	rc=$?
	[ $rc = 0 ] || tail -n 4 /tmp/io.log
	exit $rc' ;;
flush) $XIO 100 "$1"'
	until_true there; dd if=/dev/zero of=$n bs=4k count=4 conv=fsync,nocreat' ;;
discard) $XIO 100 "$1"'
	until_true there; blkdiscard -l 1M $n' ;;
secure) $XIO 100 "$1"'
	until_true there; blkdiscard --secure -l 1M $n' ;;
resize) $XIO 60 "$1"'
	same() { [ "$(blockdev --getsz $n)" = $s ]; }
	until_true same || { blockdev --getsz $n; false; }' ;;
unplug) $XIO 100 "$1"'
	echo ${d##*/} >/sys/bus/xen/drivers/vbd/unbind' ;;
gone) $XIO 60 "$1"'
	gone() { ! [ -e $d ]; }
	until_true gone' ;;
esac
END
chmod +x /run/xpeer-io

# A backend that went away is waited for; a minute is too long for a test of many.
[ "$LAB_FRONT" != ours ] ||
	guest_run g1 'echo 10 >/sys/module/xen_blkfront/parameters/reconnect_timeout'
check "the other disk works" xp_victim_start g1 xvdb
xp_back_reader

now_and_then() { check "the other disk lives after $1 cases" xp_victim_alive g1; }
xp_each $XP_ROLE "$cases" 20 xp_back_one now_and_then

# The same by hand at the end: a device of the usual kind.
d2=$(disk_make last 16) || bail "backing disk"
check "an ordinary disk can be attached" disk_attach g1 "phy:$d2,$node,w"
check "and works" guest_run g1 "dd if=/dev/urandom of=/tmp/r bs=64k count=16 2>/dev/null &&
	dd if=/tmp/r of=/dev/$node bs=64k oflag=direct 2>/dev/null &&
	cmp -n 1048576 /tmp/r /dev/$node"
check "and is detached" disk_detach g1 $node
check "the other disk's blocks are all as written" xp_victim_stop g1
check "detach it" disk_detach g1 xvdb
xp_back_clean
xp_nothing_left g1
[ "$LAB_FRONT" != ours ] || guest_run g1 "cat $XP_TOTALS"
check "the module unloads" guest_run g1 -t 60 'rmmod xen-blkfront && modprobe xen-blkfront'
check "guest shuts down" guest_stop g1
