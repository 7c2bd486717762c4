#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In dom0: the devices of the guest GUEST (name or number) are connected at both ends, and their statistics move.
# Nothing is changed. They move only if the guest uses its devices, so run the tests in the guest meanwhile, or
# give PEER, the address of the guest, to have it pinged. WAIT: seconds to wait for it (20).

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

[ -n "${GUEST:-}" ] || skip_all "GUEST=NAME names no guest"
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
for p in xenstore-read xenstore-list; do
	command -v $p >/dev/null || skip_all "no $p"
done
case $GUEST in
*[!0-9]*)
	command -v xl >/dev/null || skip_all "no xl"
	id=$(xl domid "$GUEST" 2>/dev/null) || { echo "1..1"; fail "the guest $GUEST is there"; exit 1; }
	;;
*) id=$GUEST ;;
esac

ksft_begin
for m in xen_blkback xen_netback; do note "$m: $(who_is $m)"; done
front=/local/domain/$id/device
key() { xenstore-read "$1" 2>/dev/null; }

# is_connected DIRECTORY
is_connected() { [ "$(key "$1/state")" = 4 ]; }

# moved BEFORE FILE...: one of the numbers is another one than before
sum() {
	local f v sum=0
	for f; do v=$(value "$f") && sum=$((sum + v)); done
	echo $sum
}
moved() {
	local was=$1
	shift
	[ "$(sum "$@")" != "$was" ]
}

# device KIND NUMBER: one of the guest
device() {
	local name=$1-$id-$2 dir=$front/$1/$2 back sys files was
	if ! back=$(key "$dir/backend"); then fail "$name has a backend"; return; fi
	if [ "$(key "$back/device-type")" = cdrom ]; then skip "$name" "a CD-ROM"; return; fi
	check "$name: the frontend is connected" wait_for 10 is_connected "$dir"
	check "$name: the backend is connected" wait_for 10 is_connected "$back"
	case $back in
	*/backend/qdisk/*) skip "$name: statistics" "QEMU serves it"; return ;;
	esac
	sys=/sys/bus/xen-backend/devices/$name
	if [ ! -d "$sys" ]; then skip "$name: statistics" "another domain serves it"; return; fi
	check "$name: a driver is bound" test -e "$sys/driver"
	case $1 in
	vbd)
		files=("$sys"/statistics/rd_req "$sys"/statistics/wr_req "$sys"/statistics/f_req)
		[ -e "${files[0]}" ] || files=("$sys"/statistics/*)
		;;
	vif)
		files=("$sys"/net/*/statistics/rx_packets "$sys"/net/*/statistics/tx_packets)
		;;
	esac
	if [ ! -e "${files[0]}" ]; then fail "$name: statistics" "there are none"; return; fi
	was=$(sum "${files[@]}")
	if [ "$1" = vif ] && [ -n "${PEER:-}" ] && command -v ping >/dev/null; then
		check "$name: the guest answers ping" ping -q -c 3 -W 5 "$PEER"
		check "$name: statistics move" moved "$was" "${files[@]}"
	elif wait_for "${WAIT:-20}" moved "$was" "${files[@]}"; then
		pass "$name: statistics move"
	else
		skip "$name: statistics move" "the guest did not use it for ${WAIT:-20} s"
	fi
}

n=0
for kind in vbd vif; do
	for nr in $(xenstore-list "$front/$kind" 2>/dev/null); do
		device "$kind" "$nr"
		n=$((n + 1))
	done
done
[ $n -gt 0 ] || skip "devices" "the guest has no disk and no interface"

# Directories of ours; in-tree has none for disks and one without these files for interfaces.
readable() {
	local f bad=0
	for f in "$1"/*; do
		timeout 10 cat "$f" >/dev/null || { echo "$f: status $?"; bad=1; }
	done
	return $bad
}
quiet() {
	local name count rest bad=0
	while read -r name count rest; do
		[ "${count:-0}" = 0 ] || { echo "$name: $count, $rest"; bad=1; }
	done <"$1/violations"
	return $bad
}
for d in /sys/kernel/debug/xen-blkback/vbd-"$id"-* /sys/kernel/debug/xen-netback/vif"$id".*; do
	[ -e "$d/state" ] || continue
	check "debugfs of ${d##*/} can be read" readable "$d"
	check "no violation of ${d##*/} was counted" quiet "$d"
done
finish
