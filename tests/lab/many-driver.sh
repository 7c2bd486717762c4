# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a driver domain serves many disks of several guests and is replaced, with small quotas in
#   the store; a toolstack grants the access to the new backend last
# why: at its start all devices connect at the same time, and the store limits the transactions of a
#   domain
# expected: each disk of each guest works, before and after; a disk whose new backend cannot be read
#   at first waits, and is bound when it can be read
# arguments: guests=N (3), disks=N a guest (6)
# timeout: 900

# shellcheck source=many.bash
. "$JOB/tests/lab/many.bash"
guests=${LAB_ARG_guests:-3} disks=${LAB_ARG_disks:-6}
# as much memory as there is for so many
memory=512
[ "$guests" -le 5 ] || memory=192
nr=0 dd=''

# another driver domain; the one before is gone
next() {
	[ -z "$dd" ] || guest_destroy "$dd"
	nr=$((nr + 1)) dd=dd$nr
	guest_start "$dd" --root ram --front "$LAB_BACK" --config 'driver_domain = 1' &&
		guest_run "$dd" "modprobe brd rd_nr=32 rd_size=1024 && modprobe xen-blkback"
}

# point [rights-last]: all disks of all guests at it
point() {
	local g
	for g in $(seq "$guests"); do
		many_point "g$g" 1 "$disks" "$(guest_id "$dd")" 1 "$@" || return 1
	done
}

# all_work TEXT: a result for each guest
all_work() {
	local g
	for g in $(seq "$guests"); do
		check "$1: all disks of guest $g work" many_at_work "g$g" 1 "$disks" ||
			note "$(xenstore-ls "/local/domain/$(guest_id "g$g")/device/vbd" | grep -E 'state|backend ')"
	done
}

{ many_quota transactions 2 && many_quota watches 40; } || bail "quotas"
for g in $(seq "$guests"); do
	guest_start "g$g" --root ram --memory $memory || bail "guest $g starts"
done
next || bail "driver domain starts"
check "the devices are attached" point
all_work "attached"
next || bail "another driver domain starts"
check "the devices are pointed at it" point
all_work "replaced"
# the bus tries at once, and says that it cannot
kmsg_expect 'unable to read other end|xenbus_dev_probe on device/vbd'
next || bail "another driver domain starts"
check "the devices are pointed at it, the rights last" point rights-last
all_work "rights last"
for g in $(seq "$guests"); do
	check "guest $g saw no error" guest_run "g$g" '! dmesg | grep -E "I/O error|Buffer I/O"'
	guest_destroy "g$g"
done
guest_destroy "$dd"
many_quota transactions 10
many_quota watches 128
