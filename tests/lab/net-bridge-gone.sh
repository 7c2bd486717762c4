# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the bridge is removed under traffic and created again; the vif is set down and up
# why: dom0's administrator reconfigures the network without asking the guests
# expected: guests see a network that is silent for a while, and their connections continue
#   afterwards
# timeout: 300

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
vif=$(vif_of g1)
# shellcheck disable=SC2016
answers='for i in $(seq 60); do ping -q -c 1 -W 1 10.77.0.1 >/dev/null && exit 0; done; exit 1'

# a TCP connection that has to survive, and datagrams that need not
guest_run g1 "setsid sh -c 'traffic rr tcp $NET_DOM0_4 1000 40 >/run/rr 2>&1; echo \$? >/run/rr.rc' \
	>/dev/null 2>&1 </dev/null &
	setsid timeout 40 sh -c 'while :; do traffic flood $NET_DOM0_4 300 1; done' >/dev/null 2>&1 </dev/null &
	exit 0"
sleep 2
check "the bridge goes" ip link del "$NET_BRIDGE"
sleep 3
check "the guest lives" guest_run g1 true
check "it returns" net_bridge "$NET_BRIDGE" 0
check "the vif is put back by the stock script" net_script online g1
check "guest reaches dom0 again" guest_run g1 -t 90 "$answers"
check "vif down and up" eval "ip link set $vif down; sleep 2; ip link set $vif up"
check "guest reaches dom0 again" guest_run g1 -t 90 "$answers"
check "vif out of the bridge and in again" eval "
	ip link set $vif nomaster; sleep 1; ip link set $vif master $NET_BRIDGE"
check "guest reaches dom0 again" guest_run g1 -t 90 "$answers"
check "the guest's interface down and up" guest_run g1 "ip link set eth0 down; sleep 1; ip link set eth0 up
	ip -6 addr replace $(net_ip6 11)/64 dev eth0 nodad"
check "guest reaches dom0 again" guest_run g1 -t 90 "$answers"
wait_for 60 guest_run g1 'test -e /run/rr.rc'
# a request was lost while the network was away, so the stall exceeds the client's 2 s at most
note "$(guest_run g1 'cat /run/rr')"
check "files go both ways" net_both_ways g1 11 8
check "guest shuts down" guest_stop g1
