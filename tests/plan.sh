# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Which lab runs make up "make check" and "make check-full".  Sourced by tests/check;
# one lab run is one boot of dom0.

lab_run() { step "lab: $*" lab/run "$@"; }
# the same beside others, which only a single thread can be
lab_beside() { beside "lab: $*" lab/run --single "$@"; }
# for HVM guests (docs/lab.md)
lab_beside_hvm() { beside "lab: $*" lab/run --uni --mended "$@"; }

# Every test of the block pair that needs ours at both ends.
BLOCK="files fio-verify block-matrix discard power-cut resize hotplug cycles
	suspend resume-read disks disk-serial trusted observe poll bad-input alignment grants-v2 other-backend
	hostile-front hostile-back hung many pressure grants events release unload recovery-swap
	recovery-process"

# Other ends than Linux: QEMU's backend, GRUB's frontend.
FOREIGN="qdisk pvgrub"

# What a pair of ours and in-tree must do, whichever end is ours.
INTEROP="boot files fio-verify block-matrix discard resize suspend"

# Every test of the network pair that needs ours at both ends.
NET="net-boot net-sizes net-matrix net-bridge net-scripts net-capture net-queues net-xdp net-rate net-peers
	net-link net-paths net-paths:way=single net-observe net-bridge-gone net-reload net-hotplug net-suspend net-hostile-front net-hostile-back"

# What a pair of ours and in-tree must do, whichever end is ours.
NET_INTEROP="net-boot net-sizes net-matrix net-bridge net-paths net-capture net-xdp net-bridge-gone net-suspend"

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

# PVH guests run in one thread: a multi-threaded emulator with nested page
# tables ends one in some twenty of them with a triple fault, at boot or later (docs/notes/learnt.md).
PVH="boot files fio-verify block-matrix:set=few discard resize hotplug suspend
	net-boot net-sizes net-matrix:set=few net-hotplug:n=5 net-suspend"

# What every change has to pass: the long ones with a choice of cases.
SHORT_DATA="boot files fio-verify block-matrix discard power-cut:n=1 resize observe alignment"
SHORT_LIFE="hotplug:n=1 cycles:n=3 suspend disks qdisk"
SHORT_HOSTILE="hostile-front:set=few hostile-back:set=few"
SHORT_NET="net-boot net-sizes net-matrix:set=few net-hotplug:n=2 net-suspend"

# Backends that die, a few times each way.
SHORT_RECOVERY="recovery-block:n=2,only=cycles recovery-net:n=2 recovery-back:n=1,dead=0 recovery-process"

SHORT_CORE="core-short:secs=5"

# Left out of the short lists, because it seldom finds something; the full plan has it wherever it has those.
LEFT_OUT="bad-input trusted net-scripts"

# Long ones first, so that the processors end together.
# shellcheck disable=SC2086,SC2046 # lists of words
plan_short() {
	step "the core where there is no Xen" tests/check-alien 6.1
	lab_beside --dom0 6.1 --guest 6.1 $SHORT_RECOVERY
	# net-boot has a disk, too, and checks what boot does
	lab_beside --dom0 6.1 --guest 6.1 $SHORT_NET \
		net-boot:front=ours,back=intree net-boot:front=intree,back=ours
	lab_beside --dom0 6.1 --guest 6.1 $SHORT_DATA
	lab_beside --dom0 6.1 --guest 6.1 $SHORT_LIFE
	lab_beside --dom0 6.1 --guest 6.1 $SHORT_HOSTILE
	lab_beside_hvm --dom0 6.1 --guest 6.1 $SHORT_CORE
	lab_beside --dom0 6.12 --guest 6.12 \
		block-matrix:set=few net-boot net-boot:type=pvh
	together
}

# The full plan in parts, each of which can be run alone: tests/check --full all-block
PARTS="all-block all-net all-core all-driver all-new all-13 all-mixed all-debug all-breaks all-package"
plan_full() {
	local part
	for part in $PARTS; do "plan_${part//-/_}"; done
}

# Everything, every case of it.
# shellcheck disable=SC2086
plan_all_block() {
	lab_run --dom0 6.1 --guest 6.1 \
		boot ${BLOCK/block-matrix/block-matrix:set=all} $FOREIGN
	lab_run --single --dom0 6.1 --guest 6.1 faults
}

# The network pair: every test, then each end with the kernel's own.
# shellcheck disable=SC2046,SC2086
plan_all_net() {
	lab_run --dom0 6.1 --guest 6.1 $NET selftest $(with front=intree,back=intree selftest)
	lab_run --dom0 6.1 --guest 6.1 \
		$(with front=ours,back=intree $NET_INTEROP) \
		$(with front=intree,back=ours $NET_INTEROP)
}

# What tests the stand-alone core itself, and the tests of both pairs that run on it.  Those left out
# are about the root disk or about guests in memory, which an HVM guest here has not.
CORE="core-boot core-busy core-busy:secs=5,xl=viridian+=+1 core-abi core-grants core-foreign core-cycles
	core-refuse core-suspend core-sysfs core-unplug core-twin core-kexec core-back core-hostile"
CORE_BLOCK="files fio-verify block-matrix:set=few discard resize hotplug suspend trusted observe
	bad-input hostile-back:set=few"
CORE_NET="net-boot net-sizes net-matrix:set=few net-queues net-observe net-hotplug:n=5 net-suspend"

# The stand-alone core, in HVM guests whose kernel knows no Xen.
# shellcheck disable=SC2046,SC2086
plan_all_core() {
	local series kernel
	for series in 6.1 6.12; do
		kernel=$(lab/plain-kernel $series) || { step "kernel $series without Xen" false; continue; }
		step "build and sparse without Xen, $series" tests/check-sparse "$kernel"
		step "the core where there is no Xen, $series" tests/check-alien $series
	done
	lab_run --uni --mended --dom0 6.1 --guest 6.1 $CORE
	lab_run --uni --mended --dom0 6.1 --guest 6.1 --type hvm $CORE_BLOCK
	lab_run --uni --mended --dom0 6.1 --guest 6.1 --type hvm --vcpus 2 $CORE_NET
	# disks and networks recover on this core, too
	lab_run --uni --mended --dom0 6.1 --guest 6.1 --type hvm \
		recovery-net:n=5 recovery-block:n=5,only=cycles
	lab_run --uni --mended --dom0 6.12 --guest 6.12 --type hvm --vcpus 2 \
		core-boot core-abi core-suspend core-kexec core-cycles:n=5 \
		fio-verify block-matrix:set=few hotplug net-boot net-matrix:set=few net-hotplug:n=3
}

# Driver domains: what they serve, and their guests' way to a new one; backends that die and come back.
plan_all_driver() {
	lab_run --single --dom0 6.1 --guest 6.1 driver-domain driver-halt maptrack reattach recovery-driver \
		recovery-back:n=10 many-driver
	lab_run --single --dom0 6.1 --guest 6.1 recovery-block:n=100 recovery-net:n=100
	lab_run --single --dom0 6.12 --guest 6.12 recovery-driver recovery-back
}

# The newer kernel at both ends, and guests that have no PV kernel.
# shellcheck disable=SC2086
plan_all_new() {
	lab_run --dom0 6.12 --guest 6.12 \
		$SHORT_DATA $SHORT_LIFE $SHORT_HOSTILE $SHORT_NET $LEFT_OUT poll
	lab_run --single --dom0 6.12 --guest 6.12 --type pvh $PVH
}

# Debian 13: its kernels at both ends, then its Xen and a dom0 of its own.
# shellcheck disable=SC2046,SC2086
plan_all_13() {
	lab_run --single --dom0 7.3 --guest 7.3 \
		boot net-boot suspend hotplug:n=1 files fio-verify block-matrix:set=few \
		$SHORT_RECOVERY $SHORT_NET
	lab_run --single --dom0 13-6.12 --guest 13-6.12 boot net-boot fio-verify suspend
	lab_run --single --xen 4.20 --dom0 7.3 --guest 7.3 \
		boot net-boot fio-verify suspend $(with type=pvh boot net-boot)
}

# Old with new, ours with theirs.
# shellcheck disable=SC2046,SC2086
plan_all_mixed() {
	local some="boot fio-verify block-matrix:set=few suspend net-boot net-matrix:set=few
		net-suspend"

	lab_run --dom0 6.1 --guest 6.1 $(with guest=6.12 $some) \
		$(with front=ours,back=intree $INTEROP) \
		$(with front=intree,back=ours $INTEROP)
	lab_run --dom0 6.12 --guest 6.12 $(with guest=6.1 $some) \
		$(with front=ours,back=intree $some) $(with front=intree,back=ours $some)
	lab_run --single --dom0 6.1 --guest 6.1 --type pvh \
		$PVH $(with guest=6.12 $some)
	lab_run --single --dom0 6.12 --guest 6.1 --type pvh $some
}

# The kernel that looks for leaks, lock order and use after free.
plan_all_debug() {
	local kernel
	kernel=$(lab/debug-kernel) || { step "debug kernel" false; return; }
	# shellcheck disable=SC2086
	lab_run --dom0 "$kernel" --guest "$kernel" \
		${SHORT_DATA/block-matrix/block-matrix:set=few} $SHORT_LIFE $SHORT_HOSTILE leaks \
		$SHORT_NET $LEFT_OUT net-leaks faults
}

plan_all_breaks() { step "deliberate breaks" tests/check-breaks; }

plan_all_package() {
	step "one tree for two kernels" tests/check-build
	step "packages of Debian 12" tests/check-package bookworm
}
