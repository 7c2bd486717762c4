# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a second vif attached and detached under traffic, 50 times
# why: a leak of one grant or page per cycle brings a host down after a month
# expected: the first vif's traffic never loses a packet; grants, event channels, store nodes, threads
#   and memory are as before
# argument: n=COUNT
# timeout: 1200

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
net_bridge hot0 3 || bail "second bridge"
# shellcheck disable=SC2034 # net_attach looks at it
NET_VIF_BRIDGE=hot0
# The flood gets a server of its own: a socket that overflows loses everybody's datagrams.
setsid traffic serve 7009 >/dev/null 2>&1 </dev/null 3>&- &
flood=$!
check "steady traffic on the first vif" net_steady_start g1 20 steady

cycle() {
	local job
	net_attach g1 12 && net_up g1 12 3 &&
	guest_run g1 "traffic sizes $(net_ip4 1 3) 1 1472 149" || return 1
	# goes while it is busy in both directions
	guest_run g1 -t 30 "TRAFFIC_PORT=7009 timeout 8 traffic flood $(net_ip4 1 3) 1400 6 >/dev/null 2>&1; exit 0" &
	job=$!
	timeout 8 traffic flood "$(net_ip4 12 3)" 1400 1 >/dev/null 2>&1
	net_detach g1 12 || return 1
	# Its address is gone with it: the flood ends by itself, by its limit, or here, and its
	# shell with it. So its status tells nothing.
	guest_run g1 'pkill -f "traffic flood"; exit 0'
	wait $job
	return 0
}
run() {
	local n
	for n in $(seq "$1"); do cycle || { echo "at cycle $n"; return 1; }; done
}
check "first cycle" run 1
leak_snapshot /run/before g1
check "${LAB_ARG_n:-50} cycles" run "${LAB_ARG_n:-50}"
sleep 4
leak_snapshot /run/after g1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after
check "guest's free grants are back" guest_run g1 '! dmesg | grep -q "deferring g.e."'
check "the first vif lost nothing" net_steady_stop g1 steady ||
	note "$(net_steady_line g1 steady)"
kill $flood
ip link del hot0
check "detach the first, too" net_detach g1 11
check "the module unloads in the guest" guest_run g1 'modprobe -r xen-netfront'
check "guest shuts down" guest_stop g1
