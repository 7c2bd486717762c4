# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A lab test with a hostile backend in dom0, against guest g1. Sourced after lab.bash; the test sets
# XP_ROLE (blk-back or net-back), XP_ID (the guest), XP_DEV (the device attacked), XP_TOTALS (the
# frontend's file of violations) and XP_OPTIONS for xpeer.

# The kernel itself complains of a page that a backend still maps when its request has ended.
kmsg_expect 'xen:grant_table: WARNING: g\.e\. 0x[0-9a-f]+ still in use!'

# For a shell in the guest: until_true COMMAND... waits 25 s at most.
export XP_UNTIL_TRUE='until_true() {
	end=$(($(date +%s) + 25))
	until "$@"; do [ $(date +%s) -lt $end ] || return; sleep 0.1; done
}'

xp_back_total() { # SITE
	[ "$1" = - ] || [ "$LAB_FRONT" != ours ] || guest_run g1 "cat $XP_TOTALS" 2>/dev/null | xp_count "$1"
}

# For xp_each: NAME SITE FLAGS WHAT
xp_back_one() {
	local name=$1 before after rc out
	[ "$name" != serve ] || return 0
	before=$(xp_back_total "$2")
	# shellcheck disable=SC2086 # words
	out=$(timeout 260 "$XPEER" "$XP_ROLE" --domid "$XP_ID" --dev "$XP_DEV" --wait 60000 \
		$XP_OPTIONS "$name" 2>&1)
	rc=$?
	echo "$out"
	if ! guest_run g1 -t 20 true; then
		note "$(grep -E '^# ' <<<"$out")"
		not_ok "$name" "the guest does not answer any more"
		return 1
	fi
	xp_ended "$name" "$4" $rc "$out" || return 0
	after=$(xp_back_total "$2")
	if [ -n "$before" ] && ! has "$3" either && [ "${after:-0}" -le "$before" ]; then
		not_ok "$name" "not counted at $2"
	else
		ok "$name"
	fi
}

# xp_back_reader: all the time somebody in the guest reads the driver's statistics
xp_back_reader() {
	guest_run g1 "setsid sh -c 'while [ ! -e /tmp/reader.stop ]; do $XP_READ; sleep 1; done' \
		>/dev/null 2>&1 </dev/null & exit 0"
}

# xp_back_clean: what is xpeer's, and error nodes, which the bus leaves to whoever reads them
xp_back_clean() {
	guest_run g1 'touch /tmp/reader.stop; sleep 1'
	xenstore-rm /local/domain/0/backend/xpeer 2>/dev/null
	xenstore-rm "/local/domain/$XP_ID/error/device" 2>/dev/null
}
