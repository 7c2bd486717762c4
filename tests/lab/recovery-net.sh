# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the backend of a guest's interface dies and is replaced: in place, by detach and attach,
#   while the guest is paused, twice in a row, by a reload of the module; or is not replaced
# why: a driver domain may crash, and its guests must see a pause and keep their network
# expected: interface, addresses, routes, XDP program, queues, hash table and a TCP stream with
#   checks of every byte survive; one log line at the loss and one at the return; nothing leaks; the
#   wait ends in time, and an interface that an administrator removes is removed at once
# needs: xdp reattach
# argument: n=COUNT of cycles
# timeout: 1500

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
[ "$LAB_FRONT" = ours ] || { skip "recovery" "the in-tree xen-netfront does not recover"; exit 0; }
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
# Replaced twice in a row: dom0's bus, or the driver, finds the folder of the first gone again (ENOENT).
kmsg_expect 'reading other end details from backend/vif/'
kmsg_expect 'vif vif-[0-9]+-0: (2|19) (reading|xenbus_dev_probe on) backend/vif/'
id=$(guest_id g1)
back=$(vif_back g1)
front=$(vif_front g1)
tool=$JOB/bin/xenpv-reattach
param=/sys/module/xen_netfront/parameters/reconnect_timeout

# ---- a backend domain that dies and comes back, played by dom0 ----------------------------

# With a domain goes its part of the store.
dies() {
	xenstore-rm "$back" || return 1
	wait_for 20 test ! -e "/sys/class/net/$(vif_of g1)" || { echo "$(vif_of g1) stays"; return 1; }
}
# What the tool does for a driver domain with another number: the folder of the frontend and that of the
# backend anew, in one transaction. The toolstack's copy says that 29999 was the one.
replaced() {
	xenstore-write "/libxl/$id/device/vif/0/backend" "/local/domain/29999/backend/vif/$id/0" &&
		"$tool" --quiet --from 29999 --to 0 --guest g1 --type vif
}
# The scripts, which xl runs for an attached device, and devd in a driver domain.
scripts() {
	wait_for 20 test -e "/sys/class/net/$(vif_of g1)" || { echo "no vif"; return 1; }
	net_script online g1
}
detached() { timeout 60 xl network-detach g1 "$(net_mac 11)"; }
attached() { xl network-attach g1 "mac=$(net_mac 11)" "bridge=$NET_BRIDGE"; }
connected() { [ "$(xenstore-read "$back/state" 2>/dev/null)$(xenstore-read "$front/state" 2>/dev/null)" = 44 ]; }
reaches() { ping -q -c 1 -W 1 "$(net_ip4 11)" >/dev/null; }

# back_again: until the guest answers; the longest such pause, after the backend has come, is kept
echo 0 >/run/pause
back_again() {
	local start now
	start=$(date +%s%3N)
	wait_for 30 connected || { echo "backend $(xenstore-read "$back/state"), frontend $(xenstore-read "$front/state")"; return 1; }
	wait_for 20 reaches || { echo "the guest does not answer"; return 1; }
	now=$(($(date +%s%3N) - start))
	[ $now -le "$(cat /run/pause)" ] || echo $now >/run/pause
}

# ---- what has to stay ---------------------------------------------------------------------

prog=xdp-pass.o
if [ -e "$JOB/bin/$prog" ]; then
	guest_file g1 /run/$prog <"$JOB/bin/$prog"
	check "XDP program" guest_run g1 -t 40 "ip link set dev eth0 xdpdrv obj /run/$prog sec xdp"
else
	prog=
fi
check "settings" guest_run g1 'ip link set eth0 mtu 1400 && ip route add 10.99.0.0/24 via 10.77.0.1 &&
	ip maddr add 01:00:5e:01:02:03 dev eth0'
has_table=$(xenstore-exists "$back/feature-ctrl-ring" && echo yes)
[ -z "$has_table" ] || check "hash table" guest_run g1 'ethtool -X eth0 equal 1'
identity() {
	guest_run g1 'cat /sys/class/net/eth0/ifindex /sys/class/net/eth0/address /sys/class/net/eth0/mtu
		ip -o addr show dev eth0 | sed "s/valid_lft.*//; s/tentative//" | tr -s " "
		ip route show dev eth0; ip -6 route show dev eth0 | grep -o "^fd77[^ ]*"
		ip maddr show dev eth0 | grep -F 01:00:5e:01:02:03
		ip link show eth0 | grep -o "prog/xdp id [0-9]*"
		ethtool -l eth0 | tail -n 2; ethtool -x eth0 2>/dev/null | head -n 12
		readlink /sys/class/net/eth0; readlink /sys/class/net/eth0/device'
}
before=$(identity)
note "$before"
same() {
	local now
	now=$(identity)
	[ "$now" = "$before" ] || { diff <(echo "$before") <(echo "$now"); return 1; }
}

# A TCP stream, whose every byte comes back and is compared.
stream_start() {
	guest_run g1 "rm -f /run/stream /run/stream.stop
		setsid traffic stream $NET_DOM0_4 20 /run/stream >/dev/null 2>&1 </dev/null &
		for i in \$(seq 100); do [ -s /run/stream ] && exit 0; sleep 0.1; done; exit 1"
}
stream_ok() { guest_run g1 'cat /run/stream' | net_field ok; }
# It gets on; TCP doubles its patience with each try, so this can take as long as the outage did.
stream_lives() {
	local a
	a=$(stream_ok)
	wait_for 60 eval "[ \"\$(stream_ok)\" -gt $((a + 20)) ]" || { guest_run g1 'cat /run/stream'; return 1; }
	[ "$(guest_run g1 'cat /run/stream' | net_field bad)" = 0 ]
}
count() { guest_run g1 "cat $NETFRONT_DEBUG/vif-0/counters" | awk -v n="$1" '$1 == n { print $2 }'; }
lines() { guest_run g1 "dmesg | grep -c 'eth0: backend $1'"; }

check "the stream starts" stream_start
leak_snapshot /run/before g1

# ---- replaced -----------------------------------------------------------------------------

in_place() {
	dies && sleep "$1" && replaced && scripts && back_again
}
check "gone for 3 s, then replaced in one transaction" in_place 3
check "everything is as it was" same
check "the stream goes on" stream_lives
is "one outage" "$(count outages)" 1
check "of at least 3 s" test "$(count outage_longest_ms)" -ge 3000
is "one line at the loss" "$(lines '.*waiting for it')" 1
is "one line at the return" "$(lines 'is back')" 1

paused() {
	xl pause g1 && dies && replaced && scripts && xl unpause g1 && back_again
}
check "died and replaced while the guest is paused" paused
check "everything is as it was" same
is "two outages" "$(count outages)" 2

parked() {
	dies && wait_for 10 eval "[ \"\$(xenstore-read $front/state)\" = 1 ]" && detached || return 1
	guest_run g1 'for i in $(seq 100); do [ -e /sys/bus/xen/devices/vif-0 ] || exit 0; sleep 0.1; done
		echo "the device stays on the bus"; exit 1'
}
check "died and taken away" parked
check "the interface is still there" guest_run g1 -t 30 'cd /sys/class/net/eth0 && cat ifindex && ! [ -e device ] &&
	for i in $(seq 200); do [ "$(cat carrier)" = 0 ] && break; sleep 0.1; done; [ "$(cat carrier)" = 0 ] && ethtool -i eth0 && ethtool -S eth0 >/dev/null && ip addr show dev eth0 | grep 10.77.0.11'
check "what is asked of it meanwhile does not wait" guest_run g1 -t 5 'ethtool -L eth0 combined 1 &&
	ip link set eth0 down && ip link set eth0 up && ip route add 10.99.0.0/24 via 10.77.0.1 &&
	ip -6 addr replace fd77::11/64 dev eth0 nodad && ethtool -L eth0 combined 2'
[ -z "$has_table" ] || check "nor does the hash table" guest_run g1 -t 5 'ethtool -X eth0 weight 0 1 && ethtool -X eth0 equal 1'
check "and attached again" eval 'attached && back_again'
check "everything is as it was" same
check "the stream goes on" stream_lives
is "three outages" "$(count outages)" 3

twice() {
	dies && replaced && dies && replaced && scripts && back_again
}
check "replaced twice in a row" twice
check "everything is as it was" same

# As one does that had read of queues which were given up for it: both close, and it begins again.
fails_at_first() {
	dies && replaced && wait_for 20 eval '[ "$(xenstore-read "$front/state")" = 4 ]' &&
		xenstore-write "$back/state" 5 &&
		wait_for 20 eval '[ "$(xenstore-read "$back/state")$(xenstore-read "$front/state")" = 24 ]' &&
		scripts && back_again
}
# What goes while its driver looks at it must not come back by what the driver writes.
flickers() {
	local n
	for n in 0 1 2 3 4 5 6 7 8 9; do
		dies && replaced && sleep 0.0$n || return 1
	done
	dies && sleep 1
	! xenstore-exists "$back" && replaced && scripts && back_again
}
check "replaced by one that cannot connect at first" fails_at_first
check "dies and is replaced ten times in a second" flickers
check "everything is as it was" same
paused_detached() {
	xl pause g1 && dies && detached && attached
	xl unpause g1
	back_again
}
check "died, taken away and attached while the guest is paused" paused_detached
check "everything is as it was" same
check "the stream goes on" stream_lives

reloaded() {
	net_backend none && sleep 2 && net_backend "$LAB_BACK" && scripts && back_again
}
check "the backend's module goes and comes back" reloaded
check "everything is as it was" same
check "the stream goes on" stream_lives
is "each outage had its line" "$(lines '.*waiting for it')" "$(count outages)"
is "and each return" "$(lines 'is back')" "$(count outages)"

cycles() {
	local n
	for n in $(seq "$1"); do
		if [ $((n % 2)) = 1 ]; then
			in_place 0.3
		else
			dies && wait_for 10 eval "[ \"\$(xenstore-read $front/state)\" = 1 ]" && detached &&
				attached && back_again
		fi || { echo "at cycle $n"; return 1; }
	done
}
n=${LAB_ARG_n:-4}
check "$n times more, in turns" cycles "$n"
check "everything is as it was" same
check "the stream goes on" stream_lives
note "longest pause beyond the backend's absence: $(cat /run/pause) ms, until an echo came back"
note "outages $(count outages), longest $(count outage_longest_ms) ms, packets dropped $(count outage_dropped)"
sleep 3
is "no page is held for a backend" "$(count pages_held)" 0
leak_snapshot /run/after g1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after
guest_run g1 'touch /run/stream.stop; sleep 1'
check "the stream lost nothing" guest_run g1 'cat /run/stream; grep -q "lost 0 bad 0" /run/stream'

# ---- nobody comes -------------------------------------------------------------------------

gone_within() { # SECONDS
	guest_run g1 -t $(($1 + 10)) "for i in \$(seq $(($1 * 10))); do [ -e /sys/class/net/eth0 ] || exit 0; sleep 0.1; done
		echo 'eth0 stays'; exit 1"
}
anew() {
	attached && net_up g1 11
}
guest_run g1 "echo 4 >$param"
check "died and taken away" parked
check "it is there at first" guest_run g1 'test -e /sys/class/net/eth0'
check "it goes when the time has passed" gone_within 15
check "a later one is a new interface" anew
check "another address is another interface" eval 'parked &&
	xl network-attach g1 "mac=$(net_mac 12)" "bridge=$NET_BRIDGE" && net_up g1 12 && guest_run g1 "
		for i in /sys/class/net/eth*/address; do cat \$i; done; ! grep -q $(net_mac 11) /sys/class/net/eth*/address"'
check "it is detached" net_detach g1 12
check "the first again" anew
guest_run g1 "echo 0 >$param"
check "without patience: died and taken away" parked
check "it is gone at once" gone_within 3
check "the first again" anew
# A new one, or the same: some buses do not notice that the device went.
paused_anew() {
	xl pause g1 && dies && detached && attached
	xl unpause g1
	wait_for 30 connected && net_up g1 11
}
check "replaced while paused: there is one that works" paused_anew
guest_run g1 "echo 60 >$param"

# ---- the administrator ----------------------------------------------------------------------

check "what lives is detached at once" net_detach g1 11
check "and attached as a new one" anew
check "parked once more" parked
check "the module unloads, with what is parked" guest_run g1 -t 60 'modprobe -r xen-netfront &&
	! [ -e /sys/class/net/eth0 ] && modprobe xen-netfront'
check "attached" anew
check "files both ways" net_both_ways g1 11 4
check "guest shuts down" guest_stop g1
