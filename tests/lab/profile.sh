# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the instructions of a request or packet, by function; tests/bench/profile runs this
# why: costs are found by counting, not by guessing
# expected: a window of steady work for each row; the emulator counts meanwhile
# argument: rows=NAME+NAME... of bench-block or bench-net
# timeout: 3000

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=bench.bash
. "$JOB/tests/lab/bench.bash"

# Beyond the places that emulated disks of an HVM guest can have.
DISK=xvde

# total FILE...: the sum of their numbers
total() { cat "$@" | awk '{ n += $1 } END { print n + 0 }'; }

# window ROW FILE...: count half a second of it; the files have numbers of requests or packets
window() {
	local row=$1 ops from i
	shift
	from=$(total "$@")
	# a program in a guest takes its time to begin
	for ((i = 0; i < 200 && $(total "$@") < from + 100; i++)); do sleep 0.1; done
	sleep 0.5
	ops=$("$JOB/bin/insnmark" 500 "$@")
	echo "$row $ops" >>"$OUT/profile"
	guest_run g1 'cat /sys/kernel/debug/xen-blkfront/*/counters; ethtool -S eth0' >"$OUT/front.$row" 2>/dev/null
	{
		cat /sys/kernel/debug/xen-blkback/*/counters
		ethtool -S "$(vif_of g1)"
	} >"$OUT/back.$row" 2>/dev/null
	check "$row: $ops in half a second" test "${ops:-0}" -gt 0
}

block_row() { # NAME RW BLOCK_SIZE DEPTH
	bench_fio g1 "/dev/$DISK" "$2" "$3" "$4" "--time_based --runtime=3" &
	window "$1" /sys/bus/xen-backend/devices/vbd-*/statistics/{rd,wr}_req
	wait $!
}

net_row() {
	case $1 in
	tcp-up) guest_run g1 -t 300 "iperf3 -t 3 -c $NET_DOM0_4" ;;
	tcp-down) guest_run g1 -t 300 "iperf3 -t 3 -R -c $NET_DOM0_4" ;;
	udp64-up) guest_run g1 -t 300 "traffic flood $NET_DOM0_4 64 3" ;;
	udp64-down) traffic flood "$(net_ip4 11)" 64 3 ;;
	rr-*) guest_run g1 -t 300 "traffic rr ${1#rr-} $NET_DOM0_4 1 3" ;;
	esac >/dev/null 2>&1 &
	window "$1" "/sys/class/net/$(vif_of g1)/statistics/"{rx,tx}_packets
	wait $!
}

: >"$OUT/profile"
modprobe brd rd_nr=1 rd_size=131072 || bail "RAM disk"
dd if=/dev/zero of=/dev/ram0 bs=1M 2>/dev/null
net_setup
iperf3 -s -D >/dev/null 2>&1 3>&-
net_guest g1 11 --root ram || bail "guest"
disk_attach g1 "phy:/dev/ram0,$DISK,w" || bail "disk"
guest_run g1 "cat /sys/block/$DISK/queue/scheduler /sys/block/$DISK/queue/nr_requests"
cat /proc/kallsyms >"$OUT/symbols.0"
# in parts, because what one command may print has a limit
for t in '[tT]' '[wW]'; do
	guest_run g1 -t 300 "grep -E '^[0-9a-f]+ $t ' /proc/kallsyms | gzip -9 | base64" | base64 -d | gunzip
done >"$OUT/symbols.1"
check "the guest's symbols are there" grep -q ' _text$\| _stext$' "$OUT/symbols.1"
for row in $(tr '+' ' ' <<<"${LAB_ARG_rows:-randread-4k-qd32+udp64-up}"); do
	case $row in
	randread-4k-qd*) block_row "$row" randread 4k "${row##*qd}" ;;
	randwrite-4k-qd*) block_row "$row" randwrite 4k "${row##*qd}" ;;
	read-*-qd*) size=${row#read-} && block_row "$row" read "${size%%-*}" "${row##*qd}" ;;
	write-*-qd*) size=${row#write-} && block_row "$row" write "${size%%-*}" "${row##*qd}" ;;
	*) net_row "$row" ;;
	esac
done
pkill -x iperf3
guest_stop g1
backend none
net_backend none
rmmod brd
