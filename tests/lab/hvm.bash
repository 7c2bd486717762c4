# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# HVM guests on a kernel without Xen, for guest_start and its kin.  Sourced by tests/lab/lib.sh.
#
# The root disk is the emulated IDE disk; console and commands go by a virtio-serial device of the
# device model: a byte through an emulated UART is an exit, a buffer through virtio is one, and the
# commands need nothing of what is under test.

# Commands at a time.
HVM_PORTS=6
# Each access to a port is an exit to dom0: no search for UARTs and mice.
# shellcheck disable=SC2034 # used by guest_start
HVM_QUICK="rootwait iommu=off tsc=reliable no_timer_check 8250.nr_uarts=0 i8042.noaux"
# What init loads, if the test does not say otherwise by --append.
# shellcheck disable=SC2034
HVM_LOAD=xenpv.load=xen-blkfront,xen-netfront

# hvm_agent NAME: folder of the guest's command ports; status 1 if it has none
hvm_agent() {
	[ -d "$GUESTS/$1/agent" ] && echo "$GUESTS/$1/agent"
}

# hvm_config NAME: lines of its xl file; $HVM_ARGS are more arguments of the device model
hvm_config() {
	local dir=$GUESTS/$1/agent n args
	mkdir -p "$dir"
	# Firmware would read the boot ROM of an emulated NIC word by word, each an exit to dom0.
	args="-global rtl8139.romfile= -global e1000.romfile= -global ne2k_pci.romfile=
		-device virtio-serial-pci,max_ports=$((HVM_PORTS + 2))
		-chardev file,id=lab-console,path=$OUT/console/guest-$1.log,append=on
		-device virtconsole,chardev=lab-console"
	for n in $(seq 0 $((HVM_PORTS - 1))); do
		: >"$dir/$n.lock"
		args="$args
			-chardev socket,id=lab-$n,path=$dir/$n,server=on,wait=off
			-device virtserialport,chardev=lab-$n,name=org.xenpv.agent.$n"
	done
	args="$args ${HVM_ARGS:-}"
	echo 'vnc = 0'
	echo 'nographic = 1'
	echo 'vga = "none"'
	echo 'usb = 0'
	echo "device_model_args_hvm = ["
	# shellcheck disable=SC2086 # a list of words
	printf '  "%s",\n' $args
	echo "]"
}

# hvm_attach NAME DISK...: attach them by the toolstack to a guest that is paused.  In the disk list
# of the xl file those up to xvdd would get an emulated twin.
hvm_attach() {
	local name=$1
	shift
	while [ $# -gt 0 ]; do
		xl block-attach "$name" "$1" || return 1
		shift
	done
}

# hvm_poweroff NAME: for a guest that does not listen to xenstore
hvm_poweroff() {
	[ ! -d "$GUESTS/$1/agent" ] || guest_run "$1" -t 20 'setsid sh -c "sleep 0.5; poweroff" &'
}
