# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: Debian's PV GRUB reads its configuration, kernel and initramfs from our backend
# why: a frontend that is not Linux, with one page and one request at a time, and Linux takes over
#   the disk a moment later
# expected: GRUB boots the kernel, which then uses the same disk
# timeout: 300

loader=/usr/lib/grub-xen/grub-x86_64-xen.bin
[ -e "$loader" ] || bail "GRUB is there" "no $loader"
# shellcheck disable=SC2034 # for eval
k=$JOB/kernels/$LAB_GUEST
disk=$(disk_make boot 320 --kind loop) || bail "backing disk"
# mkfs and mount try what a file in memory cannot
kmsg_expect 'operation not supported error, dev loop[0-9]+, .*WRITE_ZEROES'
check "a disk to boot from" eval 'mkfs.ext4 -q "$disk" && mkdir -p /run/boot && mount "$disk" /run/boot &&
	mkdir -p /run/boot/boot/grub && cp "$k/vmlinux" "$k/ram-$LAB_FRONT" /run/boot/boot/ &&
	cat >/run/boot/boot/grub/grub.cfg <<END
set timeout=0
menuentry linux {
	linux /boot/vmlinux console=hvc0 loglevel=5 panic=1 oops=panic net.ifnames=0 xenpv.front=$LAB_FRONT xenpv.root=ram xenpv.load=xen-blkfront from=grub
	initrd /boot/ram-$LAB_FRONT
}
END
	umount /run/boot' || exit 1

guest_start g1 --loader "$loader" --root "phy:$disk,xvda,w" --memory 768 --timeout 240 ||
	bail "GRUB boots the guest"
ok "GRUB boots the guest"
check "with the command line of its configuration" guest_run g1 'grep -q from=grub /proc/cmdline'
check "Linux has the disk now" guest_run g1 'mount /dev/xvda /mnt && echo kept >/mnt/f && sync &&
	cmp /mnt/boot/vmlinux /mnt/boot/vmlinux && umount /mnt'
note "$(cat "/sys/kernel/debug/xen-blkback/vbd-$(guest_id g1)-51712/violations" 2>/dev/null)"
check "no violation of the protocol" eval '! grep -v " 0$" \
	"/sys/kernel/debug/xen-blkback/vbd-$(guest_id g1)-51712/violations"'
check "guest shuts down" guest_stop g1
