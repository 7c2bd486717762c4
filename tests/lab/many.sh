# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a guest with 20 disks and 4 vifs through boot, save and restore; 100 disks in a guest
# why: xenstored limits the transactions and watches of a guest
# expected: every device works each time, also where the store allows 2 transactions and 40 watches;
#   at least 100 disks with the default of 128 watches, if the store allows their nodes
# arguments: only=saved or only=hundred; transactions=N, watches=N: other quotas for the saved guest
# timeout: 700

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=many.bash
. "$JOB/tests/lab/many.bash"
net_setup
many_scripts
NR=20

saved() {
	local i d options=() vifs='' n
	{ many_quota transactions "${LAB_ARG_transactions:-2}" &&
		many_quota watches "${LAB_ARG_watches:-40}"; } || bail "quotas"
	for i in $(seq $NR); do
		d=$(disk_make "m$i" 4) || bail "backing disk"
		options+=(--disk "script=block-lab,vdev=$(many_name "$i"),access=w,target=$d")
	done
	for i in 1 2 3 4; do vifs="$vifs'mac=$(net_mac $((30 + i))),script=vif-lab',"; done
	guest_start g1 --root ram --vcpus 2 --append xenpv.load=xen-blkfront,xen-netfront \
		--config "vif = [ $vifs ]" ${options[@]+"${options[@]}"} || bail "guest starts"
	check "all disks work" many_at_work g1 1 $NR
	check "all vifs have a carrier" many_linked g1 4
	for n in first second; do
		check "$n save" xl save g1 /dev/shm/save
		check "$n restore" xl restore /dev/shm/save
		rm -f /dev/shm/save
		guest_id g1 >"$GUESTS/g1/domid"
		check "the guest answers" wait_for 60 guest_run g1 -t 10 true
		check "all disks work after the $n restore" many_at_work g1 1 $NR
		check "all vifs have a carrier after the $n restore" many_linked g1 4
	done
	if guest_run g1 'dmesg | grep -A 9 "possible circular locking" | grep -q "at: xs_suspend"'; then
		kmsg_expect 'WARNING: possible circular locking dependency detected'
	fi
	guest_destroy g1
	many_quota transactions 10
	many_quota watches 128
}

hundred() {
	modprobe brd rd_nr=104 rd_size=1024 || bail "RAM disks"
	# a disk has ten nodes of the guest's, and 1000 are allowed by default: that is 98 disks
	many_quota nodes 1500 || bail "quota"
	guest_start g2 --root ram --memory 700 || bail "guest starts"
	# 1 is the number of RAM disks
	check "100 disks are attached" many_point g2 1 100 0 1
	check "100 disks work" many_at_work g2 1 100 120
	guest_destroy g2
	many_quota nodes 1000
	xenstore-rm /local/domain/0/backend/vbd
	check "the backend lets go of them" wait_for 30 modprobe -r brd
}

case ${LAB_ARG_only:-} in
'') saved; hundred ;;
*) "$LAB_ARG_only" ;;
esac
