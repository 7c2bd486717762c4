# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the lab tests that use xpeer share. Sourced after tests/lab/lib.sh.

XPEER=$JOB/bin/xpeer

# One or two of each kind, for a run that has to be short (set=few).
XP_FEW_FRONT=good+good-all+ring-prod-over+toggle-op+toggle-gref+indirect-nr-257+sect-last-8+ro-write
XP_FEW_FRONT+=+gref-unused+persist-cap+queues-4g+port-other-domain+protocol-garbage+dir-deleted
XP_FEW_FRONT+=+kill-connected+close-in-flight+renew-connected
XP_FEW_BACK=good+good-persistent+out-of-order+rsp-prod-over+rsp-twice+grant-held+sector-size-0
XP_FEW_BACK+=+closed-connected+all-gone-connected+never-closing
XP_FEW_NET_FRONT=good+good-queues+good-slots+good-gso+tx-prod-over+rx-prod-far+ctrl-prod-over
XP_FEW_NET_FRONT+=+tx-prod-storm+toggle-size+tx-cross+tx-slots-19+tx-slots-21+tx-extra-chain
XP_FEW_NET_FRONT+=+tx-gso-size-0+tx-gref-unused+rx-one+rx-gref-unused+ctrl-map-overflow+static-good
XP_FEW_NET_FRONT+=+static-ref+queues-4g+state-storm+dir-deleted+kill-connected+close-in-flight+event-storm-tx
XP_FEW_NET_BACK=good+good-ctrl+out-of-order+rx-pieces+tx-prod-over+tx-id-max+tx-twice+tx-grant-held
XP_FEW_NET_BACK+=+rx-grant-held+rx-cross+rx-status-max+rx-extra-endless+rx-gso-size-0+queues-max
XP_FEW_NET_BACK+=+rx-many+rx-chain-endless+static-late+closed-connected+all-gone-connected+never-closing+event-storm-rx

# xp_cases FEW: the patterns of this run, from cases= and set=
xp_cases() {
	if [ -n "${LAB_ARG_cases:-}" ]; then
		echo "$LAB_ARG_cases"
	elif [ "${LAB_ARG_set:-all}" = few ]; then
		echo "$1"
	else
		echo '*'
	fi
}

# xp_install GUEST: put the program into /run of a guest; by a disk, for it is too big for
# the channel that carries commands.
xp_install() {
	local disk size
	size=$(stat -c %s "$XPEER") || return 1
	disk=$(disk_make xpeer 4) || return 1
	dd if="$XPEER" of="$disk" bs=64k conv=fsync 2>/dev/null
	disk_attach "$1" "phy:$disk,xvdy,r" || return 1
	guest_run "$1" "head -c $size /dev/xvdy >/tmp/xpeer && chmod +x /tmp/xpeer &&
		/tmp/xpeer --self-test" || return 1
	disk_detach "$1" xvdy
}

# xp_list ROLE PATTERNS: lines of "xpeer --list" for those cases, in the order of the patterns; '+'
# joins them, '*' is anything
xp_list() {
	"$XPEER" --list | awk -F'\t' -v role="$1" -v patterns="$2" '
		$1 == role { name[++n] = $2; line[n] = substr($0, length($1) + 2) }
		END {
			m = split(patterns, p, "+")
			for (i = 1; i <= m; i++) {
				gsub(/\*/, ".*", p[i])
				for (j = 1; j <= n; j++)
					if (name[j] ~ "^" p[i] "$")
						print line[j]
			}
		}'
}

# has FLAGS FLAG
has() { case ",$1," in *",$2,"*) true ;; *) false ;; esac; }

# xp_count SITE: the third field of a file of violations on standard input
xp_count() { awk -v s="$1" '$1 == s { print $2; f = 1 } END { if (!f) print 0 }'; }

# xp_ended NAME WHAT STATUS OUTPUT: whether xpeer is content with a case; else it is reported
xp_ended() {
	case $3 in
	0) return 0 ;;
	4) skip "$1" "$(sed -n 's/^# SKIP: //p' <<<"$4")" ;;
	*) note "$(grep -E '^# ' <<<"$4")"; not_ok "$1" "$2 (status $3)" ;;
	esac
	return 1
}

# xp_each ROLE PATTERNS EVERY ONE NOW_AND_THEN: call ONE NAME SITE FLAGS WHAT for each case until it
# fails, and NOW_AND_THEN N after so many
xp_each() {
	local n=0 name site flags what
	# In whole before the first case, which may look at how busy dom0 is.
	xp_list "$1" "$2" >/run/cases
	while IFS=$'\t' read -r name site flags what <&5; do
		"$4" "$name" "$site" "$flags" "$what" || break
		n=$((n + 1))
		[ $((n % $3)) -ne 0 ] || "$5" "$n"
	done 5</run/cases
	note "$n cases"
	[ "$n" -gt 0 ] || not_ok "cases" "none is named $2"
}

xp_is_clean() {
	leak_snapshot /run/after "$1"
	leak_check /run/before /run/after
}

# xp_nothing_left GUEST: all is as leak_snapshot /run/before saw it, after a while: what a device had
# is let go by a work item when the store has forgotten it, grants that a backend held by a timer
xp_nothing_left() {
	check "nothing is left" wait_for 30 xp_is_clean "$1" || note "$(diff /run/before /run/after)"
}

# ---- a guest that must not notice -------------------------------------------------

# xp_victim_start GUEST DEV: verified I/O in a loop until xp_victim_stop
xp_victim_start() {
	guest_run "$1" "cat >/run/victim <<'END'
n=0
while [ ! -e /run/victim.stop ]; do
	fio --filename=/dev/$2 --size=4m --rw=randrw --bsrange=4k-64k --direct=1 \\
		--ioengine=libaio --iodepth=8 --verify=crc32c --verify_backlog=64 \\
		--verify_fatal=1 --verify_state_save=0 --io_size=4m --rate_iops=100 \\
		--randseed=\$n --name=v >/run/victim.log 2>&1 || { echo \$n >/run/victim.bad; break; }
	n=\$((n + 1))
	echo \$n >/run/victim.rounds
done
touch /run/victim.done
END
	setsid bash /run/victim >/dev/null 2>&1 </dev/null &
	exit 0"
}

xp_victim_alive() {
	guest_run "$1" -t 20 'test ! -e /run/victim.bad -a ! -e /run/victim.done' ||
		{ guest_run "$1" 'tail -n 5 /run/victim.log'; return 1; }
}

# xp_victim_stop GUEST: wait for the round that runs; all blocks were as written
xp_victim_stop() {
	guest_run "$1" -t 150 'touch /run/victim.stop
		for i in $(seq 1200); do [ -e /run/victim.done ] && break; sleep 0.1; done
		echo "rounds: $(cat /run/victim.rounds)"
		[ -e /run/victim.done ] && [ ! -e /run/victim.bad ] && [ -s /run/victim.rounds ] ||
			{ tail -n 5 /run/victim.log; false; }'
}

# ---- statistics, read while devices come and go -----------------------------------------

# A command that reads what a driver shows, for a shell in dom0 or in a guest.
XP_READ='find /sys/kernel/debug/xen-blkback /sys/kernel/debug/xen-blkfront \
	/sys/bus/xen-backend/devices/vbd-*/statistics /sys/block/xvdc/xen \
	/sys/kernel/debug/xen-netback /sys/kernel/debug/xen-netfront \
	/sys/class/net/vif*/statistics /sys/class/net/eth*/statistics \
	-type f -exec cat {} + >/dev/null 2>&1
	for i in /sys/class/net/vif* /sys/class/net/eth*; do
		if [ -e "$i" ]; then ethtool -S "${i##*/}"; ethtool -x "${i##*/}"; fi
	done >/dev/null 2>&1; true'

xp_reader_start() {
	while :; do
		eval "$XP_READ"
		sleep 0.1
	done &
	XP_READER=$!
}

xp_reader_stop() {
	[ -n "${XP_READER:-}" ] || return 0
	kill "$XP_READER"
	wait "$XP_READER" 2>/dev/null
	XP_READER=''
}

# ---- idleness -----------------------------------------------------------------------

cpu_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }

# cpu_busy SECONDS: what dom0 worked meanwhile, in percent of one processor
cpu_busy() {
	local from to
	from=$(cpu_ticks)
	sleep "$1"
	to=$(cpu_ticks)
	echo $(((to - from) * 100 / ($(getconf CLK_TCK) * $1)))
}

# cpu_top: the threads that work most just now
cpu_top() { top -H -b -d 1 -n 2 | awk '/^top/ { n++ } n == 2' | sed -n '3p;8,13p'; }

# cpu_look NODE LIMIT: as soon as that node is in the store, put into /run/look how busy dom0 is;
# who it is, if that is more than LIMIT
cpu_look() {
	: >/run/look
	wait_for 60 xenstore-exists "$1" || return
	cpu_busy 3 >/run/look
	[ "$(cat /run/look)" -le "$2" ] || cpu_top
}

# cpu_idle_again LIMIT: within 20 s dom0 works no more than LIMIT percent for 2 s
cpu_idle_again() {
	local n busy
	for n in $(seq 10); do
		busy=$(cpu_busy 2)
		[ "$busy" -gt "$1" ] || return 0
	done
	echo "dom0 is $busy % busy, limit $1 ($n looks)"
	cpu_top
	return 1
}
