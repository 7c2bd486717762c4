# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a driver domain that Xen only lets map 256 foreign pages at a time (max_maptrack_frames=1)
# why: a shortage of maptrack entries is the backend's problem, and must not cause I/O errors in its
#   guests
# expected: fio verifies large requests; no request fails; no violation of the guest is counted
# timeout: 500

# shellcheck source=driver.bash
. "$JOB/tests/lab/driver.bash"
driver_setup
driver_start dd1 --config 'max_maptrack_frames = 1' || { note "$(driver_log dd1)"; bail "driver domain starts"; }
B=/sys/kernel/debug/xen-blkback
large() { # GUEST
	guest_run "$1" -t 240 "fio --name=v --filename=/dev/xvdb --rw=randwrite --bs=256k --size=24m \
		--direct=1 --ioengine=libaio --iodepth=32 --verify=crc32c --verify_fatal=1 --minimal >/run/fio.log 2>&1 ||
		{ tail -n 20 /run/fio.log; exit 1; }"
}
judge() { # WHAT
	note "$(guest_run dd1 "cat $B/vbd-*/grants; grep -E 'map|failed|persistent' $B/vbd-*/counters")"
	is "$1: the guest is not blamed" "$(guest_run dd1 "awk '\$1 == \"grant\" { n += \$2 } END { print n + 0 }' $B/violations")" 0
	is "$1: no request failed" "$(guest_run dd1 "awk '\$1 == \"failed\" { n += \$2 } END { print n + 0 }' $B/vbd-*/counters")" 0
}

guest_start g1 --root ram --append "xen_blkfront.max_indirect_segments=64" --disk "$(driver_disk_line dd1)" ||
	{ note "$(driver_log dd1)"; bail "guest starts"; }
check "the disk is there" disk_ready g1 ,xvdb
check "fio verifies 256 KiB at depth 32" large g1
judge "alone"
note "$(guest_run dd1 "cat $B/violations")"
check "guest shuts down" guest_stop g1

# A vif is there first, and the pages that it has mapped for good leave room.
driver_guest g2 dd1 11 --vcpus 2 --append "xen_blkfront.max_indirect_segments=64" ||
	{ note "$(driver_log dd1)"; bail "second guest starts"; }
check "fio verifies beside a vif" large g2
judge "with a vif"
check "Xen did refuse mappings" test "$(guest_run dd1 "awk '\$1 == \"grant_map_no_space\" { n += \$2 } END { print n + 0 }' $B/vbd-*/counters")" -gt 0
check "files by the vif" net_both_ways g2 11 2
check "and once more" large g2
judge "afterwards"
check "second guest shuts down" guest_stop g2
check "driver domain shuts down" guest_stop dd1
