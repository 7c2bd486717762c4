# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: tracepoints fire, debugfs and sysfs show what happened
# why: a statistic that nobody checks is wrong
# expected: sysfs counts equal what was done; each tracepoint is seen; blk-mq's busy
#   file shows ring requests
# timeout: 200

[ "$LAB_FRONT$LAB_BACK" = oursours ] || { skip "observing" "needs ours at both ends"; exit 0; }
T=/sys/kernel/tracing
# loop, because it has a write cache to flush
disk=$(disk_make obs 32 --kind loop) || bail "backing disk"
guest_start g1 --root ram || bail "guest starts"
id=$(guest_id g1)

trace_on() { echo 0 >$T/trace; echo 1 >$T/events/xenpv/enable; echo 1 >"$T/events/$1/enable"; }
seen() { # FILE EVENT...
	local f=$1 e missing=''
	shift
	for e in "$@"; do grep -q " $e: " "$f" || missing="$missing $e"; done
	[ -z "$missing" ] || { echo "not seen:$missing"; return 1; }
}
trace_on xen_blkback
check "guest tracepoints are there" guest_run g1 "$(declare -f trace_on); T=$T; trace_on xen_blkfront"
check "attach" disk_attach g1 "phy:$disk,xvdb,w"

sys=/sys/bus/xen-backend/devices/vbd-$id-51728
stat() { cat "$sys/statistics/$1"; }
rd=$(stat rd_sect) wr=$(stat wr_sect)
guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=64k count=16 oflag=direct 2>/dev/null
	dd if=/dev/xvdb of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null'
is "rd_sect counts what was read" $(($(stat rd_sect) - rd)) 2048
is "wr_sect counts what was written" $(($(stat wr_sect) - wr)) 2048
check "ds_req counts a discard" eval 'n=$(stat ds_req); guest_run g1 "blkdiscard -l 1M /dev/xvdb"; [ $(stat ds_req) -gt $n ]'
check "f_req counts a flush" eval 'n=$(stat f_req); guest_run g1 "dd if=/dev/zero of=/dev/xvdb bs=4k count=1 conv=fsync 2>/dev/null"; [ $(stat f_req) -gt $n ]'
is "physical_device" "$(cat "$sys/physical_device")" \
	"$(xenstore-read "/local/domain/0/backend/vbd/$id/51728/physical-device")"
is "mode" "$(cat "$sys/mode")" w

show='for f in $(find /sys/kernel/debug/$1/vbd-$2 -type f); do echo "== ${f##*/}"; cat $f || exit 1; done'
check "backend debugfs" eval "set -- xen-blkback $id-51728; $show" >/run/back.txt
check "frontend debugfs" guest_run g1 "set -- xen-blkfront 51728; $show"
echo 0 >$T/events/enable
cp $T/trace /run/trace
check "backend and common tracepoints fire" seen /run/trace xpv_state xpv_connect xpv_grant \
	xpv_notify blkback_request blkback_response
guest_run g1 "echo 0 >$T/events/enable; cat $T/trace" >/run/gtrace
check "frontend tracepoints fire" seen /run/gtrace xpv_state xpv_connect xpv_notify \
	blkfront_request blkfront_response

# A ring that is used without a pause is looked at, an idle one is not, nor is any if that is off.
polled() { awk '$1 == "polls" { print $2 }' "/sys/kernel/debug/xen-blkback/vbd-$id-51728/counters"; }
usecs=/sys/module/xen_blkback/parameters/poll_usecs
read_once() { guest_run g1 'dd if=/dev/xvdb of=/dev/null bs=4k count=2000 iflag=direct 2>/dev/null'; }
before=$(polled)
check "reads one after the other" read_once
# An HVM guest in the emulator is too slow for most of them: they are left out more and more.
often=100
[ "$LAB_TYPE" != hvm ] || often=3
check "the ring is polled meanwhile" test "$(polled)" -gt $((before + often))
before=$(polled)
sleep 2
check "an idle one is not" test "$(polled)" -le $((before + 1))
was=$(cat $usecs)
echo 0 >$usecs
before=$(polled)
check "reads one after the other" read_once
is "none is if that is off" "$(polled)" "$before"
echo "$was" >$usecs
check "detach" disk_detach g1 xvdb
check "guest shuts down" guest_stop g1
