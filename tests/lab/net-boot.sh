# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a guest with a disk and a vif of the selected drivers; address, ping, TCP in both directions
# why: all other network tests need this
# expected: udev loads xen-netfront by its alias, the MAC address is the configured one, IPv4 and
#   IPv6 transfer files correctly in both directions
# timeout: 300

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
is "back is $LAB_BACK" "$(loaded_is xen-netback)" "$LAB_BACK"
is "the disk's back is, too" "$(loaded_is xen-blkback)" "$LAB_BACK"
# the stock script has put the vif into the bridge when xl is done
guest_start g1 --vcpus 2 --config "vif = [ \"$(net_vif 11)\" ]" || bail "guest starts"
ok "guest starts"
is "front is $LAB_FRONT" "$(guest_loaded_is g1 xen-netfront)" "$LAB_FRONT"
is "the disk's front is, too" "$(guest_loaded_is g1 xen-blkfront)" "$LAB_FRONT"
# an HVM guest's is an emulated disk
if [ "$LAB_TYPE" != hvm ]; then
	check "root is on xvda" guest_run g1 '[ "$(findmnt -no SOURCE /)" = /dev/xvda ]'
fi
check "vif is in the bridge" test -e "/sys/class/net/$NET_BRIDGE/brif/$(vif_of g1)"
check "interface has the configured address and works" net_up g1 11 || exit 1
eth=$(net_if_of g1 11)
is "it is the first interface" "$eth" eth0
is "backend is Connected" "$(xenstore-read "$(vif_back g1)/state")" 4
note "$(guest_run g1 "ethtool -i $eth; ip -br addr show dev $eth")"
check "guest pings dom0, IPv4" guest_run g1 "ping -q -c 5 -i 0.2 -s 1000 $NET_DOM0_4"
check "guest pings dom0, IPv6" guest_run g1 "ping -q -c 5 -i 0.2 -s 1000 $NET_DOM0_6"
check "dom0 pings the guest, IPv4" ping -q -c 5 -i 0.2 -s 1000 "$(net_ip4 11)"
check "dom0 pings the guest, IPv6" ping -q -c 5 -i 0.2 -s 1000 "$(net_ip6 11)"
check "TCP carries files both ways" net_both_ways g1 11 3
check "nothing was dropped by the vif" eval '
	[ "$(cat "/sys/class/net/$(vif_of g1)/statistics/rx_errors")" = 0 ] &&
	[ "$(cat "/sys/class/net/$(vif_of g1)/statistics/tx_errors")" = 0 ]'
check "guest shuts down" guest_stop g1
check "its vif is gone" wait_for 10 eval '! ls /sys/class/net | grep -q "^vif"'
