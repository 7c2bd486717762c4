# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels of our own configuration, built from Debian's kernel source: what lab/debug-kernel and
# lab/plain-kernel share.  Sourced after common.sh.

# source_kernel NAME SERIES CONFIG [PATCH]: print the cache entry kernel-NAME-SERIES with vmlinux,
# bzImage, config, release, lib/modules/RELEASE and build/ (what modules are built against).  CONFIG
# is merged over tinyconfig; PATCH is a function that is called with the unpacked source.
source_kernel() {
	local name=$1 series=$2 config=$3
	need_packages build-essential flex bison bc libelf-dev libssl-dev kmod xz-utils rsync cpio
	cached "kernel-$name-$series" "$(
		{ candidates "linux-source-$series"; cat "$0" "$LAB_DIR/lib/source.sh" "$config"; } |
			hash_of
	)" source_kernel_build "$@"
}

source_kernel_build() {
	local dir=$1 name=$2 series=$3 config=$4 patch=${5:-:} src=$1/build
	say "fetching linux-source-$series"
	fetch_deb "linux-source-$series" "$dir"
	mkdir -p "$src"
	tar -xf "$dir/root/usr/src/linux-source-$series.tar.xz" -C "$src" --strip-components=1
	rm -rf "$dir/root"
	"$patch" "$src"
	say "building the $name kernel $series; about 15 minutes on two processors"
	source_kernel_compile "$dir" "$src" "$config" >"$CACHE/$name-kernel.log" 2>&1 || {
		tail -n 30 "$CACHE/$name-kernel.log" >&2
		return 1
	}
	source_kernel_keep "$dir" "$src"
	# modules are built against it later: headers, scripts and symbols only
	find "$src" \( -name '*.o' -o -name '*.a' -o -name '*.cmd' -o -name '*.ko' \) -delete
	rm -f "$src/vmlinux" "$src/arch/x86/boot/bzImage"
}

source_kernel_compile() {
	cd "$2" &&
	make -s tinyconfig &&
	scripts/kconfig/merge_config.sh -m .config "$3" &&
	make -s olddefconfig &&
	source_kernel_options "$3" &&
	make -s -j"$(nproc)" vmlinux modules bzImage &&
	make -s INSTALL_MOD_PATH="$1" INSTALL_MOD_STRIP=1 modules_install
}

# kconfig drops what it cannot have without a word; this says which.
source_kernel_options() {
	local line lost=''
	while read -r line; do
		grep -qxF "$line" .config || lost="$lost ${line%%=*}"
	done < <(grep '^CONFIG_' "$1")
	[ -z "$lost" ] || { echo "not in the result:$lost"; return 1; }
}

# source_kernel_keep DIR SRC: what the lab boots, from a tree that is built
source_kernel_keep() {
	local dir=$1 src=$2 rel
	rel=$(cat "$src/include/config/kernel.release")
	rm -f "$dir/lib/modules/$rel/build" "$dir/lib/modules/$rel/source"
	objcopy --strip-debug "$src/vmlinux" "$dir/vmlinux"
	cp "$src/arch/x86/boot/bzImage" "$dir/bzImage"
	cp "$src/.config" "$dir/config"
	printf '%s\n' "$rel" >"$dir/release"
}
