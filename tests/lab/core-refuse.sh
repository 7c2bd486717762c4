# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the core on kernels and hosts that it does not support, and with invalid parameters
# why: two owners of event channels do harm, and an administrator reads the message, not the source
# expected: a clear message, no module remains loaded, the guest continues to work
# type: hvm
# timeout: 500

# refused GUEST TEXT MODULE [PARAM...]: modprobe fails, the log says TEXT, the module is not there
refused() {
	local guest=$1 text=$2
	shift 2
	net_on "$guest" "
		lines=\$(dmesg | wc -l)
		if modprobe $*; then echo 'it was loaded'; exit 1; fi
		dmesg | tail -n +\$((lines + 1)) | tee /dev/stderr | grep -q '$text' ||
			{ echo 'the log does not say: $text'; exit 1; }
		! lsmod | grep '^${1//-/_} '"
}

# what is said is what this test wants to hear
kmsg_expect 'this kernel has its own Xen core'
kmsg_expect 'upcall=pigeon|unplug=everything|frames=glass|no grant table: error'

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
check "refused in dom0" refused dom0 "this kernel has its own Xen core" xen-events
for type in pv pvh; do
	guest_start "$type" --type $type --root ram || bail "$type guest starts"
	check "refused in a $type guest whose kernel has Xen" \
		refused $type "this kernel has its own Xen core" xen-events
	check "$type: the kernel's own core works on" guest_run $type 'xenstore-read domid'
	check "$type guest shuts down" guest_stop $type
done

core_setup
core_guest g1 || bail "guest starts"
check "an unknown way of delivery" refused g1 upcall=pigeon xen-events upcall=pigeon
check "unknown grant frames" refused g1 frames=glass xen-grants frames=glass
check "an unknown thing to unplug unplugs nothing, and that is said" guest_run g1 '
	modprobe xenbus unplug=everything && dmesg | grep "unplug=everything is not understood" &&
	lsblk /dev/sda && ls -d /sys/bus/pci/drivers/8139cp/0*'
check "and all of that unloads" core_unload g1
check "with good parameters it loads" core_load g1
check "it cannot be unloaded in use" guest_run g1 '! rmmod xen_events && ! rmmod xen_grants && ! rmmod xenbus'
check "guest shuts down" guest_stop g1
