# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the benches share. Sourced by them, after tests/lab/lib.sh:
#
#	. "$JOB/tests/lab/bench.bash"

# bench_fio GUEST DEV RW BLOCK_SIZE DEPTH ARGUMENTS: prints "IOPS MiB/s"
bench_fio() {
	guest_run "$1" -t 300 "fio --filename=$2 --size=96m --rw=$3 --bs=$4 --iodepth=$5 \
		--direct=1 --ioengine=libaio --norandommap --randrepeat=1 --gtod_reduce=1 \
		--terse-version=3 --output-format=terse --name=b $6" |
		awk -F';' 'NF > 50 { printf "%d %.1f\n", $8 + $49, ($7 + $48) / 1024 }'
}

# bench_traced MASK COMMAND...: run it under xentrace of these events; bench_counts reads the trace
bench_traced() {
	local mask=$1 pid
	shift
	rm -f /dev/shm/trace
	xentrace -D -S 1024 -e "$mask" /dev/shm/trace &
	pid=$!
	sleep 0.5
	"$@" >/dev/null
	kill -INT $pid
	wait $pid 2>/dev/null
}

# bench_counts PREFIX UNITS [FILE]: lines "PREFIX,kind,calls,operations", for each of so many requests or
# packets; FILE of bench_base has what is to be left out
bench_counts() {
	"$JOB/bin/xtcount" /dev/shm/trace | cat "${3:-/dev/null}" - | awk -v p="$1" -v n="$2" '
		$1 == "base" { calls[$2] = $3; ops[$2] = $4; next }
		n > 0 { printf "%s,%s,%.3f,%.3f\n", p, $1, ($2 - calls[$1]) / n, ($3 - ops[$1]) / n }'
	rm -f /dev/shm/trace
}

# bench_base FILE: what was traced is what happens besides, as the start of a program; for bench_counts
bench_base() {
	"$JOB/bin/xtcount" /dev/shm/trace | sed 's/^/base /' >"$1"
	rm -f /dev/shm/trace
}
