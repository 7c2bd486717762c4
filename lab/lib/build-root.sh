# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Where modules are built for a kernel of another distribution than this machine's: a root of that
# distribution, with its compiler and the headers of its kernels.  Sourced after common.sh.

# header_packages DISTRIBUTION: of its kernels in lab/support that the lab can run
header_packages() {
	local series flavour
	support series,flavour "distribution=$1" flavour=amd64 | while read -r series flavour; do
		echo "linux-headers-$(newest_release "$1" "$series" "$flavour")"
	done
}

# build_root DISTRIBUTION: print the cache entry, a tree
build_root() { in_distribution "$1" build_root_cached "$1"; }

build_root_cached() {
	local packages
	packages=$(header_packages "$1" | paste -sd ' ')
	[ -n "$packages" ] || return 1
	# shellcheck disable=SC2086 # a list of words
	cached "build-root-$1" "$({ candidates $packages; cat "$LAB_DIR/lib/build-root.sh"; } | hash_of)" \
		build_root_build "$1" $packages
}

build_root_build() { # DIR DISTRIBUTION PACKAGE...
	local dir=$1 dist=$2
	shift 2
	need_packages mmdebstrap
	say "making a root of $dist to build modules in (a minute or two)"
	# it has settings of apt of its own
	env -u APT_CONFIG mmdebstrap --quiet --variant=essential --format=directory \
		--include="$(printf '%s,' make "$@" | sed 's/,$//')" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$(base_suite "$dist")" "$dir" "$LAB_APT/sources.list" || return 1
	rm -rf "$dir"/var/lib/apt/lists/* "$dir"/var/cache/apt/*
	mkdir "$dir/xenpv"
}

# make_for KERNEL_DIR FOLDER ARG...: run "make ARG..." for that kernel.  In the arguments @SRC@ stands
# for FOLDER and @KDIR@ for what to build against, as make sees them: for a kernel of another
# distribution make runs in the root of that one.
make_for() {
	local kernel=$1 folder=$2 dist rel root arg args=() src kdir
	shift 2
	rel=$(cat "$kernel/release")
	dist=$(cat "$kernel/distribution" 2>/dev/null || :)
	src=$folder kdir=$kernel/build root=''
	[ -e "$kdir" ] || kdir=/lib/modules/$rel/build
	if [ -n "$dist" ] && is_foreign "$dist"; then
		root=$(build_root "$dist") || return 1
		src=/xenpv kdir=/lib/modules/$rel/build
		[ -e "$root$kdir/Makefile" ] || [ -e "$root/usr/src/linux-headers-$rel/Makefile" ] ||
			{ say "no headers of $rel in $root"; return 1; }
	fi
	for arg; do
		arg=${arg//@SRC@/$src}
		args+=("${arg//@KDIR@/$kdir}")
	done
	if [ -z "$root" ]; then
		make "${args[@]}"
		return
	fi
	# shellcheck disable=SC2016 # for the shell in the mount namespace
	unshare -m sh -ec '
		root=$1 folder=$2
		shift 2
		mount --bind "$folder" "$root/xenpv"
		mount --rbind /dev "$root/dev"
		mount -t proc proc "$root/proc"
		exec chroot "$root" env PATH=/usr/bin:/bin LC_ALL=C make "$@"
	' make_for "$root" "$folder" "${args[@]}"
}
