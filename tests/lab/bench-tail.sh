# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: latency with each backend, while two guests read at depth 32 from one disk that takes 16 requests at a time
# why: a backend that sleeps for the disk must still answer completed requests; the mean hides this
# expected: the 99th percentile of latency with our backend is at most 20 % above the in-tree one's
# arguments: secs=SECONDS of each measurement; only=ours omits the other backend
# timeout: 900

secs=${LAB_ARG_secs:-2}
dir=/sys/kernel/config/nullb/tail
modprobe null_blk nr_devices=0
mkdir $dir
for pair in size=64 blocksize=4096 memory_backed=1 submit_queues=1 hw_queue_depth=16 irqmode=2 completion_nsec=100000 power=1; do
	echo "${pair#*=}" >"$dir/${pair%=*}" || bail "slow disk"
done
dev=/dev/nullb$(cat $dir/index)
[ -b "$dev" ] || dev=/dev/tail

# work GUEST: "IOPS P50 P99" (microseconds)
work() {
	guest_run "$1" -t 300 "fio --filename=/dev/xvdb --size=48m --rw=randread --bs=4k --iodepth=32 --direct=1 \
		--ioengine=libaio --norandommap --time_based --runtime=$secs --ramp_time=0.3 \
		--terse-version=3 --output-format=terse --name=t" |
		awk -F';' 'NF > 50 { for (i = 10; i < 50; i++) { split($i, a, "=");
			if (a[1] == "50.000000%") p50 = a[2]; if (a[1] == "99.000000%") p99 = a[2] }
			print $8, p50, p99 }'
}
early() { cat /sys/kernel/debug/xen-blkback/*/counters | awk '$1 == "responses_early" { n += $2 } END { print n + 0 }'; }
declare -A p99
measure() { # BACK
	local g
	backend "$1" || return 1
	for g in g1 g2; do
		guest_start $g --root ram --timeout 300 && disk_attach $g "phy:$dev,xvdb,w!" || return 1
	done
	work g1 >/run/tail.g1 &
	work g2 >/run/tail.g2
	wait $!
	note "$(printf '%-7s g1: IOPS, p50, p99 us %s   g2: %s' "$1" "$(cat /run/tail.g1)" "$(cat /run/tail.g2)")"
	p99[$1]=$(awk '$3 > n { n = $3 } END { print n + 0 }' /run/tail.g1 /run/tail.g2)
	[ "$1" != ours ] || check "answers where the I/O ends" test "$(early)" -gt 0
	guest_stop g1
	guest_stop g2
	[ "${p99[$1]}" -gt 0 ]
}
check "our backend" measure ours
if [ "${LAB_ARG_only:-}" != ours ]; then
	check "the in-tree backend" measure intree
	check "the tail is no longer" test "${p99[ours]:-0}" -le $((${p99[intree]:-0} * 6 / 5))
fi
backend none
echo 0 >$dir/power
rmdir $dir
