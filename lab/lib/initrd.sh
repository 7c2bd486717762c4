# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Initial RAM disks: dom0's (to reach its virtio disk), a guest's through
# initramfs-tools, and a guest that lives in memory.

DOM0_MODULES="virtio_pci virtio_blk ext4 crc32c_generic 9pnet_virtio 9p"
# For a guest without a root disk; "modprobe" finds them there.
RAM_MODULES="xen-blkfront xen-netfront xenfs ext4 xfs crc32c_generic crc32c_intel null_blk
	brd loop dm-mod dm-log-writes dm-flakey scsi_debug 8021q dummy veth pktgen"

# cpio_of DIR: archive of DIR on standard output
cpio_of() { (cd "$1" && find . -print0 | cpio -0o -H newc -R 0:0 --quiet); }

# module_files KERNEL_DIR MODULE...: files of modules and of what they need, in the order of loading;
# what the kernel has built in has none
module_files() {
	local k=$1 m
	shift
	for m in "$@"; do
		modprobe -d "$k" -S "$(cat "$k/release")" --show-depends "$m" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# dom0_initrd KERNEL_DIR: cache entry with initrd
dom0_initrd() {
	cached "dom0-initrd-$(cat "$1/release")" "$(
		{ echo "$1"; cat "$LAB_DIR/lib/initrd.sh" "$LAB_DIR/dom0/init"; } | hash_of
	)" dom0_initrd_build "$1"
}

dom0_initrd_build() {
	local dir=$1 k=$2 r=$1/root m
	mkdir -p "$r"/{bin,dev,proc,sys,newroot,modules}
	cp /bin/busybox "$r/bin/busybox"
	install -m 755 "$LAB_DIR/dom0/init" "$r/init"
	# shellcheck disable=SC2086 # a list of words
	for m in $(module_files "$k" $DOM0_MODULES); do
		cp "$m" "$r/modules/"
		basename "$m" >>"$r/modules/order"
	done
	cpio_of "$r" >"$dir/initrd"
	rm -rf "$r"
}

# guest_initrd GUEST_ROOT_DIR KERNEL_DIR FRONT [MODULES_DIR]: cache entry with
# initrd.  FRONT is intree or ours; for ours MODULES_DIR holds updates/ and the
# index files that go with it.
guest_initrd() {
	local root=$1 k=$2 front=$3 mods=${4:-}
	cached "guest-initrd-$(cat "$k/release")-$front" "$(
		{
			echo "$root $k $front"
			cat "$LAB_DIR/lib/initrd.sh"
			[ -z "$mods" ] || cat "$mods"/updates/*.ko
		} | hash_of
	)" guest_initrd_build "$root" "$k" "$front" "$mods"
}

# mkinitramfs runs in a root of its own: the guest's tree under an overlay that
# exists in this mount namespace alone, so nothing is left mounted.
guest_initrd_build() {
	local dir=$1 root=$2 k=$3 front=$4 mods=$5 rel
	rel=$(cat "$k/release")
	say "mkinitramfs for guest kernel $rel, drivers $front"
	mkdir -p "$dir/t"
	# shellcheck disable=SC2016
	unshare -m bash -ec '
		dir=$1 tree=$2 rel=$3 mods=$4
		mount -t tmpfs tmpfs "$dir/t"
		mkdir -p "$dir/t/up" "$dir/t/work" "$dir/t/root"
		mount -t overlay overlay -o \
			"lowerdir=$tree,upperdir=$dir/t/up,workdir=$dir/t/work" "$dir/t/root"
		mount -t proc proc "$dir/t/root/proc"
		mount --rbind /dev "$dir/t/root/dev"
		if [ ! -d "$dir/t/root/lib/modules/$rel" ]; then
			cp -a "$5/lib/modules/$rel" "$dir/t/root/lib/modules/"
		fi
		if [ -n "$mods" ]; then
			cp -a "$mods/." "$dir/t/root/lib/modules/$rel/"
		fi
		touch "$dir/t/root/boot/config-$rel"
		cp "$5/config" "$dir/t/root/boot/config-$rel"
		chroot "$dir/t/root" /usr/sbin/mkinitramfs -o /boot/initrd "$rel"
		cp "$dir/t/root/boot/initrd" "$dir/initrd.zst"
	' mkinitrd "$dir" "$root/tree" "$rel" "$mods" "$k"
	# kept unpacked: an emulated processor unpacks slowly
	zstd -dcq "$dir/initrd.zst" >"$dir/initrd"
	rm -rf "$dir/t" "$dir/initrd.zst"
}

# ram_initrd GUEST_ROOT_DIR KERNEL_DIR FRONT [MODULES_DIR]: the same for a guest
# that lives in memory
ram_initrd() {
	local root=$1 k=$2 front=$3 mods=${4:-}
	cached "ram-initrd-$(cat "$k/release")-$front" "$(
		{
			echo "$root $k $front"
			cat "$LAB_DIR/lib/initrd.sh"
			[ -z "$mods" ] || cat "$mods"/updates/*.ko
		} | hash_of
	)" ram_initrd_build "$root" "$k" "$mods"
}

ram_initrd_build() {
	local dir=$1 root=$2 k=$3 mods=$4 rel m r=$1/root
	rel=$(cat "$k/release")
	mkdir -p "$r/lib/modules/$rel"
	# shellcheck disable=SC2086 # a list of words
	for m in $(module_files "$k" $RAM_MODULES); do
		m=${m#"$k"/}
		mkdir -p "$r/$(dirname "$m")"
		cp "$k/$m" "$r/$m"
	done
	cp "$k/lib/modules/$rel"/modules.{order,builtin,builtin.modinfo} "$r/lib/modules/$rel/"
	[ -z "$mods" ] || cp -a "$mods/updates" "$r/lib/modules/$rel/"
	depmod -b "$r" "$rel"
	{ cat "$root/ram.cpio"; cpio_of "$r"; } >"$dir/initrd"
	rm -rf "$r"
}
