# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: disks are attached and detached while another disk works, including busy disks and open files
# why: administrators hot-plug disks of running guests
# expected: the working disk is not affected; a detached busy disk fails its I/O in bounded time,
#   its users see errors and no hang; it can be attached again
# argument: n=COUNT of cycles (3)
# timeout: 300

d1=$(disk_make work 64) || bail "backing disk"
d2=$(disk_make guest2 64 --delay 3) || bail "backing disk"
guest_start g1 --root ram --vcpus 2 || bail "guest starts"
check "attach the working disk" disk_attach g1 "phy:$d1,xvdb,w"
# a rate, as all that the other disks do takes longer beside a guest that never idles
guest_run g1 -t 200 'fio --filename=/dev/xvdb --size=40m --bs=16k --rw=randwrite --direct=1 --rate_iops=100 \
	--ioengine=libaio --iodepth=8 --verify=crc32c --verify_backlog=256 --verify_fatal=1 \
	--verify_state_save=0 --time_based --runtime=30 --output-format=terse --name=w >/run/work 2>&1
	echo $? >/run/work.rc; [ "$(cat /run/work.rc)" = 0 ]' &
worker=$!

cycle() {
	disk_attach g1 "phy:$d2,xvdc,w" &&
	guest_run g1 'dd if=/dev/urandom of=/run/r bs=64k count=32 2>/dev/null &&
		dd if=/run/r of=/dev/xvdc bs=64k oflag=direct 2>/dev/null &&
		cmp -n 2097152 /run/r /dev/xvdc' &&
	disk_detach g1 xvdc
}
for n in $(seq "${LAB_ARG_n:-3}"); do check "attach, use, detach: $n" cycle; done

check "attach a disk to be pulled" disk_attach g1 "phy:$d2,xvdc,w"
guest_run g1 -t 60 'fio --filename=/dev/xvdc --allow_file_create=0 --size=40m --bs=64k --rw=randwrite --direct=1 \
	--rate_iops=500 --ioengine=libaio --iodepth=16 --time_based --runtime=50 --name=v >/run/victim 2>&1;
	echo $? >/run/victim.rc' &
victim=$!
sleep 3
# The disk is open, so an orderly detach may be refused; forced it must go.
timeout 40 xl block-detach --force g1 xvdc >/dev/null 2>&1
check "its user gets an error, not a hang" wait_for 45 guest_run g1 'test -e /run/victim.rc'
wait "$victim"
check "the disk is gone from the guest" wait_for 20 guest_run g1 '! [ -b /dev/xvdc ]'
check "attach, use, detach again" cycle

check "attach a disk that stays mounted" disk_attach g1 "phy:$d2,xvdc,w"
guest_run g1 'mkfs.ext4 -q /dev/xvdc && mount /dev/xvdc /mnt && sync'
check "an orderly detach of it is refused" eval '! timeout 60 xl block-detach g1 xvdc'
check "it is served until it is unmounted" guest_run g1 '
	yes 19 | head -c 4194304 >/mnt/f && sync && echo 3 >/proc/sys/vm/drop_caches &&
	yes 19 | head -c 4194304 | cmp - /mnt/f && umount /mnt'
# the toolstack gave up before, so the device is closed, and goes when it is asked to again
closed() { [ "$(xenstore-read "/local/domain/$(guest_id g1)/device/vbd/$(guest_disk_nr g1 xvdc)/state")" = 6 ]; }
check "then it closes by itself" wait_for 20 closed
check "and an orderly detach takes it" disk_detach g1 xvdc
check "attach, use, detach after that" cycle

check "attach a disk to be held open" disk_attach g1 "phy:$d2,xvdc,w"
guest_run g1 'mkfs.ext4 -q /dev/xvdc && mount /dev/xvdc /mnt && echo kept >/mnt/f && sync'
timeout 60 xl block-detach --force g1 xvdc >/dev/null 2>&1
check "a mounted disk that is gone gives errors, and unmounts" guest_run g1 -t 90 '
	! dd if=/dev/zero of=/mnt/g bs=64k count=16 conv=fsync 2>/dev/null; umount /mnt'
check "its data is in dom0" eval 'mkdir -p /run/h; mount "$d2" /run/h &&
	[ "$(cat /run/h/f)" = kept ]; rc=$?; umount /run/h; [ $rc = 0 ]'
check "attach, use, detach at the end" cycle

# not inside check, whose subshell is not the worker's parent
wait "$worker" || note "$(guest_run g1 'tail -3 /run/work')"
check "the working disk's blocks are all as written" guest_run g1 \
	'[ "$(cat /run/work.rc)" = 0 ]'
kmsg_expect 'xvdc'
check "guest shuts down" guest_stop g1
