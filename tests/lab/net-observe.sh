# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: statistics of both ends against what was sent; tracepoints; debugfs and its "kick"
# why: a statistic that nobody checks is wrong
# expected: both ends count the same packets and bytes, queues add up to the device, each tracepoint
#   of the data path fires
# timeout: 300

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
[ "$LAB_FRONT$LAB_BACK" = oursours ] || { skip "observing" "needs ours at both ends"; exit 0; }
net_setup
T=/sys/kernel/tracing
net_guest g1 11 --vcpus 2 || bail "guest starts"
vif=$(vif_of g1)
id=$(guest_id g1)

stats='for f in tx_packets tx_bytes rx_packets rx_bytes; do cat /sys/class/net/$i/statistics/$f; done'
both() { # four of the guest, then the vif's turned round
	guest_run g1 "i=eth0; $stats"
	# shellcheck disable=SC2034 # for $stats
	i=$vif
	eval "$stats" | sed -n '3p;4p'
	eval "$stats" | sed -n '1p;2p'
}
# quiet, so that nothing is on its way while the counters are read
guest_run g1 'echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6'
sleep 1
mapfile -t a < <(both)
guest_run g1 "traffic sizes $NET_DOM0_4 100 1400 13" >/dev/null
traffic sizes "$(net_ip4 11)" 100 1400 13 >/dev/null
sleep 1
mapfile -t b < <(both)
n=0
for what in tx_packets tx_bytes rx_packets rx_bytes; do
	is "$what of the guest is what the vif counts" $((b[n] - a[n])) $((b[n + 4] - a[n + 4]))
	n=$((n + 1))
done
check "as many packets as were sent" test $((b[0] - a[0])) -ge 202

# every queue's line of that name added up, standard input is ethtool's
sum() { awk -v p="$1" '$1 ~ p { s += $2 } END { print s + 0 }'; }
is "dom0: the queues' packets from the guest add up" "$(ethtool -S "$vif" | sum '^tx_queue_[0-9]+_packets')" \
	"$(cat "/sys/class/net/$vif/statistics/rx_packets")"
is "dom0: the queues' packets to the guest add up" "$(ethtool -S "$vif" | sum '^rx_queue_[0-9]+_packets')" \
	"$(cat "/sys/class/net/$vif/statistics/tx_packets")"
is "guest: the queues' packets add up" \
	"$(guest_run g1 'ethtool -S eth0' | sum '^[rt]x_queue_[0-9]+_packets')" \
	"$(guest_run g1 'cd /sys/class/net/eth0/statistics; echo $(($(cat rx_packets) + $(cat tx_packets)))')"
note "$(ethtool -S "$vif" | head -n 40)"
note "$(guest_run g1 'ethtool -S eth0' | head -n 40)"

trace_on() { echo 0 >$T/trace; echo 1 >$T/events/xenpv/enable; echo 1 >"$T/events/$1/enable"; }
# all but those of faults
silent() { # FILE SYSTEM
	local e missing=''
	for e in "$T/events/$2"/*; do
		e=${e##*/}
		case $e in enable | filter | *violation* | *timeout* | *stall* | *rogue* | *xdp* | *ctrl* | *hash*) continue ;; esac
		grep -q " $e: " "$1" || missing="$missing $e"
	done
	[ -z "$missing" ] || { echo "not seen:$missing"; return 1; }
}
trace_on xen_netback
check "guest tracepoints are there" guest_run g1 "$(declare -f trace_on); T=$T; trace_on xen_netfront"
check "files both ways" net_send g1 dom0 "$NET_DOM0_4" 2
check "and back" net_send dom0 g1 "$(net_ip4 11)" 2
echo 0 >$T/events/enable
cp $T/trace /run/trace
check "the backend's tracepoints fire" silent /run/trace xen_netback
guest_run g1 "echo 0 >$T/events/enable; $(declare -f silent); T=$T; cp $T/trace /run/trace
	silent /run/trace xen_netfront" >/run/gsilent 2>&1
rc=$?
check "the frontend's tracepoints fire" eval "cat /run/gsilent; [ $rc = 0 ]"

show='for f in $(find "$1" -type f); do echo "== ${f##*/}"; cat "$f" || exit 1; done'
check "backend debugfs" eval "set -- $NETBACK_DEBUG/$vif; $show"
check "frontend debugfs" guest_run g1 "set -- $NETFRONT_DEBUG; $show"
check "io_ring_q0 is where the in-tree driver has it" grep -qi prod "$NETBACK_DEBUG/$vif/io_ring_q0"
check "kick is taken" eval "echo kick >$NETBACK_DEBUG/$vif/io_ring_q0"
check "anything else is refused" eval "! echo kill >$NETBACK_DEBUG/$vif/io_ring_q0"
# Packets are copied to and from pages that stay mapped.
statics=/sys/module/xen_netback/parameters/max_static_grants
mine() { guest_run g1 'ethtool -S eth0' | sum "^ *$1:"; }
theirs() { ethtool -S "$vif" | sum "^ *$1_queue_[0-9]+_$2:"; }
# pings BYTES: twenty there and back; what they cost, sent and received, is in /run/calls and /run/copies
costs() { for c in copy_ops static_copies; do echo "$(theirs tx $c) $(theirs rx $c)"; done; }
pings() {
	local before
	before=$(costs)
	guest_run g1 "ping -q -c 20 -i 0.05 -s $1 $NET_DOM0_4" || return 1
	paste -d' ' <(echo "$before") <(costs) | awk '{
		print $3 - $1, $4 - $2 >(NR == 1 ? "/run/calls" : "/run/copies") }'
}
# least FILE SENT RECEIVED: so many of each
least() {
	awk -v s="$2" -v r="$3" '{ print; exit $1 < s || $2 < r }' "$1"
}
# anew PAGES QUEUES: another connection, with so many pages of a queue at most
anew() {
	echo "$1" >$statics
	guest_run g1 "ethtool -L eth0 combined $2" && wait_for 20 ping -q -c 1 -W 1 "$(net_ip4 11)"
}
most=$(cat $statics)
is "the backend keeps the pages of both queues mapped" "$(mine static_grants)" $((2 * most))
for size in 100 1400 3000; do
	check "packets of $size bytes" pings $size
	is "they cost no hypercall" "$(cat /run/calls)" "0 0"
	check "but a copy each" least /run/copies 20 20
done
check "the guest connects anew" anew 0 1
is "without static grants" "$(mine static_grants)" 0
check "small packets" pings 100
is "they are not copied there" "$(cat /run/copies)" "0 0"
check "but by hypercalls" least /run/calls 20 20
check "the guest connects anew" anew 64 2
is "with those of small packets" "$(mine static_grants)" 32
check "small packets" pings 100
check "what the guest sends costs no hypercall" eval '[ "$(cut -d" " -f1 /run/calls)" = 0 ]'
check "what it receives does" least /run/calls 0 20
check "the guest connects anew" anew "$most" 1
is "with all" "$(mine static_grants)" "$most"
check "no violation was counted" eval "awk '\$2 > 0' $NETBACK_DEBUG/violations | grep . && exit 1; exit 0"
check "nor in the guest" guest_run g1 "awk '\$2 > 0' $NETFRONT_DEBUG/violations | grep . && exit 1; exit 0"
note "domain $id"
check "guest shuts down" guest_stop g1
