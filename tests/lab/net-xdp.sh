# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: XDP programs on the guest's interface: pass, drop, tx, redirect in both directions,
#   headroom, replaced under load
# why: XDP uses the frontend's pages, and errors in their ownership are likely
# expected: programs have their effect; no page, grant or page pool remains
# needs: xdp
# timeout: 600

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
for o in "$JOB"/bin/xdp-*.o; do
	# shellcheck disable=SC2094 # the name is one in the guest
	guest_file g1 "/run/$(basename "$o")" <"$o" || bail "programs get into the guest"
done

xdp() { # PROGRAM|off
	if [ "$1" = off ]; then
		guest_run g1 -t 40 'ip link set dev eth0 xdpdrv off'
	else
		# off first: a different program may replace one only with -force
		guest_run g1 -t 40 "ip -force link set dev eth0 xdpdrv obj /run/xdp-$1.o sec xdp"
	fi
}
attached() { guest_run g1 'ip link show eth0' | grep -q 'prog/xdp'; }
reaches() { ping -q -c 3 -i 0.2 -W 2 "$(net_ip4 11)"; }
# what the guest's echo on port 7002 answers
guest_run g1 'setsid traffic serve 7002 >/dev/null 2>&1 </dev/null & exit 0'
to_7002() { TRAFFIC_PORT=7002 timeout 60 traffic sizes "$(net_ip4 11)" "$@"; }
check "port 7002 answers" wait_for 10 to_7002 1 1

leak_snapshot /run/before g1
if ! check "a program can be attached" xdp pass; then
	guest_stop g1
	exit 1
fi
check "it is attached in the driver" attached
is "the frontend asked for headroom" "$(xenstore-read "$(vif_front g1)/xdp-headroom")" 256
check "pass: ping" reaches
check "pass: every ninth size" timeout 60 traffic sizes "$(net_ip4 11)" 1 1472 9
check "pass: TCP both ways" net_both_ways g1 11 4
check "head: attach" xdp head
check "head: every ninth size" timeout 60 traffic sizes "$(net_ip4 11)" 1 1472 9
check "head: TCP both ways" net_both_ways g1 11 4
check "drop: attach" xdp drop
check "drop: other traffic lives" reaches
check "drop: port 7002 is dropped" eval '! to_7002 100 102'
check "aborted: attach" xdp aborted
check "aborted: port 7002 is dropped" eval '! to_7002 100 102'
check "aborted: other traffic lives" reaches
check "invalid action: attach" xdp invalid
check "invalid action: port 7002 is dropped" eval '! to_7002 100 102'
check "tx: attach" xdp tx
guest_run g1 'pkill -f "traffic serve 7002"'
check "tx: every third size comes back from the driver" to_7002 20 1472 3
check "tx: other traffic lives" reaches
# sent back faster than the ring drains: what does not fit is dropped, and nothing is lost for good
check "tx: a flood" eval 'TRAFFIC_PORT=7002 timeout 30 traffic flood "$(net_ip4 11)" 64 3 || true; reaches'
check "tx: still every ninth size" to_7002 20 1472 9
check "off" xdp off
check "off: nothing is attached" eval '! attached'
check "off: TCP both ways" net_both_ways g1 11 4

redirect() {
	# A network namespace behind a veth whose number differs from eth0's in the last bit; its frames come
	# by ndo_xdp_xmit() of the frontend and go by a redirect of what it received.
	check "redirect: a namespace behind eth0" guest_run g1 '
		modprobe veth
		n=$(cat /sys/class/net/eth0/ifindex)
		ip link add xv0 index $((n ^ 1)) type veth peer name xv1 index 40 || exit 1
		ip netns add far && ethtool -K xv1 gro on tx off && ethtool -K xv0 gro on
		ip link set xv1 netns far && ip link set xv0 up
		ip netns exec far ip link set xv1 up && ip netns exec far ip addr add 10.77.0.21/24 dev xv1
		ip -force link set dev xv0 xdpdrv obj /run/xdp-redirect.o sec xdp'
	check "redirect: attach" xdp redirect
	check "redirect: the namespace pings dom0" guest_run g1 \
		'ip netns exec far ping -q -c 5 -i 0.2 -W 2 10.77.0.1'
	check "redirect: every ninth size, both ways" guest_run g1 -t 90 \
		'ip netns exec far traffic sizes 10.77.0.1 1 1472 9'
	check "redirect: a flood out of the namespace" guest_run g1 -t 60 \
		'ip netns exec far traffic flood 10.77.0.1 64 3'
	check "redirect: a flood into it" eval '
		guest_run g1 "ip netns exec far setsid traffic serve >/dev/null 2>&1 </dev/null & exit 0"
		sleep 1; timeout 30 traffic flood 10.77.0.21 64 3'
	check "redirect: still every ninth size" guest_run g1 -t 90 \
		'ip netns exec far traffic sizes 10.77.0.1 1 1472 9'
	guest_run g1 'ip netns pids far | xargs -r kill; ip link set dev xv0 xdpdrv off'
	check "redirect: off" xdp off
}
if [ "$LAB_FRONT" = ours ]; then
	redirect
else
	# It redirects packets whose checksums are not finished, and warns of a program at the end.
	skip "redirect" "the in-tree frontend cannot"
	kmsg_expect 'WARNING: CPU: [0-9]+ PID: [0-9]+ at net/core/dev\.c:[0-9]+ unregister_netdevice_many'
fi

# Programs come and go while packets flow.
net_steady_start g1 40 steady || not_ok "steady traffic starts"
(timeout 60 traffic flood "$(net_ip4 11)" 64 25 >/run/flood.log 2>&1) &
load=$!
change() {
	local n p
	for n in $(seq 10); do
		for p in pass drop off; do xdp $p || { echo "$p in round $n"; return 1; }; done
	done
}
check "30 changes under load" change
wait $load
# Each change connects anew, which may cost the datagram that is under way, and no more.
lives() {
	local a b
	a=$(net_steady_line g1 steady)
	sleep 1
	b=$(net_steady_line g1 steady)
	echo "$b"
	[ "$(net_field ok <<<"$b")" -gt "$(net_field ok <<<"$a")" ] &&
		[ "$(net_field lost <<<"$b")" -le 30 ] && [ "$(net_field bad <<<"$b")" = 0 ]
}
check "steady traffic lives" wait_for 60 lives || note "$(net_steady_line g1 steady)"
guest_run g1 'touch /run/steady.stop; ip netns del far; ip link del xv0 2>/dev/null; pkill traffic
	sleep 1; setsid traffic serve >/dev/null 2>&1 </dev/null & exit 0'
sleep 3
leak_snapshot /run/after g1
check "no grant is left over" leak_check /run/before /run/after
check "detach with a program attached" eval 'xdp pass && net_detach g1 11'
check "the frontend unloads" guest_run g1 -t 60 'modprobe -r xen-netfront'
# a page pool that waits for pages says so after a minute
sleep 65
check "no page pool waits for pages" guest_run g1 '! dmesg | grep "stalled pool"'
check "guest shuts down" guest_stop g1
