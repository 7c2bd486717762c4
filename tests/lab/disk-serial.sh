# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: serial numbers of disks, from a key in the backend's directory to /dev/disk/by-id
# why: installers and container storage find a disk by its serial number, not by the order of attaching
# expected: the number is in /sys/block/DISK/serial and a link leads to the disk and its partition, also if disks are
#   attached in another order; it stays over a reconnect; other characters are replaced; a number that is too long is
#   refused and counted, and a disk without one works and has no link
# timeout: 400

[ "$LAB_FRONT" = ours ] || { skip "serial numbers" "the in-tree xen-blkfront has none"; exit 0; }
d1=$(disk_make one 32) || bail "first backing disk"
d2=$(disk_make two 32) || bail "second backing disk"

# as docs/use.md has it: the number is there before the stock script lets the backend connect
cat >/etc/xen/scripts/block-serial <<'END'
#!/bin/bash
if [ "$1" = add ] && [ -e /run/serial ]; then xenstore-write "$XENBUS_PATH/serial" "$(cat /run/serial)"; fi
exec /etc/xen/scripts/block "$@"
END
chmod +x /etc/xen/scripts/block-serial
# attach DISK xvdX [SERIAL]
attach() {
	rm -f /run/serial
	[ $# -lt 3 ] || printf '%s' "$3" >/run/serial
	xl block-attach g1 "format=raw,vdev=$2,access=rw,script=block-serial,target=$1" && disk_ready g1 "phy:$1,$2,w"
}
serial() { guest_run g1 "cat /sys/block/$1/serial"; }
# link NAME: what it leads to
link() { guest_run g1 "udevadm settle -t 20; readlink -f /dev/disk/by-id/$1"; }
refused() { guest_run g1 "sed -n 's/^feature *\\([0-9]*\\).*/\\1/p' /sys/kernel/debug/xen-blkfront/violations"; }

guest_start g1 || bail "guest starts"
kmsg_expect 'vbd-51744: .*feature' # the number that is too long
# no service manager, and only the rule under test
check "udev in the guest" eval 'guest_run g1 "mkdir -p /etc/udev/rules.d; rm -rf /lib/udev/rules.d /usr/lib/udev/rules.d" &&
	guest_file g1 /etc/udev/rules.d/60-xenpv-disk.rules <"$JOB/tools/60-xenpv-disk.rules" &&
	guest_run g1 -t 60 "pgrep systemd-udevd || /lib/systemd/systemd-udevd --daemon
		for i in \$(seq 50); do udevadm control --ping && exit 0; sleep 0.1; done; exit 1"'

check "a disk with a number" attach "$d1" xvdb 4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f
is "sysfs has it" "$(serial xvdb)" 4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f
is "its link" "$(link xen-4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f)" /dev/xvdb
check "a partition" guest_run g1 'echo "2048,16384" | sfdisk -q --no-reread /dev/xvdb &&
	{ blockdev --rereadpt /dev/xvdb || partx -u /dev/xvdb; }; [ -b /dev/xvdb1 ]'
is "has a link" "$(link xen-4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f-part1)" /dev/xvdb1
check "another disk" attach "$d2" xvdc 'two /../x'
is "other characters are replaced" "$(serial xvdc)" two__.._x
is "in the link, too" "$(link xen-two__.._x)" /dev/xvdc
check "the disks go" eval 'disk_detach g1 xvdb && disk_detach g1 xvdc'
check "their links, too" guest_run g1 'udevadm settle -t 20; ! ls /dev/disk/by-id/* 2>/dev/null | grep xen-'
check "they come back in another order" eval 'attach "$d2" xvdb "two /../x" &&
	attach "$d1" xvdc 4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f'
is "the number finds the first" "$(link xen-4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f)" /dev/xvdc
is "and the other" "$(link xen-two__.._x)" /dev/xvdb

if [ "$LAB_TYPE" != pvh ]; then
	xenstore-write "/local/domain/0/backend/vbd/$(guest_id g1)/$(guest_disk_nr g1 xvdb)/serial" another
	check "checkpoint" xl save -c g1 /dev/shm/save
	rm -f /dev/shm/save
	check "the disk is connected again" guest_run g1 -t 60 'dd if=/dev/xvdb of=/dev/null bs=64k count=1 iflag=direct'
	is "the number of a disk does not change" "$(serial xvdb)" two__.._x
fi
check "the second disk goes" disk_detach g1 xvdc
before=$(refused)
check "a number of 65 characters: the disk works" attach "$d1" xvdc "$(printf 'a%.0s' {1..65})"
is "and has none" "$(serial xvdc)" ''
is "which is counted" "$(refused)" $((before + 1))
check "it goes" disk_detach g1 xvdc
check "a disk without a number" attach "$d1" xvdc
is "has an empty one" "$(serial xvdc)" ''
is "no link but that of the other" "$(guest_run g1 'udevadm settle -t 20; ls /dev/disk/by-id' | grep -c xen-)" 1
is "nothing more is counted" "$(refused)" $((before + 1))
# whoever waits for the shutdown of a domain has ended with the checkpoint
check "the guest goes" guest_destroy g1
rm -f /etc/xen/scripts/block-serial /run/serial
