# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A lab test with a frontend of network devices that xpeer plays, in a guest named "attacker" with
# the number 66. Sourced after net.bash, lab.bash and front.bash.

# shellcheck disable=SC2034 # front.bash reads these
XP_KIND=vif XP_ROLE=net-front XP_TOTALS=$NETBACK_DEBUG/violations

xp_attach() { net_attach attacker 66; }
xp_detach() { timeout 60 xl network-detach attacker 0; }
xp_dev() { echo 0; }
xp_options() { echo "--case-time 180000"; }

# Traffic for a guest that does not take it: two kinds of senders in dom0.
drown() {
	ip neigh replace 10.77.0.66 lladdr "$(net_mac 66)" dev "$NET_BRIDGE" nud permanent
	timeout "$1" ping -f -q -s 1400 10.77.0.66 >/dev/null 2>&1 &
	nice timeout "$1" socat -u -b 1400 /dev/zero UDP4-DATAGRAM:10.77.0.66:9 >/dev/null 2>&1 &
}

memory() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }

# What goes on in dom0 beside a case.
xp_before() { # NAME
	mem=$(memory)
	case $1 in
	rx-stall) drown 70 ;;
	rx-none | rx-one | rx-slowly) drown 12 ;;
	odd-limited)
		xenstore-write "$(xp_back 0)/rate" 10000,50000
		drown 60
		;;
	esac
}

# Its end, and what is wrong if something is.
xp_after() { # NAME
	case $1 in
	rx-stall | rx-none | rx-one | rx-slowly) ;;
	odd-limited) xenstore-rm "$(xp_back 0)/rate" ;;
	*) return ;;
	esac
	pkill -x ping
	pkill -x socat
	ip neigh del 10.77.0.66 dev "$NET_BRIDGE"
	mem=$((mem - $(memory)))
	[ $mem -lt 64 ] || echo "$mem MB of dom0's memory are gone"
}
