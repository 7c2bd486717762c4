# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: benchmark of the network drivers: ours, in-tree, mixed
# why: a claim about speed needs figures of the other driver from the same run
# expected: no error; the figures go to bench-net.csv, and the reader judges them
# argument: rows=short omits rows, rows=NAME+NAME... selects them; pairs=FRONT/BACK+FRONT/BACK...;
#   gro=list makes the receivers merge UDP, too (ethtool: rx-gro-list)
# timeout: 3300

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup

# "up" is from the guest to dom0. TCP: one stream, kbit/s that arrived. UDP: datagrams of 64 bytes that
# arrived, a second. RR: one byte there and back over TCP, a second. g2g: guest to guest.
ROWS="tcp-up tcp-down udp64-up udp64-down rr-tcp rr-udp g2g-tcp g2g-udp64 g2g-rr-tcp"
case ${LAB_ARG_rows:-} in
'') ;;
short) ROWS="tcp-up tcp-down udp64-up udp64-down rr-tcp g2g-tcp" ;;
*) ROWS=${LAB_ARG_rows//+/ } ;;
esac
csv=$OUT/bench-net.csv
[ -e "$csv" ] || echo "row,front,back,value,unit,more" >"$csv"
counts=$OUT/counts-net.csv
[ -e "$counts" ] || echo "row,front,back,kind,calls_per_packet,ops_per_packet" >"$counts"
SEGMENT=1448

# traffic of a row for about so many tenths of a second; prints "value unit more"
row() { # NAME TENTHS
	local where=g1 addr=$NET_DOM0_4 s=$(($2 / 10)).$(($2 % 10)) out
	case $1 in
	g2g-*) addr=$(net_ip4 12) ;;
	*-down) where=dom0 addr=$(net_ip4 11) ;;
	esac
	case $1 in
	*tcp-up | tcp-down | g2g-tcp)
		# always asked for by the guest, so that one server in dom0 is enough
		out=$(guest_run g1 -t 300 "iperf3 -f k -n $(($2 * 20))M $([ "$1" != tcp-down ] || echo -R) \
			-c $([ "$1" = g2g-tcp ] && echo "$addr" || echo "$NET_DOM0_4")")
		awk '/receiver/ { for (i = 2; i <= NF; i++) if ($i == "Kbits/sec") print $(i - 1), "kbit/s", "-" }' \
			<<<"$out" | grep . || echo "$out" >&2
		;;
	*udp64*)
		out=$(net_on $where -t 300 "traffic flood $addr 64 $s")
		echo "$(net_field received_pps <<<"$out") packets/s sent_$(net_field sent_pps <<<"$out")"
		;;
	*rr-*)
		out=$(net_on $where -t 300 "traffic rr ${1##*rr-} $addr 1 $s")
		echo "$(net_field per_s <<<"$out") /s p99_$(net_field p99_us <<<"$out")us"
		;;
	esac
}

measure() { # FRONT BACK
	local name out
	for name in $ROWS; do
		# the first packets fill caches and neighbour tables
		row "$name" 2 >/dev/null 2>&1
		out=$(row "$name" 15)
		[ "$(cut -d' ' -f1 <<<"$out")" ] || { not_ok "$1/$2 $name" "no figure"; continue; }
		echo "$name,$1,$2,$(tr ' ' , <<<"$out")" >>"$csv"
		# shellcheck disable=SC2086 # words
		note "$(printf '%-12s %-7s %-7s %12s %s %s' "$name" "$1" "$2" $out)"
	done
}

# What crossed the vifs so far: packets, bytes; bytes that our drivers copied with the processor, and
# those that they had Xen copy.
crossed() {
	local v
	for v in $(vif_of g1) $(vif_of g2); do
		cat "/sys/class/net/$v/statistics/"{rx_packets,tx_packets,rx_bytes,tx_bytes} | tr '\n' ' '
		echo
	done | awk '{ p += $1 + $2; b += $3 + $4 } END { printf "%d %d ", p, b }'
	{
		ethtool -S "$(vif_of g1)"
		ethtool -S "$(vif_of g2)"
		guest_run g1 'ethtool -S eth0'
		guest_run g2 'ethtool -S eth0'
	} 2>/dev/null | awk '/copied_bytes/ { c += $NF } /copy_bytes/ { x += $NF } END { print c + 0, x + 0 }'
}

# Hypercalls by Xen's own trace, of dom0 and guests together, for each packet that crossed a vif; for
# TCP for each segment's worth of bytes, because its packets are of any size.
count() { # FRONT BACK
	local name pid a b units
	for name in $ROWS; do
		a=$(crossed)
		rm -f /dev/shm/trace
		xentrace -D -S 1024 -e 0x0020f000 /dev/shm/trace &
		pid=$!
		sleep 0.5
		row "$name" 3 >/dev/null
		kill -INT $pid
		wait $pid 2>/dev/null
		b=$(crossed)
		units=$(awk -v t="$name" -v s=$SEGMENT '{ print t ~ /tcp/ && t !~ /rr/ ? ($6 - $2) / s : $5 - $1 }' \
			<<<"$a $b")
		"$JOB/bin/xtcount" /dev/shm/trace | awk -v p="$name,$1,$2" -v n="$units" '
			n > 0 { printf "%s,%s,%.3f,%.3f\n", p, $1, $2 / n, $3 / n }' >>"$counts"
		awk -v p="$name,$1,$2" -v n="$units" 'n > 0 {
			printf "%s,copied_bytes,%.1f,%.1f\n", p, ($7 - $3) / n, ($7 - $3) / n
			printf "%s,xen_copied_bytes,%.1f,%.1f\n", p, ($8 - $4) / n, ($8 - $4) / n }' \
			<<<"$a $b" >>"$counts"
		echo "$name: $units units; $(grep -c . "$counts") lines"
	done
	rm -f /dev/shm/trace
}

merge_udp() {
	local g
	for g in g1 g2; do
		ethtool -K "$(vif_of $g)" rx-gro-list on && guest_run $g 'ethtool -K eth0 rx-gro-list on' || return 1
	done
}

pkill -x iperf3
iperf3 -s -D >/dev/null 2>&1 3>&-
pairs=${LAB_ARG_pairs:-intree/intree+ours/ours+ours/intree+intree/ours}
for pair in ${pairs//+/ }; do
	front=${pair%/*} back=${pair#*/}
	net_backend "$back" || { not_ok "$pair backend"; continue; }
	net_guest g1 11 --front "$front" --timeout 300 || { not_ok "$pair guest"; guest_destroy g1; continue; }
	net_guest g2 12 --front "$front" --timeout 300 || { not_ok "$pair second guest"; guest_destroy g1; continue; }
	guest_run g2 'iperf3 -s -D >/dev/null 2>&1'
	[ "${LAB_ARG_gro:-}" != list ] || merge_udp ||
		{ not_ok "$pair merges UDP"; guest_destroy g1; guest_destroy g2; continue; }
	measure "$front" "$back"
	count "$front" "$back"
	guest_run g1 'ethtool -S eth0' >"$OUT/front-$front-$back"
	ethtool -S "$(vif_of g1)" >"$OUT/back-$front-$back"
	guest_stop g1
	guest_stop g2
	ok "$pair measured"
done
pkill -x iperf3
net_backend none
