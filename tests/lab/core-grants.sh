# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: each version of the grant table in each location
# why: the guest's kernel, its memory and its host determine which of them it gets
# expected: the log and debugfs show what was asked for; bytes are correct on disk and network;
#   everything can be unloaded in between and leaks nothing
# type: hvm
# timeout: 900

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_setup
core_guest g1 || bail "guest starts"

# in_frames VERSION FRAMES: with these, from loading to unloading
in_frames() {
	# shellcheck disable=SC2034 # for core_load
	local place=RAM said="version $1, frames=$2" CORE_GRANTS="version=$1 frames=$2"
	[ "$2" = ram ] || place='platform device'
	check "$said: loads" core_load g1 || {
		note "$(guest_run g1 'dmesg | tail -n 30')"
		core_unload g1
		return
	}
	is "$said: debugfs" "$(guest_run g1 'head -n 1 /sys/kernel/debug/xen-grants/state')" "version $1 in $place"
	check "$said: the log" guest_run g1 "dmesg | grep 'xen-grants: version $1, .* in $place' | tail -n 1"
	check "$said: bytes of the disk" core_data g1 1
	check "$said: network" eval 'net_up g1 $CORE_PV && net_both_ways g1 $CORE_PV 2'
	check "$said: unloads" core_unload g1
}

in_frames 1 ram
leak_snapshot /run/before g1
in_frames 1 bar
in_frames 2 ram
in_frames 2 bar
in_frames 1 ram
sleep 3
leak_snapshot /run/after g1
check "nothing leaked" leak_check /run/before /run/after
check "guest shuts down" guest_stop g1
