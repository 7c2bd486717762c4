# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: benchmark of an HVM guest without Xen in its kernel: emulated disk and NICs, and PV through our core
# why: the core exists for the ratio of the two
# expected: no error, PV is faster in every row; the figures go to bench-hvm.csv
# argument: rows=short omits rows, rows=NAME+NAME... selects them
# type: hvm
# timeout: 3300

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
# shellcheck source=bench.bash
. "$JOB/tests/lab/bench.bash"

# name:rw:block size:depth
DISK_ROWS="randread-4k-qd1:randread:4k:1 randread-4k-qd32:randread:4k:32
	randwrite-4k-qd1:randwrite:4k:1 randwrite-4k-qd32:randwrite:4k:32
	read-128k-qd8:read:128k:8 write-128k-qd8:write:128k:8
	read-1m-qd4:read:1m:4 write-1m-qd4:write:1m:4"
# "up" is from the guest to dom0; docs/performance.md says what they are
NET_ROWS="tcp-up tcp-down udp64-up udp64-down rr-tcp rr-udp"
SHORT=" randread-4k-qd1 randwrite-4k-qd32 read-1m-qd4 tcp-up tcp-down rr-tcp "
# NIC:number:third part of its address
NIC_RTL8139=rtl8139:21:1
NIC_E1000=e1000:22:2
NIC_PV=pv:$CORE_PV:0
SEGMENT=1448
# An emulated disk takes long in the time of whoever waits for the bench.
DISK_MS=600ms
# Xen's trace of hypercalls and of what makes the guest leave its processor.
TRACE=0x00283000
# Beyond the places that emulated disks can have.
PV_DISK=xvde

csv=$OUT/bench-hvm.csv
[ -e "$csv" ] || echo "row,device,value,unit,more" >"$csv"
counts=$OUT/counts-hvm.csv
[ -e "$counts" ] || echo "row,device,kind,calls,ops" >"$counts"

# wanted ROW: whether the argument chooses it
wanted() {
	case ${LAB_ARG_rows:-} in
	'') ;;
	short) case $SHORT in *" $1 "*) ;; *) return 1 ;; esac ;;
	*) case "+$LAB_ARG_rows+" in *"+$1+"*) ;; *) return 1 ;; esac ;;
	esac
}

# figure ROW DEVICE "VALUE UNIT MORE": into the table, or a failed result
figure() {
	local value unit more
	read -r value unit more <<<"$3"
	case ${value:-0} in
	0 | *[!0-9.]*) not_ok "$2 $1" "no figure: '$3'"; return 1 ;;
	esac
	echo "$1,$2,$value,$unit,${more:--}" >>"$csv"
	note "$(printf '%-20s %-8s %12s %s %s' "$1" "$2" "$value" "$unit" "$more")"
}

# ---- disks ---------------------------------------------------------------------------

measure_disk() { # NAME DEV
	local row name rw bs qd ios out
	for row in $DISK_ROWS; do
		IFS=: read -r name rw bs qd <<<"$row"
		wanted "$name" || continue
		out=$(bench_fio g1 "$2" "$rw" "$bs" "$qd" "--time_based --runtime=$DISK_MS --ramp_time=200ms")
		figure "$name" "$1" "${out/ / IOPS }_MiB/s" || continue
		ios=1000
		[ "$bs" = 4k ] || ios=200
		[ "$1" = pv ] || ios=$((ios / 5))
		bench_traced $TRACE bench_fio g1 "$2" "$rw" "$bs" "$qd" "--number_ios=$ios"
		bench_counts "$name,$1" $ios >>"$counts"
	done
	ok "disk $1 measured"
}

# ---- networks --------------------------------------------------------------------------

# traffic of a row for a second, or "short"; prints "value unit more"
net_row() { # ROW THIRD NUMBER [short]
	local where=g1 addr out dom0 amount="-t 1" seconds=1
	[ -z "${4:-}" ] || amount="-n 4M" seconds=0.2
	dom0=$(net_ip4 1 "$2") addr=$dom0
	case $1 in *-down) where=dom0 addr=$(net_ip4 "$3" "$2") ;; esac
	case $1 in
	tcp-*)
		# always asked for by the guest, so that one server in dom0 is enough
		out=$(guest_run g1 -t 300 "iperf3 -f k $amount -c $dom0 $([ "$1" = tcp-up ] || echo -R)")
		awk '/receiver/ { for (i = 2; i <= NF; i++) if ($i == "Kbits/sec") print $(i - 1), "kbit/s" }' \
			<<<"$out" | grep . || echo "$out" >&2
		;;
	udp64-*)
		out=$(net_on $where -t 300 "traffic flood $addr 64 $seconds")
		echo "$(net_field received_pps <<<"$out") packets/s sent_$(net_field sent_pps <<<"$out")"
		;;
	rr-*)
		out=$(net_on $where -t 300 "traffic rr ${1##*rr-} $addr 1 $seconds")
		echo "$(net_field per_s <<<"$out") /s p99_$(net_field p99_us <<<"$out")us"
		;;
	esac
}

# nic_sums IFACE: packets and bytes of both directions
nic_sums() {
	guest_run g1 "cd /sys/class/net/$1/statistics && echo \$((\$(cat rx_packets) + \$(cat tx_packets))) \
		\$((\$(cat rx_bytes) + \$(cat tx_bytes)))"
}

measure_nic() { # NAME:NUMBER:THIRD
	local name number third row a b if
	IFS=: read -r name number third <<<"$1"
	net_up g1 "$number" "$third" || { not_ok "NIC $name"; return; }
	if=$(net_if_of g1 "$number")
	# the first packets fill caches and neighbour tables
	net_row rr-tcp "$third" "$number" short >/dev/null 2>&1
	for row in $NET_ROWS; do
		wanted "$row" || continue
		figure "$row" "$name" "$(net_row "$row" "$third" "$number")" || continue
		a=$(nic_sums "$if")
		bench_traced $TRACE net_row "$row" "$third" "$number" short
		b=$(nic_sums "$if")
		bench_counts "$row,$name" "$(awk -v t="$row" -v s=$SEGMENT '
			{ print t ~ /^tcp/ ? ($4 - $2) / s : $3 - $1 }' <<<"$a $b")" >>"$counts"
	done
	ok "NIC $name measured"
}

# ---- the guest ----------------------------------------------------------------------------

net_setup
net_bridge xenbr1 1 || bail "first bridge"
net_bridge xenbr2 2 || bail "second bridge"
ide_disk=$(disk_make ide 96 --kind brd) || bail "RAM disk"
pv_disk=$(disk_make pv 96 --kind brd) || bail "second RAM disk"
for d in "$ide_disk" "$pv_disk"; do dd if=/dev/zero of="$d" bs=1M 2>/dev/null; done
pkill -x iperf3
iperf3 -s -D >/dev/null 2>&1 3>&-

vif() { # NIC BRIDGE
	local name number
	IFS=: read -r name number _ <<<"$1"
	echo "\"mac=$(net_mac "$number"),bridge=$2,$([ "$name" = pv ] && echo type=vif ||
		echo "type=ioemu,model=$name")\""
}
guest_start g1 --append "xenpv.load=" --memory 512 \
	--disk "phy:$ide_disk,hdb,w" --disk "phy:$pv_disk,$PV_DISK,w" \
	--config "vif = [ $(vif $NIC_RTL8139 xenbr1), $(vif $NIC_E1000 xenbr2), $(vif "$NIC_PV" xenbr0) ]" ||
	bail "guest starts"
check "modprobe xen-blkfront and xen-netfront" guest_run g1 -t 90 'modprobe xen-blkfront && modprobe xen-netfront'
check "the PV disk is there" disk_ready g1 "$pv_disk,$PV_DISK" || exit 1
check "core and drivers are ours" core_loaded g1
check "the twins of the emulated ones are not used" guest_run g1 '
	for n in vbd-768 vbd-832 vif-0 vif-1; do dmesg | grep "$n: not used" || { echo "no word of $n"; exit 1; }; done'
measure_disk pv /dev/$PV_DISK
measure_nic "$NIC_PV"
guest_run g1 'cat /sys/kernel/debug/xen-events/c* /proc/interrupts
	cat /sys/kernel/debug/xen-blkfront/*/counters' >"$OUT/hvm-guest-counters"
measure_disk ide /dev/sdb
measure_nic $NIC_RTL8139
measure_nic $NIC_E1000
pkill -x iperf3
check "PV is the faster one in every row" awk -F, '
	FNR == 1 { next }
	$2 == "pv" { pv[$1] = $3; next }
	!(pv[$1] > $3) { print; bad = 1 }
	{ n++ }
	END { exit bad || !n }' "$csv"
check "guest shuts down" guest_stop g1
