# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: each allocation and each Xen operation of connect, reconnect and remove fails once in turn (only=WORDS, most=N)
# why: no other test runs the error paths, where drivers leak and oops
# expected: after each fault the device works, or the log says why it does not; then it is removed
#   and works again when it is added; nothing remains at the end; the number of fault points is
#   reported
# timeout: 3000

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
only=${LAB_ARG_only:-front-connect+front-remove+front-reconnect+back-connect+back-remove}
most=${LAB_ARG_most:-400}
kinds=${LAB_ARG_kinds:-vbd+vif}
chosen() { case "+$only+" in *"+$1+"*) true ;; *) false ;; esac; }

disk=$(disk_make faults 32) || bail "backing disk"
check "guest starts and reaches dom0" net_guest g1 11 --disk "phy:$disk,xvdb,w" || bail "guest"
check "faults can be made in the guest" guest_run g1 'modprobe xpvfault && dmesg | grep xpvfault:' || bail "faults"
check "and in dom0" modprobe xpvfault || bail "faults"
# refusals are what this is about; what no driver says (a warning, an oops) is still looked for
kmsg_expect '(vbd|vif|xen-blk|xen-net|xen_blk|xen_net|xvdb|eth0|xenvif|vif[0-9])'
kmsg_expect '(Buffer I/O error|I/O error), dev xvdb'

id=$(guest_id g1)
vbd=51728
FAULT=/sys/module/xpvfault/parameters

# What is the same at both ends: functions of a shell without arrays, for the guest's too.
common='
P=/sys/module/xpvfault/parameters
B=/sys/bus/xen/drivers
log() { dmesg | grep -cE "(vbd|vif).*[0-9]|xen.(blk|net)|xvdb|eth0"; }
state() { cat /sys/bus/xen/devices/$1/state 2>/dev/null || echo none; }
works() {
	[ "$(state $1)" = Connected ] || return 1
	case $1 in
	vbd-*) [ -b /dev/xvdb ] && timeout 10 dd if=/dev/xvdb of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null ;;
	vif-*)
		i=$(ls /sys/bus/xen/devices/$1/net 2>/dev/null | head -n 1)
		[ "$i" ] || return 1
		ip link set $i up && ip addr replace 10.77.0.11/24 dev $i
		ping -q -c 1 -W 1 10.77.0.1 >/dev/null 2>&1 ;;
	esac
}
# given up: at rest in a state that is no way to another one
over() { case $(state $1) in Closing|Closed|Unknown) true ;; *) ! [ -e $B/${1%%-*}/$1 ] ;; esac; }
settle() { # DEVICE TENTHS: until it works, or has been over for a while
	n=0 o=0
	while [ $n -lt $2 ]; do
		works $1 && return 0
		if over $1; then o=$((o + 1)); else o=0; fi
		[ $o -lt 8 ] || return 1
		n=$((n + 1))
		sleep 0.1
	done
	return 2
}
come() { [ -e $B/${1%%-*}/$1 ] || echo $1 >$B/${1%%-*}/bind 2>/dev/null; }
go() { [ ! -e $B/${1%%-*}/$1 ] || echo $1 >$B/${1%%-*}/unbind 2>/dev/null; }
again() { # DEVICE: it goes and comes back whole
	for t in 1 2 3; do
		go $1
		come $1
		settle $1 300 && return
	done
	return 1
}
'
guest_file g1 /run/common.sh <<<"$common" || bail "script"

# the walk of a frontend: OPERATION DEVICE FIRST LAST; a line for each point, "end N" behind the last
guest_file g1 /run/walk.sh <<<'
. /run/common.sh
op=$1 d=$2 k=$3
while [ $k -le $4 ]; do
	[ $op != connect ] || go $d
	before=$(log)
	echo $k >$P/nth
	case $op in
	connect) come $d; settle $d 150; s=$? ;;
	remove) go $d; [ ! -e $B/${d%%-*}/$d ]; s=$? ;;
	esac
	fired=$(cat $P/fired)
	echo 0 >$P/nth
	if [ "$fired" = none ]; then echo "end $k"; again $d; break; fi
	if [ $s = 0 ]; then r=works
	elif [ $(log) -gt $before ]; then r=told
	else r="SILENT in $(state $d)"; fi
	again $d || r="$r, then LOST in $(state $d)"
	echo "$k $fired: $r"
	k=$((k + 1))
done' || bail "script"

# back_at POINT KIND DEVID OPERATION: a fault in the backend's domain; sets $fired and $said
back_at() {
	local dev=$2-$id-$3 drv=/sys/bus/xen-backend/drivers/$2 s before
	before=$(dmesg | wc -l)
	case $4 in
	connect)
		guest_run g1 ". /run/common.sh; go $2-$3"
		[ ! -e "$drv/$dev" ] || echo "$dev" >"$drv/unbind"
		echo "$1" >$FAULT/nth
		echo "$dev" >"$drv/bind" 2>/dev/null
		guest_run g1 -t 60 ". /run/common.sh; come $2-$3; settle $2-$3 150"
		s=$?
		;;
	remove)
		echo "$1" >$FAULT/nth
		[ ! -e "$drv/$dev" ] || echo "$dev" >"$drv/unbind"
		[ ! -e "$drv/$dev" ]
		s=$?
		;;
	esac
	fired=$(cat $FAULT/fired)
	echo 0 >$FAULT/nth
	if [ $s = 0 ]; then said=works
	elif [ "$(dmesg | wc -l)" -gt "$before" ]; then said=told
	else said="SILENT"; fi
	[ -e "$drv/$dev" ] || echo "$dev" >"$drv/bind" 2>/dev/null
	guest_run g1 -t 120 ". /run/common.sh; again $2-$3" || said="$said, then LOST"
}

# front_reconnect POINT KIND DEVID: the backend is replaced while a fault waits in the guest
front_reconnect() {
	local dev=$2-$id-$3 drv=/sys/bus/xen-backend/drivers/$2 s before
	before=$(guest_run g1 '. /run/common.sh; log')
	guest_run g1 "echo $1 >$FAULT/nth"
	echo "$dev" >"$drv/unbind"
	echo "$dev" >"$drv/bind"
	guest_run g1 -t 60 ". /run/common.sh; settle $2-$3 200"
	s=$?
	fired=$(guest_run g1 "cat $FAULT/fired; echo 0 >$FAULT/nth")
	if [ $s = 0 ]; then said=works
	elif [ "$(guest_run g1 '. /run/common.sh; log')" -gt "$before" ]; then said=told
	else said=SILENT; fi
	guest_run g1 -t 120 ". /run/common.sh; again $2-$3" || said="$said, then LOST"
}

points=0
# judge OPERATION KIND: the lines of a walk, standard input
judge() {
	local lines nr bad
	lines=$(tee -a "$OUT/faults.log")
	nr=$(grep -cE '^[0-9]+ ' <<<"$lines")
	bad=$(grep -E 'SILENT|LOST' <<<"$lines")
	points=$((points + nr))
	note "$1 of a $2: $nr points, $(grep -c ': works$' <<<"$lines") work on, $(grep -c ': told$' <<<"$lines") end with a word in the log"
	note "$lines"
	[ -z "$bad" ]
	check "$1 of a $2: each fault is survived" test $? = 0
	grep -q '^end' <<<"$lines" || [ "$nr" -ge "$most" ]
	check "$1 of a $2: walked to the end, $nr points" test $? = 0
}

# by_hand WALKER KIND DEVID [OPERATION]: a walk that dom0 leads
by_hand() {
	local k=1
	while [ $k -le "$most" ]; do
		"$1" $k "$2" "$3" "${4:-}" >/dev/null 2>&1
		[ "$fired" != none ] || { echo "end $k"; break; }
		echo "$k $fired: $said"
		k=$((k + 1))
	done
}

# front OPERATION DEVICE: in pieces, for a command has an end
front() {
	local k=1 out
	while [ $k -le "$most" ]; do
		out=$(guest_run g1 -t 600 "sh /run/walk.sh $1 $2 $k $((k + 4))") || { echo "$out"; echo "$k LOST guest"; break; }
		echo "$out"
		! grep -q '^end' <<<"$out" || break
		k=$((k + 5))
	done
}

# the first time round takes what stays for good
guest_run g1 -t 120 ". /run/common.sh; again vbd-$vbd; again vif-0" >/dev/null
leak_snapshot /run/before g1
for kind in ${kinds//+/ }; do
	dev=$vbd
	[ "$kind" = vbd ] || dev=0
	if chosen front-connect; then judge front-connect "$kind" < <(front connect "$kind-$dev"); fi
	if chosen front-remove; then judge front-remove "$kind" < <(front remove "$kind-$dev"); fi
	if chosen front-reconnect; then judge front-reconnect "$kind" < <(by_hand front_reconnect "$kind" $dev); fi
	if chosen back-connect; then judge back-connect "$kind" < <(by_hand back_at "$kind" $dev connect); fi
	if chosen back-remove; then judge back-remove "$kind" < <(by_hand back_at "$kind" $dev remove); fi
	check "the $kind works" guest_run g1 -t 60 ". /run/common.sh; settle $kind-$dev 300"
done
note "faults made: $points"
wait_for 30 eval 'leak_snapshot /run/after g1; leak_check /run/before /run/after'
check "nothing is left behind" leak_check /run/before /run/after
rmmod xpvfault
check "guest shuts down" guest_stop g1
