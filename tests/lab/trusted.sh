# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a frontend that does not trust its backend only grants copies (XSA-403)
# why: a whole page is shared, and it contains more than the request
# expected: data are correct with the parameter trusted=0
# timeout: 200

disk=$(disk_make trust 64) || bail "backing disk"
guest_start g1 --root ram || bail "guest starts"
for p in 0 1; do
	check "persistent=$p: load untrusting" guest_run g1 \
		"modprobe -r xen-blkfront; modprobe xen-blkfront trusted=0 feature_persistent=$p"
	check "persistent=$p: attach" disk_attach g1 "phy:$disk,xvdb,w"
	check "persistent=$p: data" guest_run g1 -t 90 'fio --filename=/dev/xvdb --size=24m \
		--bsrange=512-256k --blockalign=512 --rw=randwrite --direct=1 --ioengine=libaio \
		--iodepth=16 --verify=crc32c --do_verify=1 --verify_fatal=1 \
		--verify_state_save=0 --output-format=terse --name=t >/run/fio 2>&1 ||
		{ tail -5 /run/fio; exit 1; }'
	check "persistent=$p: detach" disk_detach g1 xvdb
done
check "guest shuts down" guest_stop g1
