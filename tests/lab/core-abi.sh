# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: each event channel ABI with each way of delivery, two processors, CPU hotplug
# why: the host decides what it offers; a parameter that nobody tests does not work
# expected: correct data on disk and network; interrupts on both processors with vectors, and on the
#   first one alone with INTx; everything can be unloaded in between
# type: hvm
# timeout: 1200

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_setup

load_both() {
	guest_run g1 -t 100 'fio --name=v --filename=/dev/xvdb --rw=randrw --bsrange=4k-64k --size=8m \
		--numjobs=2 --offset_increment=8m --direct=1 --ioengine=libaio --iodepth=8 \
		--verify=crc32c --verify_fatal=1 --minimal >/run/fio.log 2>&1 || { cat /run/fio.log; exit 1; }'
}

# per_cpu: events that each processor took, of disk and network
per_cpu() {
	guest_run g1 'awk "/blkif|vif|eth[0-9]+-q/ { a += \$2; b += \$3 } END { print a + 0, b + 0 }" /proc/interrupts'
}

# params FIFO UPCALL: with these, from loading to unloading
params() {
	# shellcheck disable=SC2034 # for eval
	local params="fifo=$1 upcall=$2" abi=2-level how=$2 job rc
	check "$params: loads" core_load g1 "$params" || {
		note "$(guest_run g1 'dmesg | tail -n 30')"
		core_unload g1
		return
	}
	note "$(guest_run g1 'dmesg | grep -iE "xen" | tail -n 12; cat /proc/interrupts')"
	is "$params: parameter" "$(guest_run g1 'cat /sys/module/xen_events/parameters/fifo' |
		tr YN 10)" "$1"
	[ "$1" = 0 ] || abi=FIFO
	[ "$how" != auto ] || how=vector
	check "$params: is what the log says" guest_run g1 "
		dmesg | grep 'ABI, upcall by' | tail -n 1 | tee /dev/stderr | grep -qi '$abi ABI, upcall by .*$how'"
	check "$params: bytes of the disk" core_data g1 1
	check "$params: network" eval 'net_up g1 $CORE_PV && net_both_ways g1 $CORE_PV 2'
	check "$params: both processors" load_both
	note "events of each processor: $(per_cpu)"
	check "$params: a processor goes and comes under load" eval '
		guest_run g1 -t 150 "for i in 1 2 3; do sleep 2
			echo 0 >/sys/devices/system/cpu/cpu1/online || exit 1; sleep 2
			echo 1 >/sys/devices/system/cpu/cpu1/online || exit 1; done" & job=$!
		load_both && load_both; rc=$?
		wait $job && [ $rc = 0 ]'
	check "$params: network after that" eval 'net_send g1 dom0 $NET_DOM0_4 1'
	check "$params: unloads" core_unload g1
}

# Xen never forgets a vector, so INTx is for a guest that has had none.
core_guest g1 --vcpus 2 || bail "guest starts"
params 0 vector
params 1 vector
kmsg_expect 'No irq handler for vector|xen-events: the platform device.s interrupt (does not come|can not be used)'
check "INTx after vectors is refused, and that is said" guest_run g1 '
	! modprobe xen-events upcall=intx && dmesg | grep "did an earlier load use vectors"'
params 0 auto
check "guest shuts down" guest_stop g1
core_guest g1 --vcpus 2 || bail "guest starts again"
params 0 intx
params 1 intx
params 0 auto
check "guest shuts down again" guest_stop g1
