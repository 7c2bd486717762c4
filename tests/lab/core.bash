# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the stand-alone core share.  Sourced by them, after tests/lab/lib.sh:
#
#	. "$JOB/tests/lab/core.bash"
#	core_setup
#
# An HVM guest on a kernel without Xen with an emulated root disk and an emulated NIC (number 21 of
# the bridge xenbr1), a PV disk $CORE_VDEV and a PV NIC (number 11 of xenbr0), and nothing of ours loaded.

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"

CORE_MODULES="xen-events xen-grants xenbus"
CORE_EMULATED=21
CORE_PV=11
CORE_DISK_MB=16
CORE_VDEV=xvdb

# core_setup: networks and $core_disk, the backing device of xvdb
core_setup() {
	net_setup
	net_bridge xenbr1 1 || bail setup "no second bridge"
	core_disk=$(disk_make core $CORE_DISK_MB --kind loop) || bail "backing disk"
}

# core_vifs: the vif line; the emulated NIC has a PV twin, the other has no emulated one
core_vifs() {
	echo "vif = [ \"mac=$(net_mac $CORE_EMULATED),bridge=xenbr1,type=ioemu,model=${1:-rtl8139}\"," \
		"\"$(net_vif $CORE_PV)\" ]"
}

# core_guest NAME [OPTION of guest_start...]
core_guest() {
	local name=$1
	shift
	guest_start "$name" --append "xenpv.load=" --disk "phy:$core_disk,$CORE_VDEV,w" \
		--config "$(core_vifs)" "$@"
}

# core_begin [OPTION of guest_start...]: the test's guest g1.  With CORE_SHARED there is one already (core-short).
core_begin() {
	[ -z "${CORE_SHARED:-}" ] || return 0
	core_setup
	core_guest g1 "$@" || bail "guest starts"
	ok "guest starts"
}

# core_ready [PARAM=VALUE of xen-events...]: the core in g1, unless an earlier test loaded it
core_ready() {
	[ -n "${CORE_SHARED:-}" ] || core_load g1 "$@"
}

# core_end: the end of g1, if no other test wants it
core_end() {
	[ -z "${CORE_SHARED:-}" ] || return 0
	guest_kmsg g1
	check "xl shutdown is heard" timeout 60 xl shutdown g1
	check "guest shuts down" wait_for 90 eval '! xl domid g1'
}

# core_load GUEST [PARAM=VALUE of xen-events...]: both drivers, by which the core comes; before them xen-grants
# with $CORE_GRANTS, if that is set
core_load() {
	local guest=$1
	shift
	guest_run "$guest" -t 90 "modprobe xen-events $* ${CORE_GRANTS:+&& modprobe xen-grants $CORE_GRANTS} &&
		modprobe xen-blkfront && modprobe xen-netfront || exit 1
		for i in \$(seq 300); do
			[ \"\$(cat /sys/class/block/xvdb/size 2>/dev/null)\" = $((CORE_DISK_MB * 2048)) ] && exit 0
			sleep 0.1
		done
		echo 'no xvdb'; ls -l /sys/bus/xen/devices; dmesg | tail -n 20; exit 1"
}

# core_unload GUEST: all of it; the bus holds a driver as long as a device of it is bound
core_unload() {
	guest_run "$1" -t 90 '
		for d in /sys/bus/xen/drivers/*/*-[0-9]*; do
			[ ! -e "$d" ] || echo "${d##*/}" >"${d%/*}/unbind"
		done
		for m in xen-blkfront xen-netfront xenbus xen-grants xen-events; do
			[ ! -d "/sys/module/$(echo $m | tr - _)" ] || modprobe -r $m || exit 1
		done
		left=$(lsmod | grep -E "^xen")
		[ -z "$left" ] || { echo "left: $left"; exit 1; }'
}

# core_loaded GUEST: whether the whole core is there, and ours
core_loaded() {
	local modules="$CORE_MODULES xen-blkfront xen-netfront" said
	said=$(guest_run "$1" "$LOADED_IS
		for m in $modules; do echo \"\$m \$(loaded_is \$m)\"; done")
	# shellcheck disable=SC2086 # a list of words
	[ "$said" = "$(printf '%s ours\n' $modules)" ] || { echo "$said"; return 1; }
}

# core_data GUEST SEED: a disk full of numbers goes out, dom0 has the same, and other bytes come back
core_data() {
	local a b
	a=$(guest_run "$1" -t 90 "
		set -e
		head -c ${CORE_DISK_MB}M /dev/urandom >/run/core.$2
		dd if=/run/core.$2 of=/dev/xvdb bs=256k oflag=direct conv=fsync 2>/dev/null
		sha256sum </run/core.$2; rm /run/core.$2") || { echo "$a"; return 1; }
	blockdev --flushbufs "$core_disk"
	b=$(sha256sum <"$core_disk")
	[ "$a" = "$b" ] || { echo "the guest wrote '$a', dom0 has '$b'"; return 1; }
	head -c ${CORE_DISK_MB}M /dev/urandom | dd of="$core_disk" bs=1M conv=fsync 2>/dev/null
	b=$(sha256sum <"$core_disk")
	a=$(guest_run "$1" -t 90 'dd if=/dev/xvdb bs=64k iflag=direct 2>/dev/null | sha256sum')
	[ "$a" = "$b" ] || { echo "dom0 wrote '$b', the guest has '$a'"; return 1; }
}

# core_same GUEST DEVICE FILE: the guest reads there what dom0 has
core_same() {
	[ "$(guest_run "$1" "dd if=$2 bs=64k iflag=direct 2>/dev/null | sha256sum")" = "$(sha256sum <"$3")" ]
}

# core_interrupts GUEST: "NAME COUNT..." of its event channels, from /proc/interrupts
core_interrupts() {
	guest_run "$1" 'grep -E "xen" /proc/interrupts; ls /sys/kernel/irq | wc -l'
}
