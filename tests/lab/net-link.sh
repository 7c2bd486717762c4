# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the carrier as user space sees it: short and long outages, another network, speed and
#   duplex, queues for processors that are added later
# why: network managers give up addresses when the carrier goes off, and have to be told when the
#   network is another one; bonds need a speed
# expected: the carrier stays on for ethtool -L, XDP, a restart of the backend and a checkpoint, and
#   ethtool -L loses no more than the packet under way; a longer outage is reported after the delay; another bridge causes a uevent,
#   and the carrier goes off and on
# needs: xdp reattach
# timeout: 700

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
[ "$LAB_FRONT" = ours ] || { skip "the link" "the in-tree xen-netfront drops it each time"; exit 0; }
net_setup
net_bridge other0 4 || bail "second bridge"
net_guest g1 11 --vcpus 1 --config 'maxvcpus = 2' || bail "guest starts"
delay=/sys/module/xen_netfront/parameters/carrier_delay
downs() { guest_run g1 'cat /sys/class/net/eth0/carrier_down_count'; }
carrier() { guest_run g1 'cat /sys/class/net/eth0/carrier 2>/dev/null || echo down'; }
operstate() { guest_run g1 'cat /sys/class/net/eth0/operstate'; }
links() { guest_run g1 "sed -n 's/^connections //p' $NETFRONT_DEBUG/vif-0/features"; }
reaches() { wait_for 20 guest_run g1 'ping -q -c 1 -W 1 10.77.0.1 >/dev/null'; }

# ---- speed and duplex ----------------------------------------------------------------------

is "speed is unknown at first" "$(guest_run g1 'ethtool eth0' | awk '/Speed:/ { print $2 }')" Unknown!
check "speed and duplex can be set" guest_run g1 'ethtool -s eth0 speed 10000 duplex full'
is "and are there" "$(guest_run g1 'cat /sys/class/net/eth0/speed /sys/class/net/eth0/duplex' | tr '\n' ' ')" \
	"10000 full "
check "autonegotiation cannot" eval '! guest_run g1 "ethtool -s eth0 autoneg on"'

# ---- processors that come later -------------------------------------------------------------

most() { guest_run g1 'ethtool -l eth0' | awk '/^Combined/ { print $2; exit }'; }
now_has() { guest_run g1 'ethtool -l eth0' | awk '/^Current/ { c = 1 } c && /^Combined/ { print $2 }'; }
is "one processor, one queue" "$(most) $(now_has)" "1 1"
check "another processor" eval 'xl vcpu-set g1 2 && wait_for 20 guest_run g1 "
	grep -q 1 /sys/devices/system/cpu/cpu1/online || echo 1 >/sys/devices/system/cpu/cpu1/online"'
is "two queues are possible" "$(most)" 2

# ---- short outages --------------------------------------------------------------------------

# The lab is slow: what takes a second on hardware may take ten here.
check "a delay of 30 s" guest_run g1 "echo 30000 >$delay"
# With its path: busybox's shell runs its own ip for "sh -c ip", which has no "monitor".
guest_run g1 'setsid sh -c "exec /bin/ip -o monitor link >>/run/mon 2>&1" >/dev/null 2>&1 </dev/null & exit 0'
check "a monitor of links runs" wait_for 10 guest_run g1 'pgrep -x ip >/dev/null && [ -e /run/mon ] && ! grep -q Usage /run/mon'
before=$(downs)
l=$(links)
check "steady traffic" net_steady_start g1 20 steady
check "two queues" guest_run g1 -t 60 'ethtool -L eth0 combined 2'
is "are used" "$(now_has)" 2
check "one queue" guest_run g1 -t 60 'ethtool -L eth0 combined 1'
# what a backend has taken or answered while the rings go is lost: one packet each time at this pace
check "no more is lost than was under way" net_steady_stop g1 steady 2
is "there were two connections more" "$(links)" $((l + 2))
is "ethtool -L: no loss of link" "$(downs)" "$before"
if [ -e "$JOB/bin/xdp-pass.o" ]; then
	guest_file g1 /run/xdp-pass.o <"$JOB/bin/xdp-pass.o"
	check "XDP program" guest_run g1 -t 40 'ip link set dev eth0 xdpdrv obj /run/xdp-pass.o sec xdp &&
		ip link set dev eth0 xdpdrv off'
	is "XDP: no loss of link" "$(downs)" "$before"
fi
reloaded() {
	net_backend none && net_backend "$LAB_BACK" || return 1
	wait_for 20 test -e "/sys/class/net/$(vif_of g1)" && net_script online g1 && reaches
}
if [ "$LAB_BACK" = ours ]; then
	check "the backend's module goes and comes back" reloaded
	is "no loss of link" "$(downs)" "$before"
fi
if [ "$LAB_TYPE" != pvh ]; then
	check "checkpoint" xl save -c g1 /dev/shm/save
	rm -f /dev/shm/save
	check "the guest reaches dom0" reaches
	is "resume: no loss of link" "$(downs)" "$before"
fi
is "nothing was told of a link that is down" "$(guest_run g1 'grep -c "eth0.*NO-CARRIER" /run/mon')" 0
is "the state was up all the time" "$(guest_run g1 'grep -c "eth0.*state DOWN" /run/mon')" 0
check "no timeout of the watchdog" eval '[ "$(guest_run g1 "ethtool -S eth0" |
	awk "/tx_queue_[0-9]+_timeouts/ { s += \$2 } END { print s + 0 }")" = 0 ]'

# ---- longer ones ----------------------------------------------------------------------------

away() { net_backend none; }
if [ "$LAB_BACK" = ours ]; then
	check "a delay of 3 s" guest_run g1 "echo 3000 >$delay"
	check "the backend goes" away
	is "the link is still there" "$(carrier)" 1
	check "what is sent meanwhile waits" guest_run g1 -t 5 'ping -q -c 1 -W 1 10.77.0.1 >/dev/null; exit 0'
	check "down and up" guest_run g1 'ip link set eth0 down && ip link set eth0 up &&
		ip -6 addr replace fd77::11/64 dev eth0 nodad'
	check "after the delay the link is lost" wait_for 15 eval '[ "$(carrier)" = 0 ]'
	is "once" "$(downs)" $((before + 1))
	check "it comes back" eval 'net_backend ours && wait_for 20 test -e "/sys/class/net/$(vif_of g1)" &&
		net_script online g1 && reaches'
	is "with its carrier" "$(carrier)" 1
	check "no delay" guest_run g1 "echo 0 >$delay"
	before=$(downs)
	check "one queue more" guest_run g1 -t 60 'ethtool -L eth0 combined 2'
	is "the link was lost" "$(downs)" $((before + 1))
	check "a delay of 30 s again" guest_run g1 "echo 30000 >$delay"
fi

# ---- another network -------------------------------------------------------------------------

back=$(vif_back g1)
# What a toolstack does whose backend domain died: the backend's directory anew, then the frontend's.
moved_to() { # BRIDGE
	local id
	id=$(guest_id g1)
	xenstore-rm "$back"
	wait_for 20 test ! -e "/sys/class/net/$(vif_of g1)" || { echo "the vif stays"; return 1; }
	xenstore-write "/libxl/$id/device/vif/0/backend" "/local/domain/29999/backend/vif/$id/0" &&
		"$JOB/bin/xenpv-reattach" --quiet --from 29999 --to 0 --guest g1 --type vif &&
		xenstore-write "$back/bridge" "$1" || return 1
	wait_for 20 test -e "/sys/class/net/$(vif_of g1)" || { echo "no vif"; return 1; }
	net_script online g1
}
ifindex=$(guest_run g1 'cat /sys/class/net/eth0/ifindex')
# It runs the command for each uevent, whose variables are the environment.
guest_run g1 ': >/run/uevents; setsid uevent sh -c "echo \$ACTION \$INTERFACE \$XENPV_NETWORK >>/run/uevents" \
	>/dev/null 2>&1 </dev/null & exit 0'
told() { guest_run g1 'grep -c "^change eth0 changed" /run/uevents'; }
guest_run g1 ': >/run/mon'
before=$(downs)
check "the backend is replaced, in the same network" moved_to "$NET_BRIDGE"
check "the guest reaches dom0" reaches
is "no loss of link" "$(downs)" "$before"
is "no word of another network" "$(told)" 0
check "replaced by one in another network" moved_to other0
check "user space is told by a uevent" wait_for 30 eval '[ "$(told)" = 1 ]'
check "the link goes and comes" wait_for 20 eval '[ "$(downs) $(carrier)" = "$((before + 1)) 1" ]'
check "and is seen to" wait_for 20 guest_run g1 'grep -q "eth0.*state DOWN" /run/mon && [ "$(cat /sys/class/net/eth0/operstate)" = up ]'
is "it is the same interface" "$(guest_run g1 'cat /sys/class/net/eth0/ifindex')" "$ifindex"
check "and works there" eval 'net_up g1 11 4'
check "back to the first" moved_to "$NET_BRIDGE"
check "which is told, too" wait_for 30 eval '[ "$(told)" = 2 ]'
check "the guest reaches dom0" reaches
note "$(guest_run g1 'cat /run/mon; dmesg | grep eth0 | tail -n 20')"

# ---- a detach is the end -----------------------------------------------------------------------

check "what is detached goes at once" net_detach g1 11
# A multicast filter is switched by a key; a directory that was removed must not come back by it.
comes_back() {
	local dir
	for _ in 1 2 3; do
		net_attach g1 11 && net_up g1 11 || return 1
		dir=/local/domain/$(guest_id g1)/device/vif/$(net_devid g1 11)
		guest_run g1 'setsid sh -c "while ip link set eth0 promisc on && ip link set eth0 promisc off; do :; done" \
			>/dev/null 2>&1 </dev/null & exit 0'
		sleep 1
		net_detach g1 11 || return 1
		! xenstore-exists "$dir" || { xenstore-ls "$dir"; return 1; }
	done
}
check "its directory stays away" comes_back
ip link del other0
# Whoever waits for its shutdown, to destroy it, has ended with the checkpoint.
check "the guest goes" guest_destroy g1
