# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a xenstored that breaks every rule, and event storms, against the stand-alone core (cases=PATTERN+PATTERN)
# why: a hostile or silent store may cost a guest only the store, and only for a while
# expected: each case ends as xpeer says and is counted by its name in debugfs; requests work again
#   in bounded time, or fail at once until they do; disk and network of the guest are not affected;
#   a storm on the store's port or on a disk's or vif's causes few interrupts and little processor
#   time
# needs: xpeer
# type: hvm
# timeout: 2700

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
core_setup
cases=$(xp_cases '*')
server=$(cat /run/xenstored.pid)
totals=/sys/kernel/debug/xenbus/store

core_guest g1 --vcpus 2 || bail "guest starts"
check "core and drivers come" core_load g1 || exit 1
check "PV interface works" net_up g1 "$CORE_PV" || exit 1
XP_ID=$(guest_id g1)
# What the client says of a store that is gone or silent, of an impossible transaction for control/, and
# of the devices that xpeer makes.
kmsg_expect 'xenbus: store: .*; no requests for now|xenbus: control/(shutdown|sysrq): -(5|110)'
kmsg_expect 'vbd-51744|xvdc|vif-?2|eth2'
guest_run g1 'echo 10 >/sys/module/xenbus/parameters/request_timeout'

# What makes the guest use the store, or a device, as xpeer calls it. While xenstored is stopped
# nothing in dom0 may want to know a domain's number.
XIO="$JOB/bin/agent run $(guest_agent g1)"
export XIO XP_ID
cat >/run/xpeer-store <<'END'
#!/bin/bash
case $XPEER_WANT in
read) $XIO 40 'timeout -s KILL 25 xenstore-read domid' | grep -qx "$XP_ID" ;;
ask) $XIO 60 'timeout -s KILL 50 xenstore-read domid' ;;
many) $XIO 60 '
	for f in $(seq 5); do
		(for i in $(seq 60); do
			printf "\2\0\0\0\1\0\0\0\0\0\0\0\6\0\0\0domid\0"
		done; sleep 25) 1<>/dev/xen/xenbus &
	done
	wait' ;;
storm) $XIO 150 '
	events() { awk "/ xenbus\$/ { for (i = 2; i < 4; i++) s += \$i } END { print s }" /proc/interrupts; }
	work() { awk "{ print \$14 + \$15 }" "/proc/$(pgrep -x xenbus)/stat"; }
	e=$(events) w=$(work)
	sleep 10
	e=$(($(events) - e)) w=$(($(work) - w))
	timeout -s KILL 20 xenstore-read domid >/dev/null; rc=$?
	echo "in 10 s $e interrupts, the thread took $w of $(($(getconf CLK_TCK) * 10)) ticks, read: $rc"
	[ $rc = 0 ] && [ $e -gt 0 ] && [ $e -le 400 ] && [ $w -le $(getconf CLK_TCK) ]' ;;
io) $XIO 60 'for i in $(seq 250); do
		[ "$(blockdev --getsz /dev/xvdc 2>/dev/null || echo 0)" -gt 0 ] && break; sleep 0.1
	done
	dd if=/dev/xvdc of=/dev/null bs=4k count=64 iflag=direct' ;;
net) $XIO 60 'for i in $(seq 250); do
		if=$(ls /sys/bus/xen/devices/vif-2/net 2>/dev/null) && break; sleep 0.1
	done
	ip link set $if up; ip addr replace 10.79.0.2/24 dev $if
	for i in $(seq 30); do ping -q -c 1 -W 1 10.79.0.1 >/dev/null && exit 0; done
	exit 1' ;;
esac
END
chmod +x /run/xpeer-store

store_total() { [ "$1" = - ] || guest_run g1 "cat $totals" | xp_count "$1"; }

# Five new connections a minute are all that a guest makes.
store_pace() { # SITE
	local now
	case $1 in bad-index | bad-length | resets | half-message | downs) ;; *) return ;; esac
	now=$(date +%s)
	[ $((now - ${last_reset:-0})) -ge 13 ] || sleep $((13 - now + last_reset))
	last_reset=$(date +%s)
}

# For xp_each: NAME SITE FLAGS WHAT
store_one() {
	local name=$1 before after rc out
	store_pace "$2"
	before=$(store_total "$2")
	out=$(timeout 400 "$XPEER" store --domid "$XP_ID" --server "$server" --case-time 300000 \
		--wait 15000 --io /run/xpeer-store "$name" 2>&1)
	rc=$?
	# in case it was killed
	kill -CONT "$server"
	echo "$out"
	guest_run g1 -t 20 true || { not_ok "$name" "the guest does not answer any more"; return 1; }
	xp_ended "$name" "$4" $rc "$out" || { note "$(guest_run g1 "cat $totals; dmesg | tail -n 5")"; return 0; }
	after=$(store_total "$2")
	if [ -n "$before" ] && [ "${after:-0}" -le "$before" ]; then
		not_ok "$name" "not counted as $2"
	else
		ok "$name"
	fi
}

# thread_idle: the store's thread has nothing to do
thread_idle() {
	guest_run g1 'work() { awk "{ print \$14 + \$15 }" "/proc/$(pgrep -x xenbus)/stat"; }
		w=$(work); sleep 4; w=$(($(work) - w)); echo "$w ticks in 4 s"; [ $w -le 20 ]'
}

others_alive() {
	check "disk and network live $1" eval \
		'xp_victim_alive g1 && net_steady_alive g1 steady'
	check "the store's thread is idle $1" wait_for 40 thread_idle
}
now_and_then() { others_alive "after $1 cases"; }

# new_channels: events and delays of the channels that are not in /run/channels of the guest
new_channels() {
	guest_run g1 "awk -F'\t' 'NR == FNR { old[\$1]; next } !(\$1 in old) { e += \$6; d += \$7; n++ }
		END { print n + 0, e + 0, d + 0 }' /run/channels /sys/kernel/debug/xen-events/channels"
}

# device_storm ROLE DEV CASE: what the events of a device that sends nothing else cost
device_storm() {
	local job n1 e1 d1 n2 e2 d2 rc out
	guest_run g1 'cat /sys/kernel/debug/xen-events/channels >/run/channels'
	timeout 300 "$XPEER" "$1" --domid "$XP_ID" --dev "$2" --storm 60000 --wait 60000 --case-time 240000 \
		--io /run/xpeer-store "$3" >/run/storm.out 2>&1 & job=$!
	for _ in $(seq 100); do
		read -r n1 e1 d1 < <(new_channels)
		[ "${d1:-0}" = 0 ] || break
		sleep 0.2
	done
	sleep 4
	read -r n1 e1 d1 < <(new_channels)
	sleep 8
	read -r n2 e2 d2 < <(new_channels)
	note "$n2 channels: $((e2 - e1)) events, $((d2 - d1)) of them answered late, in 8 s"
	check "$1 $3: others do not notice" eval \
		'xp_victim_alive g1 && guest_run g1 "ping -q -c 5 -i 0.3 $NET_DOM0_4"'
	wait "$job"
	rc=$?
	out=$(cat /run/storm.out)
	echo "$out"
	xp_ended "$1 $3" "the device works afterwards" $rc "$out" && ok "$1 $3: the device works afterwards"
	if [ "$n1" -gt 0 ] && [ "$d2" -gt "$d1" ] && [ $((e2 - e1)) -le $((n2 * 200)) ]; then
		ok "$1 $3: few events are let through"
	else
		not_ok "$1 $3: few events are let through" "$n1 $e1 $d1, $n2 $e2 $d2"
	fi
}

check "the disk works" xp_victim_start g1 xvdb
check "the network works" net_steady_start g1 10 steady
xp_each store "$cases" 20 store_one now_and_then
if [ -z "${LAB_ARG_cases:-}" ] || [ "${LAB_ARG_storm:-}" = 1 ]; then
	device_storm blk-back 51744 event-storm
	device_storm net-back 2 event-storm-tx
fi
others_alive "at the end"
note "$(guest_run g1 "cat $totals /sys/kernel/debug/xen-events/channels")"
note "$(guest_run g1 'dmesg | grep xenbus: | tail -n 60')"
check "no device took a silent store for a lost backend" guest_run g1 '
	! dmesg | grep -E "(vbd-51728|vif-1):.*backend (lost|is (closed|away|gone|lost))"'
is "the client is connected" "$(guest_run g1 "sed -n 's/^state //p' $totals")" up
check "devices are as before" guest_run g1 'cd /sys/bus/xen/devices && [ "$(cat vbd-51728/state)" = Connected ] &&
	[ "$(cat vif-1/state)" = Connected ] && ls && [ "$(ls | wc -l)" -le 5 ]'
check "the disk's blocks are all as written" xp_victim_stop g1
check "the network lost nothing" net_steady_stop g1 steady
check "bytes of the disk, both ways" core_data g1 9
check "files by the network" net_both_ways g1 "$CORE_PV" 1
xenstore-rm /local/domain/0/backend/xpeer 2>/dev/null
check "the core unloads" core_unload g1
check "guest shuts down" guest_stop g1
