# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: rate limit, carrier and MTU set through xenstore
# why: dom0's administrator controls a guest's network by these keys
# expected: a limited guest stays below its rate and near it; changes of the carrier and mtu nodes
#   take effect
# timeout: 420

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
# shellcheck disable=SC2034 # net_guest looks at it
NET_VIF_MORE=rate=1MB/s
net_guest g1 11 --vcpus 2 || bail "guest starts"
note "rate: $(xenstore-read "$(vif_back g1)/rate")"
# A burst of the first interval comes on top, so the longer the nearer.
got=$(guest_run g1 -t 60 "traffic flood $NET_DOM0_4 1400 8" | tee /dev/stderr | net_field received)
rate=$((${got:-0} * 1442 / 8 / 1000))
note "UDP: $rate kB/s at the limit of 1000"
check "UDP stays below the rate" test "$rate" -le 1300
check "and near it" test "$rate" -ge 700
xenstore-write "$(vif_back g1)/rate" 250000,50000
sleep 1
got=$(guest_run g1 -t 60 "traffic flood $NET_DOM0_4 1400 6" | tee /dev/stderr | net_field received)
rate=$((${got:-0} * 1442 / 6 / 1000))
note "UDP: $rate kB/s at the limit of 5000, set while connected"
check "a new limit takes effect while connected" test "$rate" -ge 1500 -a "$rate" -le 6500

timeouts() { guest_run g1 'cat /sys/class/net/eth0/queues/tx-*/tx_timeout' | tr '\n' ' '; }
# A limit of a byte in some seconds lets the next packet wait for a minute; a higher one at once.
xenstore-write "$(vif_back g1)/rate" 10,1000000
guest_run g1 -t 20 "for cpu in 0 1; do
	timeout 2 taskset -c \$cpu traffic flood $NET_DOM0_4 1400 2 >/dev/null & done; wait; exit 0"
xenstore-write "$(vif_back g1)/rate" 50000000,50000
check "a raised limit is heard at once" wait_for 8 guest_run g1 -t 5 \
	'taskset -c 0 ping -q -c 1 -W 1 10.77.0.1 && taskset -c 1 ping -q -c 1 -W 1 10.77.0.1'

# At 5 kB/s the answers to a batch of packets take longer than the watchdog waits. (The limit in bytes
# would keep the ring from being full.)
if [ "$LAB_FRONT" = ours ]; then
	xenstore-write "$(vif_back g1)/rate" 250,50000
	before=$(timeouts)
	guest_run g1 -t 30 "limit=/sys/class/net/eth0/queues/tx-0/byte_queue_limits/limit_min
		echo 1000000 >\$limit
		timeout 12 taskset -c 0 traffic flood $NET_DOM0_4 1400 12 >/dev/null
		echo 0 >\$limit"
	is "a slow queue is not taken for one that hangs" "$(timeouts)" "$before"
fi

# Large segments of one queue beside small packets of the other, which keep what is earned spent.
shared() {
	local large small
	guest_run g1 -t 50 "taskset -c 0 traffic flood $NET_DOM0_4 1400 16 >/run/small &
		sleep 1
		taskset -c 1 timeout 14 iperf3 -c $NET_DOM0_4 -p 5299 -t 10 -J --forceflush >/run/large 2>&1
		wait; exit 0"
	small=$(guest_run g1 'cat /run/small' | tee /dev/stderr | net_field received)
	large=$(guest_run g1 'cat /run/large' | sed -n '/"sum_received"/,/}/s/.*"bytes":[^0-9]*\([0-9]*\).*/\1/p')
	echo "small ${small:-0} packets, large ${large:-0} bytes"
	[ "${large:-0}" -ge 500000 ] && [ "${small:-0}" -ge 500 ]
}
if xenstore-exists "$(vif_front g1)/queue-1"; then
	xenstore-write "$(vif_back g1)/rate" 62500,50000
	iperf3 -s -p 5299 >/dev/null 2>&1 </dev/null 3>&- &
	server=$!
	before=$(timeouts)
	check "large packets beside small ones" shared
	kill $server
	is "no queue is taken for one that hangs" "$(timeouts)" "$before"
fi

# A slow backend keeps both rings full, so both queues are stopped when one of them goes. (Limits in
# bytes would keep the rings from that.)
fewer() {
	guest_run g1 -t 60 "for cpu in 0 1; do
			echo 1000000 >/sys/class/net/eth0/queues/tx-\$cpu/byte_queue_limits/limit_min
			for i in 1 2; do taskset -c \$cpu traffic flood $NET_DOM0_4 500 20 >/dev/null 2>&1 & done
		done
		sleep 3
		ethtool -L eth0 combined 1 || exit 1
		sleep 12
		cat /sys/class/net/eth0/queues/tx-*/tx_timeout
		ethtool -L eth0 combined 2; killall traffic; exit 0"
}
if [ "$LAB_FRONT" = ours ] && xenstore-exists "$(vif_front g1)/queue-1"; then
	xenstore-write "$(vif_back g1)/rate" 100000,50000
	sleep 1
	before=$(timeouts)
	check "one queue less, while both are full" fewer
	is "the one that went is not taken for one that hangs" "$(timeouts)" "$before"
fi

xenstore-write "$(vif_back g1)/rate" 50000000,50000
check "files go both ways" net_both_ways g1 11 4

if [ "$LAB_FRONT" = ours ]; then
	carrier() { guest_run g1 'cat /sys/class/net/eth0/carrier'; }
	for n in 0 1 0 1; do
		xenstore-write "$(vif_back g1)/carrier" $n
		check "carrier node $n is followed" wait_for 10 eval "[ \"\$(carrier)\" = $n ]"
	done
	check "guest reaches dom0 again" wait_for 20 guest_run g1 'ping -q -c 1 -W 1 10.77.0.1'
	xenstore-write "$(vif_back g1)/carrier" perhaps
	sleep 1
	check "garbage changes nothing" test "$(carrier)" = 1
	check "ethtool tells the link" guest_run g1 'ethtool eth0 | grep -q "Link detected: yes"'
	check "ring sizes" guest_run g1 'ethtool -g eth0'
	check "timestamping" guest_run g1 'ethtool -T eth0 | grep -qi software'
	is "driver" "$(guest_run g1 'ethtool -i eth0' | awk '/^driver/ { print $2 }')" vif
else
	skip "link state" "the in-tree xen-netfront does not know the node"
fi
check "guest shuts down" guest_stop g1
