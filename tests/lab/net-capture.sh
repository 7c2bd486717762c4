# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: packet captures of every kind of packet, compared between the guest's interface and its vif
# why: the bridge has to see what the guest sent, and the other way round
# expected: the same frames, in number, length and content, in both directions
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
vif=$(vif_of g1)
# Segments are merged by GRO before a capture sees them; and a queue may overtake another.
check "no GRO at either end" eval 'guest_run g1 "ethtool -K eth0 gro off" && ethtool -K $vif gro off'

guest_run g1 'modprobe 8021q; ip link add link eth0 name eth0.5 type vlan id 5 && ip link set eth0.5 up
	ip addr add 10.78.0.11/24 dev eth0.5; head -c 300000 /dev/urandom >/run/data' || bail "VLAN"
modprobe 8021q
ip link add link "$NET_BRIDGE" name "$NET_BRIDGE.5" type vlan id 5 && ip link set "$NET_BRIDGE.5" up
ip addr replace 10.78.0.1/24 dev "$NET_BRIDGE.5"
head -c 300000 /dev/urandom >/run/data

dump='tcpdump -i $i -Q $q -s 0 -B 8192 -U -w $f -Z root >/dev/null 2>$f.log </dev/null'

mark='echo framesum-mark >/dev/udp/$to/9'

# compare DIRECTION WHERE VARIABLES COMMAND: capture while the command runs; DIRECTION as the guest
# sees it. Of what hosts say unasked while only one capture runs the marks tell it apart.
compare() {
	local dir=$1 where=$2 vars=$3 command=$4 back=in a b
	[ "$dir" = out ] || back=out
	guest_run g1 "rm -f /run/cap*; i=eth0 q=$dir f=/run/cap; setsid $dump &
		for n in \$(seq 100); do grep -q listening /run/cap.log && exit 0; sleep 0.1; done; exit 1" || return 1
	rm -f /run/cap*
	# shellcheck disable=SC2034 # for $dump
	i=$vif q=$back f=/run/cap
	eval "$dump" &
	wait_for 10 grep -q listening /run/cap.log || return 1
	# tcpdump hears of a packet up to a second later
	net_on "$where" -t 60 "$vars $mark; sleep 0.3; $command
		sleep 0.3; $mark; sleep 1.5" >/run/cap.cmd 2>&1
	guest_run g1 'pkill -INT tcpdump; for n in $(seq 50); do pgrep tcpdump >/dev/null || break; sleep 0.1; done
		grep "dropped by kernel" /run/cap.log'
	pkill -INT -x tcpdump
	wait
	if ! guest_run g1 -t 30 'framesum /run/cap' >/run/sum.guest || ! framesum /run/cap >/run/sum.dom0; then
		cat /run/sum.guest /run/cap.cmd
		return 1
	fi
	sort -o /run/sum.guest /run/sum.guest
	sort -o /run/sum.dom0 /run/sum.dom0
	a=$(grep -c . /run/sum.guest) b=$(grep -c . /run/sum.dom0)
	cut -d' ' -f1 /run/sum.guest | sort | uniq -c | awk '{ printf "%s %s, ", $1, $2 }'
	echo "$a at the guest, $b at the vif"
	[ "$a" -gt 0 ] || { cat /run/cap.cmd; return 1; }
	if ! diff /run/sum.guest /run/sum.dom0 >/run/sum.diff; then
		head -n 8 /run/sum.diff
		return 1
	fi
}
# kinds WORD...: the last comparison had frames of these
kinds() {
	local k
	for k in "$@"; do cut -d' ' -f1 /run/sum.guest | grep -qx -- "$k" || { echo "no $k"; return 1; }; done
}

small='ip neigh flush all; ping -q -c 3 -i 0.2 -s 10 $a4; ping -q -c 2 -i 0.2 -s 1472 $a4
	ping -q -c 2 -i 0.2 -s 4000 $a4; ping -q -c 3 -i 0.2 $a6; ping -q -c 2 -i 0.2 -s 4000 $a6
	traffic sizes $a4 1 1472 131; traffic sizes $a6 1 1452 131; traffic sizes $a4 3000 9000 3000
	ping -q -b -c 1 -W 1 10.77.0.255'
stream='timeout 20 socat -u OPEN:/run/data TCP4:$a4:7000; timeout 20 socat -u OPEN:/run/data TCP6:[$a6]:7000'
tagged='ping -q -c 2 -i 0.2 -s 1472 $av; timeout 20 socat -u OPEN:/run/data TCP4:$av:7000'
g="to=$NET_DOM0_4 a4=$NET_DOM0_4 a6=$NET_DOM0_6 av=10.78.0.1;"
d="to=$(net_ip4 11) a4=$(net_ip4 11) a6=$(net_ip6 11) av=10.78.0.11;"

check "out: small kinds" compare out g1 "$g" "$small"
check "out: all of them were there" kinds arp ip-icmp ip-part ip6-icmp6 ip6-part ip-udp ip6-udp
check "out: TCP" compare out g1 "$g" "$stream"
check "out: TCP was there in both families" kinds ip-tcp ip6-tcp
check "out: segments larger than the MTU crossed whole" \
	test "$(awk '{ if ($2 > m) m = $2 } END { print m + 0 }' /run/sum.guest)" -gt 3000
check "out: VLAN" compare out g1 "$g" "$tagged"
check "out: tags were there" kinds vlan-ip-icmp vlan-ip-tcp
check "out: multicast" compare out g1 "$g" "traffic say 239.77.1.1 eth0 10; traffic say ff15::77 eth0 10"
check "in: small kinds" compare in dom0 "$d" "$small"
check "in: all of them were there" kinds arp ip-icmp ip-part ip6-icmp6 ip6-part ip-udp ip6-udp
check "in: TCP" compare in dom0 "$d" "$stream"
check "in: TCP was there in both families" kinds ip-tcp ip6-tcp
check "in: segments larger than the MTU crossed whole" \
	test "$(awk '{ if ($2 > m) m = $2 } END { print m + 0 }' /run/sum.guest)" -gt 3000
check "in: VLAN" compare in dom0 "$d" "$tagged"
check "in: tags were there" kinds vlan-ip-icmp vlan-ip-tcp
# shellcheck disable=SC2034 # for eval
off='ethtool -K $i tso off gso off >/dev/null 2>&1; ethtool -k $i | grep -q "^tcp-segmentation-offload: off"'
# The in-tree frontend cannot leave the checksums of IPv4 to the processor.
[ "$LAB_FRONT" != ours ] ||
	off=$off' && ethtool -K $i tx off >/dev/null 2>&1; ethtool -k $i | grep -q "^tx-checksumming: off"'
check "no offload at either end" eval 'guest_run g1 "i=eth0; $off" && i=$vif && eval "$off"'
check "out: without offloads" compare out g1 "$g" "$stream; $small"
check "in: without offloads" compare in dom0 "$d" "$stream; $small"
ip link del "$NET_BRIDGE.5"
check "guest shuts down" guest_stop g1
