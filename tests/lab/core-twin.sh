# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a disk that an HVM guest has twice, as a PV disk and as a namespace of an emulated NVMe controller
# why: toolstacks give such disks to UEFI guests; a disk that is written through both ways gets corrupted
# expected: the PV disk is matched by the number of the namespace, not by the name of the NVMe disk; it is not used while
#   the NVMe disk is there; the NVMe disk goes if that is asked for and nobody has it open, and stays away; a controller without a driver
#   gets none while the PV disk is used, and may have one again when the core is unloaded
# type: hvm
# timeout: 700

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
# shellcheck disable=SC2034 # used by core_guest
CORE_VDEV=xvde
core_setup
disk=$(disk_make nvme 16 --kind loop) || bail "backing disk"
head -c 16M /dev/urandom | dd of="$disk" bs=1M conv=fsync 2>/dev/null

# a guest with PV disk xvdb, which is namespace 2 of a controller; there is no namespace 1
twin_guest() {
	HVM_ARGS="-drive if=none,id=two,format=raw,file=$disk -device nvme,id=nv,serial=nv
		-device nvme-ns,drive=two,bus=nv,nsid=2" core_guest "$1" --disk "phy:$disk,xvdb,w"
}
# load GUEST [PARAM=VALUE of xenbus]
load() {
	guest_run "$1" -t 90 "modprobe xenbus ${2:-} && modprobe xen-blkfront || exit 1
		for i in \$(seq 100); do [ -b /dev/xvde ] && exit 0; sleep 0.1; done; exit 1"
}
same() { core_same "$1" "/dev/$2" "$disk"; }

kmsg_expect 'xenbus: (nvme0n1 is in use|emulated NVMe disks stay)'
twin_guest g1 || bail "guest starts"
check "the NVMe disk comes" guest_run g1 'modprobe nvme; for i in $(seq 100); do [ -b /dev/nvme0n1 ] && exit 0; sleep 0.1; done; exit 1'
is "its namespace" "$(guest_run g1 'cat /sys/block/nvme0n1/nsid')" 2
check "it has the data" same g1 nvme0n1
check "the core loads" load g1
check "the PV disk is not used" guest_run g1 '[ ! -b /dev/xvdb ] && dmesg | grep "vbd-51728: not used.*nvme0n1"'
check "unloads" core_unload g1
guest_run g1 'setsid sh -c "exec 9</dev/nvme0n1; exec sleep 3600" >/dev/null 2>&1 </dev/null & exit 0'
check "somebody has the NVMe disk open" wait_for 10 guest_run g1 'ls -l /proc/[0-9]*/fd/9 2>/dev/null | grep nvme0n1'
check "unplug=nvme-disks: loads" load g1 unplug=nvme-disks
check "a disk that is open stays" same g1 nvme0n1
check "its twin is not used" guest_run g1 '[ ! -b /dev/xvdb ]'
check "unloads again" core_unload g1
check "and closes it" guest_run g1 'pkill -f "sleep 3600"'
check "unplug=nvme-disks once more: loads" load g1 unplug=nvme-disks
is "NVMe disks" "$(guest_run g1 'ls /sys/block | grep -c nvme')" 0
check "the PV disk has the data" same g1 xvdb
check "also after a new scan of the PCI bus there is none" guest_run g1 'echo 1 >/sys/bus/pci/rescan; sleep 1
	! ls /sys/block | grep nvme'
check "guest shuts down" guest_stop g1

# By default, when the IDE controller has a driver (the root disk is there) and the NVMe controller has none yet.
twin_guest g2 || bail "second guest starts"
check "the default: loads" load g2
check "the log says so" guest_run g2 'dmesg | grep "xenbus: gets no driver"'
check "the PV disk is used" same g2 xvdb
check "a driver that comes later gets no controller" guest_run g2 'modprobe nvme && sleep 2 && ! ls /sys/block | grep nvme'
check "the root disk works" guest_run g2 'dd if=/dev/sda of=/dev/null bs=64k count=4 iflag=direct'
check "the core unloads" core_unload g2
check "the NVMe disk comes" wait_for 10 guest_run g2 '[ -b /dev/nvme0n1 ]'
check "with the data" same g2 nvme0n1
check "second guest shuts down" guest_stop g2
