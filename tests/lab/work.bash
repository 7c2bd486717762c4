# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Work of a guest that has to go on whatever becomes of its backends: a database-like writer and fio with
# checksums on a file system of its disk, and a TCP connection to dom0. Sourced after net.bash.
#
#	work_start g1 xvdb 11		begin; a new file system on the disk, NIC number 11
#	work_goes_on g1 60		all three make progress within that time
#	work_stop g1			checks of what they say at the end
#
# All keep a pace: guests are many, processors are not.

WORK_DIR=/mnt/work

# work_start GUEST DEVICE N
work_start() {
	guest_run "$1" -t 120 "mkdir -p $WORK_DIR; ! grep -q ' $WORK_DIR ' /proc/mounts || umount $WORK_DIR
		mkfs.ext4 -q -F /dev/$2 && mount /dev/$2 $WORK_DIR || exit 1
		rm -f /run/work.*; : >/run/work.fio.passes; echo '$2 $3' >/run/work.of; readlink -f /sys/block/$2 >/run/work.disk
		ip -o addr show scope global | sed 's/valid_lft.*//' >/run/work.addresses
		cat >/run/work.fio.sh <<'END'
while [ ! -e /run/work.fio.stop ]; do
	fio --name=w --filename=$WORK_DIR/fio --size=6m --bsrange=512-64k --blockalign=512 --rw=randwrite \\
		--direct=1 --ioengine=libaio --iodepth=8 --rate_iops=60 --verify=crc32c --verify_backlog=64 \\
		--verify_fatal=1 --verify_state_save=0 --time_based --runtime=6 --minimal >/run/work.fio.log 2>&1 ||
		{ echo 1 >/run/work.fio.rc; exit 1; }
	echo pass >>/run/work.fio.passes
done
echo 0 >/run/work.fio.rc
END
		go() { setsid sh -c \"\$*\" >/dev/null 2>&1 </dev/null & }
		go sh /run/work.fio.sh
		go 'records write $WORK_DIR/records /run/work.records 10 2>/run/work.records.err; echo \$? >/run/work.records.rc'
		go 'traffic stream $NET_DOM0_4 10 /run/work.stream >/run/work.stream.err 2>&1; echo \$? >/run/work.stream.rc'
		for i in \$(seq 150); do [ -s /run/work.records ] && [ -s /run/work.stream ] && exit 0; sleep 0.1; done
		echo 'the work does not begin'; head -n 5 /run/work.*; cat /proc/net/tcp; exit 1"
}

# work_now GUEST: records acknowledged, exchanges of the stream, passes of fio
work_now() {
	guest_run "$1" -t 20 'r=$(awk "{ print \$2 }" /run/work.records); s=$(awk "{ print \$4 }" /run/work.stream)
		echo "${r:-0} ${s:-0} $(grep -c . /run/work.fio.passes)"'
}

# work_errors GUEST: what has ended with an error; status 0 if nothing has
work_errors() {
	guest_run "$1" 'rc=0
		for f in /run/work.fio.rc /run/work.records.rc /run/work.stream.rc; do
			[ ! -e $f ] || [ "$(cat $f)" = 0 ] || { echo "$f: $(cat $f)"; rc=1; }
		done
		[ $rc = 0 ] || cat /run/work.*.err /run/work.fio.log
		exit $rc'
}

# work_goes_on GUEST SECONDS: all make progress; prints after how many milliseconds each did
work_goes_on() {
	local from end before now b n i got=('' '' '') names=(records stream fio)
	from=$(date +%s%3N) end=$((SECONDS + $2))
	before=$(work_now "$1") || { echo "the guest does not answer"; return 1; }
	read -ra b <<<"$before"
	while [ $SECONDS -lt $end ]; do
		now=$(work_now "$1") || continue
		read -ra n <<<"$now"
		for i in 0 1 2; do
			[ "${n[i]:-0}" -le "${b[i]}" ] || got[i]=${got[i]:-$(($(date +%s%3N) - from))}
		done
		if [ -n "${got[0]}" ] && [ -n "${got[1]}" ] && [ -n "${got[2]}" ]; then
			echo "records ${got[0]} stream ${got[1]} fio ${got[2]}"
			return 0
		fi
		sleep 0.2
	done
	for i in 0 1 2; do [ -n "${got[i]}" ] || echo "no progress: ${names[i]}"; done
	echo "before: $before, now: ${now:-}"
	work_errors "$1"
	return 1
}

# work_same GUEST: the same disk, addresses and mount as at the beginning
work_same() {
	guest_run "$1" 'read -r disk n </run/work.of
		[ "$(readlink -f /sys/block/$disk)" = "$(cat /run/work.disk)" ] || { echo "another disk"; exit 1; }
		grep -q "^/dev/$disk .* rw" /proc/mounts || { echo "not mounted for writing"; exit 1; }
		ip -o addr show scope global | sed "s/valid_lft.*//" | diff /run/work.addresses -'
}

# work_end GUEST: let all come to their ends, in the guest; nothing is judged
work_end() {
	guest_run "$1" -t 150 'touch /run/work.fio.stop /run/work.records.stop /run/work.stream.stop
		for i in $(seq 600); do
			[ -e /run/work.fio.rc ] && [ -e /run/work.records.rc ] && [ -e /run/work.stream.rc ] && exit 0
			sleep 0.2
		done
		echo "still at work:"; ls /run/work.*; cat /sys/block/$(cut -d" " -f1 /run/work.of)/inflight; exit 1'
}

# work_stop GUEST: the end, and the checks
work_stop() {
	local figures
	check "the work comes to its end" work_end "$1"
	check "no I/O error, no wrong block, no byte of the stream wrong or lost" work_errors "$1"
	figures=$(guest_run "$1" 'cat /run/work.records /run/work.stream; echo "fio passes $(grep -c . /run/work.fio.passes)"')
	note "$1: $figures"
	check "every acknowledged record is on the disk" guest_run "$1" -t 120 "read -r disk n </run/work.of
		umount $WORK_DIR && blockdev --flushbufs /dev/\$disk && mount /dev/\$disk $WORK_DIR &&
		records check $WORK_DIR/records /run/work.records"
	check "the file system is clean" guest_run "$1" -t 120 "read -r disk n </run/work.of
		umount $WORK_DIR && e2fsck -fn /dev/\$disk"
}
