# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A lab test with a hostile frontend, in a guest named "attacker". Sourced after lab.bash; the test
# sets XP_KIND (vbd or vif), XP_ROLE (blk-front or net-front) and XP_TOTALS (the backend's file of
# violations), and defines:
#   xp_attach           attach what is attacked, not waiting for anything
#   xp_detach           make the toolstack try to take it away, in a minute at most
#   xp_dev FLAGS        the device that a case with these flags attacks
#   xp_options NAME     more options for xpeer
#   xp_before NAME      what goes on in dom0 beside the case; xp_after NAME ends it and judges it
#   xp_alive N          checks made now and then

xp_back() { echo "/local/domain/0/backend/$XP_KIND/$XP_ID/$1"; }
xp_front() { echo "/local/domain/$XP_ID/device/$XP_KIND/$1"; }
xp_error() { echo "/local/domain/0/error/backend/$XP_KIND/$XP_ID/$1"; }
xp_error_text() { xenstore-read "$(xp_error "$1")/error" 2>/dev/null; }
# The guest has no driver for it, so it stays at InitWait.
xp_waits() { [ "$(xenstore-read "$(xp_back "$1")/state" 2>/dev/null)" = 2 ]; }

# xpeer itself goes on from any state, as long as there are two.
xp_there() {
	xenstore-exists "$(xp_back "$1")/state" && xenstore-exists "$(xp_front "$1")/state" &&
		[ -e "/sys/bus/xen-backend/devices/$XP_KIND-$XP_ID-$1" ]
}

# xp_reattach DEV: whatever became of the device: gone, then there again
xp_reattach() {
	xp_detach >/dev/null 2>&1
	xenstore-rm "$(xp_back "$1")" 2>/dev/null
	xenstore-rm "$(xp_front "$1")" 2>/dev/null
	xenstore-rm "/libxl/$XP_ID/device/$XP_KIND/$1" 2>/dev/null
	wait_for 20 eval "! [ -e /sys/bus/xen-backend/devices/$XP_KIND-$XP_ID-$1 ]"
	xp_attach && wait_for 20 xp_waits "$1"
}

# xp_front_ready: the guest has xpeer and what it needs; its own drivers keep away
xp_front_ready() {
	check "xpeer is in the attacking guest" xp_install attacker || return 1
	check "attacker has the device files" guest_run attacker \
		'modprobe -a xen-gntalloc xen-evtchn && echo 0 >/sys/bus/xen/drivers_autoprobe' || return 1
	XP_ID=$(guest_id attacker)
}

# xp_front_idle: how busy dom0 may be when nobody attacks: 40 % above what it is now
xp_front_idle() {
	sleep 3
	XP_IDLE=$(($(cpu_busy 4) + 40))
	note "dom0 with the victim alone, and 40 % more: $XP_IDLE % is the limit for idle"
}

xp_front_total() { xp_count "$1" <"$XP_TOTALS" 2>/dev/null; }

# What the peer says and what the driver says of a case; nothing if it is as it should be.
xp_front_judge() { # NAME SITE FLAGS DEV BEFORE LOOKER
	local after look
	after=$(xp_front_total "$2")
	if [ "$LAB_BACK" = ours ] && [ "$2" != - ]; then
		if ! has "$3" either && [ "${after:-0}" -le "${5:-0}" ]; then
			echo "not counted at $2"
		elif has "$3" fatal && [ -z "$(xp_error_text "$4")" ]; then
			echo "no error text in the store"
		fi
	fi
	[ "$6" ] || return
	# A storm costs the interrupts themselves, a halted ring nothing.
	look=$(cat /run/look)
	if [ -z "$look" ] || { has "$3" halt && [ "$look" -gt "$XP_IDLE" ]; }; then
		echo "dom0 '$look' % busy with a halted ring"
	fi
}

xp_front_case() { # NAME SITE FLAGS WHAT
	local name=$1 site=$2 flags=$3 dev before rc out bad looker='' opts
	dev=$(xp_dev "$flags")
	xp_there "$dev" || xp_reattach "$dev" || { not_ok "$name" "cannot attach the device"; return; }
	xenstore-rm "$(xp_error "$dev")" 2>/dev/null
	before=$(xp_front_total "$site")
	opts="--wait 20000 $(xp_options "$name")"
	xp_before "$name"
	# These are where a reader of the statistics meets a device that goes.
	case $name in state-* | dir-* | kill-* | close-* | watch-* | persist-toggle) xp_reader_start ;; esac
	# A halted ring, or a storm of events and nothing else, looked at while it lasts.
	if has "$flags" halt || [[ $name = event-storm* && $name != *-@(io|echo) ]]; then
		opts="$opts --linger 9000"
		cpu_look "$(xp_front "$dev")/xpeer-phase" "$XP_IDLE" &
		looker=$!
	fi
	out=$(guest_run attacker -t 200 "/tmp/xpeer $XP_ROLE --dev $dev $opts $name")
	rc=$?
	xp_reader_stop
	[ -z "$looker" ] || wait "$looker"
	echo "$out"
	bad=$(xp_after "$name")
	xp_ended "$name" "$4" "$rc" "$out" || return 0
	bad=$bad$(xp_front_judge "$name" "$site" "$flags" "$dev" "$before" "$looker")
	[ -z "$(xp_error_text "$dev")" ] || echo "error node: $(xp_error_text "$dev")"
	[ -z "$looker" ] || echo "dom0 $(cat /run/look) % busy meanwhile"
	if [ "$bad" ]; then not_ok "$name" "$bad"; else ok "$name"; fi
}

# For xp_each.
xp_front_one() {
	xp_front_case "$@"
	guest_alive attacker || { not_ok "attacker lives" "died in $1"; return 1; }
}

# xp_front_end: after the attacks; attacker and victim still run
xp_front_end() { # DEV
	check "it can be attached again" xp_reattach "$1"
	check "and works" guest_run attacker -t 60 "/tmp/xpeer $XP_ROLE --dev $1 good"
	check "dom0 is idle at the end" cpu_idle_again "$XP_IDLE"
}

# xp_front_detach DEV COMMAND...: take a device away in the orderly way
xp_front_detach() {
	local dev=$1
	shift
	guest_run attacker -t 60 "/tmp/xpeer $XP_ROLE --dev $dev good-close"
	"$@"
	wait_for 20 eval "! xenstore-exists $(xp_back "$dev")"
}
