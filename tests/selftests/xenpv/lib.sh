# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Results in KTAP, and the kernel log since the start. Sourced by the tests, which need bash and coreutils only.

set -u
export LC_ALL=C
ksft_n=0 ksft_failed=0 ksft_passed=0
ksft_tmp=$(mktemp -d) || exit 1
ksft_mark="xenpv-selftest $$ ${RANDOM}"

# cleanup: a test may define its own
cleanup() { :; }
trap 'cleanup; rm -rf "$ksft_tmp"' EXIT
trap 'exit 1' INT TERM HUP

ksft_begin() {
	echo "TAP version 13"
	[ ! -w /dev/kmsg ] || echo "<6>$ksft_mark" >/dev/kmsg 2>/dev/null || :
}

pass() {
	ksft_n=$((ksft_n + 1)) ksft_passed=$((ksft_passed + 1))
	echo "ok $ksft_n $1"
}
fail() { # TEXT [REASON]
	ksft_n=$((ksft_n + 1)) ksft_failed=$((ksft_failed + 1))
	[ -z "${2:-}" ] || echo "# $2"
	echo "not ok $ksft_n $1"
}
skip() { # TEXT REASON
	ksft_n=$((ksft_n + 1))
	echo "ok $ksft_n $1 # SKIP $2"
}
# note: standard input, or text, as comments
note() {
	local line
	if [ $# -gt 0 ]; then echo "# $*"; return; fi
	while IFS= read -r line || [ -n "$line" ]; do echo "# $line"; done
}
# check TEXT COMMAND...: a result by its status; its output is shown if it fails
check() {
	local text=$1
	shift
	if "$@" >"$ksft_tmp/out" 2>&1; then pass "$text"; return 0; fi
	tail -n 12 "$ksft_tmp/out" | note
	fail "$text"
	return 1
}
# have PROGRAM TEXT: a skipped result with its name if it is not there
have() {
	command -v "$1" >/dev/null && return 0
	skip "$2" "no $1"
	return 1
}

# skip_all REASON: nothing can be tested here
skip_all() {
	echo "1..0 # SKIP $1"
	exit 4
}

# ksft_log: lines of the kernel log since ksft_begin. /dev/kmsg hands out one record for each read.
ksft_log() {
	local line on=''
	while IFS= read -r line; do
		case $line in *"$ksft_mark"*) on=1 ;; esac
		[ -z "$on" ] || printf '%s\n' "${line#*;}"
	done < <(dd if=/dev/kmsg bs=8192 iflag=nonblock 2>/dev/null)
}
log_is_clean() {
	local bad=0 line
	ksft_log >"$ksft_tmp/log"
	[ -s "$ksft_tmp/log" ] || { echo "the mark is not in the log any more"; return 1; }
	while IFS= read -r line; do
		case $line in
		*WARNING:* | *BUG:* | *Oops:* | *"general protection"* | *"blocked for more than"* | *"soft lockup"* | \
			*"possible circular locking"* | *"Kernel panic"* | *"peer violation"*) echo "$line"; bad=1 ;;
		esac
	done <"$ksft_tmp/log"
	return $bad
}

# finish: the last result, and the test's status
finish() {
	if [ -r /dev/kmsg ] && [ -w /dev/kmsg ] && [ "$(id -u)" -eq 0 ]; then
		check "no WARNING, BUG or violation in the kernel log" log_is_clean
	else
		skip "no WARNING, BUG or violation in the kernel log" "needs root"
	fi
	echo "1..$ksft_n"
	echo "# passed $ksft_passed, failed $ksft_failed, skipped $((ksft_n - ksft_passed - ksft_failed))"
	[ $ksft_failed -eq 0 ]
}

# value FILE: its first line
value() {
	local v=''
	IFS= read -r v 2>/dev/null <"$1" || [ -n "$v" ] || return 1
	printf '%s\n' "$v"
}
# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
# sum_of FILE: checksum
sum_of() {
	local s
	s=$(sha256sum <"$1") && echo "${s%% *}"
}
# who_is NAME: ours, intree or none, for xen_blkfront and the like
who_is() {
	if [ -e "/sys/module/$1/version" ]; then
		echo "xenpv $(value "/sys/module/$1/version")"
	elif [ -d "/sys/module/$1" ]; then
		echo in-tree
	else
		echo "built in or not loaded"
	fi
}
