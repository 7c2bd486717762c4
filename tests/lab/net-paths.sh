# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: IP fragments, VLAN, QinQ, tunnels, DHCP, blank checksums inside tunnels, a bridge inside the guest,
#   an interface in another namespace
# why: real networks have all of these, and each has caused a bug of some Xen driver
# expected: every byte arrives at both ends; a checksum that the other end would not find is filled
#   in before
# needs: rawnet
# argument: way=split (the default) or single: a backend with one queue and one event channel
# timeout: 700

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
if [ "${LAB_ARG_way:-split}" = single ]; then
	net_backend "$LAB_BACK" separate_tx_rx_irq=N max_queues=1 || bail "backend"
fi
modprobe 8021q || bail "dom0's modules"
# The root disk has all modules, a guest in memory has few.
start() { # NAME N
	guest_start "$1" --vcpus 2 --config "vif = [ \"$(net_vif "$2")\" ]" && net_up "$1" "$2"
}
check "a guest starts" start g1 11 || bail "guest"
check "a guest in memory starts" net_guest g2 12 --vcpus 2 || bail "guest"
check "the guest's modules" guest_run g1 'modprobe -a 8021q bridge veth'

# ---- IP fragments -----------------------------------------------------------------------------

big="2000 60000 9667"	# 2000, 11667 ... 60000
check "fragments, guest to dom0" guest_run g1 -t 60 "traffic sizes $NET_DOM0_4 $big"
check "fragments, dom0 to guest" timeout 60 bash -c "traffic sizes $(net_ip4 11) $big"
check "fragments, guest to guest" guest_run g1 -t 60 "traffic sizes $(net_ip4 12) $big"
check "fragments, IPv6" guest_run g1 -t 60 "traffic sizes $NET_DOM0_6 $big && traffic sizes $(net_ip6 12) $big"
check "the largest datagram" guest_run g1 -t 60 "traffic sizes $NET_DOM0_4 65507 65507"

# ---- VLAN, two tags ---------------------------------------------------------------------------

# 1500 bytes behind one tag and behind two: the frames have 1518 and 1522.
tags='ip link add link $if name $v.5 type vlan id 5 && ip link add link $v.5 name $v.q type vlan id 6 &&
	ip link set $v.5 up && ip link set $v.q up &&
	ip addr add 10.78.5.$n/24 dev $v.5 && ip addr add 10.78.6.$n/24 dev $v.q'
check "tags in the guest" guest_run g1 "if=eth0 v=e n=11; $tags"
check "tags in the other guest" guest_run g2 "modprobe 8021q; if=eth0 v=e n=12; $tags"
check "tags in dom0" eval "if=$NET_BRIDGE v=b n=1; $tags"
for to in 1 12; do
	check "VLAN: 1500 bytes to .$to" guest_run g1 "ping -q -c 2 -i 0.2 -W 5 -M do -s 1472 10.78.5.$to"
	check "VLAN: fragments to .$to" guest_run g1 -t 60 "traffic sizes 10.78.5.$to $big"
	check "two tags: 1400 bytes to .$to" guest_run g1 "ping -q -c 2 -i 0.2 -W 5 -M do -s 1372 10.78.6.$to"
done
check "VLAN: TCP to dom0" net_send g1 dom0 10.78.5.1 4
check "VLAN: TCP from dom0" net_send dom0 g1 10.78.5.11 4
check "two tags: TCP to dom0" net_send g1 dom0 10.78.6.1 4
check "two tags: TCP from dom0" net_send dom0 g1 10.78.6.11 4
# A device of 1504 bytes, so that 1500 are left behind the inner tag.
check "MTU 1504" eval "ip link set $NET_BRIDGE mtu 1504; ip link set $(vif_of g1) mtu 1504 &&
	guest_run g1 'ip link set eth0 mtu 1504'"
check "two tags: 1500 bytes" eval "
	guest_run g1 'ip link set e.5 mtu 1504 && ip link set e.q mtu 1500' &&
	ip link set b.5 mtu 1504 && ip link set b.q mtu 1500 &&
	guest_run g1 'ping -q -c 2 -i 0.2 -W 5 -M do -s 1472 10.78.6.1'"
guest_run g1 'ip link del e.5; ip link set eth0 mtu 1500'
guest_run g2 'ip link del e.5'
ip link del b.5
ip link set "$NET_BRIDGE" mtu 1500
ip link set "$(vif_of g1)" mtu 1500

# ---- tunnels ----------------------------------------------------------------------------------

# tunnel_lines KIND LOCAL REMOTE DEVICE: the commands that make t0 with that end's address 10.78.9.$n
tunnel_lines() {
	case $1 in
	vxlan) echo "ip link add t0 type vxlan id 9 remote $3 dstport 4789 dev $4" ;;
	gretap) echo "ip link add t0 type gretap local $2 remote $3" ;;
	fou)
		echo "ip fou add port 5555 ipproto 4"
		echo "ip link add t0 type ipip local $2 remote $3 encap fou encap-sport auto encap-dport 5555 encap-csum"
		;;
	grefou)
		echo "ip fou add port 5555 ipproto 47"
		echo "ip link add t0 type gretap local $2 remote $3 encap fou encap-sport auto encap-dport 5555 encap-csum"
		;;
	esac
	echo "ip link set t0 mtu 1400 up"
	echo "ip addr add 10.78.9.\$n/24 dev t0"
}
tunnel() { tunnel_lines "$@" | sed ':a; N; $!ba; s/\n/ \&\& /g'; }
for kind in vxlan gretap fou grefou; do
	case $kind in vxlan) m=vxlan ;; *) m='fou ip_gre ipip' ;; esac
	# shellcheck disable=SC2086 # words
	if ! modprobe -n -q -a $m; then
		skip "$kind" "the lab's kernel has no such module"
		continue
	fi
	check "$kind in the guest" guest_run g1 "modprobe -a $m && n=11 &&
		$(tunnel $kind "$(net_ip4 11)" "$NET_DOM0_4" eth0)"
	check "$kind in dom0" eval "modprobe -a $m && n=1 &&
		$(tunnel $kind "$NET_DOM0_4" "$(net_ip4 11)" "$NET_BRIDGE")"
	# The kernel drops what it has merged of GRE inside UDP: gre_gro_complete() replaces the mark of UDP
	# tunnels, and udp_unexpected_gso() refuses a packet without it. That is so with every network card.
	[ $kind != grefou ] || guest_run g1 'ethtool -K eth0 gro off'
	check "$kind: ping" guest_run g1 'for i in $(seq 20); do ping -q -c 1 -W 1 10.78.9.1 >/dev/null && exit 0; done; exit 1'
	check "$kind: datagrams" guest_run g1 -t 60 "traffic sizes 10.78.9.1 1 1372 149 && traffic sizes 10.78.9.1 $big"
	check "$kind: TCP to dom0" net_send g1 dom0 10.78.9.1 4
	check "$kind: TCP from dom0" net_send dom0 g1 10.78.9.11 4
	guest_run g1 'ip link del t0; ip fou del port 5555 2>/dev/null; ethtool -K eth0 gro on'
	ip link del t0
	ip fou del port 5555 2>/dev/null
done

# ---- blank checksums ----------------------------------------------------------------------------

# As the guest of a guest sends them: a packet socket with a header of virtio, the sum to be filled in.
rawnet_to() { # GUEST
	local size
	size=$(stat -c %s "$JOB/bin/rawnet")
	socat -u "FILE:$JOB/bin/rawnet" TCP4-LISTEN:7099,reuseaddr &
	guest_run "$1" -t 30 "socat -u TCP4:$NET_DOM0_4:7099,retry=50,interval=0.1 CREATE:/tmp/rawnet &&
		chmod +x /tmp/rawnet && [ \$(stat -c %s /tmp/rawnet) = $size ]"
}
check "rawnet in the guest" rawnet_to g1
vif=$(vif_of g1)
seen() { # WHERE COMMAND...: what arrives there by a frame of each kind
	local out job
	out=$(mktemp)
	if [ "$1" = dom0 ]; then rawnet see "$vif" 6; else guest_run g1 '/tmp/rawnet see eth0 6'; fi >"$out" &
	job=$!
	shift
	sleep 2
	"$@"
	wait $job
	sort -u "$out" | tr '\n' ';'
	rm -f "$out"
}
to_dom0=$(seen dom0 guest_run g1 "/tmp/rawnet send eth0 $(cat "/sys/class/net/$NET_BRIDGE/address")")
note "guest to dom0: $to_dom0"
# The in-tree drivers leave the one in a tunnel blank, and the other end drops it.
kinds() { if [ "$1" = ours ]; then echo ip4 ip6 ipip vlan; else echo ip4 ip6 vlan; fi; }
for kind in $(kinds "$LAB_FRONT"); do
	check "$kind to dom0 has its checksum" grep -qE "(^|;)$kind (sum|blank);" <<<"$to_dom0"
done
if [ "$LAB_FRONT" = ours ]; then
	is "in a tunnel it is filled in" "$(grep -oE 'ipip [a-z]*' <<<"$to_dom0")" "ipip sum"
	is "a plain one is left to the other end" "$(grep -oE 'ip4 [a-z]*' <<<"$to_dom0")" "ip4 blank"
fi
to_guest=$(seen guest rawnet send "$vif" "$(net_mac 11)")
note "dom0 to guest: $to_guest"
for kind in $(kinds "$LAB_BACK"); do
	check "$kind to the guest has its checksum" grep -qE "(^|;)$kind (sum|blank);" <<<"$to_guest"
done
[ "$LAB_BACK" != ours ] ||
	is "in a tunnel it is filled in" "$(grep -oE 'ipip [a-z]*' <<<"$to_guest")" "ipip sum"

# ---- a bridge inside the guest, a namespace -------------------------------------------------------

# The bridge has eth0's address, as in a guest that has guests: one of those is a namespace.
check "a bridge inside the guest" guest_run g1 "ip addr flush dev eth0; ip link add br0 address $(net_mac 11) type bridge &&
	ip link set eth0 master br0 && ip link set br0 up && ip addr add $(net_ip4 11)/24 dev br0 &&
	ip netns add inner && ip link add ve0 type veth peer name ve1 &&
	ip link set ve0 master br0 up && ip link set ve1 netns inner &&
	ip netns exec inner ip link set ve1 up && ip netns exec inner ip addr add $(net_ip4 13)/24 dev ve1 &&
	ip netns exec inner ip link set lo up"
guest_run g1 'setsid ip netns exec inner traffic serve >/dev/null 2>&1 </dev/null & exit 0'
check "behind the bridge: ping" guest_run g1 "for i in \$(seq 30); do
	ip netns exec inner ping -q -c 1 -W 1 $NET_DOM0_4 >/dev/null && exit 0; done; bridge link; exit 1"
check "behind the bridge: datagrams" guest_run g1 -t 60 "ip netns exec inner traffic sizes $NET_DOM0_4 1 1472 149 &&
	ip netns exec inner traffic sizes $NET_DOM0_4 $big"
check "dom0 to behind the bridge" timeout 60 bash -c "traffic sizes $(net_ip4 13) 1 1472 149"
check "the other guest to behind the bridge" guest_run g2 "traffic sizes $(net_ip4 13) 1 1472 149"
stream() { # the namespace sends; TCP leaves it with blank checksums and GSO
	guest_run g1 -t 90 "head -c 4194304 /dev/urandom >/run/inner.out && sha256sum </run/inner.out" >/run/inner.sum || return 1
	timeout 90 socat -u TCP4-LISTEN:7098,reuseaddr OPEN:/run/inner.in,creat,trunc &
	guest_run g1 -t 90 "ip netns exec inner socat -u OPEN:/run/inner.out TCP4:$NET_DOM0_4:7098,retry=50,interval=0.1" || return 1
	wait $!
	[ "$(sha256sum </run/inner.in)" = "$(cat /run/inner.sum)" ]
}
check "behind the bridge: TCP" stream
check "the bridge's own address" guest_run g1 "traffic sizes $NET_DOM0_4 1 1472 149"

check "eth0 alone again" guest_run g1 'ip link set eth0 nomaster; ip link del br0; ip link del ve0; ip netns del inner'
check "eth0 goes to another namespace" guest_run g1 "ip netns add other && ip link set eth0 netns other &&
	ip netns exec other ip link set eth0 up && ip netns exec other ip addr add $(net_ip4 11)/24 dev eth0"
check "it works there" guest_run g1 -t 60 "for i in \$(seq 30); do ip netns exec other ping -q -c 1 -W 1 $NET_DOM0_4 >/dev/null && break; done
	ip netns exec other traffic sizes $NET_DOM0_4 1 1472 149"
[ "$LAB_FRONT$LAB_BACK" != oursours ] || [ "${LAB_ARG_way:-split}" = single ] ||
	check "and changes its queues" guest_run g1 -t 60 "ip netns exec other ethtool -L eth0 combined 1 &&
		for i in \$(seq 30); do ip netns exec other ping -q -c 1 -W 1 $NET_DOM0_4 >/dev/null && exit 0; done; exit 1"
check "and comes back with the namespace's end" guest_run g1 "ip netns exec other ip link set eth0 netns 1 && ip netns del other &&
	ip link set eth0 up && ip addr replace $(net_ip4 11)/24 dev eth0 &&
	for i in \$(seq 30); do ping -q -c 1 -W 1 $NET_DOM0_4 >/dev/null && exit 0; done; exit 1"

# ---- DHCP -----------------------------------------------------------------------------------------

# The server's answers leave its kernel with blank checksums; the client reads them from a packet socket.
check "a DHCP server in the other guest" guest_run g2 'printf "start 10.77.0.60\nend 10.77.0.69\ninterface eth0\nlease_file /run/leases\noption subnet 255.255.255.0\noption router 10.77.0.1\n" >/run/udhcpd.conf
	: >/run/leases; setsid udhcpd -f /run/udhcpd.conf >/run/udhcpd.log 2>&1 </dev/null & sleep 1; pgrep udhcpd'
check "a client gets a lease" guest_run g1 -t 60 'printf "#!/bin/sh\n[ \$1 != bound ] || echo \$ip >/run/lease\n" >/tmp/lease.sh; chmod +x /tmp/lease.sh
	busybox udhcpc -i eth0 -n -q -t 10 -T 2 -s /tmp/lease.sh; cat /run/lease'
check "the first of them" guest_run g1 'grep -x "10\.77\.0\.6[0-9]" /run/lease'

check "the first guest shuts down" guest_stop g1
check "the second guest shuts down" guest_stop g2
[ "${LAB_ARG_way:-split}" != single ] || net_backend "$LAB_BACK"
