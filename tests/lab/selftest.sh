# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the self-tests that users run on their own machines, and xenpv-report, in a guest and in dom0
# why: tests that nobody runs here fail there without a fault
# expected: all pass; with ours at both ends nothing is skipped that this lab has; mounted disks are refused;
#   the report has the devices of both ends
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
# loop, because it has a cache to flush
disk=$(disk_make self 64 --kind loop) || bail "backing disk"
net_guest g1 11 --disk "phy:$disk,xvdb,w" || bail "guest starts"
dir=$JOB/tests/selftests/xenpv
tar -C "$dir" -czf - . | guest_file g1 /run/self.tar.gz || bail "files get into the guest"
check "unpacked there" guest_run g1 'mkdir /run/self && tar -C /run/self -xzf /run/self.tar.gz'

# not inherited from the test: the socket of its results
bash "$dir/net.sh" serve >/dev/null 2>&1 3>&- &
serve=$!
iperf3 -s >/dev/null 2>&1 3>&- &
iperf=$!
# shellcheck disable=SC2064 # as they are now
trap "kill $serve $iperf" EXIT

# passed NAME STATUS: what failed and what was skipped is in the log
passed() {
	grep -E '^not ok|# SKIP|^# ' "/run/$1.self" | head -n 40
	[ "$2" = 0 ] || tail -n 12 "/run/$1.self"
	return "$2"
}
in_guest() { # NAME VARIABLES
	guest_run g1 -t 240 "cd /run/self && $2 bash ./$1.sh" >"/run/$1.self" 2>&1
	passed "$1" $?
}
in_dom0() { # NAME
	GUEST=g1 PEER=$(net_ip4 11) WAIT=60 bash "$dir/$1.sh" >"/run/$1.self" 2>&1
	passed "$1" $?
}
# skipped NAME: what was, without what may be
skipped() { grep -c '# SKIP' "/run/$1.self"; }

check "drivers, in the guest" in_guest drivers ''
in_guest disk 'SCRATCH=/dev/xvdb DESTRUCTIVE=1' >/run/disk.log 2>&1 &
job=$!
check "backend, in dom0, while the guest tests its disk" in_dom0 backend
# only this process may wait for it
wait $job
echo $? >/run/disk.rc
check "disk, in the guest" eval 'cat /run/disk.log; [ "$(cat /run/disk.rc)" = 0 ]'
check "network, in the guest" in_guest net "PEER=$NET_DOM0_4"
check "drivers, in dom0" in_dom0 drivers
if [ "$LAB_FRONT$LAB_BACK" = oursours ]; then
	for t in backend disk net; do is "$t: nothing was skipped" "$(skipped $t)" 0; done
fi
check "a mounted disk is refused" guest_run g1 'cd /run/self && mkfs.ext4 -q -F /dev/xvdb && mount /dev/xvdb /mnt || exit 9
	SCRATCH=/dev/xvdb FORCE=1 bash ./disk.sh >/run/refused; rc=$?
	umount /mnt
	[ $rc = 1 ] && grep "is mounted" /run/refused'
check "and the disk of a guest in dom0" eval "! SCRATCH=$disk FORCE=1 bash '$dir/disk.sh' >/run/refused && grep 'is the disk of a guest' /run/refused"

# has FILE TEXT: the report does
has() { grep -q "$2" /run/report/"$1"; }
rm -rf /run/report && mkdir /run/report
check "a report of dom0" eval "'$JOB/tools/xenpv-report' -o /run/report.tar.gz && tar -C /run/report --strip-components=1 -xzf /run/report.tar.gz"
check "with the keys of the disk" has store "backend/vbd/$(guest_id g1)/51728/state = \"4\""
check "and what xl says of Xen" has xl-info xen_version
if [ "$LAB_BACK" = ours ]; then
	check "and debugfs" has debugfs/xen-blkback "vbd-$(guest_id g1)-51728/counters"
	check "metrics for node_exporter" eval "'$JOB/tools/xenpv-textfile' >/run/metrics && grep '^xenpv_blkback_requests_total{.*device=\"vbd-$(guest_id g1)-51728\".*} [1-9]' /run/metrics"
fi
guest_file g1 /run/xenpv-report <"$JOB/tools/xenpv-report"
check "a report of the guest" guest_run g1 'bash /run/xenpv-report -o /run/r.tar.gz && tar -C /run -xzf /run/r.tar.gz &&
	grep -q "device/vbd/51728/state = \"4\"" /run/xenpv-report-*/store'
check "guest shuts down" guest_stop g1
