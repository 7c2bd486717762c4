# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a driver domain whose kernel has no Xen core: the backends on our core, disk and vif for a PV guest
# why: backends need more of the core than frontends: pages for foreign mappings, grant maps and
#   copies, the bus xen-backend with its uevents, mappings of rings
# expected: every byte is correct at all ends; devices can be attached and detached; everything can
#   be unloaded and loaded again, and no page is lost
# type: hvm
# timeout: 1200

# shellcheck source=driver.bash
. "$JOB/tests/lab/driver.bash"
# The driver domain is the HVM guest; the guests that it serves are others.
# shellcheck disable=SC2034
DRIVER_TYPE=hvm LAB_TYPE=pv
driver_setup
driver_start dd1 --memory 512 || { note "$(driver_log dd1)"; bail "driver domain starts"; }
ok "driver domain starts"
check "its kernel knows no Xen" guest_run dd1 '! zgrep -q "^CONFIG_XEN=y" /proc/config.gz 2>/dev/null &&
	uname -r | grep plain'
for m in xen-events xen-grants xenbus xen-blkback xen-netback; do
	is "$m there" "$(guest_loaded_is dd1 $m)" ours
done

# free memory and pages without memory of the core, when nothing is served
pages() { guest_run dd1 'sed -n "s/^without_memory //p" /sys/kernel/debug/xen-grants/state'; }

driver_guest g1 dd1 11 || { note "$(driver_log dd1; guest_run dd1 'dmesg | tail -n 30')"; bail "guest starts"; }
ok "guest starts"
note "without memory in the driver domain: $(pages)"
check "uevents name the backend" guest_run dd1 'cd /sys/bus/xen-backend/devices && grep -x MODALIAS=xen-backend:vbd vbd-*/uevent &&
	grep -x XENBUS_TYPE=vif vif-*/uevent && [ "$(cat vbd-*/state | sort -u)" = Connected ] || { grep . */uevent; exit 1; }'
driver_serves dd1 g1 11
check "a second disk and a second vif" driver_attach_detach dd1 g1 1
leak_snapshot /run/before g1 dd1
before=$(pages)
check "and five times more" driver_attach_detach dd1 g1 5
sleep 3
leak_snapshot /run/after g1 dd1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after)); pages: $before -> $(pages)"
check "nothing leaked" leak_check /run/before /run/after
note "$(guest_run dd1 'cat /sys/kernel/debug/xen-grants/state; grep -E "xen|vif|blk" /proc/interrupts')"

check "guest shuts down" guest_stop g1
is "nothing of it is left in the driver domain" \
	"$(guest_run dd1 'ls /sys/bus/xen-backend/devices; ls /sys/class/net | grep vif')" ""
check "the backends unload" guest_run dd1 'modprobe -r xen-netback xen-blkback'
is "no page is without memory" "$(pages)" "0 spare 0 stuck 0"
check "the backends load again" guest_run dd1 'modprobe -a xen-blkback xen-netback'
driver_guest g2 dd1 12 || { note "$(driver_log dd1)"; bail "a second guest starts"; }
ok "a second guest starts"
check "its bytes are right" driver_fio g2 xvdb
check "its packets are right" guest_run g2 -t 60 "traffic sizes $NET_DOM0_4 1 1472 37"
check "a guest that is destroyed" guest_destroy g2
gone() { [ -z "$(guest_run dd1 'ls /sys/bus/xen-backend/devices')" ]; }
check "leaves nothing in the driver domain" wait_for 30 gone || note "$(driver_log dd1)"
check "driver domain shuts down" guest_stop dd1
