# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: other in-tree Xen drivers (xen-kbdfront, xen-scsifront), unchanged, on our core
# why: the core's functions have the kernel's names and meaning, so any user of these must work
# expected: they load; the keyboard connects to a backend played by xenstore-write: its ring is
#   granted, its port allocated, its states follow; it is removed with its directory, and nothing
#   remains
# needs: foreign
# type: hvm
# timeout: 600

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_begin
check "core" core_ready || exit 1
for m in xen-kbdfront xen-scsifront; do
	# shellcheck disable=SC2094 # the name is one in the guest
	guest_file g1 "/run/$m.ko" <"$JOB/bin/$m.ko" || bail "$m gets into the guest"
	check "$m loads" guest_run g1 "insmod /run/$m.ko"
done
check "they are on the bus" guest_run g1 'ls -d /sys/bus/xen/drivers/vkbd /sys/bus/xen/drivers/vscsi'

# Number 0 is the device model's.
id=$(guest_id g1)
front=/local/domain/$id/device/vkbd/1 back=/local/domain/0/backend/vkbd/$id/1
state_is() { [ "$(xenstore-read "$front/state")" = "$1" ]; }
# The directory of the backend, then that of the frontend, each readable for the other.  The state comes
# last, when the guest may write to it.
toolstack() {
	local n
	for n in frontend="$front" frontend-id="$id" online=1 state=2 feature-abs-pointer=0; do
		xenstore-write "$back/${n%%=*}" "${n#*=}" || return
	done
	xenstore-chmod -r "$back" n0 "r$id"
	for n in backend="$back" backend-id=0; do
		xenstore-write "$front/${n%%=*}" "${n#*=}" || return
	done
	xenstore-chmod -r "$front" "n$id" r0 && xenstore-write "$front/state" 1
}
leak_snapshot /run/before g1
check "a keyboard is attached" toolstack
# how: where the two stand
how() { note "$(xenstore-ls -fp "$front"; xenstore-ls -fp "$back"; guest_run g1 'cat /sys/bus/xen/devices/vkbd-1/state
	dmesg | tail -n 4; cat /sys/kernel/debug/xenbus/store')"; }
check "it says that it is set up" wait_for 20 eval 'state_is 3 || state_is 4' || how
check "page and port are in the store" eval 'xenstore-read "$front/page-gref" "$front/event-channel"'
xenstore-write "$back/state" 4
check "it is connected" wait_for 20 state_is 4 || how
check "the guest has an input device" guest_run g1 'grep -i "Xen Virtual Keyboard" /proc/bus/input/devices'
xenstore-write "$back/state" 5
check "it follows the backend that closes" wait_for 20 state_is 6
xenstore-rm "$front" && xenstore-rm "$back"
check "it goes with its directory" wait_for 20 guest_run g1 '[ ! -e /sys/bus/xen/devices/vkbd-1 ]'
check "they unload" guest_run g1 'rmmod xen-kbdfront xen-scsifront'
check "nothing is left" wait_for 30 eval 'leak_snapshot /run/after g1; leak_check /run/before /run/after' ||
	note "$(diff /run/before /run/after)"
core_end
