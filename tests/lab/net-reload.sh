# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: xen-netback is unloaded and loaded again while guests are running and busy
# why: an update of the backend must not need a reboot of every guest
# expected: the guests' interfaces stay, with their addresses; traffic continues when the vif is
#   back
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
if [ "$LAB_FRONT" != ours ]; then
	skip "backend reloaded" "the in-tree xen-netfront does not come back"
	exit 0
fi
net_guest g1 11 --vcpus 2 || bail "first guest starts"
net_guest g2 12 --vcpus 1 || bail "second guest starts"
check "TCP connection that has to live" guest_run g1 "setsid sh -c '
	head -c 67108864 /dev/zero | timeout 200 socat - TCP4:$NET_DOM0_4:7000 >/dev/null 2>&1; echo \$? >/run/tcp.rc' \
	>/dev/null 2>&1 </dev/null & exit 0"

# As an administrator does it: the module, then the scripts that put the vifs into the bridge.
reload() { # WHICH PARAM...
	net_backend "$@" || return 1
	for g in g1 g2; do
		wait_for 20 test -e "/sys/class/net/$(vif_of $g)" || { echo "no vif of $g"; return 1; }
		net_script online $g || { echo "script for $g"; return 1; }
	done
	for g in g1 g2; do
		wait_for 30 eval "[ \"\$(xenstore-read $(vif_back $g)/state)\" = 4 ]" ||
			{ echo "$g: backend $(xenstore-read "$(vif_back $g)/state")"; return 1; }
		guest_run $g -t 60 'for i in $(seq 40); do ping -q -c 1 -W 1 10.77.0.1 >/dev/null && exit 0; done
			ip -s link show eth0; exit 1' || { echo "$g does not reach dom0"; return 1; }
	done
}
# What an administrator has set on a vif is there again. (The script sets the MTU of the bridge.)
if [ "$LAB_BACK" = ours ]; then
	vif=$(vif_of g1)
	# Offloads and the queue's length, as ethtool and ip show them.
	settings() {
		ethtool -k "$vif" | grep -E '^(tx-checksum-ip|tx-checksumming|scatter|.*segm|gen.*offload|rx-gro-list)'
		cat "/sys/class/net/$vif/tx_queue_len"
	}
	check "settings of a vif" eval 'ethtool -K "$vif" tx off gso off rx-gro-list on &&
		ip link set "$vif" txqueuelen 77'
	before=$(settings)
	check "reload with settings" reload "$LAB_BACK"
	is "they are there again" "$(settings)" "$before"
	check "nothing of it is left in the store" eval '! xenstore-exists "$(vif_back g1)/kept"'
	check "settings as usual" eval 'ethtool -K "$vif" tx on gso on rx-gro-list off &&
		ip link set "$vif" txqueuelen 256'
fi
for n in 1 2; do check "reload $n" reload "$LAB_BACK"; done
check "with one queue" reload "$LAB_BACK" max_queues=1
is "the guest has one queue" \
	"$(xenstore-read "$(vif_front g1)/multi-queue-num-queues" 2>/dev/null || echo 1)" 1
check "with two again" reload "$LAB_BACK" max_queues=2
is "the guest has two again" "$(xenstore-read "$(vif_front g1)/multi-queue-num-queues")" 2
check "guest to guest" net_send g1 g2 "$(net_ip4 12)" 8
check "files both ways" net_both_ways g1 11 4
check "the other backend serves it too" reload "$([ "$LAB_BACK" = ours ] && echo intree || echo ours)"
check "files both ways with that" net_both_ways g1 11 4
check "back to the first" reload "$LAB_BACK"
check "the TCP connection is alive or done" guest_run g1 '
	for i in $(seq 50); do [ -e /run/tcp.rc ] && break; pgrep socat >/dev/null && exit 0; sleep 0.1; done
	[ "$(cat /run/tcp.rc)" = 0 ]'
check "first guest shuts down" guest_stop g1
check "second guest shuts down" guest_stop g2
net_backend "$LAB_BACK"
