# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs and modules that a test runs in dom0 or in a guest.  A test names them in its head,
# "# needs: xpeer xdp"; lab/run builds those.  Sourced by lab/run and tests/check-lab.

# What a head may name.  Used by lab/run and tests/check-lab.
# shellcheck disable=SC2034
LAB_PROGRAMS="xdp xpeer reattach rawnet late foreign"

# needs_of TEST...: the programs that the heads of these tests name, each once
needs_of() {
	local t
	for t; do
		sed -n 's/^# *needs: *//p' "$TOP_DIR/tests/lab/${t%%:*}.sh" 2>/dev/null
	done | tr ' ' '\n' | sed '/^$/d' | sort -u
}

# build_program NAME FOLDER GUEST: puts it into FOLDER; GUEST is the guests' kernel as lab/run has it
build_program() {
	local name=$1 dir=$2 guest=$3
	case $name in
	xdp)
		need_packages clang linux-libc-dev
		"$TOP_DIR/tests/xdp/build" "$dir"
		;;
	xpeer)
		make -s -C "$TOP_DIR/tests/xpeer" xpeer >&2
		cp "$TOP_DIR/tests/xpeer/xpeer" "$dir/"
		;;
	reattach)
		need_packages libxen-dev
		cc -O2 -std=gnu11 -D_GNU_SOURCE -Wall -o "$dir/xenpv-reattach" \
			"$TOP_DIR/tools/xenpv-reattach.c" "$TOP_DIR/tools/store.c" -lxenstore
		;;
	rawnet) cc -static -O2 -Wall -o "$dir/rawnet" "$TOP_DIR/tests/rawnet/rawnet.c" ;;
	late) "$TOP_DIR/tests/late/build" "$(run_kernel "$guest")" "$dir" ;;
	foreign) "$TOP_DIR/tests/foreign/build" "$(run_kernel "plain-$guest")" "$dir" ;;
	*) die "a test needs '$name', which nobody can build" ;;
	esac
}
