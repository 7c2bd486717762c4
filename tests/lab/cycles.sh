# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: attach, use, detach, fifty times
# why: a leak of one grant or page per cycle brings a host down after a month
# expected: grants, event channels, store nodes, threads and memory are as before
# argument: n=COUNT
# timeout: 900

disk=$(disk_make cycles 32) || bail "backing disk"
guest_start g1 --root ram --vcpus 2 || bail "guest starts"

cycle() {
	disk_attach g1 "phy:$disk,xvdb,w" &&
	guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=256k count=4 oflag=direct 2>/dev/null &&
		dd if=/dev/xvdb of=/dev/null bs=4k count=64 iflag=direct 2>/dev/null' &&
	disk_detach g1 xvdb
}
run() {
	local n
	for n in $(seq "$1"); do cycle || { echo "at cycle $n"; return 1; }; done
}

# The first ones fill caches that stay, in both kernels and in the store.
check "first cycles" run 3
leak_snapshot /run/before g1
check "${LAB_ARG_n:-50} cycles" run "${LAB_ARG_n:-50}"
# grants that the backend let go late are freed by a timer in the guest
sleep 3
leak_snapshot /run/after g1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after
check "guest's free grants are back" guest_run g1 '! dmesg | grep -q "deferring g.e."'
check "modules unload in the guest" guest_run g1 'modprobe -r xen-blkfront'
check "guest shuts down" guest_stop g1
