# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the backend of a guest's disks dies and is replaced: in place, by detach and attach, while
#   the guest is paused, twice in a row, with fewer features, with another size; or is not replaced
# why: a driver domain may crash, and its guests must see a pause and no error
# expected: open disks, a mounted file system, written data and acknowledged records survive; one
#   log line at the loss and one at the return; nothing leaks; the wait ends in time, and a disk
#   that an administrator removes is removed at once
# arguments: n=COUNT of cycles; only=cycles ends with them
# needs: reattach
# timeout: 1500

[ "$LAB_FRONT" = ours ] || { skip "recovery" "the in-tree xen-blkfront does not recover"; exit 0; }
file1=$(disk_make rec1 48 --kind loop) || bail "backing disk"
file2=$(disk_make rec2 48 --kind loop) || bail "backing disk"
file3=$(disk_make rec3 16 --kind loop) || bail "backing disk"
larger=$(disk_make rec4 24 --kind loop) || bail "backing disk"
# it tries what a file in memory cannot
kmsg_expect 'operation not supported error, dev loop[0-9]+, .*WRITE_ZEROES'
mkfs.ext4 -q "$file2" || bail "file system"
guest_start g1 --root ram --vcpus 2 || bail "guest starts"
id=$(guest_id g1)
tool=$JOB/bin/xenpv-reattach
param=/sys/module/xen_blkfront/parameters/reconnect_timeout
declare -A nr=([xvdb]=51728 [xvdc]=51744 [xvdd]=51760) of=([xvdb]=$file1 [xvdc]=$file2 [xvdd]=$file3)

# ---- a backend domain that dies and comes back, played by dom0 ----------------------------

back() { echo "/local/domain/0/backend/vbd/$id/${nr[$1]}"; }
front() { echo "/local/domain/$id/device/vbd/${nr[$1]}"; }
# With a domain goes its part of the store.
dies() { # DISK...
	local d
	for d; do xenstore-rm "$(back "$d")" || return 1; done
	for d; do
		wait_for 20 test ! -e "/sys/bus/xen-backend/devices/vbd-$id-${nr[$d]}" ||
			{ echo "$d has a backend"; return 1; }
	done
}
# What the tool does for a driver domain with another number: the folder of the frontend and that of the
# backend anew, in one transaction. The toolstack's copy says that 29999 was the one.
replaced() { # DISK...
	local d
	for d; do
		xenstore-write "/libxl/$id/device/vbd/${nr[$d]}/backend" \
			"/local/domain/29999/backend/vbd/$id/${nr[$d]}" || return 1
	done
	"$tool" --quiet --from 29999 --to 0 --guest g1 --type vbd
}
# What the script does, which xl runs for an attached device, and devd in a driver domain.
scripts() { # DISK...
	local d
	for d; do
		wait_for 20 test -e "/sys/bus/xen-backend/devices/vbd-$id-${nr[$d]}" || { echo "$d: no backend"; return 1; }
		xenstore-write "$(back "$d")/physical-device" "$(stat -c '%t:%T' "${of[$d]}")" \
			"$(back "$d")/hotplug-status" connected || return 1
	done
}
detached() { # DISK
	timeout 60 xl block-detach g1 "$1" || return 1
	! xenstore-exists "$(front "$1")"
}
attached() { xl block-attach g1 "phy:${of[$1]},$1,w"; }
connected() { # DISK
	[ "$(xenstore-read "$(back "$1")/state" 2>/dev/null)$(xenstore-read "$(front "$1")/state" 2>/dev/null)" = 44 ]
}
reads() { # DISK: from the device, in some seconds
	guest_run g1 -t 20 "dd if=/dev/$1 of=/dev/null bs=4k count=1 skip=$((RANDOM % 1024)) iflag=direct status=none 2>&1"
}

# back_again DISK...: until the guest can read; the longest such pause, after the backend has come, is kept
echo 0 >/run/pause
back_again() {
	local start now d
	start=$(date +%s%3N)
	for d; do
		wait_for 30 connected "$d" || {
			echo "$d: backend $(xenstore-read "$(back "$d")/state"), frontend $(xenstore-read "$(front "$d")/state")"
			return 1
		}
		reads "$d" || return 1
	done
	now=$(($(date +%s%3N) - start))
	[ $now -le "$(cat /run/pause)" ] || echo $now >/run/pause
}

# ---- what has to stay ---------------------------------------------------------------------

debug=/sys/kernel/debug/xen-blkfront
count() { guest_run g1 "cat $debug/vbd-${nr[$1]}/counters" | awk -v n="$2" '$1 == n { print $2 }'; }
lines() { guest_run g1 "dmesg | grep -c '$1: backend $2'"; }
identity() {
	guest_run g1 'for d in xvdb xvdc; do
			cat /sys/block/$d/dev /sys/block/$d/size /sys/block/$d/queue/logical_block_size
			readlink /sys/block/$d; readlink /sys/block/$d/device; cat /sys/block/$d/diskseq
		done; findmnt -n -o SOURCE,TARGET,FSTYPE /mnt'
}
same() {
	local now
	now=$(identity)
	[ "$now" = "$before" ] || { diff <(echo "$before") <(echo "$now"); return 1; }
}
# Random writes, read back and compared, and a database, at a pace that an emulator holds.
work_start() {
	guest_run g1 -t 30 '
		rm -f /run/fio.rc /run/ack /run/ack.stop
		setsid sh -c "until [ -e /run/fio.stop ]; do fio --filename=/dev/xvdb --size=40m --bsrange=4k-128k \
			--rw=randwrite --direct=1 --ioengine=libaio --iodepth=8 --rate_iops=60 --verify=crc32c \
			--verify_backlog=64 --verify_fatal=1 --verify_state_save=0 --time_based --runtime=20 \
			--name=w >/run/fio 2>&1 || { echo 1 >/run/fio.rc; exit; }; done; echo 0 >/run/fio.rc" \
			</dev/null >/dev/null 2>&1 &
		setsid records write /mnt/records /run/ack 20 </dev/null >/run/records 2>&1 &
		for i in $(seq 100); do [ -s /run/ack ] && exit 0; sleep 0.1; done
		cat /run/fio /run/records; exit 1'
}
records() { guest_run g1 'cat /run/ack' | awk '{ print $2 }'; }
work_lives() {
	local a
	a=$(records)
	wait_for 20 eval "[ \"\$(records)\" -gt $((a + 10)) ]" || { guest_run g1 'cat /run/ack /run/records'; return 1; }
	guest_run g1 '! [ -e /run/fio.rc ] || { cat /run/fio; exit 1; }'
}

check "attach two disks" eval 'disk_attach g1 "phy:$file1,xvdb,w" && disk_attach g1 "phy:$file2,xvdc,w"'
leak_snapshot /run/before g1
check "mount" guest_run g1 'mount /dev/xvdc /mnt'
before=$(identity)
note "$before"
check "the work starts" work_start

# ---- replaced -----------------------------------------------------------------------------

in_place() {
	dies xvdb xvdc && sleep "$1" && replaced xvdb xvdc && scripts xvdb xvdc && back_again xvdb xvdc
}
check "gone for 3 s, then replaced in one transaction" in_place 3
check "the disks are what they were" same
check "the work goes on" work_lives
is "one outage" "$(count xvdb outages)" 1
check "of at least 3 s" test "$(count xvdb longest_outage_ms)" -ge 3000
is "one line at the loss" "$(lines xvdb 'lost')" 1
is "one line at the return" "$(lines xvdb '[0-9]* is back')" 1

paused() {
	xl pause g1
	dies xvdb xvdc && replaced xvdb xvdc && scripts xvdb xvdc
	xl unpause g1
	back_again xvdb xvdc
}
check "died and replaced while the guest is paused" paused
check "the disks are what they were" same

parked() { # DISK...
	local d
	dies "$@" || return 1
	for d; do
		wait_for 10 eval "[ \"\$(xenstore-read $(front "$d")/state)\" = 1 ]" && detached "$d" &&
			guest_run g1 "for i in \$(seq 100); do [ -e /sys/bus/xen/devices/vbd-${nr[$d]} ] || exit 0; sleep 0.1; done
				echo 'the device stays on the bus'; exit 1" || return 1
	done
}
check "died and taken away" parked xvdb xvdc
check "the disks are still there" guest_run g1 'cat /sys/block/xvdb/size /sys/block/xvdb/xen/state &&
	! [ -e /sys/block/xvdb/device ] && findmnt -n /mnt'
check "and attached again" eval 'attached xvdb && attached xvdc && back_again xvdb xvdc'
check "the disks are what they were" same
check "the work goes on" work_lives

paused_detached() {
	xl pause g1
	dies xvdb xvdc && detached xvdb && detached xvdc && attached xvdb && attached xvdc
	xl unpause g1
	back_again xvdb xvdc
}
check "died, taken away and attached while the guest is paused" paused_detached
check "the disks are what they were" same

twice() {
	dies xvdb xvdc && replaced xvdb xvdc && dies xvdb xvdc && replaced xvdb xvdc &&
		scripts xvdb xvdc && back_again xvdb xvdc
}
check "replaced twice in a row" twice
check "the disks are what they were" same
check "the work goes on" work_lives

# A folder that goes while the bus or the driver reads it.
kmsg_expect 'vbd vbd-[0-9]+-51728: (2|19) (reading|xenbus_dev_probe on) backend/vbd/'
# As one does that had read of rings which were given up for it: both close, and it begins again.
fails_at_first() {
	dies xvdb && replaced xvdb && wait_for 20 eval "[ \"\$(xenstore-read $(front xvdb)/state)\" = 3 ]" &&
		xenstore-write "$(back xvdb)/state" 5 &&
		wait_for 20 eval "[ \"\$(xenstore-read $(back xvdb)/state)\$(xenstore-read $(front xvdb)/state)\" = 23 ]" &&
		scripts xvdb && back_again xvdb
}
# What goes while its driver looks at it must not come back by what the driver writes.
flickers() {
	local n
	for n in 0 1 2 3 4 5 6 7 8 9; do
		dies xvdb && replaced xvdb && sleep 0.0$n || return 1
	done
	dies xvdb && sleep 1
	! xenstore-exists "$(back xvdb)" && replaced xvdb && scripts xvdb && back_again xvdb
}
check "replaced by one that cannot connect at first" fails_at_first
check "dies and is replaced ten times in a second" flickers
check "the disks are what they were" same
check "the work goes on" work_lives

pb=/sys/module/xen_blkback/parameters
poorer() {
	echo 0 >$pb/feature_persistent && echo 1 >$pb/max_queues && in_place 0.5 &&
		guest_run g1 'cd /sys/block/xvdb/xen; grep . persistent nr_rings
			[ "$(cat persistent)$(cat nr_rings)" = 01 ]'
}
if [ "$LAB_BACK" = ours ]; then
	queues=$(cat $pb/max_queues)
	check "replaced by one that can do less" poorer
	check "the work goes on" work_lives
	check "and replaced once more" in_place 0.5
	check "the work goes on" work_lives
	echo 1 >$pb/feature_persistent
	echo "$queues" >$pb/max_queues
fi

cycles() {
	local n
	for n in $(seq "$1"); do
		case $((n % 3)) in
		0) parked xvdb xvdc && attached xvdb && attached xvdc && back_again xvdb xvdc ;;
		*) in_place 0.3 ;;
		esac || { echo "at cycle $n"; return 1; }
		[ $((n % 10)) != 0 ] || work_lives || { echo "at cycle $n"; return 1; }
	done
}
# Both backends have one path and number here. A frontend that was about to publish rings when its folder
# was made anew takes them back when it sees that; the backend may have read their numbers by then. It says
# so and begins again.
kmsg_expect 'mapping in shared page [0-9]+ from domain|connecting to [0-9]+ ring pages'
n=${LAB_ARG_n:-3}
check "$n times more, in turns" cycles "$n"
check "the disks are what they were" same
check "the work goes on" work_lives
for d in xvdb xvdc; do
	outages=$(count $d outages)
	is "$d: each outage had its line" "$(lines $d lost)" "$outages"
	is "$d: and each return" "$(lines $d '[0-9]* is back')" "$outages"
	is "$d: no outage was given up" "$(count $d outages_failed)" 0
	is "$d: no request failed" "$(count $d dropped)" 0
	note "$d: outages $outages, longest $(count $d longest_outage_ms) ms, requests repeated $(count $d requeued), fenced $(count $d fenced)"
done
note "longest pause beyond the backend's absence: $(cat /run/pause) ms, until a block was read"

check "records are written to the end" guest_run g1 -t 30 'touch /run/ack.stop
	for i in $(seq 100); do pgrep -x records >/dev/null || break; sleep 0.1; done; cat /run/ack; grep -q "errors 0" /run/ack'
check "no record is lost" guest_run g1 'records check /mnt/records /run/ack'
check "fio ends without an error" guest_run g1 -t 60 'touch /run/fio.stop
	for i in $(seq 500); do [ -e /run/fio.rc ] && break; sleep 0.1; done
	cat /run/fio; [ "$(cat /run/fio.rc)" = 0 ]'
check "unmount" guest_run g1 'umount /mnt'
check "its file system is sound" e2fsck -fn "$file2"
sleep 3
is "no page waits for a backend" "$(guest_run g1 "grep -h awaiting $debug/vbd-51728/grants")" "awaiting_backend 0"
leak_snapshot /run/after g1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after
if [ "${LAB_ARG_only:-}" = cycles ]; then
	check "guest shuts down" guest_stop g1
	exit 0
fi

# ---- a backend that is gone but still has pages mapped ------------------------------------

# Its disk stands still: dom0's old backend keeps what is in flight mapped until that goes on. Pages of
# the guest's are granted only without persistent grants.
kmsg_expect 'xvdd'
other=$(losetup -f --show /dev/shm/disk-rec3) || bail "second loop device"
hangs() { dmsetup suspend --noflush --nolockfs rec-hangs; }
goes_on() { dmsetup resume rec-hangs; }
# Eight blocks in flight, whose numbers are their contents, and a block written.
in_flight() {
	guest_run g1 "rm -f /run/rd.* /run/wr
		for i in 1 2 3 4 5 6 7 8; do
			setsid sh -c \"dd if=/dev/xvdd of=/run/rd.\$i.out bs=4k count=1 skip=\$i iflag=direct 2>/run/rd.\$i.err
				echo \\\$? >/run/rd.\$i\" </dev/null >/dev/null 2>&1 &
		done
		setsid sh -c 'dd if=/run/pattern of=/dev/xvdd bs=4k count=1 seek=20 oflag=direct 2>/run/wr.err
			echo \$? >/run/wr' </dev/null >/dev/null 2>&1 &
		for i in \$(seq 50); do
			[ \$(sed -n 's/.*inflight \([0-9]*\).*/\1/p' $debug/vbd-51760/rings | awk '{ n += \$1 } END { print n }') -ge 9 ] && exit 0
			sleep 0.1
		done; cat $debug/vbd-51760/rings; exit 1"
}
changed_over() { dies xvdd && replaced xvdd && scripts xvdd && wait_for 30 connected xvdd; }
ends() { # FILE...: each with status 0
	guest_run g1 -t 40 "for i in $*; do
			for n in \$(seq 200); do [ -s /run/\$i ] && break; sleep 0.1; done
			[ \"\$(cat /run/\$i)\" = 0 ] || { echo \$i: \$(cat /run/\$i /run/\$i.err); exit 1; }
		done"
}
if [ "$LAB_BACK" = ours ]; then
	echo 0 >$pb/feature_persistent
	check "a disk that can stand still" eval 'dmsetup create rec-hangs --table "0 $((16 << 11)) linear $file3 0" &&
		{ [ -e /dev/mapper/rec-hangs ] || dmsetup mknodes rec-hangs; } &&
		disk_attach g1 "phy:/dev/mapper/rec-hangs,xvdd,w"'
	check "contents" guest_run g1 'for i in $(seq 16384); do printf "%07d " $i; done >/run/pattern
		dd if=/run/pattern of=/dev/xvdd bs=4k oflag=direct 2>&1'
	of[xvdd]=$other
	check "requests hang" eval 'hangs && in_flight'
	check "the backend dies and is replaced" changed_over
	check "requests wait for their pages" test "$(count xvdd fenced)" -ge 8
	check "others go on" reads xvdd
	check "what was to be written is, though the old backend could still read it" ends wr
	check "what was to be read is not" guest_run g1 '! ls /run/rd.? 2>/dev/null'
	check "the old backend lets go" goes_on
	check "all are done" ends rd.1 rd.2 rd.3 rd.4 rd.5 rd.6 rd.7 rd.8
	check "with the right data" guest_run g1 'for i in 1 2 3 4 5 6 7 8; do
		dd if=/run/pattern bs=4k count=1 skip=$i 2>/dev/null | cmp - /run/rd.$i.out || exit 1; done
		dd if=/dev/xvdd bs=4k count=1 skip=20 iflag=direct 2>/dev/null | cmp -n 4096 - /run/pattern'
	is "none failed" "$(count xvdd dropped)" 0
	of[xvdd]=/dev/mapper/rec-hangs
	check "back to where it was" eval 'changed_over && reads xvdd'
	of[xvdd]=$other
	guest_run g1 "echo 6 >$param"
	check "requests hang again" eval 'hangs && in_flight'
	check "the backend dies and is replaced" changed_over
	check "others go on" reads xvdd
	check "what was to be written is" ends wr
	check "what was to be read fails in the end" guest_run g1 -t 40 'for i in $(seq 200); do [ -s /run/rd.8 ] && break; sleep 0.1; done
		grep . /run/rd.?; ! grep -q 0 /run/rd.?'
	is "those were the ones that failed" "$(count xvdd dropped)" 8
	check "the old backend lets go" goes_on
	guest_run g1 "echo 60 >$param"
	check "detach" disk_detach g1 xvdd
	echo 1 >$pb/feature_persistent
	dmsetup remove rec-hangs || note "$(dmsetup ls)"
	sleep 3
	leak_snapshot /run/after g1
	check "nothing leaked" leak_check /run/before /run/after
fi
of[xvdd]=$file3

# ---- another size ---------------------------------------------------------------------------

size() { guest_run g1 "blockdev --getsize64 /dev/$1"; }
check "attach a third disk" disk_attach g1 "phy:$file3,xvdd,w"
of[xvdd]=$larger
one() {
	dies xvdd && replaced xvdd && scripts xvdd && back_again xvdd
}
check "replaced by a larger one" one
check "it is larger" wait_for 10 eval '[ "$(size xvdd)" = $((24 << 20)) ]'
of[xvdd]=$file3
check "replaced by a smaller one" one
check "it is smaller" wait_for 10 eval '[ "$(size xvdd)" = $((16 << 20)) ]'

# ---- nobody comes -------------------------------------------------------------------------

# An error within so many seconds, and not much sooner than the other.
fails() { # LEAST MOST
	guest_run g1 -t $(($2 + 20)) "now() { cut -d' ' -f1 /proc/uptime | tr -d .; }
		start=\$(now)
		dd if=/dev/xvdd of=/dev/null bs=4k count=1 iflag=direct 2>&1 && { echo 'no error'; exit 1; }
		cs=\$((\$(now) - start))
		echo \${cs}0 ms; [ \$cs -ge ${1}00 ] && [ \$cs -le ${2}00 ]"
}
guest_run g1 "echo 5 >$param"
check "its backend dies" dies xvdd
check "I/O fails when the time has passed" fails 2 15
check "a backend that comes later is used" eval 'replaced xvdd && scripts xvdd && back_again xvdd'
is "one outage was given up" "$(count xvdd outages_failed)" 1
gone_within() { # SECONDS
	guest_run g1 -t $(($1 + 10)) "for i in \$(seq $(($1 * 10))); do [ -e /dev/xvdd ] || exit 0; sleep 0.1; done
		echo 'xvdd stays'; exit 1"
}
check "died and taken away" parked xvdd
check "it is there at first" guest_run g1 'test -b /dev/xvdd'
check "it goes when the time has passed" gone_within 15
check "a later one is a new disk" disk_attach g1 "phy:$file3,xvdd,w"
guest_run g1 "echo 0 >$param"
check "without patience: its backend dies" dies xvdd
check "I/O fails at once" fails 0 2
check "a later backend is used" eval 'replaced xvdd && scripts xvdd && back_again xvdd'
check "died and taken away" parked xvdd
check "it is gone at once" gone_within 3
guest_run g1 "echo 60 >$param"

# ---- the administrator ----------------------------------------------------------------------

check "attach it" disk_attach g1 "phy:$file3,xvdd,w"
check "what lives is detached at once" eval 'disk_detach g1 xvdd && gone_within 3'
check "attach it" disk_attach g1 "phy:$file3,xvdd,w"
check "parked once more" parked xvdd
check "the module unloads, with what is parked" eval 'disk_detach g1 xvdb && disk_detach g1 xvdc &&
	guest_run g1 -t 60 "modprobe -r xen-blkfront && ! [ -e /dev/xvdd ] && modprobe xen-blkfront"'
check "attach it" disk_attach g1 "phy:$file3,xvdd,w"
check "it works" reads xvdd
check "guest shuts down" guest_stop g1
