# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the backing device is free at the moment when the toolstack is told that a disk is detached
# why: hotplug scripts and administrators run lvremove, drbdadm secondary, dmsetup remove at once
# expected: "dmsetup remove" right after a detach, a shutdown or a destroy never fails because the
#   device is busy
# arguments: n=COUNT of detaches
# timeout: 400

dev=/dev/mapper/rel
base=$(disk_make rel 16) || bail "backing disk"
made() { # what a check that failed has left goes first
	! dmsetup info rel >/dev/null 2>&1 || { xl block-detach --force g1 xvdc; wait_for 15 dmsetup remove rel; } >/dev/null 2>&1
	dmsetup create rel --table "0 $((16 << 11)) linear $base 0" && { [ -e $dev ] || dmsetup mknodes rel; }
}
# The very first attempt counts; what is busy then is removed later.
removed() {
	local out
	out=$(dmsetup remove rel 2>&1) && { rm -f $dev; return 0; }
	wait_for 15 dmsetup remove rel || echo "never free"
	rm -f $dev
	echo "$out"
	return 1
}
guest_start g1 --root ram || bail "guest starts"
detached() {
	made && disk_attach g1 "phy:$dev,xvdc,w" || return 1
	guest_run g1 'dd if=/dev/zero of=/dev/xvdc bs=64k count=8 oflag=direct 2>/dev/null'
	xl block-detach g1 xvdc || return 1
	removed || busy=$((busy + 1))
}
busy=0 n=${LAB_ARG_n:-10}
for i in $(seq "$n"); do detached || { not_ok "attach and detach $i"; break; }; done
is "busy after a detach, of $n" "$busy" 0

# Closed already, with the toolstack's online still 1: a guest's module that goes.
closed() {
	made || { echo "no device"; return 1; }
	disk_attach g1 "phy:$dev,xvdc,w" || { echo "not attached"; return 1; }
	# the kernel's xenbus keeps a module whose driver has a device, in-tree's as well
	guest_run g1 'echo vbd-51744 >/sys/bus/xen/drivers/vbd/unbind' || { echo "not unbound"; return 1; }
	# the kernel may still be reading the disk's partition table
	wait_for 10 guest_run g1 'modprobe -r xen-blkfront' || { echo "the module stays"; return 1; }
	xl block-detach g1 xvdc || { echo "not detached"; return 1; }
	removed
}
check "free after a detach from a guest whose driver is gone" closed
guest_run g1 'modprobe xen-blkfront'

gone() { # GUEST COMMAND...
	made && disk_attach "$1" "phy:$dev,xvdc,w" || return 1
	"${@:2}" || return 1
	removed
}
check "free after a destroy" gone g1 xl destroy g1
guest_start g2 --root ram || bail "guest starts"
check "free after a shutdown" gone g2 guest_stop g2
