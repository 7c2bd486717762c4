# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: unplugging emulated devices, with each setting, in use and not in use
# why: a disk that is written through two paths gets corrupted; unplugging a disk in use is worse
# expected: devices that are up or mounted stay, with a message; the PV twins of unplugged devices
#   work, also after the core was loaded again and after a restore in a new domain; by default what
#   has no driver is unplugged, so that a driver that comes later does not find the device twice
# type: hvm
# timeout: 900

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
# xvdb would be the name of the second disk's twin
# shellcheck disable=SC2034 # used by core_guest
CORE_VDEV=xvde
core_setup
aux=$(disk_make aux 16 --kind loop) || bail "second disk"
core_guest g1 --disk "phy:$aux,hdb,w" || bail "guest starts"

# load UNPLUG: the core and both drivers
load() {
	guest_run g1 -t 90 "dmesg | wc -l >/run/lines; modprobe xenbus unplug=$1 && modprobe xen-blkfront &&
		modprobe xen-netfront || exit 1
		for i in \$(seq 100); do [ -b /dev/xvde ] && exit 0; sleep 0.1; done; exit 1"
}
# turn UNPLUG TEXT WHAT SCRIPT: loaded with that, the log says TEXT and SCRIPT succeeds in the guest
turn() {
	check "unplug=$1: loads" load "$1" || note "$(guest_run g1 'dmesg | tail -n 20')"
	check "unplug=$1: the log says '$2'" guest_run g1 "dmesg | tail -n +\$((\$(cat /run/lines) + 1)) | tee /dev/stderr |
		grep -q -- '$2'"
	check "unplug=$1: $3" guest_run g1 "$4"
}
unload() { check "unloads" core_unload g1; }

kmsg_expect 'xenbus: (sd[ab] is in use|eth[0-9] is up|emulated (disks|network cards|disks but the first) stay)'
head -c 16M /dev/urandom | dd of="$aux" bs=1M conv=fsync 2>/dev/null
check "the emulated NIC works" net_up g1 "$CORE_EMULATED" 1
check "the emulated second disk works" core_same g1 /dev/sdb "$aux"
twins='[ ! -e /sys/bus/xen/drivers/vif/vif-0 ] && [ ! -e /sys/bus/xen/drivers/vbd/vbd-768 ]'

turn nics "emulated network cards stay" "a card that is up stays, its twin is not used" \
	"ls -d /sys/bus/pci/drivers/8139cp/0* && $twins"
unload
# In the guest's background: two commands at a time do not share its serial line.
guest_run g1 'setsid sh -c "exec 9</dev/sdb; exec sleep 3600" >/dev/null 2>&1 </dev/null & exit 0'
check "somebody has the second disk open" wait_for 10 guest_run g1 'ls -l /proc/[0-9]*/fd/9 2>/dev/null | grep /dev/sdb'
turn aux-ide-disks "emulated disks but the first stay" "a disk that is open stays" "[ -b /dev/sdb ] && $twins"
unload
check "and closes it" guest_run g1 'pkill -f "sleep 3600"'
turn all "emulated disks stay" "the root disk stays, and works" \
	"[ -b /dev/sda ] && dd if=/dev/sda of=/dev/null bs=64k count=4 iflag=direct && sync && $twins"
check "what can go is gone" guest_run g1 '[ ! -b /dev/sdb ] && [ -b /dev/sda ]' ||
	note "$(guest_run g1 'lsblk; dmesg | tail -n 20')"
check "the PV twin of the second disk is used" core_same g1 /dev/xvdb "$aux"
unload

guest_run g1 "$NET_IF
	ip link set \$(net_if $(net_mac "$CORE_EMULATED")) down"
turn nics,aux-ide-disks "unplugged emulated network cards" "a card that is down goes" \
	'[ -z "$(ls -d /sys/bus/pci/drivers/8139cp/0* 2>/dev/null)" ]'
check "its PV twin works" net_up g1 "$CORE_EMULATED" 1
check "files go both ways" eval "NET_DOM0_4=10.77.1.1; guest_run g1 'ping -q -c 5 -i 0.2 10.77.1.1'"
check "root is on the emulated disk still" guest_run g1 'findmnt -no SOURCE / | grep -E "sda|root"'
unload
turn never "vbd-768: not used" "loaded again, the twins of what went are used" \
	'[ -e /sys/bus/xen/drivers/vif/vif-0 ] && [ ! -e /sys/bus/xen/drivers/vbd/vbd-768 ]'
check "the PV twin of the second disk still is" core_same g1 /dev/xvdb "$aux"
check "and that of the NIC" net_up g1 "$CORE_EMULATED" 1
check "guest shuts down" guest_stop g1

# The default: a card without a driver goes; the disks, which have one, stay.
core_guest g2 || bail "second guest starts"
mac=$(net_mac "$CORE_EMULATED")
check "the emulated NIC loses its driver" guest_run g2 'cd /sys/bus/pci/drivers/8139cp && a=$(echo 0*) &&
	echo "$a" >unbind && [ -e "/sys/bus/pci/devices/$a" ] && [ ! -e "/sys/bus/pci/devices/$a/driver" ]'
check "the default: loads" guest_run g2 -t 90 'modprobe xen-blkfront && modprobe xen-netfront || exit 1
	for i in $(seq 100); do [ -b /dev/xvde ] && exit 0; sleep 0.1; done; exit 1'
check "the default: a card without a driver goes" guest_run g2 \
	'dmesg | grep "unplugged emulated network cards, which had no driver"'
check "the default: disks with a driver stay" guest_run g2 '! dmesg | grep "unplugged emulated disks" &&
	dd if=/dev/sda of=/dev/null bs=64k count=4 iflag=direct && [ ! -e /sys/bus/xen/drivers/vbd/vbd-768 ]'
check "the PV twin of the NIC works" net_up g2 "$CORE_EMULATED" 1
# what a driver that is loaded later would find
is "interfaces with its address after a new scan of the bus" "$(guest_run g2 "echo 1 >/sys/bus/pci/rescan
	ls -d /sys/bus/pci/drivers/8139*/0* 2>/dev/null
	grep -l $mac /sys/class/net/*/address | wc -l")" 1
check "second guest shuts down" guest_stop g2
