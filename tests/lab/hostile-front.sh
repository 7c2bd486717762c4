# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a frontend that breaks every rule, against xen-blkback (set=few, cases=PATTERN+PATTERN)
# why: dom0 serves guests that it must not trust
# expected: each case ends as xpeer says; the violation is counted at the named site, dom0 is
#   idle afterwards, a victim guest's data are right, nothing is left of the attacker
# timeout: 1500

# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
cases=$(xp_cases "$XP_FEW_FRONT")
totals=/sys/kernel/debug/xen-blkback/violations
# The kernel's own driver counts nothing, and an attack may well be its end.
[ "$LAB_BACK" = ours ] || [ -n "${LAB_ARG_cases:-}" ] || cases='good*'

d1=$(disk_make victim 32) || bail "backing disk"
d2=$(disk_make attack 64 --kind loop) || bail "backing disk"
d3=$(disk_make readonly 64) || bail "backing disk"
guest_start victim --root ram || bail "victim guest starts"
check "attach the victim's disk" disk_attach victim "phy:$d1,xvdb,w" || exit 1
guest_start attacker --vcpus 2 || bail "attacking guest starts"
check "xpeer is in the attacking guest" xp_install attacker || exit 1
check "attacker has the device files" guest_run attacker \
	'modprobe -a xen-gntalloc xen-evtchn && echo 0 >/sys/bus/xen/drivers_autoprobe' || exit 1
id=$(guest_id attacker)
# What names the attacker's disks in dom0's log is explained.
kmsg_expect "vbd-$id-517(28|44)"

back() { echo "/local/domain/0/backend/vbd/$id/$1"; }
waits() { [ "$(xenstore-read "$(back "$1")/state" 2>/dev/null)" = 2 ]; }

there() { # xpeer itself goes on from any state, as long as there are two
	xenstore-exists "$(back "$1")/state" &&
		xenstore-exists "/local/domain/$id/device/vbd/$1/state"
}

attach() { # DEV NAME DISK MODE: the guest has no driver for it, so it stays at InitWait
	xl block-attach attacker "phy:$3,$2,$4" && wait_for 20 waits "$1"
}

# Whatever became of the device: gone, then there again.
reattach() {
	timeout 60 xl block-detach --force attacker xvdb >/dev/null 2>&1
	xenstore-rm "$(back 51728)" 2>/dev/null
	xenstore-rm "/local/domain/$id/device/vbd/51728" 2>/dev/null
	xenstore-rm "/libxl/$id/device/vbd/51728" 2>/dev/null
	wait_for 20 eval "! [ -e /sys/bus/xen-backend/devices/vbd-$id-51728 ]"
	attach 51728 xvdb "$d2" w
}

leak_snapshot /run/before attacker
check "attach a writable disk" attach 51728 xvdb "$d2" w || exit 1
check "attach a read-only disk" attach 51744 xvdc "$d3" r || exit 1
check "victim works" xp_victim_start victim xvdb
sleep 3
idle=$(($(cpu_busy 4) + 40))
note "dom0 with the victim alone, and 40 % more: $idle % is the limit for idle"

error_node() { xenstore-read "/local/domain/0/error/backend/vbd/$id/$1/error" 2>/dev/null; }

one() { # NAME SITE FLAGS WHAT
	local name=$1 site=$2 flags=$3 dev=51728 before after rc out look looker='' opts='--wait 20000'
	if has "$flags" readonly; then dev=51744; fi
	there $dev || reattach || { not_ok "$name" "cannot attach the disk"; return; }
	xenstore-rm "/local/domain/0/error/backend/vbd/$id/$dev" 2>/dev/null
	before=$(xp_count "$site" <"$totals" 2>/dev/null)
	if has "$flags" halt || [ "$name" = event-storm ]; then
		opts="$opts --linger 9000"
		# A halted ring, or a storm of events, looked at while it lasts.
		cpu_look "/local/domain/$id/device/vbd/51728/xpeer-phase" "$idle" &
		looker=$!
	fi
	# These are where a reader of the statistics meets a device that goes.
	case $name in state-* | dir-* | kill-* | close-* | persist-toggle) xp_reader_start ;; esac
	out=$(guest_run attacker -t 150 "/tmp/xpeer blk-front --dev $dev $opts $name")
	rc=$?
	xp_reader_stop
	[ -z "$looker" ] || wait "$looker"
	echo "$out"
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
	elif has "$flags" fatal && [ -z "$(error_node $dev)" ]; then
		not_ok "$name" "no error text in the store"
		return
	fi
	[ -z "$(error_node $dev)" ] || echo "error node: $(error_node $dev)"
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
xp_list blk-front "$cases" >/run/cases
n=0
while IFS=$'\t' read -r name site flags what <&5; do
	one "$name" "$site" "$flags" "$what"
	n=$((n + 1))
	[ $((n % 25)) -ne 0 ] || check "victim lives after $n cases" xp_victim_alive victim
	[ $((n % 25)) -ne 0 ] || check "dom0 is idle after $n cases" cpu_idle_again "$idle"
	guest_alive attacker || { not_ok "attacker lives" "died in $name"; break; }
done 5</run/cases
note "$n cases"
[ "$n" -gt 0 ] || not_ok "cases" "none is named $cases"

check "a disk can be attached again" reattach
check "and works" guest_run attacker -t 60 '/tmp/xpeer blk-front good'
check "victim's blocks are all as written" xp_victim_stop victim
check "dom0 is idle at the end" cpu_idle_again "$idle"
detach() { # NAME DEV
	guest_run attacker -t 60 "/tmp/xpeer blk-front --dev $2 good-close"
	xl block-detach attacker "$1"
	wait_for 20 eval "! xenstore-exists $(back "$2")"
}
check "detach the writable disk" detach xvdb 51728
check "detach the read-only disk" detach xvdc 51744
# The bus leaves its error nodes to whoever reads them.
xenstore-rm "/local/domain/0/error/backend/vbd/$id" 2>/dev/null
# What a device had is let go by a work item, when the store has forgotten it.
nothing_left() { leak_snapshot /run/after attacker; leak_check /run/before /run/after; }
check "nothing is left" wait_for 30 nothing_left || note "$(diff /run/before /run/after)"
check "the module unloads once the guests are gone" eval '
	guest_destroy attacker; guest_stop victim; rmmod_backend'
backend "$LAB_BACK"
