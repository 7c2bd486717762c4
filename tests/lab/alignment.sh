# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: O_DIRECT I/O from buffers that are only aligned to 512 bytes, on disks with 4 KiB sectors
# why: ZFS, QEMU and other programs do this; dm-crypt with 4 KiB sectors in dom0 cannot use such
#   buffers
# expected: reads and writes work as on any disk, with either frontend; no violation of the frontend
#   is counted
# timeout: 240

table() {
	printf '0 %s crypt aes-xts-plain64 %064d 0 %s 0 1 sector_size:4096' \
		"$(blockdev --getsz "$1")" 7 "$1"
}
plain=$(disk_make k4 32 --sector 4096) || bail "backing disk"
{ below=$(disk_make k4c 32 --sector 4096) && disk_map crypt "$(table "$below")"; } || bail "backing disk"

# iomem_align is how far from the start of a page the buffer begins
odd() {
	guest_run "$1" -t 60 "fio --filename=/dev/$2 --size=16m --bsrange=4k-96k --blockalign=4k --verify=crc32c \
		--do_verify=1 --verify_state_save=0 --verify_fatal=1 --rw=randwrite --direct=1 --iomem_align=512 \
		--ioengine=libaio --iodepth=8 --output-format=terse --name=t >/run/fio 2>&1 ||
		{ cat /run/fio; exit 1; }"
}

for front in ours intree; do
	guest_start g-$front --root ram --front $front --disk "phy:$plain,xvdb,w" \
		--disk "phy:/dev/mapper/crypt,xvdc,w" || bail "guest with the $front frontend starts"
	is "$front: sectors" "$(guest_run g-$front 'blockdev --getss /dev/xvdb /dev/xvdc' | tr '\n' ' ')" "4096 4096 "
	check "$front: odd memory, a device that does not mind" odd g-$front xvdb
	check "$front: odd memory, a device that does" odd g-$front xvdc
	back=/sys/kernel/debug/xen-blkback/vbd-$(guest_id g-$front)-51744
	if [ "$LAB_BACK" = ours ]; then
		check "$front: nobody is blamed" eval "! grep -v ' 0\$' $back/violations"
		# ours sends what it copies anyway aligned
		[ $front = ours ] || check "$front: requests were copied for the device" \
			eval "[ \$(awk '\$1 == \"bounced\" { print \$2 }' $back/counters) -gt 0 ]"
	fi
	check "$front: guest shuts down" guest_stop g-$front
done
