# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the network tests share. Sourced by them, after tests/lab/lib.sh:
#
#	. "$JOB/tests/lab/net.bash"
#	net_setup
#
# dom0 has the bridge xenbr0 with 10.77.0.1 and fd77::1. A guest has a number N, 2 to 99, and from it
# its MAC address 00:16:3e:77:00:N (hexadecimal) and its addresses 10.77.0.N and fd77::N.  The vifs
# come and go by xl and the stock vif-bridge script.  On dom0 and on each guest "traffic serve"
# answers (lab/guest/traffic.c).

export PATH=$PATH:$JOB/bin
NET_BRIDGE=xenbr0
NET_DOM0_4=10.77.0.1
# shellcheck disable=SC2034 # for the tests
NET_DOM0_6=fd77::1
# shellcheck disable=SC2034
NETBACK_DEBUG=/sys/kernel/debug/xen-netback
# shellcheck disable=SC2034
NETFRONT_DEBUG=/sys/kernel/debug/xen-netfront

# ---- dom0 ------------------------------------------------------------------------

# net_backend ours|intree|none [PARAM=VALUE...]: (un)load xen-netback
net_backend() {
	local which=$1 file
	shift
	if [ "$which" = none ] || [ -d /sys/module/xen_netback ]; then
		wait_for 20 net_rmmod_backend || { echo "xen-netback stays loaded" >&2; return 1; }
	fi
	[ "$which" != none ] || return 0
	file=$(module_file xen-netback "$which") || return 1
	if [ "$which" = ours ]; then
		modprobe xen-netback "$@" || return 1
	else
		insmod "$file" "$@" || return 1
	fi
	[ "$(loaded_is xen-netback)" = "$which" ] ||
		{ echo "xen-netback loaded is $(loaded_is xen-netback), not $which" >&2; return 1; }
}

# The bus holds an in-tree module as long as one of its devices is bound.
net_unbind() { # BUS
	local d
	for d in "/sys/bus/$1/drivers/vif/vif-"*; do
		[ ! -e "$d" ] || echo "${d##*/}" >"/sys/bus/$1/drivers/vif/unbind"
	done
}

net_rmmod_backend() {
	[ -d /sys/module/xen_netback ] || return 0
	[ "$(loaded_is xen-netback)" = ours ] || net_unbind xen-backend
	modprobe -r xen-netback 2>/dev/null || rmmod xen-netback
}

# net_bridge NAME THIRD [MTU]: a bridge with 10.77.THIRD.1 and fd77:THIRD::1 (fd77:: for 0)
net_bridge() {
	local name=$1 third=$2 mtu=${3:-1500} prefix=fd77:$2::
	[ "$third" != 0 ] || prefix=fd77::
	if ! [ -e "/sys/class/net/$name" ]; then
		ip link add "$name" address "00:16:3e:77:0$third:01" type bridge \
			stp_state 0 forward_delay 0 || return 1
	fi
	ip link set "$name" mtu "$mtu" up || return 1
	ip addr replace "10.77.$third.1/24" dev "$name" || return 1
	ip -6 addr replace "${prefix}1/64" dev "$name" nodad
}

# net_setup: the backend that was asked for, the bridge, the server
net_setup() {
	[ "$(loaded_is xen-netback)" = "$LAB_BACK" ] || net_backend "$LAB_BACK" ||
		bail setup "cannot load the $LAB_BACK xen-netback"
	modprobe bridge || bail setup "no bridges"
	net_bridge $NET_BRIDGE 0 || bail setup "no bridge"
	pgrep -x traffic >/dev/null ||
		setsid traffic serve >/dev/null 2>&1 </dev/null 3>&- &
}

# net_script online|offline GUEST [DEVID]: the hotplug script by hand, as xl runs it
net_script() {
	local id dev=${3:-0}
	id=$(guest_id "$2") || return 1
	XENBUS_PATH=backend/vif/$id/$dev vif=vif$id.$dev script=/etc/xen/scripts/vif-bridge \
		/etc/xen/scripts/vif-bridge "$1" type_if=vif
}

# ---- names -------------------------------------------------------------------------

net_mac() { printf '00:16:3e:77:00:%02x' "$1"; }
net_ip4() { echo "10.77.${2:-0}.$1"; }
net_ip6() { if [ "${2:-0}" = 0 ]; then echo "fd77::$1"; else echo "fd77:$2::$1"; fi; }

# net_vif N [MORE]: what stands in a vif line of an xl file. An HVM guest would get an emulated
# twin beside it, which has the same address.
net_vif() {
	local hvm=''
	[ "$LAB_TYPE" != hvm ] || hvm=,type=vif
	echo "mac=$(net_mac "$1"),bridge=${NET_VIF_BRIDGE:-$NET_BRIDGE}$hvm${2:+,$2}"
}

# vif_of GUEST [DEVID]: the interface in dom0
vif_of() { echo "vif$(guest_id "$1").${2:-0}"; }

# vif_back GUEST [DEVID], vif_front GUEST [DEVID]: directories in xenstore
vif_back() { echo "/local/domain/0/backend/vif/$(guest_id "$1")/${2:-0}"; }
vif_front() { echo "/local/domain/$(guest_id "$1")/device/vif/${2:-0}"; }

# A guest's interface by its MAC address; with a device, for a VLAN's has the same address.
NET_IF='net_if() {
	local a
	for a in /sys/class/net/*/address; do
		[ -e "${a%/address}/device" ] && [ "$(cat "$a")" = "$1" ] || continue
		a=${a%/address}
		echo "${a##*/}"
		return 0
	done
	return 1
}'

# net_if_of GUEST N: its name in the guest
net_if_of() { guest_run "$1" "$NET_IF
net_if $(net_mac "$2")"; }

# ---- guests ------------------------------------------------------------------------

# net_guest NAME N [OPTION of guest_start...]: a guest in memory with one vif, its addresses set.
# NET_VIF_MORE goes to the vif line.
net_guest() {
	local name=$1 n=$2
	shift 2
	guest_start "$name" --root ram --append "xenpv.load=xen-blkfront,xen-netfront" \
		--config "vif = [ \"$(net_vif "$n" "${NET_VIF_MORE:-}")\" ]" "$@" || return 1
	net_up "$name" "$n"
}

# net_up GUEST N [THIRD]: wait for the interface of that number, give it its addresses, start the
# server; until dom0 can be reached by it
net_up() {
	local third=${3:-0} ip4 ip6
	ip4=$(net_ip4 "$2" "$third") ip6=$(net_ip6 "$2" "$third")
	guest_run "$1" -t 90 "$NET_IF
		for i in \$(seq 200); do if=\$(net_if $(net_mac "$2")) && break; sleep 0.1; done
		[ -n \"\$if\" ] || { echo 'no interface'; exit 1; }
		ip link set \$if up || exit 1
		for i in \$(seq 200); do [ \"\$(cat /sys/class/net/\$if/carrier)\" = 1 ] && break; sleep 0.1; done
		ip addr replace $ip4/24 dev \$if && ip -6 addr replace $ip6/64 dev \$if nodad || exit 1
		pgrep traffic >/dev/null ||
			{ setsid traffic serve >/dev/null 2>&1 </dev/null & }
		for i in \$(seq 60); do ping -q -c 1 -W 1 10.77.$third.1 >/dev/null && exit 0; done
		echo \"dom0 does not answer on \$if: \$(cat /sys/class/net/\$if/operstate)\"
		ip -s link show \$if
		exit 1" && return 0
	{
		bridge link
		ip -s link show "$(vif_of "$1")"
		xenstore-ls "$(vif_back "$1")"
	} >&2
	return 1
}

# net_attach GUEST N [XL ARGUMENT...]: one more vif; net_devid tells its number
net_attach() {
	local guest=$1 n=$2
	shift 2
	xl network-attach "$guest" "mac=$(net_mac "$n")" "bridge=${NET_VIF_BRIDGE:-$NET_BRIDGE}" "$@" &&
		net_devid "$guest" "$n" >/dev/null
}

# net_detach GUEST N: remove the vif of that number, wait until both ends have it gone
net_detach() {
	local mac base
	mac=$(net_mac "$2")
	base=$(vif_back "$1" "$(net_devid "$1" "$2")") || return 1
	timeout 60 xl network-detach "$1" "$mac" || return 1
	wait_for 20 eval "! xenstore-exists $base" || { echo "$base stays" >&2; return 1; }
	guest_run "$1" "$NET_IF
		for i in \$(seq 100); do net_if $mac >/dev/null || exit 0; sleep 0.1; done
		echo \"\$(net_if $mac) stays in the guest\"; exit 1"
}

# net_devid GUEST N: the number of the vif with that MAC address
net_devid() {
	local id d
	id=$(guest_id "$1") || return 1
	for d in $(xenstore-list "/local/domain/0/backend/vif/$id" 2>/dev/null); do
		[ "$(xenstore-read "/local/domain/0/backend/vif/$id/$d/mac")" != "$(net_mac "$2")" ] ||
			{ echo "$d"; return 0; }
	done
	echo "$1 has no vif $(net_mac "$2")" >&2
	return 1
}

# net_reload_front GUEST N [PARAM=VALUE...]: the frontend again with other parameters
net_reload_front() {
	local guest=$1 n=$2
	shift 2
	guest_run "$guest" "$(declare -f net_unbind)
		net_unbind xen; modprobe -r xen-netfront && modprobe xen-netfront $*" &&
		net_up "$guest" "$n"
}

# ---- traffic -----------------------------------------------------------------------

# net_on GUEST|dom0 [-t SECONDS] COMMAND
net_on() {
	local where=$1 limit=60
	shift
	if [ "$1" = -t ]; then
		limit=$2
		shift 2
	fi
	if [ "$where" = dom0 ]; then
		timeout "$limit" bash -c "$*"
	else
		guest_run "$where" -t "$limit" "$*"
	fi
}

# net_send FROM TO ADDRESS MEGABYTES: random bytes by TCP, the same sha256 at both ends
net_send() {
	local from=$1 to=$2 addr=$3 mb=$4 to_addr=TCP4:$3 port=$((10000 + RANDOM % 20000)) a b job
	case $addr in *:*) to_addr="TCP6:[$addr]" ;; esac
	net_on "$to" -t 150 "timeout 140 socat -u TCP6-LISTEN:$port,ipv6only=0,reuseaddr \
		OPEN:/run/net.in.$port,creat,trunc && sha256sum </run/net.in.$port
		rm -f /run/net.in.$port" >"/run/net.sum.$port" 2>&1 &
	job=$!
	a=$(net_on "$from" -t 150 "head -c $((mb << 20)) /dev/urandom >/run/net.out.$port &&
		sha256sum </run/net.out.$port &&
		timeout 130 socat -u OPEN:/run/net.out.$port $to_addr:$port,retry=100,interval=0.1
		rc=\$?; rm -f /run/net.out.$port; exit \$rc" 2>&1) ||
		{ echo "sending: $a"; kill $job; return 1; }
	wait $job
	b=$(cat "/run/net.sum.$port")
	rm -f "/run/net.sum.$port"
	[ -n "$a" ] || a=nothing
	[ "$a" = "$b" ] || { echo "sent '$a', got '$b'"; return 1; }
}

# net_both_ways GUEST N MEGABYTES [THIRD]: TCP to and from dom0 in both families
net_both_ways() {
	local third=${4:-0}
	net_send "$1" dom0 "$(net_ip4 1 "$third")" "$3" || { echo "IPv4 to dom0"; return 1; }
	net_send dom0 "$1" "$(net_ip4 "$2" "$third")" "$3" || { echo "IPv4 from dom0"; return 1; }
	net_send "$1" dom0 "$(net_ip6 1 "$third")" "$3" || { echo "IPv6 to dom0"; return 1; }
	net_send dom0 "$1" "$(net_ip6 "$2" "$third")" "$3" || { echo "IPv6 from dom0"; return 1; }
}

# net_steady_start GUEST PER_SECOND NAME [ADDRESS]: paced and verified traffic in the background
net_steady_start() {
	guest_run "$1" "rm -f /run/$3 /run/$3.stop
		setsid traffic steady ${4:-$NET_DOM0_4} $2 /run/$3 >/dev/null 2>&1 </dev/null &
		for i in \$(seq 100); do [ -s /run/$3 ] && exit 0; sleep 0.1; done; exit 1"
}

# net_steady_line GUEST NAME: its figures so far
net_steady_line() { guest_run "$1" -t 20 "cat /run/$2"; }

# net_field NAME: the value after that word on standard input
net_field() { awk -v n="$1" '{ for (i = 1; i < NF; i++) if ($i == n) { print $(i + 1); exit } }'; }

# net_steady_alive GUEST NAME [LOST]: it still runs, and nothing was wrong or more than that was lost (0)
net_steady_alive() {
	local a b
	a=$(net_steady_line "$1" "$2") || return 1
	for _ in $(seq 60); do
		b=$(net_steady_line "$1" "$2") || return 1
		[ "$(net_field ok <<<"$b")" = "$(net_field ok <<<"$a")" ] || break
		sleep 0.5
	done
	echo "$b"
	if [ "$(net_field ok <<<"$b")" = "$(net_field ok <<<"$a")" ]; then
		echo "it stands still"
		guest_run "$1" 'for p in $(pgrep -x traffic); do
			tr "\0" " " <"/proc/$p/cmdline"; echo "is in $(cat "/proc/$p/wchan")"; done'
		return 1
	fi
	[ "$(net_field lost <<<"$b")" -le "${3:-0}" ] && [ "$(net_field bad <<<"$b")" = 0 ]
}

# net_steady_stop GUEST NAME [LOST]: end it and judge it
net_steady_stop() {
	local line
	net_steady_alive "$1" "$2" "${3:-0}" || return 1
	guest_run "$1" -t 60 "touch /run/$2.stop
		for i in \$(seq 150); do pgrep -f 'traffic steady.*/run/$2\$' >/dev/null || exit 0; sleep 0.1; done
		exit 1" || { echo "it does not stop"; return 1; }
	line=$(net_steady_line "$1" "$2")
	echo "$line"
	[ "$(net_field lost <<<"$line")" -le "${3:-0}" ] && [ "$(net_field bad <<<"$line")" = 0 ]
}

# net_rx_queues GUEST IFACE: packets received by each queue, of our frontend
net_rx_queues() {
	guest_run "$1" "ethtool -S $2" | sed -nE 's/^ *(rx_queue_[0-9]+_packets|queue_?[0-9]+_rx_packets|rx[-_]?[0-9]+[._]packets): *([0-9]+)$/\2/p'
}
