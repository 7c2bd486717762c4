# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the number of queues is changed under traffic (ethtool -L); receive hash and indirection (ethtool -x, -X)
# why: a change of queues is a reconnect, and several queues need steering
# expected: TCP continues with correct bytes; packets arrive on the queue that the table selects
# timeout: 500

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
if [ "$LAB_FRONT" != ours ]; then
	skip "ethtool -L" "the in-tree xen-netfront has none"
	exit 0
fi
net_guest g1 11 --vcpus 2 || bail "guest starts"
note "$(guest_run g1 'ethtool -l eth0')"
queues() { guest_run g1 'ethtool -l eth0' | awk '/^Current/ { c = 1 } c && /^Combined/ { print $2 }'; }
is "two queues" "$(queues)" 2

change() { # COUNT
	guest_run g1 -t 60 "ethtool -L eth0 combined $1" && [ "$(queues)" = "$1" ] || return 1
	[ "$(xenstore-read "$(vif_front g1)/multi-queue-num-queues" 2>/dev/null || echo 1)" = "$1" ] ||
		{ echo "the store has other queues"; return 1; }
	wait_for 20 guest_run g1 'ping -q -c 1 -W 1 10.77.0.1'
}
check "one queue" change 1
check "files both ways with one" net_both_ways g1 11 4
check "two queues again" change 2
check "files both ways with two" net_both_ways g1 11 4
check "too many are refused" eval '! guest_run g1 "ethtool -L eth0 combined 64"'
check "none are refused" eval '! guest_run g1 "ethtool -L eth0 combined 0"'

net_send g1 dom0 "$NET_DOM0_4" 48 >/run/up.log 2>&1 &
up=$!
net_send dom0 g1 "$(net_ip4 11)" 48 >/run/down.log 2>&1 &
down=$!
storm() {
	local n
	for n in $(seq 8); do
		change 1 || { echo "at round $n, one"; return 1; }
		change 2 || { echo "at round $n, two"; return 1; }
	done
}
check "changed 16 times under TCP both ways" storm
wait $up; rc=$?
check "the file to dom0 is right" eval "cat /run/up.log; [ $rc = 0 ]"
wait $down; rc=$?
check "the file from dom0 is right" eval "cat /run/down.log; [ $rc = 0 ]"

if [ "$LAB_BACK" != ours ] && ! xenstore-exists "$(vif_back g1)/feature-ctrl-ring"; then
	skip "receive hash" "the backend has no control ring"
else
	note "$(guest_run g1 'ethtool -x eth0')"
	# flows of many ports, and where they arrive
	spread() {
		local a b
		a=$(net_rx_queues g1 eth0)
		for _ in $(seq 24); do traffic sizes "$(net_ip4 11)" 200 203 >/dev/null; done
		b=$(net_rx_queues g1 eth0)
		paste <(echo "$a") <(echo "$b") | awk '{ print $2 - $1 }' | tr '\n' ' '
	}
	is "hash can be set to addresses and ports" "$(guest_run g1 \
		'ethtool -N eth0 rx-flow-hash tcp4 sdfn >/dev/null 2>&1; echo $?')" 0
	check "all to queue 1" guest_run g1 'ethtool -X eth0 weight 0 1'
	got=$(spread)
	note "packets by queue: $got"
	check "all arrive on queue 1" test "$(awk '{ print ($1 < 8 && $2 > 90) }' <<<"$got")" = 1
	check "all to queue 0" guest_run g1 'ethtool -X eth0 weight 1 0'
	got=$(spread)
	note "packets by queue: $got"
	check "all arrive on queue 0" test "$(awk '{ print ($2 < 8 && $1 > 90) }' <<<"$got")" = 1
	check "a key of one's own" guest_run g1 'k=6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb:ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa
		ethtool -X eth0 hkey $k && ethtool -x eth0 | grep -q $k'
	check "equal spread" guest_run g1 'ethtool -X eth0 equal 2'
	note "packets by queue: $(spread)"
	check "all to queue 1 again" guest_run g1 'ethtool -X eth0 weight 0 1'
	check "a queue that the table names cannot go" eval '! change 1'
	check "the table outlives a change of queues" eval '
		guest_run g1 "ethtool -X eth0 weight 1 0" && change 1 && change 2'
	got=$(spread)
	note "packets by queue: $got"
	check "all arrive on queue 0 still" test "$(awk '{ print ($2 < 8 && $1 > 90) }' <<<"$got")" = 1
	check "files both ways with a table" net_both_ways g1 11 4
fi
check "guest shuts down" guest_stop g1
