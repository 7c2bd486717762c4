# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: disk and vif of a guest served by a driver domain, with hotplug there by xl devd
# why: backends also have to work in a domain without privileges; dom0 only takes part through the
#   store
# expected: every byte is correct at all ends; attach and detach work and leave no node; nothing
#   leaks
# timeout: 900

# shellcheck source=driver.bash
. "$JOB/tests/lab/driver.bash"
driver_setup
driver_start dd1 || { note "$(driver_log dd1)"; bail "driver domain starts"; }
ok "driver domain starts"
for m in xen-blkback xen-netback; do
	is "$m there" "$(guest_loaded_is dd1 $m)" "$LAB_BACK"
done
check "xl devd runs there" guest_run dd1 'pgrep -f "xl -vvv devd"'
driver_guest g1 dd1 11 || { note "$(driver_log dd1)"; bail "guest starts"; }
ok "guest starts"
dd=$(guest_id dd1) id=$(guest_id g1)
is "dom0 serves it neither disk nor NIC" \
	"$(xenstore-ls /local/domain/0/backend | grep -cE "frontend = .*/domain/$id/device/(vbd|vif)/")" 0
is "the driver domain is its disk's backend" \
	"$(xenstore-read "/local/domain/$id/device/vbd/51728/backend")" "$(driver_back dd1 g1 vbd 51728)"

driver_serves dd1 g1 11

check "a second disk and a second vif" driver_attach_detach dd1 g1 1
leak_snapshot /run/before g1 dd1
check "and five times more" driver_attach_detach dd1 g1 5
sleep 3
leak_snapshot /run/after g1 dd1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after

check "guest shuts down" guest_stop g1
wait_for 30 eval "! xenstore-list /local/domain/$dd/backend/vbd/$id 2>/dev/null | grep -q ."
is "no device of it is left in the store" \
	"$(xenstore-ls -f "/local/domain/$dd/backend" | grep -c "/$id/[0-9]*/")" 0
is "nor in the driver domain" "$(guest_run dd1 'ls /sys/bus/xen-backend/devices; ls /sys/class/net | grep vif')" ""
check "the driver domain's modules unload" guest_run dd1 'modprobe -r xen-netback xen-blkback'
check "driver domain shuts down" guest_stop dd1

[ "$LAB_FRONT" = ours ] || exit 0
# Its own frontend gets pages of its guest, which it cannot grant on to dom0.
driver_start dd1 --append xen_blkfront.feature_persistent=0 || bail "driver domain starts again"
is "its own disk has no persistent grants" "$(guest_run dd1 'cat /sys/block/xvdb/xen/persistent')" 0
driver_guest g2 dd1 12 || { note "$(driver_log dd1)"; bail "a second guest starts"; }
check "fio verifies the disk" driver_fio g2 xvdb
check "and the bytes are right" driver_data dd1 g2
check "the second guest shuts down" guest_stop g2
check "driver domain shuts down again" guest_stop dd1
