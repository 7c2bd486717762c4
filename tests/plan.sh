# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Which lab runs make up "make check" and "make check-full".  Sourced by tests/check;
# one lab run is one boot of dom0.

lab_run() { step "lab: $*" lab/run "$@"; }

# Every test of the block pair that needs ours at both ends.
BLOCK="files fio-verify block-matrix discard power-cut resize hotplug cycles
	suspend disks trusted observe bad-input hostile-front hostile-back"

# What a pair of ours and in-tree must do, whichever end is ours.
INTEROP="boot files fio-verify block-matrix discard resize suspend"

# Every test of the network pair that needs ours at both ends.
NET="net-boot net-sizes net-matrix net-bridge net-capture net-queues net-xdp net-rate net-observe
	net-bridge-gone net-reload net-hotplug net-suspend net-hostile-front net-hostile-back"

# What a pair of ours and in-tree must do, whichever end is ours.
NET_INTEROP="net-boot net-sizes net-matrix net-bridge net-capture net-xdp net-bridge-gone net-suspend"

# with KEYS TESTS...: the tests with those keys
with() {
	local keys=$1 t
	shift
	for t in "$@"; do
		case $t in
		*:*) printf '%s,%s ' "$t" "$keys" ;;
		*) printf '%s:%s ' "$t" "$keys" ;;
		esac
	done
}

# What every change has to pass: short, and each of it known to be steady. The
# attacks, forced removal and the kinds of backing devices are in the full plan.
SHORT="boot files fio-verify block-matrix discard power-cut resize cycles:n=12 suspend
	trusted observe"
NET_SHORT="net-boot net-sizes net-matrix:set=few net-bridge net-capture net-queues net-rate net-observe
	net-reload net-hotplug:n=8 net-suspend"

# shellcheck disable=SC2086,SC2046 # lists of words
plan_short() {
	lab_run --dom0 6.1 --guest 6.1 --timeout 2700 \
		$SHORT \
		$(with type=pvh,guest=6.12 fio-verify) \
		$(with front=ours,back=intree boot fio-verify discard) \
		$(with front=intree,back=ours boot fio-verify discard)
	lab_run --dom0 6.1 --guest 6.1 --timeout 2700 \
		$NET_SHORT \
		$(with type=pvh,guest=6.12 net-boot net-bridge) \
		$(with front=ours,back=intree net-boot net-bridge) \
		$(with front=intree,back=ours net-boot net-bridge)
	lab_run --dom0 6.12 --guest 6.12 --timeout 1200 \
		boot block-matrix:set=few net-boot net-matrix:set=few $(with type=pvh boot net-boot)
}

# shellcheck disable=SC2086,SC2046
plan_full() {
	local dom0 guest type
	for dom0 in 6.1 6.12; do
		lab_run --dom0 $dom0 --guest $dom0 --timeout 5400 block-matrix:set=all
		for guest in 6.1 6.12; do
			for type in pv pvh; do
				lab_run --dom0 $dom0 --guest $guest --type $type --timeout 5400 \
					boot $BLOCK
				lab_run --dom0 $dom0 --guest $guest --type $type --timeout 10800 $NET
			done
			lab_run --dom0 $dom0 --guest $guest --timeout 5400 \
				$(with front=ours,back=intree $INTEROP block-matrix:set=all) \
				$(with front=intree,back=ours $INTEROP block-matrix:set=all)
			lab_run --dom0 $dom0 --guest $guest --timeout 7200 \
				$(with front=ours,back=intree $NET_INTEROP) \
				$(with front=intree,back=ours $NET_INTEROP)
		done
	done
	lab_debug
	step "deliberate breaks" tests/check-breaks
}

# The kernel that looks for leaks, lock order and use after free.
lab_debug() {
	local kernel
	kernel=$(lab/debug-kernel) || { step "debug kernel" false; return; }
	# shellcheck disable=SC2086
	lab_run --dom0 "$kernel" --guest "$kernel" --timeout 7200 \
		boot $BLOCK leaks
	# shellcheck disable=SC2086
	lab_run --dom0 "$kernel" --guest "$kernel" --timeout 14400 $NET net-leaks
}
