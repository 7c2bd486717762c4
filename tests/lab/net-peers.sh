# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: xen-netback with frontends that differ from Linux's, and a packet socket that bypasses the qdisc
# why: BSDs, MirageOS and iPXE have one event channel, few pages or another order of steps
# expected: echoes come back in each case; a queue with one channel that exceeds its rate still
#   receives; the carrier returns with four pages; the multicast filter sees every packet's
#   destination
# needs: xpeer
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
# shellcheck source=../xpeer/front.bash
. "$JOB/tests/xpeer/front.bash"
# shellcheck source=../xpeer/net_front.bash
. "$JOB/tests/xpeer/net_front.bash"
net_setup
if [ "$LAB_BACK" = ours ]; then
	check "short patience with guests that take nothing" \
		net_backend ours rx_stall_timeout_msecs=1500
fi
guest_start attacker --vcpus 2 || bail "guest starts"
xp_front_ready || exit 1
kmsg_expect "vif-?${XP_ID}[-.]0"
check "attach a vif" eval 'xp_attach && wait_for 20 xp_waits 0' || exit 1
xp_front_idle
nothing() { :; }
cases='odd.*'
[ "$LAB_BACK" != ours ] || cases+='+tx-gso-size.*+tx-id.*'
xp_each "$XP_ROLE" "${LAB_ARG_cases:-$cases}" 100 xp_front_one nothing
stalls() { ethtool -S "$(vif_of attacker)" | awk '$1 ~ /^rx_queue_[0-9]+_stalls:$/ { n += $2 } END { print n + 0 }'; }
if [ "$LAB_BACK" = ours ] && [ -z "${LAB_ARG_cases:-}" ]; then
	check "the link was down meanwhile" test "$(stalls)" -ge 1
fi
# One that takes single pages only is no measure for the next.
if [ "$LAB_BACK" = ours ] && [ -z "${LAB_ARG_cases:-}" ]; then
	mtu() { cat "/sys/class/net/$(vif_of attacker)/mtu"; }
	peer() { guest_run attacker -t 60 "/tmp/xpeer net-front --dev 0 $1"; }
	ip link set "$(vif_of attacker)" mtu 4000
	check "a frontend without scatter-gather" peer good-no-sg
	is "its MTU" "$(mtu)" 1500
	check "its successor with it" peer good
	is "has the MTU from before" "$(mtu)" 4000
fi
guest_destroy attacker
[ "$LAB_BACK" != ours ] || check "patience as usual" net_backend ours

net_guest g1 11 --vcpus 2 || bail "guest that filters multicast starts"
# A packet socket that bypasses the qdisc notes no place of the header.
bypass() { # DESTINATION COUNT
	perl -e 'use Socket; my ($if, $to, $nr) = @ARGV; my $d = pack("H12", $to);
		socket(my $s, 17, SOCK_RAW, unpack("S", pack("n", 0x0800))) or die "socket: $!";
		setsockopt($s, 263, 20, pack("i", 1)) or die "bypass: $!";
		my $a = pack("S n i S C C a8", 17, 0x0800, $if, 0, 0, 6, $d);
		my $f = $d . pack("H12 n", "00163e770001", 0x0800) . ("x" x 100);
		for (1 .. $nr) { send($s, $f, 0, $a) or die "send: $!"; }' \
		"$(cat "/sys/class/net/$(vif_of g1)/ifindex")" "$1" "$2"
}
filtered() { ethtool -S "$(vif_of g1)" | awk '$1 ~ /filtered:$/ { n += $2 } END { print n + 0 }'; }
if [ "$LAB_FRONT$LAB_BACK" = oursours ]; then
	check "the guest filters multicast" wait_for 10 eval '
		[ "$(xenstore-read "$(vif_front g1)/request-multicast-control")" = 1 ]'
	before=$(filtered)
	check "packets around the qdisc to a group" bypass 01005e585801 50
	check "are filtered" test $(($(filtered) - before)) -ge 50
	before=$(filtered)
	check "packets around the qdisc to the guest" bypass 00163e77000b 50
	check "are not" test $(($(filtered) - before)) -lt 50
fi
check "the ends of the vif have different addresses" test \
	"$(cat "/sys/class/net/$(vif_of g1)/address")" != "$(net_mac 11)"
check "guest shuts down" guest_stop g1
