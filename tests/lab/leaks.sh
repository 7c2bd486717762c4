# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: kmemleak and lockdep after attach, work, detach and module reload, both ends
# why: a stock kernel cannot detect these faults
# expected: on the debug kernel kmemleak lists nothing, and lockdep is still on (it turns itself off
#   after a report); skipped on others
# timeout: 900

# shellcheck source=kmemleak.bash
. "$JOB/tests/lab/kmemleak.bash"

disk=$(disk_make leak 32) || bail "backing disk"
bash -c "$KMEMLEAK_FORGET"
guest_start g1 --root ram --vcpus 2 --timeout 400 || bail "guest starts"
guest_run g1 "$KMEMLEAK_FORGET"
cycle() {
	disk_attach g1 "phy:$disk,xvdb,w" &&
	guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=256k count=4 oflag=direct 2>/dev/null' &&
	disk_detach g1 xvdb
}
for n in 1 2 3; do check "cycle $n" cycle; done
check "the frontend unloads and loads" guest_run g1 'modprobe -r xen-blkfront && modprobe xen-blkfront'
check "cycle 4" cycle
check "no leak in the guest" guest_run g1 -t 200 "$KMEMLEAK_NONE"
check "lockdep is on in the guest" guest_run g1 "$LOCKDEP_ON"
check "guest shuts down" guest_stop g1
check "the backend unloads and loads" eval 'backend none && backend "$LAB_BACK"'
check "no leak in dom0" bash -c "$KMEMLEAK_NONE"
check "lockdep is on in dom0" bash -c "$LOCKDEP_ON"
