# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a guest boots from its xvda with the selected drivers
# why: all other tests need this; a lab that silently used the kernel's own drivers would prove
#   nothing
# expected: the root is on xvda by label; the loaded xen-blkfront and xen-blkback are the selected
#   ones
# timeout: 200

guest_start g1 || bail "guest starts"
ok "guest starts"
note "$(xl list)"
check "root is on xvda" guest_run g1 '[ "$(findmnt -no SOURCE /)" = /dev/xvda ] && lsblk'
is "front is $LAB_FRONT" "$(guest_loaded_is g1 xen-blkfront)" "$LAB_FRONT"
is "back is $LAB_BACK" "$(loaded_is xen-blkback)" "$LAB_BACK"
check "guest shuts down" guest_stop g1
