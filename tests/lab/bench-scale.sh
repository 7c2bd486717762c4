# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: throughput, dom0's processor time and granted memory of disks with more queues, ring pages,
#   disks of a guest, and guests; ours and in-tree
# why: a small cost of one device may be large for sixteen
# expected: no error; the figures go to bench-scale.csv, and the reader judges them
# argument: rows=short omits rows, pairs=FRONT/BACK+FRONT/BACK... selects pairs
# timeout: 3000

# shellcheck source=bench.bash
. "$JOB/tests/lab/bench.bash"

csv=$OUT/bench-scale.csv
[ -e "$csv" ] || echo "row,front,back,iops,dom0_us_per_io,grants_rest,grants_peak" >"$csv"
RUN=2
modprobe brd rd_nr=17 rd_size=16384 || bail "RAM disks"
for d in $(seq 0 16); do dd if=/dev/zero of="/dev/ram$d" bs=1M 2>/dev/null; done

# The processor time of dom0 in milliseconds: what all of its processors were not idle.
dom0_ms() { xl vcpu-list 0 | awk 'NR > 1 { ms += $6 * 1000 } END { print ms }'; }

# granted GUEST...: pages that they have granted, by Xen's own account
granted() {
	local g n=0
	leak_dump >&2
	for g; do n=$((n + $(leak_grants "$(guest_id "$g")"))); done
	echo $n
}

# fio_all DEPTH DISK...: random reads of 4 KiB, a job for each disk; prints the command
fio_all() {
	local depth=$1 d jobs=''
	shift
	for d; do jobs="$jobs --name=$d --filename=/dev/$d"; done
	# it maps more than it uses
	echo "echo 1 >/proc/sys/vm/overcommit_memory
	fio --rw=randread --bs=4k --iodepth=$depth --direct=1 --ioengine=libaio --norandommap --randrepeat=1 \
		--gtod_reduce=1 --time_based --runtime=$RUN --ramp_time=0.2 --size=15m --terse-version=3 \
		--output-format=terse $jobs"
}

# measure ROW DEPTH DISKS GUEST...: in all guests at once
measure() {
	local row=$1 depth=$2 disks=$3 g rest before after iops
	shift 3
	rest=$(granted "$@")
	before=$(dom0_ms)
	for g; do
		# shellcheck disable=SC2086 # a list
		guest_run "$g" -t 300 "$(fio_all "$depth" $disks)" >"/run/scale.$g" &
	done
	wait
	after=$(dom0_ms)
	iops=$(for g; do cat "/run/scale.$g"; done | awk -F';' 'NF > 50 { n += $8 } END { print n + 0 }')
	[ "$iops" -gt 0 ] || { not_ok "$front/$back $row" "no figure"; return; }
	echo "$row,$front,$back,$iops,$(awk -v ms=$((after - before)) -v n="$iops" -v s=$RUN \
		'BEGIN { printf "%.1f", ms * 1000 / (n * (s + 0.2)) }'),$rest,$(granted "$@")" | tee -a "$csv"
}

# disks N: their names in a guest
disks() {
	local n
	for n in $(seq "$1"); do printf 'xvd%s ' "$(printf %b "\\x$(printf %x $((97 + n)))")"; done
}

# one ROW DEPTH JOBS NR_DISKS [OPTION of guest_start...]: a guest of its own with disks /dev/ram1 and on
one() {
	local row=$1 depth=$2 jobs=$3 nr=$4 n=0 d list=''
	shift 4
	guest_start g1 --root ram --front "$front" --vcpus 4 --timeout 300 "$@" ||
		{ not_ok "$front/$back $row" "guest"; return; }
	for d in $(disks "$nr"); do
		n=$((n + 1))
		disk_attach g1 "phy:/dev/ram$n,$d,w" || not_ok "$front/$back $row" "attach $d"
	done
	for d in $(disks "$nr"); do for n in $(seq "$jobs"); do list="$list $d"; done; done
	measure "$row" "$depth" "$list" g1
	guest_stop g1
}

# many NR: that many guests with a disk each besides their root
many() {
	local nr=$1 n guests=()
	for n in $(seq "$nr"); do
		guest_start "s$n" --front "$front" --memory 144 --timeout 300 --disk "phy:/dev/ram$n,xvdb,w" ||
			{ not_ok "$front/$back guests-$nr" "guest $n"; break; }
		guests+=("s$n")
	done
	[ ${#guests[@]} -lt "$nr" ] || measure "guests-$nr" 8 xvdb "${guests[@]}"
	for n in "${guests[@]}"; do guest_stop "$n"; done
}

counts='1 4 16' orders='0 2 4'
[ "${LAB_ARG_rows:-}" != short ] || { counts='1 4' orders='0 2'; }
pairs=${LAB_ARG_pairs:-intree/intree+ours/ours}
for pair in ${pairs//+/ }; do
	front=${pair%/*} back=${pair#*/}
	backend none
	backend "$back" max_queues=4 || { not_ok "$pair backend"; continue; }
	for n in 1 2 4; do
		one "queues-$n" 8 4 1 --append "xen_blkfront.max_queues=$n"
	done
	for n in $orders; do
		one "ring-pages-$((1 << n))" 64 2 1 --append "xen_blkfront.max_queues=1 xen_blkfront.max_ring_page_order=$n"
	done
	for n in $counts; do one "disks-$n" 8 1 "$n"; done
	for n in $counts; do many "$n"; done
	ok "$pair measured"
done
backend none
rmmod brd
