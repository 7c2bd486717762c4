# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels and hypervisor: fetched as packages, unpacked into the cache, never
# installed.  A change to this file rebuilds what it makes.

# Which modules the images carry, as beginnings of paths.  A whole tree is 400 MB per kernel, and every
# byte of it would be indexed, copied and searched by an emulated processor.
KERNEL_KEEP="arch block crypto lib mm virt
	fs/ext4 fs/jbd2 fs/mbcache.ko fs/9p fs/netfs fs/fscache fs/xfs fs/configfs
	fs/nls fs/fat fs/overlayfs
	net/9p net/core net/bridge net/802 net/llc net/ipv4 net/ipv6
	net/netfilter net/openvswitch net/nsh net/mpls net/packet net/sched net/tls
	drivers/block drivers/md drivers/dax drivers/virtio drivers/xen drivers/cdrom
	drivers/char/hw_random drivers/char/virtio_console.ko
	drivers/scsi/scsi_mod.ko drivers/scsi/scsi_common.ko drivers/scsi/sd_mod.ko
	drivers/scsi/sr_mod.ko drivers/scsi/scsi_debug.ko
	drivers/net/xen-netfront.ko drivers/net/xen-netback drivers/net/virtio_net.ko
	drivers/net/net_failover.ko drivers/net/dummy.ko drivers/net/veth.ko
	drivers/net/vxlan drivers/net/tun.ko drivers/net/tap.ko drivers/net/ifb.ko drivers/net/bonding"

# kernel_dir KERNEL: cache entry with vmlinux, release, distribution and lib/modules/RELEASE
kernel_dir() {
	local rel dist
	if [ -d "$1" ]; then # a kernel of one's own, same layout
		if [ ! -e "$1/vmlinux" ] || [ ! -e "$1/release" ]; then
			die "$1 needs vmlinux, release and lib/modules/RELEASE"
		fi
		(cd "$1" && pwd)
		return
	fi
	rel=$(kernel_release "$1") || return 1
	dist=$(kernel_distribution "$1") || return 1
	in_distribution "$dist" kernel_cached "$1" "$rel" "$dist"
}

kernel_cached() { # KERNEL RELEASE DISTRIBUTION
	local packages
	packages=$(kernel_packages "$2")
	# shellcheck disable=SC2086 # a list of words
	cached "kernel-$1" "$({ candidates $packages; cat "$LAB_DIR/lib/kernel.sh"; } | hash_of)" \
		kernel_build "$2" "$3" $packages
}

# kernel_packages RELEASE: where its files are; linux-image became empty with 7.2
kernel_packages() {
	if apt_asked pkgnames linux- | grep -qxF "linux-binary-$1"; then
		echo "linux-binary-$1 linux-modules-$1 linux-base-$1"
	else
		echo "linux-image-$1"
	fi
}

kernel_build() { # DIR RELEASE DISTRIBUTION PACKAGE...
	local dir=$1 rel=$2 dist=$3 keep package from
	shift 3
	for package; do
		say "fetching $package"
		fetch_deb "$package" "$dir"
	done
	from=$dir/root/lib/modules/$rel
	[ -d "$from" ] || from=$dir/root/usr/lib/modules/$rel
	mkdir -p "$dir/lib/modules/$rel/kernel"
	for keep in $KERNEL_KEEP; do
		[ -e "$from/kernel/$keep" ] || [ -e "$from/kernel/$keep.xz" ] || continue
		(cd "$from/kernel" && find . -path "./$keep*" -type f -print0 |
			cpio -0pdm --quiet "$dir/lib/modules/$rel/kernel")
	done
	# the newer ones ship compressed modules: unpack once here, not at each load there
	find "$dir/lib/modules" -name '*.ko.xz' -exec xz -d {} +
	cp "$from"/modules.{order,builtin,builtin.modinfo} "$dir/lib/modules/$rel/"
	depmod -b "$dir" "$rel"
	if [ -e "$from/vmlinuz" ]; then
		cp "$from/config" "$dir/config"
		vmlinux_of "$from/vmlinuz" >"$dir/vmlinux"
	else
		cp "$dir/root/boot/config-$rel" "$dir/config"
		vmlinux_of "$dir/root/boot/vmlinuz-$rel" >"$dir/vmlinux"
	fi
	printf '%s\n' "$rel" >"$dir/release"
	printf '%s\n' "$dist" >"$dir/distribution"
	rm -rf "$dir/root"
}

# vmlinux_of BZIMAGE: the ELF file inside.  Xen and xl can unpack it themselves,
# but that is seconds of emulated xz for each domain.
vmlinux_of() {
	local sects off len magic
	sects=$(od -An -tu1 -j $((0x1f1)) -N1 "$1" | tr -d ' ')
	off=$(od -An -tu4 -j $((0x248)) -N4 "$1" | tr -d ' ')
	len=$(od -An -tu4 -j $((0x24c)) -N4 "$1" | tr -d ' ')
	off=$(((sects + 1) * 512 + off))
	# the payload ends in four bytes of its unpacked length
	payload() { tail -c +$((off + 1)) "$1" | head -c $((len - 4)); }
	magic=$(od -An -tx1 -j "$off" -N4 "$1" | tr -d ' ')
	case $magic in
	fd377a58) payload "$1" | xz -dc ;;
	28b52ffd) payload "$1" | zstd -dcq ;;
	1f8b*) payload "$1" | gzip -dc ;;
	*) say "unknown compression of $1 ($magic)"; return 1 ;;
	esac
}

# xen_dir: cache entry with the hypervisor as a multiboot ELF file
xen_dir() { in_distribution "$XEN_DIST" xen_cached "xen-hypervisor-$XEN_VERSION-amd64"; }

xen_cached() {
	local pkg=$1
	cached xen "$({ candidates "$pkg"; cat "$LAB_DIR/lib/kernel.sh"; } | hash_of)" \
		xen_build "$pkg"
}

xen_build() {
	say "fetching $2"
	fetch_deb "$2" "$1"
	zcat "$1/root/boot/xen-$XEN_VERSION-amd64.gz" >"$1/xen"
	rm -rf "$1/root"
}

# need_headers KERNEL: headers of the same release as the kernel image, on this machine or in the
# build root of the kernel's distribution
need_headers() {
	local rel dist
	rel=$(kernel_release "$1") || return 1
	dist=$(kernel_distribution "$1") || return 1
	if is_foreign "$dist"; then
		build_root "$dist" >/dev/null
	else
		need_packages "linux-headers-$rel"
	fi
}
