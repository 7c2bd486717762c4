# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the backend of a swap disk dies and is replaced, again and again, while the guest swaps
# why: allocations of the reconnect must not wait for pages to be written to the same disk
# expected: each time the guest continues to swap; no data in memory is lost, nothing hangs
# arguments: n=COUNT of replacements
# needs: reattach
# timeout: 600

[ "$LAB_FRONT" = ours ] || { skip "recovery of swap" "the in-tree xen-blkfront does not recover"; exit 0; }
swap=$(disk_make swap 400 --kind loop) || bail "backing disk"
mkswap "$swap" >/dev/null || bail "mkswap"
guest_start g1 --root ram --vcpus 2 || bail "guest starts"
id=$(guest_id g1)
back=/local/domain/0/backend/vbd/$id/51728 front=/local/domain/$id/device/vbd/51728
check "attach the disk" disk_attach g1 "phy:$swap,xvdb,w"
check "swap on it" guest_run g1 'swapon /dev/xvdb && cat /proc/meminfo | head -n 3'

# More than there is memory: copies of a file, each compared and made anew in turns.
# shellcheck disable=SC2016 # the guest's to expand
guest_run g1 'free=$(awk "/MemAvailable/ { print int(\$2 / 1024) }" /proc/meminfo)
	mkdir -p /run/hog && mount -t tmpfs -o size=800m hog /run/hog && head -c 8388608 /dev/urandom >/run/hog/0
	cat >/run/hog.sh <<"END"
n=0
while [ ! -e /run/hog.stop ]; do
	for i in $(seq $1); do
		[ ! -e /run/hog/$i ] || cmp /run/hog/0 /run/hog/$i || { echo "$i differs" >/run/hog.rc; exit 1; }
		cp /run/hog/0 /run/hog/$i || { echo "$i is not written" >/run/hog.rc; exit 1; }
	done
	n=$((n + 1)); echo $n >/run/hog.n
done
END
	echo 0 >/run/hog.n
	setsid sh /run/hog.sh $(((free + 64) / 8)) </dev/null >/run/hog.log 2>&1 &'
# /proc/vmstat: pages written to and read from swap
swapped() { guest_run g1 -t 60 "awk '\$1 == \"pswpout\" { n = \$2 } END { print n + 0 }' /proc/vmstat"; }
swaps() { # SECONDS
	local a now end=$((SECONDS + $1))
	a=$(swapped) || return 1
	while [ $SECONDS -lt $end ]; do
		now=$(swapped) && [ "${now:-0}" -gt "$((a + 500))" ] && return 0
		sleep 0.3
	done
	echo "no page swapped out since $a (now ${now:-?})"
	guest_run g1 'cat /run/hog.n /run/hog.rc /run/hog.log; cat /proc/meminfo | head -n 3'
	return 1
}
check "the guest swaps" swaps 60

replaced() {
	xenstore-rm "$back" && wait_for 20 test ! -e "/sys/bus/xen-backend/devices/vbd-$id-51728" || return 1
	xenstore-write "/libxl/$id/device/vbd/51728/backend" "/local/domain/29999/backend/vbd/$id/51728" &&
		"$JOB/bin/xenpv-reattach" --quiet --from 29999 --to 0 --guest g1 --type vbd &&
		wait_for 20 test -e "/sys/bus/xen-backend/devices/vbd-$id-51728" &&
		xenstore-write "$back/physical-device" "$(stat -c '%t:%T' "$swap")" "$back/hotplug-status" connected || return 1
	wait_for 40 eval "[ \"\$(xenstore-read $back/state)\$(xenstore-read $front/state)\" = 44 ]" ||
		{ echo "backend $(xenstore-read "$back/state"), frontend $(xenstore-read "$front/state")"; return 1; }
	swaps 60
}
kmsg_expect 'mapping in shared page [0-9]+ from domain|connecting to [0-9]+ ring pages'
n=${LAB_ARG_n:-5} i=0
while [ $i -lt "$n" ] && replaced; do i=$((i + 1)); done
is "replacements after which the guest swaps" "$i" "$n"
note "passes $(guest_run g1 'cat /run/hog.n'), pages swapped out $(swapped)"
is "nothing failed or differs" "$(guest_run g1 'cat /run/hog.rc /run/hog.log 2>/dev/null; dmesg | grep -ci "swap-device"')" 0
guest_destroy g1
