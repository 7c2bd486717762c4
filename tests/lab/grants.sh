# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: vifs and disks in a guest whose grant table is too small for all of them
# why: a queue of a vif takes hundreds of grant references, and the table of a guest is limited
# expected: a vif connects with fewer queues; a disk attached later works; a device that finds no
#   references left waits, and connects when another one is detached
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
{ net_bridge xenbr1 1 && net_bridge xenbr2 2; } || bail "bridges"
backend_queues xen_netback 2 >/dev/null
disk=$(disk_make tight 64) || bail "backing disk"
disk2=$(disk_make tight2 64) || bail "backing disk"

state() { xenstore-read "$(vif_front "$1" "$2")/state" 2>/dev/null; }
nr_queues() { xenstore-read "$(vif_front "$1" "$2")/multi-queue-num-queues" 2>/dev/null || echo 1; }
verifies() { # GUEST DEVICE
	guest_run "$1" -t 120 "fio --name=v --filename=/dev/$2 --rw=randwrite --bsrange=4k-128k --size=16m \
		--direct=1 --ioengine=libaio --iodepth=16 --verify=crc32c --verify_fatal=1 --minimal >/run/fio.log 2>&1 ||
		{ tail -n 20 /run/fio.log; exit 1; }"
}

# 2048 references: two queues for the first vif, not for the second.
guest_start g1 --root ram --vcpus 2 --append "xenpv.load=xen-blkfront,xen-netfront" \
	--config 'max_grant_frames = 4' \
	--config "vif = [ \"$(net_vif 11)\", \"$(NET_VIF_BRIDGE=xenbr1 net_vif 12)\" ]" || bail "guest starts"
check "the first vif is up" net_up g1 11
is "with two queues" "$(nr_queues g1 0)" 2
check "the second vif is up" net_up g1 12 1
note "queues $(nr_queues g1 0) $(nr_queues g1 1)"
is "with one queue" "$(nr_queues g1 1)" 1
check "files by the first" net_both_ways g1 11 2
check "files by the second" net_both_ways g1 12 2 1
if [ "$LAB_FRONT" = ours ]; then
	note "$(guest_run g1 'tail -n 9 /sys/kernel/debug/xen-netfront/*/grants; dmesg | grep -i queue')"
	is "a connection is not made again for it" \
		"$(guest_run g1 "awk '\$1 == \"connections\" { print \$2 }' /sys/kernel/debug/xen-netfront/vif-1/features")" 1
fi
check "a disk is attached" disk_attach g1 "phy:$disk,xvdb,w"
check "fio verifies it" verifies g1 xvdb
note "$(guest_run g1 'cat /sys/kernel/debug/xen-blkfront/*/grants; dmesg | grep -i xvd')"

if [ "$LAB_FRONT" = ours ]; then
	# What is left now is not enough for a queue.
	check "a third vif is attached" eval "NET_VIF_BRIDGE=xenbr2 net_attach g1 13"
	check "it waits for references" wait_for 30 guest_run g1 'dmesg | grep "vif-2.*too few grant references"'
	is "it is not closed" "$(state g1 2)" 1
	check "the second vif is detached" net_detach g1 12
	check "the third is up then" net_up g1 13 2
	check "files by the third" net_both_ways g1 13 2 2
	check "the disk is well" verifies g1 xvdb
fi
check "guest shuts down" guest_stop g1

# 1536 references, a vif with two queues, and a disk that comes later.
guest_start g2 --root ram --vcpus 2 --append "xenpv.load=xen-blkfront,xen-netfront" \
	--config 'max_grant_frames = 3' --config "vif = [ \"$(net_vif 14)\" ]" || bail "second guest starts"
check "its vif is up" net_up g2 14
note "queues $(nr_queues g2 0)"
check "files by it" net_both_ways g2 14 2
check "its disk is attached" disk_attach g2 "phy:$disk,xvdb,w"
check "fio verifies it" verifies g2 xvdb
check "a second disk is attached" disk_attach g2 "phy:$disk2,xvdc,w"
check "fio verifies that, too" verifies g2 xvdc
check "files by the vif" net_both_ways g2 14 2
check "guest shuts down" guest_stop g2
