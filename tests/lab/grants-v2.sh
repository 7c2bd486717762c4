# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a guest with version 2 of the grant table whose disk is used, is idle and is used again
# why: in version 2 a grant is dead after the attempt to end it, even if the backend still maps the
#   page, as it does with persistent grants
# expected: pages released while the disk was idle do no harm later
# timeout: 240

disk=$(disk_make v2 64) || bail "backing disk"
unused=/sys/module/xen_blkback/parameters/persistent_grant_unused_seconds
{ before=$(cat $unused) && echo 25 >$unused; } || bail "parameter"
guest_start g1 --root ram --append grant_table.version=2 || bail "guest starts"
check "version 2 is in use" guest_run g1 'dmesg | grep -q "Grant tables using version 2"'
check "attach" disk_attach g1 "phy:$disk,xvdb,w"

work() {
	check "$1" guest_run g1 -t 60 'fio --filename=/dev/xvdb --size=32m --bs=128k --verify=crc32c \
		--do_verify=1 --verify_state_save=0 --verify_fatal=1 --rw=randwrite --direct=1 \
		--ioengine=libaio --iodepth=16 --output-format=terse --name=t >/run/fio 2>&1 ||
		{ cat /run/fio; exit 1; }'
}
grants=/sys/kernel/debug/xen-blkback/vbd-$(guest_id g1)-51728/grants
persistent() { awk '{ for (i = 1; i < NF; i++) if ($i == "persistent") n += $(i + 1) } END { print n + 0 }' "$grants"; }
pages() { guest_run g1 "awk '{ print \$3 + \$5; exit }' /sys/kernel/debug/xen-blkfront/vbd-51728/grants"; }
work "random blocks"
full=$(pages)
note "backend $(persistent) persistent grants, frontend $full pages"
check "the frontend gives pages back, of which the backend has all" wait_for 60 eval '[ "$(pages)" -lt '"$full"' ]'
note "backend $(persistent), frontend $(pages)"
check "then the backend lets go of them" wait_for 90 eval '[ "$(persistent)" -lt 64 ]'
note "backend $(persistent), frontend $(pages)"
work "random blocks again"
note "$(guest_run g1 'cat /sys/kernel/debug/xen-blkfront/vbd-51728/grants')"
check "no reference was dead" eval '! grep "^grant [1-9]" "${grants%/*}/violations"'
check "pages come back in the end" wait_for 90 eval 'guest_run g1 "grep -q \"awaiting_backend 0\" \
	/sys/kernel/debug/xen-blkfront/vbd-51728/grants"'
echo "$before" >$unused
check "guest shuts down" guest_stop g1
