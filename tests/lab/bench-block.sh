# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: benchmark of the block drivers: ours, in-tree, mixed, and the floor
# why: a claim about speed needs figures of the other driver from the same run
# expected: no error; the figures go to bench.csv, and the reader judges them
# argument: rows=short omits rows, pairs=FRONT/BACK+FRONT/BACK... selects pairs
# timeout: 3000

# shellcheck source=bench.bash
. "$JOB/tests/lab/bench.bash"

# name:rw:block size:depth:seconds of virtual time
ROWS="randread-4k-qd1:randread:4k:1:1 randread-4k-qd32:randread:4k:32:1
	randwrite-4k-qd1:randwrite:4k:1:1 randwrite-4k-qd32:randwrite:4k:32:1
	read-128k-qd8:read:128k:8:1 write-128k-qd8:write:128k:8:1
	read-1m-qd4:read:1m:4:1 write-1m-qd4:write:1m:4:1"
COUNTED="randread-4k-qd1 randread-4k-qd32 randwrite-4k-qd32 read-128k-qd8 read-1m-qd4 write-1m-qd4"
[ "${LAB_ARG_rows:-}" != short ] ||
	ROWS="randread-4k-qd1:randread:4k:1:1 randread-4k-qd32:randread:4k:32:1
		randwrite-4k-qd32:randwrite:4k:32:1 read-1m-qd4:read:1m:4:1"
csv=$OUT/bench.csv
[ -e "$csv" ] || echo "row,front,back,iops,mib_s" >"$csv"
counts=$OUT/counts.csv
[ -e "$counts" ] || echo "row,front,back,kind,calls_per_io,ops_per_io" >"$counts"

modprobe brd rd_nr=1 rd_size=131072 || bail "RAM disk"
dd if=/dev/zero of=/dev/ram0 bs=1M 2>/dev/null

measure() { # FRONT BACK DEV
	local row name rw bs qd s out
	for row in $ROWS; do
		IFS=: read -r name rw bs qd s <<<"$row"
		out=$(bench_fio g1 "$3" "$rw" "$bs" "$qd" "--time_based --runtime=$s --ramp_time=0.2")
		[ -n "$out" ] || { not_ok "$1/$2 $name" "no figure"; continue; }
		echo "$name,$1,$2,${out/ /,}" >>"$csv"
		# shellcheck disable=SC2086,SC2183 # the figures are two words
		note "$(printf '%-20s %-7s %-7s %9s IOPS %9s MiB/s' "$name" "$1" "$2" $out)"
	done
}

# Hypercalls of a fixed number of requests, by Xen's own trace, dom0 and guest together: four times as many
# less one time, which leaves out what fio does to start and to end.
count() { # FRONT BACK DEV
	local row name rw bs qd s ios
	for row in $ROWS; do
		IFS=: read -r name rw bs qd s <<<"$row"
		case " $COUNTED " in *" $name "*) ;; *) continue ;; esac
		ios=2000
		[ "$bs" = 4k ] || ios=100
		bench_traced 0x0020f000 bench_fio g1 "$3" "$rw" "$bs" "$qd" "--io_size=64g --number_ios=$ios"
		bench_base /run/bench.base
		bench_traced 0x0020f000 bench_fio g1 "$3" "$rw" "$bs" "$qd" "--io_size=64g --number_ios=$((4 * ios))"
		bench_counts "$name,$1,$2" $((3 * ios)) /run/bench.base >>"$counts"
		cat "/sys/kernel/debug/xen-blkback/"*/counters 2>/dev/null >"$OUT/$name-$1-$2.back"
	done
}

pairs=${LAB_ARG_pairs:-intree/intree+ours/ours+ours/intree+intree/ours}
for pair in ${pairs//+/ }; do
	front=${pair%/*} back=${pair#*/}
	backend "$back" || { not_ok "$pair backend"; continue; }
	guest_start g1 --root ram --front "$front" --timeout 300 || { not_ok "$pair guest"; continue; }
	disk_attach g1 phy:/dev/ram0,xvdb,w || { not_ok "$pair attach"; guest_destroy g1; continue; }
	measure "$front" "$back" /dev/xvdb
	count "$front" "$back" /dev/xvdb
	guest_run g1 'cat /sys/kernel/debug/xen-blkfront/*/counters 2>/dev/null' >"$OUT/counters-$front-$back"
	if [ "$pair" = intree/intree ]; then
		guest_run g1 'modprobe null_blk nr_devices=1 submit_queues=1 hw_queue_depth=64 gb=1 no_sched=1'
		measure floor floor /dev/nullb0
	fi
	guest_stop g1
	ok "$pair measured"
done
backend none
rmmod brd
