# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Questions to the debug kernel, for a shell in dom0 or in a guest. Sourced by tests for leaks.

[ -e /sys/kernel/debug/kmemleak ] || { skip "kmemleak" "needs the debug kernel"; exit 0; }

# shellcheck disable=SC2034 # read by the tests
KMEMLEAK_FORGET='
	echo clear >/sys/kernel/debug/kmemleak'
# Two scans: an object that was just being handed over is found by the second.
# shellcheck disable=SC2034
KMEMLEAK_NONE='
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
	! grep -q . /sys/kernel/debug/kmemleak'
# shellcheck disable=SC2034
LOCKDEP_ON='grep -q "debug_locks: *1" /proc/lockdep_stats'
