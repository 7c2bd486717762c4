# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: HVM guest whose kernel has no Xen core: modprobe loads core, PV disk and PV network
# why: the stand-alone core is made for this
# expected: root and first NIC are emulated ones and stay; bytes are correct in both directions on
#   disk and network; the bus, interrupts and xenstore look as with a kernel that has Xen; the PV
#   twin of the root disk is refused
# type: hvm
# timeout: 600

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_begin
check "the kernel knows no Xen" guest_run g1 '
	! zgrep -q "^CONFIG_XEN=y" /proc/config.gz 2>/dev/null && [ ! -e /sys/bus/xen ] &&
	[ ! -e /proc/xen ] && [ ! -e /dev/xen ] && ! lsmod | grep "^xen"'
check "root is on the emulated disk" guest_run g1 '[ "$(findmnt -no SOURCE /)" = /dev/root ] ||
	[ "$(findmnt -no SOURCE /)" = /dev/sda ]'
check "the emulated NIC works" net_up g1 "$CORE_EMULATED" 1
note "$(guest_run g1 'cat /proc/interrupts')"

check "modprobe xen-blkfront and xen-netfront" core_load g1 || {
	note "$(guest_run g1 'dmesg | tail -n 40')"
	exit 1
}
check "core and drivers are ours" core_loaded g1
note "$(guest_run g1 'dmesg | grep -iE "xen|evtchn|grant"')"
check "bytes of the PV disk, both ways" core_data g1 1
# core-busy does the same, with more at a time
[ -n "${CORE_SHARED:-}" ] || check "fio verifies the PV disk" guest_run g1 -t 200 'fio --name=v --filename=/dev/xvdb --rw=randrw \
	--bsrange=4k-128k --size=4m --direct=1 --ioengine=libaio --iodepth=16 --verify=crc32c \
	--verify_fatal=1 --minimal >/run/fio.log 2>&1 || { cat /run/fio.log; exit 1; }'
check "PV interface has its address and works" net_up g1 "$CORE_PV" || exit 1
check "guest pings dom0" guest_run g1 "ping -q -c 5 -i 0.2 -s 1000 $NET_DOM0_4"
check "TCP carries files both ways" net_both_ways g1 "$CORE_PV" 1
check "the emulated NIC still works" guest_run g1 'ping -q -c 3 -i 0.2 10.77.1.1'

check "names on the bus" guest_run g1 '
	cd /sys/bus/xen/devices &&
	[ "$(cat vbd-51728/nodename)" = device/vbd/51728 ] && [ "$(cat vbd-51728/devtype)" = vbd ] &&
	[ "$(cat vbd-51728/modalias)" = xen:vbd ] && [ "$(cat vbd-51728/state)" = Connected ] &&
	[ "$(basename "$(readlink vbd-51728/driver)")" = vbd ] &&
	[ "$(cat vif-1/modalias)" = xen:vif ] && [ -d /sys/bus/xen-backend/devices ] ||
		{ ls -l . */; grep . */*alias */state; exit 1; }'
check "uevents name the module to load" guest_run g1 '
	grep -x MODALIAS=xen:vbd /sys/bus/xen/devices/vbd-51728/uevent &&
	grep -x XENBUS_TYPE=vbd /sys/bus/xen/devices/vbd-51728/uevent &&
	modprobe -R xen:vbd | grep -x xen_blkfront && modprobe -R xen:vif | grep -x xen_netfront'
note "$(core_interrupts g1)"
check "event channels are interrupts with names" guest_run g1 '
	for n in xenbus blkif vif; do
		grep -E "$n" /proc/interrupts | awk "{ for (i = 2; i < 6; i++) s += \$i } END { exit !s }" ||
			{ echo "none of $n"; exit 1; }
	done'
id=$(guest_id g1)
is "xenstore-read works in the guest" "$(guest_run g1 'xenstore-read domid')" "$id"
check "xenstore-write reaches dom0" guest_run g1 'xenstore-write data/core-boot hello'
is "dom0 reads it" "$(xenstore-read "/local/domain/$id/data/core-boot")" hello
check "xenstore-ls lists what is there" guest_run g1 'xenstore-ls device | grep -q event-channel'
guest_run g1 -t 30 'timeout 25 xenstore-watch -n 2 data/core-boot' >/run/core-watch &
watch=$!
for _ in $(seq 40); do
	[ "$(grep -c core-boot /run/core-watch)" -lt 1 ] || break
	sleep 0.2
done
xenstore-write "/local/domain/$id/data/core-boot" again
wait $watch
is "xenstore-watch sees dom0 write" $? 0
check "files of xenfs" guest_run g1 'ls -l /proc/xen /dev/xen && [ -e /proc/xen/xenbus ] &&
	[ -e /proc/xen/capabilities ] && [ -c /dev/xen/xenbus ]'

check "the PV twin of the root disk is not used, and that is said" guest_run g1 '
	dmesg | grep "vbd-768: not used" && [ ! -b /dev/xvda ] && [ ! -b /dev/hda ]'
check "nor is that of the emulated NIC" guest_run g1 "
	dmesg | grep 'vif-0: not used' &&
	[ \$(grep -il $(net_mac "$CORE_EMULATED") /sys/class/net/*/address | wc -l) = 1 ]"
is "the guest says it can be switched off" "$(xenstore-read "/local/domain/$id/control/feature-poweroff")" 1
core_end
