#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The network between this machine and PEER, an address that answers ping.
#
# On the peer, "net.sh serve" (needs socat) returns what it gets at TCP port PORT (7007), and "iperf3 -s" measures.
# Without them these tests are skipped. IFACE: the interface, by default the first one of Xen's. OFFLOADS=0: leave
# its offloads alone.

PORT=${PORT:-7007}
if [ "${1:-}" = serve ]; then
	command -v socat >/dev/null || { echo "serve needs socat" >&2; exit 4; }
	exec socat "TCP-LISTEN:$PORT,reuseaddr,fork" EXEC:cat
fi
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# xen_interface: the first whose device is on Xen's bus, in a guest or in dom0
xen_interface() {
	local d bus
	for d in /sys/class/net/*; do
		bus=$(readlink -f "$d/device/subsystem")
		case $bus in */bus/xen | */bus/xen-backend) echo "${d##*/}"; return 0 ;; esac
	done
	return 1
}
[ -n "${PEER:-}" ] || skip_all "PEER=ADDRESS names nobody to talk to"
iface=${IFACE:-$(xen_interface)} || skip_all "there is no interface of Xen"
sys=/sys/class/net/$iface
[ -d "$sys" ] || skip_all "there is no interface $iface"
peer=$PEER

# Also those that the commands of the test turned by the way: with TSO its variants.
restore() {
	local name is rest now_is now_rest
	ethtool -k "$iface" >"$ksft_tmp/after" 2>/dev/null || return
	while read -r name is rest <&3 && read -r _ now_is now_rest <&4; do
		[ "$is $rest" != "$now_is $now_rest" ] || continue
		case $rest in *"requested on"*) is=on ;; *"requested off"*) is=off ;; esac
		ethtool -K "$iface" "${name%:}" "$is" >/dev/null 2>&1
	done 3<"$ksft_tmp/before" 4<"$ksft_tmp/after"
}
changed=''
cleanup() {
	# a group is restored before its members
	if [ "$changed" ]; then restore; restore; fi
}
ksft_begin
note "$iface, driver xen_netfront: $(who_is xen_netfront)"
rx=$(value "$sys/statistics/rx_bytes") tx=$(value "$sys/statistics/tx_bytes")

# counters: the sum of all that "ethtool -S" counts as packets
counters() {
	local name n sum=0
	while read -r name n; do
		case $name in *packets:) sum=$((sum + n)) ;; esac
	done < <(ethtool -S "$iface" 2>/dev/null)
	echo $sum
}
counted=0
! command -v ethtool >/dev/null || counted=$(counters)

check "the link is up" test "$(value "$sys/carrier")" = 1
if have ping "ping"; then
	check "ping" ping -q -c 5 -W 5 "$peer"
	for size in 0 1 18 100 1000 1472 1473 4000 20000; do
		check "ping of $size bytes" ping -q -c 3 -i 0.2 -W 5 -s $size "$peer"
	done
fi

# echo_of FILE: what the peer sends back of it, into FILE.back
echo_of() {
	local size
	size=$(stat -c %s "$1")
	exec 8<>"/dev/tcp/$peer/$PORT" || return 1
	cat "$1" >&8 &
	timeout 120 head -c "$size" <&8 >"$1.back"
	exec 8>&-
	wait $!
	[ "$(sum_of "$1")" = "$(sum_of "$1.back")" ] || { echo "other data came back"; return 1; }
}
served=''
if (exec 8<>"/dev/tcp/$peer/$PORT") 2>/dev/null; then served=1; fi
transfer() { # BYTES
	head -c "$1" /dev/urandom >"$ksft_tmp/file"
	echo_of "$ksft_tmp/file"
}
if [ "$served" ]; then
	for size in 1 1000 70000 8388608; do
		check "$size bytes there and back by TCP, by checksum" transfer $size
	done
else
	skip "data there and back by TCP, by checksum" "nobody serves port $PORT of the peer: run 'net.sh serve' there"
fi
if have iperf3 "iperf3"; then
	if iperf3 -c "$peer" -t 1 --connect-timeout 3000 >/dev/null 2>&1; then
		check "iperf3 to the peer" iperf3 -c "$peer" -t 3
		check "iperf3 from the peer" iperf3 -c "$peer" -t 3 -R
	else
		skip "iperf3" "no iperf3 -s at the peer"
	fi
fi

# Each offload is turned, data is sent, and it is turned back.
works() {
	if [ "$served" ]; then transfer 1000000; else ping -q -c 3 -i 0.2 -W 5 "$peer"; fi
}
offload() { # NAME WAS
	local to=on
	[ "$2" != on ] || to=off
	changed=1
	ethtool -K "$iface" "$1" $to && works && ethtool -K "$iface" "$1" "$2" && works
}
if [ "${OFFLOADS:-1}" = 0 ]; then
	skip "offloads" "OFFLOADS=0"
elif [ "$(id -u)" -ne 0 ]; then
	skip "offloads" "needs root"
elif have ethtool "offloads"; then
	if [ "$served" ] || command -v ping >/dev/null; then
		ethtool -k "$iface" >"$ksft_tmp/before" 2>/dev/null
		while read -r name is fixed; do
			[ -z "$fixed" ] || continue
			case $name in
			tx-checksumming: | scatter-gather: | tcp-segmentation-offload: | generic-segmentation-offload: | \
				generic-receive-offload: | rx-checksumming:)
				check "data with ${name%:} turned ($is before)" offload "${name%:}" "$is"
				;;
			esac
		done <"$ksft_tmp/before"
		cleanup
		changed=''
		restored() {
			local line now same=0
			ethtool -k "$iface" >"$ksft_tmp/after" || return
			while read -r line <&3; do
				read -r now <&4
				[ "$line" = "$now" ] || { echo "was $line, is $now"; same=1; }
			done 3<"$ksft_tmp/before" 4<"$ksft_tmp/after"
			return $same
		}
		check "all offloads are as they were" restored
	else
		skip "offloads" "neither ping nor an echo server"
	fi
fi

check "bytes received are counted" test "$(value "$sys/statistics/rx_bytes")" -gt "$rx"
check "bytes sent are counted" test "$(value "$sys/statistics/tx_bytes")" -gt "$tx"
if have ethtool "ethtool -S counts packets"; then
	if [ "$(counters)" -gt 0 ]; then
		check "ethtool -S counts packets" test "$(counters)" -gt "$counted"
	else
		skip "ethtool -S counts packets" "this driver counts none"
	fi
fi
finish
