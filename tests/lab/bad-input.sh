# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: missing, invalid and absurd keys in xenstore, written by hand
# why: toolstacks and other systems' drivers have bugs; the message must name the key
# expected: the store's error node and the kernel's log name the key; the device is closed, works
#   again with valid keys, and the modules can be unloaded afterwards
# timeout: 400

disk=$(disk_make bad 32) || bail "backing disk"
good=$(disk_make good 32) || bail "backing disk"
guest_start g1 --root ram || bail "guest starts"
id=$(guest_id g1)
dev=51744 # xvdc
front=/local/domain/$id/device/vbd/$dev
kmsg_expect "vbd(-$id)?-$dev|/$dev"

state() { xenstore-read "$1/state" 2>/dev/null; }
state_is() { # DIR STATE...
	local dir=$1 s
	shift
	for s in "$@"; do [ "$(state "$dir")" != "$s" ] || return 0; done
	return 1
}
error_text() { xenstore-read "$1/error" 2>/dev/null; }

# refused TEXT WHERE KEY DIR LOG: an error node that names KEY, DIR's owner closes, and LOG (a
# command that prints a kernel log) names KEY, too
refused() {
	local text=$1 where=$2 key=$3 dir=$4 log=$5 e
	if ! wait_for 20 eval "[ -n \"\$(error_text $where)\" ]"; then
		not_ok "$text" "no error node; state $(state "$dir")"
	elif e=$(error_text "$where"); ! grep -q -- "$key" <<<"$e"; then
		not_ok "$text" "the text does not name $key: $e"
	elif ! wait_for 20 state_is "$dir" 5 6; then
		not_ok "$text" "state $(state "$dir") with '$e'"
	elif ! wait_for 5 eval "$log | grep -q -- 'vbd.*$key'"; then
		not_ok "$text" "nothing in the kernel's log of: $e"
	else
		echo "$e"
		ok "$text"
	fi
}

# ---- a frontend by hand against our backend ---------------------------------------

back=/local/domain/0/backend/vbd/$id/$dev
back_error=/local/domain/0/error/backend/vbd/$id/$dev
if [ "$LAB_BACK" != ours ]; then
	skip "a frontend's keys" "needs our xen-blkback"
else
	check "no driver in the guest" guest_run g1 'rmmod xen-blkfront &&
		echo 0 >/sys/bus/xen/drivers_autoprobe' || exit 1
	check "attach" xl block-attach g1 "phy:$disk,xvdc,w" || exit 1
	check "backend waits" wait_for 20 state_is "$back" 2
fi

# Back to where the backend waits for a frontend; not so fast that its log leaves texts out.
again() {
	local key
	sleep 0.5
	for key in 5 6 1; do
		xenstore-write "$front/state" $key
		case $key in
		5) wait_for 10 state_is "$back" 5 6 ;;
		6) wait_for 10 state_is "$back" 6 ;;
		1) wait_for 10 state_is "$back" 2 ;;
		esac || { not_ok "again" "frontend $key, backend $(state "$back")"; return 1; }
	done
	for key in ring-ref ring-ref0 ring-ref1 ring-page-order num-ring-pages event-channel \
		multi-queue-num-queues protocol feature-persistent queue-0 queue-1; do
		xenstore-rm "$front/$key" 2>/dev/null
	done
	xenstore-rm "$back_error" 2>/dev/null
	: # nothing to remove is fine
}

# front_says TEXT KEY NODE=VALUE...: KEY is what the message has to name
front_says() {
	local text=$1 key=$2 nv
	shift 2
	# -- because a value may begin with a minus
	for nv in "$@"; do xenstore-write -- "$front/${nv%%=*}" "${nv#*=}"; done
	kmsg_before=$(dmesg | wc -l)
	xenstore-write "$front/state" 3
	refused "frontend: $text" "$back_error" "$key" "$back" \
		"dmesg | tail -n +$((kmsg_before + 1))"
	again
}

if [ "$LAB_BACK" = ours ]; then
	# neither granted nor allocated in a guest that has no frontends
	r=ring-ref=9000 e=event-channel=900
	front_says "nothing written" ring-ref
	front_says "no ring-ref" ring-ref $e
	front_says "no event-channel" event-channel $r
	front_says "ring-ref is a word" ring-ref ring-ref=word $e
	front_says "ring-ref is empty" ring-ref ring-ref= $e
	front_says "ring-ref of 2^32" ring-ref ring-ref=4294967296 $e
	front_says "ring-ref nobody granted" 9000 $r $e
	front_says "event-channel is a word" event-channel $r event-channel=word
	front_says "event-channel 0" event-channel $r event-channel=0
	front_says "ring-page-order 5" ring-page-order $r $e ring-page-order=5
	front_says "ring-page-order 31" ring-page-order $r $e ring-page-order=31
	front_says "ring-page-order -1" ring-page-order $r $e ring-page-order=-1
	front_says "ring-page-order 1 without ring-ref0" ring-ref0 $r $e ring-page-order=1
	front_says "num-ring-pages 3" num-ring-pages $r $e num-ring-pages=3
	front_says "num-ring-pages 2^31" num-ring-pages $r $e num-ring-pages=2147483648
	front_says "no queues" multi-queue-num-queues $r $e multi-queue-num-queues=0
	front_says "2^32 - 1 queues" multi-queue-num-queues $r $e \
		multi-queue-num-queues=4294967295
	front_says "queues in words" multi-queue-num-queues $r $e multi-queue-num-queues=two
	front_says "no queue-0" queue-0 multi-queue-num-queues=2
	front_says "an unknown protocol" protocol $r $e protocol=vax-abi
	front_says "feature-persistent is a word" feature-persistent $r $e \
		feature-persistent=perhaps
	# the bus holds a reference on the driver of every device it has bound
	check "unbound, the backend unloads with the device there" eval \
		'echo vbd-$id-$dev >/sys/bus/xen-backend/drivers/vbd/unbind && rmmod_backend'
	check "and loads" backend ours
	check "a new backend waits" wait_for 20 state_is "$back" 2
	check "the guest's driver is back" guest_run g1 'echo 1 >/sys/bus/xen/drivers_autoprobe
		modprobe xen-blkfront'
	check "the same device works after all that" guest_run g1 -t 60 '
		for i in $(seq 200); do
			[ -b /dev/xvdc ] && [ $(blockdev --getsz /dev/xvdc) -gt 0 ] && break
			sleep 0.1
		done
		dd if=/dev/urandom of=/tmp/r bs=64k count=16 2>/dev/null
		dd if=/tmp/r of=/dev/xvdc bs=64k oflag=direct 2>/dev/null
		cmp -n 1048576 /tmp/r /dev/xvdc'
	check "detach" disk_detach g1 xvdc
fi

# ---- a backend's own keys ----------------------------------------------------------

# back_own TEXT KEY NODE=VALUE...: a backend whose toolstack writes such keys
back_own() {
	local text=$1 key=$2 nv
	shift 2
	xenstore-rm "$back_error" 2>/dev/null
	xenstore-write "$front/backend" "$back" "$front/backend-id" 0 "$front/state" 1
	xenstore-chmod -r "$front" "n$id" r0
	xenstore-write "$back/frontend" "$front" "$back/frontend-id" "$id" "$back/online" 1 \
		"$back/mode" w "$back/dev" xvdc
	xenstore-chmod -r "$back" n0 "r$id"
	kmsg_before=$(dmesg | wc -l)
	xenstore-write "$back/state" 1
	wait_for 10 state_is "$back" 2 5 6
	for nv in "$@"; do xenstore-write -- "$back/${nv%%=*}" "${nv#*=}"; done
	refused "backend: $text" "$back_error" "$key" "$back" \
		"dmesg | tail -n +$((kmsg_before + 1))"
	xenstore-rm "$back"
	xenstore-rm "$front"
	sleep 0.5
}

if [ "$LAB_BACK" = ours ]; then
	guest_run g1 'echo 0 >/sys/bus/xen/drivers_autoprobe'
	back_own "physical-device is a word" physical-device physical-device=disk
	back_own "physical-device has no minor" physical-device physical-device=fe
	back_own "physical-device too large" physical-device physical-device=ffffffff:0
	back_own "physical-device does not exist" physical-device physical-device=abc:1
	guest_run g1 'echo 1 >/sys/bus/xen/drivers_autoprobe'
fi

# ---- a backend by hand against our frontend ----------------------------------------

hand=/local/domain/0/backend/byhand/$id/$dev
front_error=/local/domain/$id/error/device/vbd/$dev
glog=''

hand_make() { # NODE=VALUE...: up to InitWait, with those keys
	local nv
	xenstore-rm "$front_error" 2>/dev/null
	glog="guest_run g1 'dmesg | tail -n +$(guest_run g1 'dmesg | wc -l')'"
	xenstore-write "$hand/frontend" "$front" "$hand/frontend-id" "$id" "$hand/online" 1
	for nv in "$@"; do xenstore-write -- "$hand/${nv%%=*}" "${nv#*=}"; done
	xenstore-write "$hand/state" 2
	xenstore-chmod -r "$hand" n0 "r$id"
	xenstore-write "$front/backend" "$hand" "$front/backend-id" 0 \
		"$front/device-type" disk
	[ -z "${HAND_VDEV-$dev}" ] || xenstore-write "$front/virtual-device" "${HAND_VDEV-$dev}"
	xenstore-chmod -r "$front" "n$id" r0
	xenstore-write "$front/state" 1
	xenstore-chmod "$front/state" "n$id" r0
}

hand_remove() {
	xenstore-write "$hand/online" 0 "$hand/state" 5
	# One that was refused at its probe has no driver to say any more.
	wait_for 10 state_is "$front" 6 || echo "frontend stays at $(state "$front")"
	xenstore-write "$hand/state" 6
	xenstore-rm "$front"
	xenstore-rm "$hand"
	wait_for 20 guest_run g1 "! [ -e /sys/bus/xen/devices/vbd-$dev ]" ||
		not_ok "the guest gives the device up"
}

# back_says TEXT KEY NODE=VALUE...: keys of a backend that is Connected
back_says() {
	local text=$1 key=$2 nv
	shift 2
	hand_make
	if ! wait_for 20 state_is "$front" 3; then
		not_ok "backend by hand: $text" "frontend is at $(state "$front")"
		hand_remove
		return
	fi
	xenstore-write "$hand/sectors" 65536 "$hand/sector-size" 512 "$hand/info" 0
	for nv in "$@"; do
		case $nv in
		*=*) xenstore-write -- "$hand/${nv%%=*}" "${nv#*=}" ;;
		*) xenstore-rm "$hand/$nv" ;;
		esac
	done
	xenstore-write "$hand/state" 4
	refused "backend by hand: $text" "$front_error" "$key" "$front" "$glog"
	hand_remove
}

# back_offers TEXT NODE=VALUE...: keys that must not keep the frontend from answering
back_offers() {
	local text=$1
	shift
	hand_make "$@"
	check "backend by hand: $text" wait_for 20 state_is "$front" 3
	hand_remove
}

# probe_refused TEXT KEY: the bus writes its own line over the error node when a probe
# fails, so that only the log has the key
probe_refused() {
	wait_for 20 state_is "$front" 5 6 || { not_ok "$1" "state $(state "$front")"; return; }
	check "$1" wait_for 5 eval "$glog | grep -q 'vbd.*$2'"
}

if [ "$LAB_FRONT" = ours ]; then
	back_says "sector-size 0" sector-size sector-size=0
	back_says "sector-size 1" sector-size sector-size=1
	back_says "sector-size 66048" sector-size sector-size=66048
	back_says "sector-size 2^32" sector-size sector-size=4294967296
	back_says "sector-size is a word" sector-size sector-size=big
	back_says "no sectors" sectors sectors
	back_says "sectors is a word" sectors sectors=many
	back_says "sectors 2^64 - 1" sectors sectors=18446744073709551615
	back_says "info is a word" info info=none
	back_offers "no keys at all"
	back_offers "no queues offered" multi-queue-max-queues=0
	back_offers "2^32 - 1 queues offered" multi-queue-max-queues=4294967295
	back_offers "queues in words" multi-queue-max-queues=two
	back_offers "ring order 31 offered" max-ring-page-order=31
	back_offers "ring order 2^32 - 1 offered" max-ring-page-order=4294967295
	back_offers "0 ring pages offered" max-ring-pages=0
	HAND_VDEV='' hand_make
	probe_refused "frontend's own: no virtual-device" virtual-device
	hand_remove
	HAND_VDEV=word hand_make
	probe_refused "frontend's own: virtual-device is a word" virtual-device
	hand_remove
	check "the frontend unloads" guest_run g1 -t 60 'rmmod xen-blkfront'
	check "and loads" guest_run g1 'modprobe xen-blkfront'
else
	skip "a backend's keys" "needs our xen-blkfront"
fi

check "an ordinary disk works at the end" eval "
	disk_attach g1 'phy:$good,xvdc,w' &&
	guest_run g1 'dd if=/dev/urandom of=/tmp/r bs=64k count=16 2>/dev/null
		dd if=/tmp/r of=/dev/xvdc bs=64k oflag=direct 2>/dev/null
		cmp -n 1048576 /tmp/r /dev/xvdc' && disk_detach g1 xvdc"
check "guest shuts down" guest_stop g1
check "the backend unloads" rmmod_backend
backend "$LAB_BACK"
