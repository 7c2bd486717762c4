#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which Xen drivers serve this machine's devices, in a guest or in dom0. Ours and the kernel's own are both right.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

[ -d /sys/bus/xen ] || [ -d /sys/bus/xen-backend ] || skip_all "no Xen: there is no /sys/bus/xen"
ksft_begin
for m in xen_blkfront xen_netfront xen_blkback xen_netback; do note "$m: $(who_is $m)"; done

devices=0
for d in /sys/bus/xen/devices/* /sys/bus/xen-backend/devices/*; do
	name=${d##*/}
	case $name in vbd-* | vif-*) ;; *) continue ;; esac
	devices=$((devices + 1))
	bus=${d%/devices/*}
	if [ ! -e "$d/driver" ]; then
		# the CD-ROM of an HVM guest, for instance, is left to the emulated device
		skip "${bus##*/} $name has a driver" "none took it"
		continue
	fi
	driver=$(readlink "$d/driver")
	pass "${bus##*/} $name has a driver: ${driver##*/}"
	[ -r "$d/state" ] || continue
	connected() { [ "$(value "$d/state")" = Connected ]; }
	check "${bus##*/} $name is connected" wait_for 10 connected
done
[ $devices -gt 0 ] || skip "devices" "there is no disk and no interface"

# What a driver of ours shows, it shows without an error.
shown=''
for d in /sys/kernel/debug/xen-{blkfront,netfront,blkback,netback}; do [ ! -d "$d" ] || shown="$shown $d"; done
if [ -n "$shown" ]; then
	readable() {
		local f bad=0
		for f in "$1"/* "$1"/*/*; do
			[ ! -f "$f" ] || timeout 10 cat "$f" >/dev/null || { echo "$f: status $?"; bad=1; }
		done
		return $bad
	}
	quiet() {
		local name count rest bad=0
		while read -r name count rest; do
			[ "${count:-0}" = 0 ] || { echo "$name: $count, $rest"; bad=1; }
		done <"$1"
		return $bad
	}
	for d in $shown; do
		check "${d##*/}: debugfs can be read" readable "$d"
		check "${d##*/}: no violation was counted" quiet "$d/violations"
	done
else
	skip "debugfs" "needs root, debugfs and a driver of the xenpv project"
fi
finish
