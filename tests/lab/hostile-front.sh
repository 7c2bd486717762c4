# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a frontend that breaks every rule, against xen-blkback (set=few, cases=PATTERN+PATTERN)
# why: dom0 serves guests that it must not trust
# expected: each case ends as xpeer says; the violation is counted at the named site, dom0 is idle
#   afterwards, a victim guest's data are correct, nothing remains of the attacker
# needs: xpeer
# timeout: 1500

# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
# shellcheck source=../xpeer/front.bash
. "$JOB/tests/xpeer/front.bash"
# shellcheck disable=SC2034 # front.bash reads these
XP_KIND=vbd XP_ROLE=blk-front XP_TOTALS=/sys/kernel/debug/xen-blkback/violations
cases=$(xp_cases "$XP_FEW_FRONT")
# The kernel's own driver counts nothing, and an attack may well be its end.
[ "$LAB_BACK" = ours ] || [ -n "${LAB_ARG_cases:-}" ] || cases='good*'

d1=$(disk_make victim 32) || bail "backing disk"
d2=$(disk_make attack 64 --kind loop --delay 2) || bail "backing disk"
d3=$(disk_make readonly 64) || bail "backing disk"
guest_start victim --root ram || bail "victim guest starts"
check "attach the victim's disk" disk_attach victim "phy:$d1,xvdb,w" || exit 1
guest_start attacker --vcpus 2 || bail "attacking guest starts"
xp_front_ready || exit 1
# What names the attacker's disks in dom0's log is explained.
kmsg_expect "vbd-$XP_ID-517(28|44)"

attach_readonly() { xl block-attach attacker "phy:$d3,xvdc,r" && wait_for 20 xp_waits 51744; }
xp_attach() { xl block-attach attacker "phy:$d2,xvdb,w"; }
xp_detach() { timeout 60 xl block-detach --force attacker xvdb; }
xp_dev() { if has "$1" readonly; then echo 51744; else echo 51728; fi; }
xp_options() { :; }
xp_before() { :; }
xp_after() { :; }
now_and_then() {
	check "victim lives after $1 cases" xp_victim_alive victim
	check "dom0 is idle after $1 cases" cpu_idle_again "$XP_IDLE"
}

leak_snapshot /run/before attacker
check "attach a writable disk" eval 'xp_attach && wait_for 20 xp_waits 51728' || exit 1
check "attach a read-only disk" attach_readonly || exit 1
check "victim works" xp_victim_start victim xvdb
xp_front_idle
xp_each $XP_ROLE "$cases" 25 xp_front_one now_and_then

xp_front_end 51728
check "victim's blocks are all as written" xp_victim_stop victim
check "detach the writable disk" xp_front_detach 51728 xl block-detach attacker xvdb
check "detach the read-only disk" xp_front_detach 51744 xl block-detach attacker xvdc
# The bus leaves its error nodes to whoever reads them.
xenstore-rm "/local/domain/0/error/backend/vbd/$XP_ID" 2>/dev/null
xp_nothing_left attacker
check "the module unloads once the guests are gone" eval '
	guest_destroy attacker; guest_stop victim; rmmod_backend'
backend "$LAB_BACK"
