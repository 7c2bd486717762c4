# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: UDP datagrams of every size in both directions, then with a large MTU
# why: the limits of slots, header copies and pages are each at one size
# expected: every datagram comes back as it was sent, with IPv4 and IPv6
# timeout: 500

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"

check "guest to dom0, IPv4, 1 to 1472" guest_run g1 -t 120 "traffic sizes $NET_DOM0_4 1 1472"
check "guest to dom0, IPv6, 1 to 1452" guest_run g1 -t 120 "traffic sizes $NET_DOM0_6 1 1452"
check "dom0 to guest, IPv4, 1 to 1472" timeout 120 traffic sizes "$(net_ip4 11)" 1 1472
check "dom0 to guest, IPv6, 1 to 1452" timeout 120 traffic sizes "$(net_ip6 11)" 1 1452
check "datagrams in fragments" guest_run g1 -t 120 "traffic sizes $NET_DOM0_4 1473 65507 1571"
check "and from dom0" timeout 120 traffic sizes "$(net_ip6 11)" 1453 65000 1571

# The administrator may have UDP merged on its way (rx-gro-list): datagrams stay what they were.
udp_bad() { awk '$1 == "Udp:" && !n { n = split($0, name); next } $1 == "Udp:" { for (i = 2; i <= n; i++)
	if (name[i] ~ /InCsumErrors|NoPorts/) e += $i; print e; exit }' /proc/net/snmp; }
merged() {
	local bad
	ethtool -K "$(vif_of g1)" rx-gro-list on || return 1
	bad=$(udp_bad)
	guest_run g1 -t 60 "traffic flood $NET_DOM0_4 64 2 && traffic flood $NET_DOM0_4 1400 1" >/run/merged || return 1
	awk '{ print } $4 < $2 / 2 { bad = 1 } END { exit bad }' /run/merged || return 1
	[ "$(udp_bad)" = "$bad" ] || { echo "bad datagrams: $bad before, $(udp_bad) after"; return 1; }
	guest_run g1 -t 60 "traffic sizes $NET_DOM0_4 1 1472 41" && ethtool -K "$(vif_of g1)" rx-gro-list off
}
if [ "$LAB_BACK" = ours ]; then
	check "datagrams that are merged on their way" merged
fi

# A vif with a large MTU, on a bridge that has it too.
net_bridge jumbo0 2 9000 || bail "bridge of large MTU"
# shellcheck disable=SC2034 # net_attach looks at it
NET_VIF_BRIDGE=jumbo0
check "attach a vif with MTU 9000" net_attach g1 12 mtu=9000
is "the script tells the frontend" "$(xenstore-read "$(vif_front g1 "$(net_devid g1 12)")/mtu")" 9000 ||
	note "$(xenstore-ls "$(vif_front g1 "$(net_devid g1 12)")")"
eth=$(net_if_of g1 12)
if [ "$LAB_FRONT" = ours ]; then
	is "the frontend takes it" "$(guest_run g1 "cat /sys/class/net/$eth/mtu")" 9000
else
	guest_run g1 "ip link set $eth mtu 9000"
fi
check "addresses" net_up g1 12 2
check "guest to dom0, up to 8972" guest_run g1 -t 120 "traffic sizes $(net_ip4 1 2) 1400 8972 13"
check "dom0 to guest, up to 8972" timeout 120 traffic sizes "$(net_ip4 12 2)" 1400 8972 13
check "dom0 to guest, IPv6, up to 8952" timeout 120 traffic sizes "$(net_ip6 12 2)" 1400 8952 13
check "around pages" guest_run g1 "traffic sizes $(net_ip4 1 2) 3980 4180"
check "TCP with large segments" net_both_ways g1 12 4 2
check "detach" net_detach g1 12
ip link del jumbo0
check "guest shuts down" guest_stop g1
