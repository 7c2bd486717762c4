# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: save and restore, and a checkpoint, of a guest whose disk is in use
# why: live migration and snapshots use the same steps
# expected: the writer continues without an error, every block is as written, also when the restored
#   backend offers fewer features than the old one
# timeout: 300

[ "$LAB_TYPE" != pvh ] || { skip "save and restore" "the lab does not save PVH guests"; exit 0; }

# slow, so that requests are under way whenever the guest stops
disk=$(disk_make sus 64 --delay 40) || bail "backing disk"
guest_start g1 --root ram --vcpus 2 --disk "phy:$disk,xvdb,w" || bail "guest starts"
guest_run g1 -t 5 '(setsid sh -c "fio --filename=/dev/xvdb --size=48m --bsrange=512-128k \
	--blockalign=512 --rw=randwrite --direct=1 --ioengine=libaio --iodepth=16 \
	--verify=crc32c --verify_backlog=128 --verify_fatal=1 --verify_state_save=0 \
	--time_based --runtime=20 --output-format=terse --name=s >/run/fio 2>&1; \
	echo \$? >/run/fio.rc" </dev/null >/dev/null 2>&1 &)'
sleep 3
check "checkpoint" xl save -c g1 /dev/shm/save
check "the guest works after the checkpoint" guest_run g1 'dd if=/dev/xvdb of=/dev/null bs=4k count=8 iflag=direct 2>/dev/null'
check "save" xl save g1 /dev/shm/save
if [ "$LAB_BACK" = ours ]; then
	backend ours feature_persistent=0 max_ring_page_order=0 max_queues=1 ||
		bail "backend with fewer features"
fi
check "restore" xl restore /dev/shm/save
rm -f /dev/shm/save
guest_id g1 >"$GUESTS/g1/domid"
check "the guest answers" wait_for 60 guest_run g1 -t 10 true
check "the writer ends without an error" wait_for 90 guest_run g1 '[ "$(cat /run/fio.rc)" = 0 ]' ||
	note "$(guest_run g1 'tail -5 /run/fio')"
# The kernel's xs_suspend() takes its locks in another order than /dev/xen/xenbus, which the
# agent uses: lockdep, where it is on, says so and switches itself off in this guest.
if guest_run g1 'dmesg | grep -A 9 "possible circular locking" | grep -q "at: xs_suspend"'; then
	kmsg_expect 'WARNING: possible circular locking dependency detected'
fi
check "guest shuts down" guest_stop g1
backend "$LAB_BACK"
