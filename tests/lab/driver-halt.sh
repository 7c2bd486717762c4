# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a driver domain shuts down while its guest uses a disk and a vif, and Xen keeps the domain after that
# why: where a guest's page stays mapped when a kernel goes down, the next kernel after a kexec has its memory
# expected: both backends have told their frontends to wait, and none of the guest's pages is mapped
# timeout: 400

# shellcheck source=driver.bash
. "$JOB/tests/lab/driver.bash"
driver_setup
driver_start dd1 --config 'on_poweroff = "preserve"' || { note "$(driver_log dd1)"; bail "driver domain starts"; }
driver_guest g1 dd1 11 || { note "$(driver_log dd1)"; bail "guest starts"; }
guest_run g1 "(setsid fio --name=w --filename=/dev/xvdb --rw=randrw --bs=16k --size=16m --direct=1 --ioengine=libaio \
	--iodepth=8 --rate_iops=100 --time_based --runtime=600 >/run/fio 2>&1 </dev/null &)
	for i in \$(seq 100); do [ \$(awk '\$3 == \"xvdb\" { print \$8 }' /proc/diskstats) -gt 50 ] && exit 0; sleep 0.1; done
	exit 1" || bail "guest at work"

# mapped: how many pages of the guest the driver domain has mapped
mapped() {
	leak_dump
	awk -v from="d$(guest_id g1)" -v to="$(guest_id dd1)" '
		/grant-table for remote/ { on = 0; for (i = 1; i <= NF; i++) if ($i == from || $i == from ":") on = 1 }
		on && sub(/.*\[ *0x[0-9a-f]+\]/, "") && $1 == to { n++ }
		END { print n + 0 }' "$LAB_STATE/keys"
}
before=$(mapped)
check "pages of the guest are mapped ($before)" [ "$before" -gt 4 ]
disk=$(driver_back dd1 g1 vbd 51728) vif=$(driver_back dd1 g1 vif 0)
check "the driver domain shuts down" timeout 60 xl shutdown dd1
check "Xen keeps it" wait_for 60 eval 'xl list dd1 | tail -n 1 | grep -qE "[-a-z]{3}s"' || note "$(xl list; guest_console dd1 | tail)"
is "its disk backend waits for a successor" "$(xenstore-read "$disk/state")" 1
is "and so does its network backend" "$(xenstore-read "$vif/state")" 1
is "nothing of the guest is mapped" "$(mapped)" 0
check "no device was too slow" eval '! guest_console dd1 | grep "did not end in time"'
guest_destroy g1
driver_kill dd1
