# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a frontend that breaks every rule, against xen-netback (set=few, cases=PATTERN+PATTERN)
# why: dom0 serves guests that it must not trust
# expected: each case ends as xpeer says; the violation is counted at the named site, dom0 is idle
#   afterwards and its memory is bounded, a victim guest's traffic loses nothing, nothing is left of
#   the attacker
# timeout: 2700

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
net_setup
cases=$(xp_cases "$XP_FEW_NET_FRONT")
totals=$NETBACK_DEBUG/violations
# The kernel's own driver counts nothing, and an attack may well be its end.
[ "$LAB_BACK" = ours ] || [ -n "${LAB_ARG_cases:-}" ] || cases='good*'

net_guest victim 20 || bail "victim guest starts"
guest_start attacker --vcpus 2 || bail "attacking guest starts"
check "xpeer is in the attacking guest" xp_install attacker || exit 1
check "attacker has the device files" guest_run attacker \
	'modprobe -a xen-gntalloc xen-evtchn && echo 0 >/sys/bus/xen/drivers_autoprobe' || exit 1
id=$(guest_id attacker)
# What names the attacker's vif in dom0's log is explained.
kmsg_expect "vif-?${id}[-.]0"
back=/local/domain/0/backend/vif/$id/0
front=/local/domain/$id/device/vif/0
waits() { [ "$(xenstore-read "$back/state" 2>/dev/null)" = 2 ]; }

there() { # xpeer itself goes on from any state, as long as there are two
	xenstore-exists "$back/state" && xenstore-exists "$front/state" &&
		[ -e "/sys/class/net/vif$id.0" ]
}

# The guest has no driver for it, so it stays at InitWait.
attach() { net_attach attacker 66 && wait_for 20 waits; }

# Whatever became of the device: gone, then there again.
reattach() {
	timeout 60 xl network-detach attacker 0 >/dev/null 2>&1
	xenstore-rm "$back" 2>/dev/null
	xenstore-rm "$front" 2>/dev/null
	xenstore-rm "/libxl/$id/device/vif/0" 2>/dev/null
	wait_for 20 eval "! [ -e /sys/bus/xen-backend/devices/vif-$id-0 ]"
	attach
}

leak_snapshot /run/before attacker
check "attach a vif" attach || exit 1

# What a neighbour costs that only computes is no fault of a driver.
guest_run attacker -t 5 'for i in 1 2; do
	setsid timeout 15 sh -c "while :; do :; done" >/dev/null 2>&1 </dev/null & done; exit 0'
check "victim's traffic beside a busy neighbour" eval 'net_steady_start victim 40 base &&
	sleep 10 && net_steady_stop victim base'
base=$(net_steady_line victim base)
note "victim beside a busy neighbour: $base"
check "victim's traffic" net_steady_start victim 40 steady
sleep 3
idle=$(($(cpu_busy 4) + 40))
note "dom0 with the victim alone, and 40 % more: $idle % is the limit for idle"
memory() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }

error_node() { xenstore-read "/local/domain/0/error/backend/vif/$id/0/error" 2>/dev/null; }

# Traffic for a guest that does not take it: two kinds of senders in dom0.
drown() {
	ip neigh replace 10.77.0.66 lladdr "$(net_mac 66)" dev "$NET_BRIDGE" nud permanent
	timeout "$1" ping -f -q -s 1400 10.77.0.66 >/dev/null 2>&1 &
	nice timeout "$1" socat -u -b 1400 /dev/zero UDP4-DATAGRAM:10.77.0.66:9 >/dev/null 2>&1 &
}

one() { # NAME SITE FLAGS WHAT
	local name=$1 site=$2 flags=$3 before after rc out look looker='' drown='' mem opts='--wait 20000'
	there || reattach || { not_ok "$name" "cannot attach the vif"; return; }
	xenstore-rm "/local/domain/0/error/backend/vif/$id/0" 2>/dev/null
	before=$(xp_count "$site" <"$totals" 2>/dev/null)
	mem=$(memory)
	case $name in
	rx-stall) drown 70; drown=1 ;;
	rx-none | rx-one | rx-slowly) drown 12; drown=1 ;;
	# These are where a reader of the statistics meets a device that goes.
	state-* | dir-* | kill-* | close-* | watch-*) xp_reader_start ;;
	esac
	if has "$flags" halt || [[ $name = event-storm-* ]]; then
		opts="$opts --linger 7000"
		# A halted vif, or a storm of events, looked at while it lasts.
		cpu_look "$front/xpeer-phase" "$idle" &
		looker=$!
	fi
	out=$(guest_run attacker -t 200 "/tmp/xpeer net-front --dev 0 --case-time 180000 $opts $name")
	rc=$?
	xp_reader_stop
	[ -z "$looker" ] || wait "$looker"
	echo "$out"
	if [ -n "$drown" ]; then
		pkill -x ping
		pkill -x socat
		ip neigh del 10.77.0.66 dev "$NET_BRIDGE"
		mem=$((mem - $(memory)))
		echo "dom0's memory: $mem MB less"
		[ $mem -lt 64 ] || { not_ok "$name" "$mem MB of dom0's memory are gone"; return; }
	fi
	after=$(xp_count "$site" <"$totals" 2>/dev/null)
	case $rc in
	0) ;;
	4) skip "$name" "$(sed -n 's/^# SKIP: //p' <<<"$out")"; return ;;
	*) note "$(grep -E '^# ' <<<"$out")"; not_ok "$name" "$4 (status $rc)"; return ;;
	esac
	if [ "$LAB_BACK" != ours ] || [ "$site" = - ]; then
		:
	elif ! has "$flags" either && [ "${after:-0}" -le "${before:-0}" ]; then
		not_ok "$name" "not counted at $site"
		return
	elif has "$flags" fatal && [ -z "$(error_node)" ]; then
		not_ok "$name" "no error text in the store"
		return
	fi
	[ -z "$(error_node)" ] || echo "error node: $(error_node)"
	if [ -n "$looker" ]; then
		look=$(cat /run/look)
		echo "dom0 $look % busy meanwhile"
		# A storm costs the interrupts themselves, a halted ring nothing.
		if [ -z "$look" ] || { has "$flags" halt && [ "$look" -gt "$idle" ]; }; then
			not_ok "$name" "dom0 '$look' % busy with a halted ring"
			return
		fi
	fi
	ok "$name"
}

# In whole before the first case, which may look at how busy dom0 is.
xp_list net-front "$cases" >/run/cases
n=0
while IFS=$'\t' read -r name site flags what <&5; do
	one "$name" "$site" "$flags" "$what"
	n=$((n + 1))
	[ $((n % 25)) -ne 0 ] || check "victim's traffic lives after $n cases" net_steady_alive victim steady
	[ $((n % 25)) -ne 0 ] || check "dom0 is idle after $n cases" cpu_idle_again "$idle"
	guest_alive attacker || { not_ok "attacker lives" "died in $name"; break; }
done 5</run/cases
note "$n cases"
[ "$n" -gt 0 ] || not_ok "cases" "none is named $cases"

check "victim's traffic lost nothing" net_steady_stop victim steady
line=$(net_steady_line victim steady)
note "victim under attack: $line"
check "and was not slowed down more than by a busy neighbour" eval '
	[ "$(net_field mean_us <<<"$line")" -lt $((3 * $(net_field mean_us <<<"$base") + 20000)) ]'
check "a vif can be attached again" reattach
check "and works" guest_run attacker -t 60 '/tmp/xpeer net-front --dev 0 good'
check "dom0 is idle at the end" cpu_idle_again "$idle"
guest_run attacker -t 60 '/tmp/xpeer net-front --dev 0 good-close'
check "detach it" eval 'xl network-detach attacker 0 && wait_for 20 eval "! xenstore-exists $back"'
# The bus leaves its error nodes to whoever reads them.
xenstore-rm "/local/domain/0/error/backend/vif/$id" 2>/dev/null
# What a device had is let go by a work item, when the store has forgotten it.
nothing_left() { leak_snapshot /run/after attacker; leak_check /run/before /run/after; }
check "nothing is left" wait_for 30 nothing_left || note "$(diff /run/before /run/after)"
check "the module unloads once the guests are gone" eval '
	guest_destroy attacker; guest_stop victim; net_rmmod_backend'
net_backend "$LAB_BACK"
