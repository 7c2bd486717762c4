# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a frontend that breaks every rule, against xen-netback (set=few, cases=PATTERN+PATTERN)
# why: dom0 serves guests that it must not trust
# expected: each case ends as xpeer says; the violation is counted at the named site, dom0 is idle
#   afterwards and its memory is bounded, a victim guest's traffic loses nothing, nothing remains of
#   the attacker
# needs: xpeer
# timeout: 2700

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=../xpeer/lab.bash
. "$JOB/tests/xpeer/lab.bash"
# shellcheck source=../xpeer/front.bash
. "$JOB/tests/xpeer/front.bash"
# shellcheck source=../xpeer/net_front.bash
. "$JOB/tests/xpeer/net_front.bash"
net_setup
cases=$(xp_cases "$XP_FEW_NET_FRONT")
# The kernel's own driver counts nothing, and an attack may well be its end.
[ "$LAB_BACK" = ours ] || [ -n "${LAB_ARG_cases:-}" ] || cases='good*'

net_guest victim 20 || bail "victim guest starts"
guest_start attacker --vcpus 2 || bail "attacking guest starts"
xp_front_ready || exit 1
# What names the attacker's vif in dom0's log is explained.
kmsg_expect "vif-?${XP_ID}[-.]0"

now_and_then() {
	check "victim's traffic lives after $1 cases" net_steady_alive victim steady
	check "dom0 is idle after $1 cases" cpu_idle_again "$XP_IDLE"
}

leak_snapshot /run/before attacker
check "attach a vif" eval 'xp_attach && wait_for 20 xp_waits 0' || exit 1

# What a neighbour costs that only computes is no fault of a driver.
guest_run attacker -t 5 'for i in 1 2; do
	setsid timeout 15 sh -c "while :; do :; done" >/dev/null 2>&1 </dev/null & done; exit 0'
check "victim's traffic beside a busy neighbour" eval 'net_steady_start victim 40 base &&
	sleep 10 && net_steady_stop victim base'
base=$(net_steady_line victim base)
note "victim beside a busy neighbour: $base"
check "victim's traffic" net_steady_start victim 40 steady
xp_front_idle
xp_each "$XP_ROLE" "$cases" 25 xp_front_one now_and_then

check "victim's traffic lost nothing" net_steady_stop victim steady
line=$(net_steady_line victim steady)
note "victim under attack: $line"
check "and was not slowed down more than by a busy neighbour" eval '
	[ "$(net_field mean_us <<<"$line")" -lt $((3 * $(net_field mean_us <<<"$base") + 20000)) ]'
xp_front_end 0
check "detach it" xp_front_detach 0 xl network-detach attacker 0
# The bus leaves its error nodes to whoever reads them.
xenstore-rm "/local/domain/0/error/backend/vif/$XP_ID" 2>/dev/null
xp_nothing_left attacker
check "the module unloads once the guests are gone" eval '
	guest_destroy attacker; guest_stop victim; net_rmmod_backend'
net_backend "$LAB_BACK"
