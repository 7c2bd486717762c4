# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a backend that breaks every rule, against xen-netfront (set=few, cases=PATTERN+PATTERN)
# why: a guest must survive its driver domain, and protect its memory from it
# expected: each case ends as xpeer says; the violation is counted at the named site in the guest,
#   its waits end in bounded time, a well-behaved device under the same number works afterwards,
#   traffic of the guest's other interface loses nothing, no grant remains
# needs: xdp xpeer
# timeout: 2700

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
# shellcheck source=../xpeer/back.bash
. "$JOB/tests/xpeer/back.bash"
net_setup
cases=$(xp_cases "$XP_FEW_NET_BACK")
# The kernel's own driver waits for ever at some of these; its controls show that xpeer works.
[ "$LAB_FRONT" = ours ] || [ -n "${LAB_ARG_cases:-}" ] ||
	cases='good+good-one*+good-no*+out-of-order+tx-errors+rx-offset+rx-flags+rx-ids'
# shellcheck disable=SC2034 # back.bash reads these
XP_ROLE=net-back XP_DEV=1 XP_TOTALS=$NETFRONT_DEBUG/violations \
	XP_OPTIONS='--case-time 240000 --io /run/xpeer-net'

net_guest g1 11 --vcpus 2 || bail "guest starts"
# shellcheck disable=SC2034 # the same
XP_ID=$(guest_id g1)
# What names the attacked vif in the guest's log is explained.
kmsg_expect "vif-?$XP_DEV|eth1"
if [ -e "$JOB/bin/xdp-pass.o" ]; then
	guest_file g1 /run/xdp-pass.o <"$JOB/bin/xdp-pass.o"
fi

# What makes the guest use the interface, as xpeer calls it.
XIO="$JOB/bin/agent run $(guest_agent g1)"
export XIO XIO_DEV=$XP_DEV
cat >/run/xpeer-net <<'END'
#!/bin/bash
set -- "d=/sys/bus/xen/devices/vif-$XIO_DEV
	name() { if=\$(ls \$d/net 2>/dev/null | head -n 1); [ -n \"\$if\" ]; }
	$XP_UNTIL_TRUE
	up() {
		until_true name || { echo 'no interface'; exit 1; }
		ip link set \$if up
		ip addr replace 10.79.0.2/24 dev \$if
		carrier() { [ \"\$(cat /sys/class/net/\$if/carrier)\" = 1 ]; }
		until_true carrier
	}"
case $XPEER_WANT in
net) $XIO 55 "$1"'
	up || { echo "no carrier"; exit 1; }
	for i in $(seq 8); do ping -q -c 1 -W 1 10.79.0.1 >/dev/null && break; done
	timeout -s KILL 30 traffic sizes 10.79.0.1 1 1472 149' ;;
up) $XIO 40 "$1"'
	up' ;;
shout) $XIO 55 "$1"'
	up; ip neigh replace 10.79.0.1 lladdr 00:16:3e:79:00:01 dev $if
	timeout -s KILL 18 socat -u -b 1000 /dev/zero UDP4-DATAGRAM:10.79.0.1:9
	exit 0' ;;
hash) $XIO 55 "$1"'
	up; timeout -s KILL 40 ethtool -X $if equal 1
	timeout -s KILL 10 ethtool -N $if rx-flow-hash tcp4 sdfn
	exit 0' ;;
xdp) $XIO 55 "$1"'
	up; timeout -s KILL 50 ip link set dev $if xdpdrv obj /run/xdp-pass.o sec xdp
	[ $? -lt 124 ]' ;;
queues) $XIO 55 "$1"'
	up; timeout -s KILL 50 ethtool -L $if combined 1
	[ $? -lt 124 ]' ;;
unplug) $XIO 100 "$1"'
	echo ${d##*/} >/sys/bus/xen/drivers/vif/unbind' ;;
gone) $XIO 60 "$1"'
	gone() { ! [ -e $d ]; }
	until_true gone' ;;
esac
END
chmod +x /run/xpeer-net

# A backend that went away is waited for; a minute is too long for a test of many.
[ "$LAB_FRONT" != ours ] || guest_run g1 '
	p=/sys/module/xen_netfront/parameters/reconnect_timeout; [ ! -e $p ] || echo 10 >$p'
leak_snapshot /run/before g1
check "traffic of the other interface" net_steady_start g1 20 steady
xp_back_reader

now_and_then() { check "the other interface lives after $1 cases" net_steady_alive g1 steady; }
xp_each $XP_ROLE "$cases" 20 xp_back_one now_and_then

# The same by hand at the end: a device of the usual kind.
net_bridge other0 4 || bail "bridge"
# shellcheck disable=SC2034 # net_attach looks at it
NET_VIF_BRIDGE=other0
check "an ordinary vif can be attached" net_attach g1 12
check "and works" eval 'net_up g1 12 4 && net_both_ways g1 12 2 4'
check "and is detached" net_detach g1 12
ip link del other0
check "the other interface lost nothing" net_steady_stop g1 steady
note "$(net_steady_line g1 steady)"
xp_back_clean
xp_nothing_left g1
[ "$LAB_FRONT" != ours ] || guest_run g1 "cat $XP_TOTALS"
check "detach the other vif" net_detach g1 11
check "the module unloads" guest_run g1 -t 60 'rmmod xen-netfront && modprobe xen-netfront'
check "guest shuts down" guest_stop g1
