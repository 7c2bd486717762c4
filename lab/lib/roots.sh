# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Root file systems: real Debian, made from the machine's own apt sources.  A
# change to this file rebuilds them.

# The hypervisor of the guests' distribution: a guest can be a driver domain.
GUEST_XEN=$(support xen "distribution=$LAB_DIST" | head -n 1)

DOM0_PACKAGES="xen-utils-$XEN_VERSION xenstore-utils fio iperf3 ethtool e2fsprogs
	util-linux util-linux-extra fdisk mount lvm2 dmsetup bridge-utils iproute2
	iputils-ping socat kmod procps tcpdump xxd strace bash file less xfsprogs python3-minimal
	net-tools openvswitch-switch qemu-system-xen grub-xen-host"
GUEST_PACKAGES="util-linux fdisk mount e2fsprogs fio kmod xenstore-utils iproute2
	iputils-ping iperf3 socat ethtool tcpdump procps bash xxd strace udev
	initramfs-tools zstd busybox-static xfsprogs hdparm kexec-tools
	xen-utils-$GUEST_XEN"

# Programs of ours, also used in dom0.
GUEST_PROGRAMS="traffic framesum records"

# What goes into a guest that runs from memory alone.
RAM_TOOLS="bash sh mount umount mountpoint findmnt lsblk blkid blockdev blkdiscard fstrim
	blkzone wipefs losetup sfdisk mkfs.ext4 mke2fs e2fsck resize2fs dumpe2fs debugfs
	mkfs.xfs xfs_repair fio dd sha256sum sync cmp timeout stat truncate dmesg kmod modprobe
	depmod rmmod insmod lsmod xenstore-read xenstore-write xenstore-ls xenstore-list
	xenstore-rm xenstore-watch ip tc bridge ping iperf3 socat ethtool tcpdump xxd
	strace ps pgrep pkill hdparm"

apt_sources() {
	local f
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
		[ -s "$f" ] && grep -qE '^(deb|Types)' "$f" && printf '%s\n' "$f"
	done
	return 0
}

# root_key PACKAGE...: list, versions and recipe
root_key() { candidates "$@"; cat "$LAB_DIR/lib/roots.sh"; }

debian_tree() { # DIR DISTRIBUTION PACKAGE...
	local dir=$1 dist=$2 sources
	shift 2
	if is_foreign "$dist"; then
		sources=("$LAB_APT/sources.list")
	else
		mapfile -t sources < <(apt_sources)
	fi
	env -u APT_CONFIG mmdebstrap --quiet --variant=essential --format=directory \
		--include="$(printf '%s,' "$@" | sed 's/,$//')" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$(base_suite "$dist")" "$dir" "${sources[@]}" || return 1
	rm -rf "$dir"/var/lib/apt/lists/* "$dir"/var/cache/apt/*
}

# image_of TREE FILE LABEL FREE_MB [MKE2FS OPTION...]
image_of() {
	local tree=$1 file=$2 label=$3 free=$4 mb
	shift 4
	mb=$(($(du -sm --apparent-size "$tree" | cut -f1) * 115 / 100 + free))
	truncate -s "${mb}M" "$file"
	mke2fs -q -F -t ext4 -L "$label" -E lazy_itable_init=0,root_owner=0:0 "$@" \
		-d "$tree" "$file"
}

# dom0_root_dir KERNEL_DIR...: cache entry with root.ext4
dom0_root_dir() { in_distribution "$XEN_DIST" dom0_root_cached "$@"; }

dom0_root_cached() {
	local kind=dom0-root
	[ "$XEN_DIST" = "$LAB_DIST" ] || kind=dom0-root-$XEN_DIST
	# shellcheck disable=SC2086
	cached "$kind" "$({ root_key $DOM0_PACKAGES; printf '%s\n' "$@"; } | hash_of)" \
		dom0_root_build "$@"
}

dom0_root_build() {
	local dir=$1 k t
	shift
	t=$dir/tree
	say "making the dom0 root file system, $XEN_DIST (about half a minute)"
	# shellcheck disable=SC2086
	debian_tree "$t" "$XEN_DIST" $DOM0_PACKAGES
	mkdir -p "$t/xenpv" "$t/var/lock" "$t/var/lib/xenstored" "$t/lib/modules"
	rm -rf "$t/var/run" "$t/var/lock"
	ln -s /run "$t/var/run"
	ln -s /run/lock "$t/var/lock"
	ln -sfn /proc/self/mounts "$t/etc/mtab"
	printf 'dom0\n' >"$t/etc/hostname"
	printf '127.0.0.1 localhost dom0\n' >"$t/etc/hosts"
	for k in "$@"; do cp -a "$k"/lib/modules/* "$t/lib/modules/"; done
	# lives for one boot: no journal
	image_of "$t" "$dir/root.ext4" dom0root 512 -O '^has_journal'
	rm -rf "$t"
}

# guest_root_dir KERNEL_DIR...: cache entry with root.ext4, and tree/ which the
# initramfs is made from
guest_root_dir() { in_distribution "$LAB_DIST" guest_root_cached "$@"; }

guest_root_cached() {
	# shellcheck disable=SC2086
	cached guest-root "$({ root_key $GUEST_PACKAGES; cat "$LAB_DIR"/guest/*; printf '%s\n' "$@"; } | hash_of)" \
		guest_root_build "$@"
}

guest_root_build() {
	local dir=$1 k t
	shift
	t=$dir/tree
	say "making the guest root file system (about half a minute)"
	# shellcheck disable=SC2086
	debian_tree "$t" "$LAB_DIST" $GUEST_PACKAGES
	mkdir -p "$t/lib/modules" "$t/mnt" "$t/xenpv"
	printf 'guest\n' >"$t/etc/hostname"
	printf '127.0.0.1 localhost guest\n' >"$t/etc/hosts"
	printf 'LABEL=xenpvroot / ext4 defaults 0 0\n' >"$t/etc/fstab"
	install -m 755 "$LAB_DIR/guest/init" "$t/sbin/xenpv-init"
	rm -f "$t/sbin/poweroff" "$t/sbin/reboot"
	install -m 755 "$LAB_DIR/guest/poweroff" "$t/sbin/poweroff"
	install -m 755 "$LAB_DIR/guest/poweroff" "$t/sbin/reboot"
	install -m 755 "$LAB_DIR/guest/initramfs-hook" \
		"$t/etc/initramfs-tools/hooks/xenpv"
	printf '%s\n' MODULES=list COMPRESS=zstd COMPRESSLEVEL=1 RESUME=none \
		FSTYPE=ext4 >"$t/etc/initramfs-tools/conf.d/xenpv"
	cc -static -O2 -Wall -o "$t/sbin/xenpv-agent" "$LAB_DIR"/guest/agent*.c
	for k in $GUEST_PROGRAMS; do
		cc -static -O2 -Wall -o "$t/usr/bin/$k" "$LAB_DIR/guest/$k.c"
	done
	for k in "$@"; do cp -a "$k"/lib/modules/* "$t/lib/modules/"; done
	image_of "$t" "$dir/root.ext4" xenpvroot 512
	ram_root_build "$t" "$dir/ram.cpio"
	printf '%s\n' "$@" >"$dir/kernels"
}

# fio_stubs TREE DIR: Debian's fio is linked with clients of Ceph, Gluster, RDMA and
# more, 70 MB that a guest in memory would carry for nothing.  Empty libraries of the
# same names and symbols take their place there.
fio_stubs() {
	local tree=$1 dir=$2 lib names
	mkdir -p "$dir"
	names='rbd|rados|glfs|nbd|ibv|rdma|pmem'
	nm -D --undefined-only "$tree/usr/bin/fio" |
		awk '{ print $2 }' | grep -E "^($names)" | tr '@' ' ' >"$dir/symbols"
	awk '{ print "void " $1 "(void); void " $1 "(void) { __builtin_trap(); }" }' \
		"$dir/symbols" >"$dir/stub.c"
	awk 'NF > 1 { v[$2] = v[$2] " " $1 ";" }
		END { for (i in v) print i " {" v[i] " };" }' "$dir/symbols" >"$dir/map"
	for lib in $(readelf -d "$tree/usr/bin/fio" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
		grep -E 'libgfapi|libnbd|libibverbs|librdmacm|librados|librbd|libpmem'); do
		cc -shared -fPIC -nostdlib -o "$dir/$lib" "$dir/stub.c" \
			-Wl,-soname,"$lib" -Wl,--version-script="$dir/map"
	done
	rm -f "$dir/symbols" "$dir/stub.c" "$dir/map"
}

# ram_root_build TREE CPIO: busybox, RAM_TOOLS and the libraries they need
ram_root_build() {
	local tree=$1 out=$2 r=$2.d tool path lib
	mkdir -p "$r"/{bin,sbin,proc,sys,dev,run,tmp,mnt,root,etc,var,usr/bin,usr/sbin}
	mkdir -p "$r/lib" "$r/lib64" "$r/usr/lib"
	ln -s ../run "$r/var/run"
	printf 'root:x:0:0:root:/root:/bin/bash\n' >"$r/etc/passwd"
	printf 'root:x:0:\n' >"$r/etc/group"
	printf '127.0.0.1 localhost\n' >"$r/etc/hosts"
	cp "$tree/etc/mke2fs.conf" "$r/etc/"
	cp -L "$tree/usr/bin/busybox" "$r/bin/busybox" 2>/dev/null ||
		cp -L "$tree/bin/busybox" "$r/bin/busybox"
	for tool in $("$r/bin/busybox" --list); do
		[ "$tool" = busybox ] || ln -sf busybox "$r/bin/$tool"
	done
	fio_stubs "$tree" "$tree/tmp/stubs"
	for tool in $RAM_TOOLS $GUEST_PROGRAMS; do
		path=$(chroot "$tree" /bin/sh -c "command -v $tool") || continue
		rm -f "$r/bin/$tool"
		cp -L "$tree/$path" "$r/bin/$tool"
		chroot "$tree" env LD_LIBRARY_PATH=/tmp/stubs ldd "$path" 2>/dev/null |
			grep -oE '/[^ ]+' >>"$r.libs" || :
	done
	sort -u "$r.libs" | while read -r lib; do
		mkdir -p "$r$(dirname "$lib")"
		cp -L "$tree/$lib" "$r$lib"
	done
	mkdir -p "$r/usr/lib/x86_64-linux-gnu"
	mv "$r"/tmp/stubs/* "$r/usr/lib/x86_64-linux-gnu/"
	rm -rf "$r/tmp/stubs" "$tree/tmp/stubs"
	# loaded by name when a thread is cancelled, so no list of libraries has it
	path=$(find "$tree/lib" "$tree/usr/lib" -name libgcc_s.so.1 | head -n 1)
	[ -z "$path" ] || cp -L "$path" "$r/usr/lib/x86_64-linux-gnu/"
	install -m 755 "$LAB_DIR/guest/init" "$r/init"
	cp "$tree"/sbin/{xenpv-agent,poweroff,reboot} "$r/sbin/"
	rm -f "$r"/bin/{poweroff,reboot}
	for tool in /sbin/modprobe /usr/sbin/modprobe; do
		ln -sf /bin/modprobe "$r$tool"
	done
	(cd "$r" && find . -print0 | cpio -0o -H newc -R 0:0 --quiet) >"$out"
	rm -rf "$r" "$r.libs"
}
