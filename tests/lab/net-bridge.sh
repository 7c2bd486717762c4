# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: two guests on one bridge; VLAN; multicast and broadcast
# why: a packet from guest to guest uses both directions of the backend, without a stack in between
# expected: files and datagrams arrive correctly between the guests, tagged and untagged; multicast
#   groups reach the guests that have joined them
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "first guest starts"
net_guest g2 12 --vcpus 2 || bail "second guest starts"

check "ping, IPv4" guest_run g1 "ping -q -c 5 -i 0.2 $(net_ip4 12)"
check "ping, IPv6" guest_run g1 "ping -q -c 5 -i 0.2 $(net_ip6 12)"
check "TCP, first to second" net_send g1 g2 "$(net_ip4 12)" 16
check "TCP, second to first, IPv6" net_send g2 g1 "$(net_ip6 11)" 16
check "UDP, every seventh size" guest_run g1 "traffic sizes $(net_ip4 12) 1 1472 7"
check "UDP, every seventh size, IPv6" guest_run g2 "traffic sizes $(net_ip6 11) 1 1452 7"

vlan='modprobe 8021q; ip link add link eth0 name eth0.5 type vlan id 5 && ip link set eth0.5 up &&
	ip addr add 10.78.0.$n/24 dev eth0.5 && ip -6 addr add fd78::$n/64 dev eth0.5 nodad'
check "VLAN in the first" guest_run g1 "n=11; $vlan"
check "VLAN in the second" guest_run g2 "n=12; $vlan"
check "VLAN: ping" guest_run g1 'ping -q -c 3 -i 0.2 10.78.0.12 && ping -q -c 3 -i 0.2 fd78::12'
check "VLAN: every size at the end" guest_run g1 'traffic sizes 10.78.0.12 1400 1472'
check "VLAN: TCP" net_send g1 g2 10.78.0.12 8
check "VLAN: TCP, IPv6" net_send g2 g1 fd78::11 8

iface() { if [ "$1" = dom0 ]; then echo "$NET_BRIDGE"; else echo eth0; fi; }
# heard WHERE GROUP FROM: how many of 20 datagrams to the group arrive there
heard() {
	local out
	out=$(mktemp)
	net_on "$1" "traffic hear $2 $(iface "$1") 4" >"$out" &
	local job=$!
	sleep 1.5
	net_on "$3" "traffic say $2 $(iface "$3") 20"
	wait $job
	cat "$out"
	[ "$(cat "$out")" = "heard 20" ]
}
# nothing needs waiting for a listening interval then
echo 0 >"/sys/class/net/$NET_BRIDGE/bridge/multicast_snooping"
for group in 239.77.1.1 ff15::77; do
	check "multicast $group, guest to guest" heard g2 $group g1
	check "multicast $group, dom0 to guest" heard g1 $group dom0
	check "multicast $group, guest to dom0" heard dom0 $group g2
done
if [ "$LAB_FRONT$LAB_BACK" = oursours ]; then
	check "the frontend asked for multicast control" wait_for 10 eval '
		[ "$(xenstore-read "$(vif_front g1)/request-multicast-control")" = 1 ]'
	# A group that nobody in the guest has joined does not get that far.
	before=$(guest_run g1 'cat /sys/class/net/eth0/statistics/rx_packets')
	traffic say 239.88.1.1 "$NET_BRIDGE" 50
	sleep 1
	after=$(guest_run g1 'cat /sys/class/net/eth0/statistics/rx_packets')
	check "a group that was not joined stays outside" test $((after - before)) -lt 25
	# More groups than a list of 64 has room for: then all multicast comes in.
	check "100 groups" guest_run g1 'for i in $(seq 100); do
		ip maddr add 33:33:00:00:77:$(printf %02x $i) dev eth0 || exit 1; done'
	check "with 100 groups a datagram still arrives" heard g1 239.77.1.1 g2
	check "100 groups are left" guest_run g1 'for i in $(seq 100); do
		ip maddr del 33:33:00:00:77:$(printf %02x $i) dev eth0 || exit 1; done'
	check "promiscuous" guest_run g1 'ip link set eth0 promisc on'
	check "promiscuous: all groups arrive" eval '
		b=$(guest_run g1 "cat /sys/class/net/eth0/statistics/rx_packets")
		traffic say 239.88.1.1 $NET_BRIDGE 50; sleep 1
		a=$(guest_run g1 "cat /sys/class/net/eth0/statistics/rx_packets"); [ $((a - b)) -ge 50 ]'
	guest_run g1 'ip link set eth0 promisc off'
fi
echo 1 >"/sys/class/net/$NET_BRIDGE/bridge/multicast_snooping"
echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts
check "broadcast reaches dom0" guest_run g1 'ping -q -b -c 3 -i 0.3 -W 2 10.77.0.255'
check "broadcast reaches the guests" eval '
	guest_run g2 "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts"
	ping -b -c 3 -i 0.3 -W 2 10.77.0.255 | grep "from $(net_ip4 12)"'
check "first guest shuts down" guest_stop g1
check "second guest shuts down" guest_stop g2
