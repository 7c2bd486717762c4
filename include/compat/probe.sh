#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# probe.sh PROBES OUT KERNEL CC FLAGS...: compile each probe against the kernel's
# headers; a probe that compiles defines XPV_HAVE_<NAME> in OUT. KERNEL is text
# that tells kernel and compiler.
set -eu
probes=$1
out=$2
kernel=$3
shift 3

mkdir -p "$(dirname "$out")"
tmp=$out.tmp
{
	echo "/* Generated from include/compat/probe/ by probe.sh for $kernel. */"
	for probe in "$probes"/*.c; do
		name=$(basename "$probe" .c | tr 'a-z-' 'A-Z_')
		if "$@" -DKBUILD_MODNAME='"probe"' \
			-DKBUILD_BASENAME='"probe"' -I"$probes" -Werror -fsyntax-only \
			"$probe" >/dev/null 2>&1; then
			echo "#define XPV_HAVE_$name 1"
		else
			echo "/* XPV_HAVE_$name: no */"
		fi
	done
} >"$tmp"

# If nothing compiles then the compiler call is broken, not the kernel old.
if ! grep -q '^#define XPV_HAVE_CONTROL ' "$tmp"; then
	echo "$0: the control probe does not compile; call: $*" >&2
	exit 1
fi
mv "$tmp" "$out"
