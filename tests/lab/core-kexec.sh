# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: kexec while the core is in use, with each event channel ABI, then xl reboot
# why: crash dumps and quick updates: the next kernel gets Xen's state as this kernel leaves it
# expected: the next kernel boots, its core loads, disk and network work, no grant remains in use
# type: hvm
# timeout: 900

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_setup
core_guest g1 --vcpus 2 || bail "guest starts"

# kernel_over: the guest's kernel, by its PV disk, into its memory
# shellcheck disable=SC2154 # of core_setup
kernel_over() {
	local image=$JOB/kernels/plain-$LAB_GUEST/bzImage size
	size=$(stat -c %s "$image") &&
	dd if="$image" of="$core_disk" bs=1M conv=notrunc,fsync 2>/dev/null &&
	guest_run g1 "head -c $size /dev/xvdb >/run/bzImage && sha256sum </run/bzImage" |
		grep -q "$(sha256sum <"$image" | cut -d' ' -f1)" &&
	guest_run g1 'kexec -l /run/bzImage --reuse-cmdline'
}

# over: into the next kernel, disk and network at work, nothing unloaded
over() {
	guest_run g1 'echo 1 >/run/before-kexec; sync; mount -o remount,ro /
		(setsid sh -c "dd if=/dev/xvdb of=/dev/null bs=4k iflag=direct & sleep 0.5; kexec -e" \
		</dev/null >/dev/null 2>&1 &)'
	wait_for 120 guest_run g1 -t 5 '[ ! -e /run/before-kexec ]'
}

for params in fifo=0 fifo=1 fifo=0; do
	check "$params: core" core_load g1 $params || { note "$(guest_run g1 'dmesg | tail -n 20')"; exit 1; }
	check "$params: network" net_up g1 "$CORE_PV"
	check "$params: bytes of the disk" core_data g1 1
	check "$params: files go both ways" net_both_ways g1 "$CORE_PV" 2
	note "$(guest_run g1 'dmesg | grep "left by an earlier user"')"
	check "$params: kernel loaded" kernel_over
	check "$params: next kernel" over || { note "$(guest_console g1 | tail -n 30)"; exit 1; }
done
check "core in the last kernel" core_load g1
check "no grant is in use from before" guest_run g1 '! dmesg | grep "left by an earlier user" | grep -v ", 0 still"'
check "bytes of the disk" core_data g1 1
check "the toolstack's reboot is heard" timeout 60 xl reboot g1
check "and obeyed" wait_for 90 eval '! xl domid g1'
