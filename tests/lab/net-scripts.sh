# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the stock hotplug scripts besides vif-bridge: vif-route, vif-nat, vif-openvswitch; uevents
# why: the toolstack's scripts also use the backend's interface, and hosts depend on each of them
# expected: each script ends with hotplug-status "connected"; the guest is reachable by the route or
#   switch that it set up, which is removed with the vif; udev gets the names of the interface and
#   the script
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
id=$(guest_id g1)

# The kernel's uevents, as udev would get them: a netlink socket of its own, group 1.
socat -u -b 8192 SOCKET-RECV:16:3:15:x0000x00000000x01000000 - 2>/dev/null >/run/uevents &
listener=$!
sleep 1
# uevent online|offline DEVID SCRIPT: one of that action with all that a rule needs
uevent() {
	tr '\0' '\n' </run/uevents | awk -v action="ACTION=$1" -v id="$id" -v n="$2" -v s="script=$3" '
		/@\// { check(); split("", seen) }
		{ seen[$0] = 1 }
		function check() {
			if (seen[action] && seen["SUBSYSTEM=xen-backend"] && seen[s] &&
			    seen["XENBUS_PATH=backend/vif/" id "/" n] && seen["vif=vif" id "." n])
				found = 1
		}
		END { check(); exit !found }'
}

# attach WHAT N XL-ARGUMENTS...: a vif with that number's address; its device number is $dev then, its
# interface $vif
attach() {
	local what=$1 n=$2 back
	shift 2
	check "$what: attach" timeout 60 xl network-attach g1 "mac=$(net_mac "$n")" "$@" || exit 1
	dev=$(net_devid g1 "$n")
	# shellcheck disable=SC2034 # the checks name it within quotes
	vif=vif$id.$dev
	back=$(vif_back g1 "$dev")
	check "$what: both ends are connected" wait_for 20 eval "[ \"\$(xenstore-read $back/state)\" = 4 ]"
	is "$what: the script is content" "$(xenstore-read "$back/hotplug-status")" connected
}
# guest_side N ADDRESS DOM0: the guest's end; DOM0 is not on a network of ADDRESS
guest_side() {
	guest_run g1 -t 40 "$NET_IF
		for i in \$(seq 100); do if=\$(net_if $(net_mac "$1")) && break; sleep 0.1; done
		ip link set \$if up && ip addr replace $2/32 dev \$if && ip route replace $3 dev \$if src $2
		for i in \$(seq 20); do ping -q -c 1 -W 1 $3 >/dev/null && exit 0; done; exit 1"
}

# ---- vif-route: dom0 answers with its own address, and has a route to the guest
attach route 12 script=vif-route "gatewaydev=$NET_BRIDGE" ip=10.78.0.2
check "route: a route to the guest" eval 'ip route show 10.78.0.2 | tee /dev/stderr | grep -q "dev $vif "'
check "route: dom0's address is on the vif" eval 'ip -br addr show dev $vif | grep -q 10.77.0.1/32'
# the same address is on the first interface's network, so that has to rest meanwhile
guest_run g1 "$NET_IF
	ip link set \$(net_if $(net_mac 11)) down"
check "route: the guest reaches dom0" guest_side 12 10.78.0.2 10.77.0.1
check "route: dom0 reaches the guest" ping -q -c 3 -i 0.2 10.78.0.2
check "route: TCP to the guest" net_send dom0 g1 10.78.0.2 2
check "route: TCP to dom0" net_send g1 dom0 10.77.0.1 2
check "route: udev was told" uevent online "$dev" /etc/xen/scripts/vif-route
check "route: detach" net_detach g1 12
check "route: no route is left" eval '[ -z "$(ip route show 10.78.0.2)" ] && [ ! -e /sys/class/net/$vif ]'
check "route: udev was told the end" uevent offline "$dev" /etc/xen/scripts/vif-route

# ---- vif-nat: the same with an address of the vif's own
attach nat 13 script=vif-nat ip=10.79.0.3
check "nat: a route to the guest" eval 'ip route show 10.79.0.3 | tee /dev/stderr | grep -q "dev $vif "'
check "nat: the guest reaches the router's address" guest_side 13 10.79.0.3 10.79.0.130
check "nat: dom0 reaches the guest" ping -q -c 3 -i 0.2 10.79.0.3
check "nat: TCP both ways" eval 'net_send dom0 g1 10.79.0.3 2 && net_send g1 dom0 10.79.0.130 2'
check "nat: udev was told" uevent online "$dev" /etc/xen/scripts/vif-nat
check "nat: detach" net_detach g1 13
check "nat: no route is left" eval '[ -z "$(ip route show 10.79.0.3)" ]'

# ---- vif-openvswitch: a port of a switch
check "openvswitch starts" /usr/share/openvswitch/scripts/ovs-ctl start --system-id=random --no-monitor
check "a switch" ovs-vsctl --timeout=30 add-br ovs0
ip addr add 10.80.0.1/24 dev ovs0 && ip link set ovs0 up
attach openvswitch 14 script=vif-openvswitch bridge=ovs0
check "openvswitch: the vif is a port" eval 'ovs-vsctl list-ports ovs0 | grep -qx "$vif"'
check "openvswitch: the guest reaches dom0" guest_side 14 10.80.0.4 10.80.0.1
check "openvswitch: TCP both ways" eval 'net_send dom0 g1 10.80.0.4 2 && net_send g1 dom0 10.80.0.1 2'
check "openvswitch: udev was told" uevent online "$dev" /etc/xen/scripts/vif-openvswitch
check "openvswitch: detach" net_detach g1 14
check "openvswitch: the port is gone" eval '[ -z "$(ovs-vsctl list-ports ovs0)" ]'
ovs-vsctl --timeout=30 del-br ovs0
check "openvswitch stops" /usr/share/openvswitch/scripts/ovs-ctl stop
modprobe -r openvswitch
kill $listener

# ---- a vif by a name of the administrator's
attach vifname 15 "bridge=$NET_BRIDGE" vifname=shop0
check "vifname: the vif has it, in the bridge" test -e "/sys/class/net/$NET_BRIDGE/brif/shop0"
check "vifname: it works" net_up g1 15
check "vifname: detach" net_detach g1 15
check "vifname: the name is free" test ! -e /sys/class/net/shop0
check "guest shuts down" guest_stop g1
