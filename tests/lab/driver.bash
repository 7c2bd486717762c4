# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of driver domains share. Sourced by them, after tests/lab/lib.sh:
#
#	. "$JOB/tests/lab/driver.bash"
#	driver_setup
#
# A driver domain is a guest that serves a disk and a network to other guests. Its disk xvdb comes from
# dom0, so what is on it outlives the driver domain. Its own NIC joins dom0's bridge to the one that it
# serves, ddbr0: its guests reach 10.77.0.1 in dom0, which outlives it, too. Devices come and go by xl in
# dom0, and by the stock hotplug scripts in the driver domain, which "xl devd" starts there.

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"

DRIVER_MB=96
# The number of its NIC in dom0's bridge, and its own address there.
DRIVER_N=20
# shellcheck disable=SC2034 # for the tests
DRIVER_ADDRESS=10.77.0.$DRIVER_N

# driver_setup: dom0's bridge, and $driver_disk, what the driver domain's xvdb is in dom0
driver_setup() {
	net_setup
	driver_disk=$(disk_make driver $DRIVER_MB --kind loop) || bail "backing disk"
}

# driver_start NAME [OPTION of guest_start...]: the driver domain, ready to serve.  An instance that does
# not run any more may still hold its disk, so each has a loop device of its own.
driver_start() {
	local name=$1 disk
	shift
	disk=$(losetup -f --show "/dev/shm/disk-driver") || return 1
	LAB_TYPE=${DRIVER_TYPE:-$LAB_TYPE} guest_start "$name" --disk "phy:$disk,xvdb,w" \
		--config 'driver_domain = 1' --append xenpv.load=xen-blkfront,xen-netfront \
		--config "vif = [ \"$(LAB_TYPE=${DRIVER_TYPE:-$LAB_TYPE} net_vif $DRIVER_N)\" ]" "$@" &&
		driver_ready "$name"
}

# driver_ready NAME: modules of $LAB_BACK, the bridge, devd.  In-tree netback hands a guest's own pages on,
# and an in-tree netfront cannot grant those to dom0: nothing beyond a packet's first bytes gets there.
# Whoever listens on the bridge makes the stack copy them.
driver_ready() {
	local get="modprobe \$m" tap=:
	if [ "$LAB_BACK" != ours ]; then
		get="insmod \$(find /lib/modules/\$(uname -r)/kernel -name \$m.ko)"
		tap='setsid tcpdump -i ddbr0 -s 64 -w /dev/null >/dev/null 2>&1 </dev/null &'
	fi
	guest_run "$1" -t 90 "$NET_IF
		mkdir -p /run/xen /var/log/xen /var/lib/xen
		rm -rf /var/run /var/lock; ln -s /run /var/run; ln -s /run/lock /var/lock
		for i in 0 1 2; do
			ln -sf /proc/self/fd/\$i /dev/\$(echo stdin stdout stderr | cut -d' ' -f\$((i + 1)))
		done
		for m in xen-blkback xen-netback; do $get || exit 1; done
		for i in \$(seq 200); do
			if=\$(net_if $(net_mac $DRIVER_N)) && [ -b /dev/xvdb ] && break
			sleep 0.1
		done
		[ -n \"\$if\" ] && [ -b /dev/xvdb ] || { echo 'no disk or no NIC'; exit 1; }
		modprobe bridge && ip link add ddbr0 type bridge stp_state 0 forward_delay 0 &&
			ip link set \$if up && ip link set \$if master ddbr0 && ip link set ddbr0 up &&
			ip addr add $DRIVER_ADDRESS/24 dev ddbr0 || exit 1
		setsid traffic serve >/dev/null 2>&1 </dev/null &
		$tap
		exit 0" && driver_devd "$1"
}

# driver_devd NAME: what runs the hotplug scripts there: xl's, or where xl cannot run, for want of
# privcmd, ours
driver_devd() {
	driver_devd_script | guest_file "$1" /run/devd &&
	guest_run "$1" -t 60 "modprobe -q xen-privcmd
		if [ -e /dev/xen/privcmd ]; then
			devd='/usr/lib/xen-4.17/bin/xl -vvv devd -F'
		else
			devd='bash /run/devd'
		fi
		PATH=\$PATH:/usr/lib/xen-4.17/bin setsid \$devd >/run/devd.log 2>&1 </dev/null &
		for i in \$(seq 100); do
			grep -q 'register.*backend' /run/devd.log && exit 0
			sleep 0.2
		done
		cat /run/devd.log; exit 1"
}

# driver_devd_script: the same scripts at the same moments as "xl devd"
driver_devd_script() {
	cat <<'END'
hotplug() { # FOLDER ACTION
	local kind guest devid script
	IFS=/ read -r _ kind guest devid <<<"$1"
	script=$(xenstore-read "$1/script") || return
	[ "$kind/$2" != vif/add ] || set -- "$1" online
	[ "$kind/$2" != vif/remove ] || set -- "$1" offline
	echo "$script $2 for $1"
	XENBUS_PATH=$1 XENBUS_BASE_PATH=backend XENBUS_TYPE=$kind vif=vif$guest.$devid \
		script=$script "$script" "$2" $([ "$kind" = vbd ] || echo type_if=vif)
	[ "$2" != remove ] && [ "$2" != offline ] || xenstore-rm "$1"
}
declare -A known
changed() { # FOLDER
	local state
	state=$(xenstore-read "$1/state" 2>/dev/null) || { unset "known[$1]"; return; }
	if [ "$state" = 2 ] && [ -z "${known[$1]:-}" ]; then
		known[$1]=1
		hotplug "$1" add
	elif [ "$state" = 6 ] && [ "$(xenstore-read "$1/online")" = 0 ] && [ -n "${known[$1]:-}" ]; then
		unset "known[$1]"
		hotplug "$1" remove
	fi
}
echo 'registered for backend'
# The first event is the folder itself: whatever is there already.
xenstore-watch backend | while IFS=/ read -r _ kind guest devid key more; do
	case "$devid/$key$more" in
	/) for d in $(xenstore-ls -f backend 2>/dev/null |
		sed -nE 's|^(.*/)?(backend/[^/]+/[^/]+/[^/]+)/state = .*|\2|p'); do changed "$d"; done ;;
	*/state | */online) changed "backend/$kind/$guest/$devid" ;;
	esac
done
END
}

# driver_log NAME: what devd said last
driver_log() { guest_run "$1" 'tail -n 30 /run/devd.log; cat /var/log/xen/xen-hotplug.log'; }

# driver_disk_line NAME [DEVICE]: the xl line of its disk, for a guest
driver_disk_line() { echo "phy:/dev/xvdb,${2:-xvdb},w,backend=$1"; }

# driver_vif_line NAME N: the xl line of a vif on its bridge
driver_vif_line() { echo "mac=$(net_mac "$2"),bridge=ddbr0,backend=$1"; }

# driver_back NAME GUEST KIND DEVID: the backend's folder
driver_back() { echo "/local/domain/$(guest_id "$1")/backend/$3/$(guest_id "$2")/$4"; }

# driver_guest NAME DRIVER N [OPTION of guest_start...]: a guest with xvdb and a NIC from the driver
# domain; its disk and dom0 can be reached
driver_guest() {
	local name=$1 dd=$2 n=$3
	shift 3
	guest_start "$name" --root ram --append xenpv.load=xen-blkfront,xen-netfront \
		--disk "$(driver_disk_line "$dd")" --config "vif = [ \"$(driver_vif_line "$dd" "$n")\" ]" "$@" &&
		disk_ready "$name" ,xvdb && net_up "$name" "$n"
}

# driver_kill NAME: destroy it
driver_kill() {
	guest_destroy "$1"
	driver_loops
}

# driver_loops: give back the loop devices that nobody holds
driver_loops() {
	local dev
	for dev in $(losetup -j /dev/shm/disk-driver | cut -d: -f1); do
		[ "$dev" = "$driver_disk" ] || grep -qx "$dev" <(xenstore-ls -f /local/domain/0/backend/vbd |
			sed -n 's/.*params = "\(.*\)"/\1/p') || losetup -d "$dev"
	done
}

# driver_crash NAME: its kernel panics; what becomes of it then, its on_crash says
driver_crash() {
	kmsg_expect 'sysrq triggered crash'
	kmsg_expect 'sysrq: Trigger a crash'
	guest_run "$1" -t 5 'echo c >/proc/sysrq-trigger' >/dev/null 2>&1
	return 0
}

# driver_gone NAME [SECONDS]: wait until it has gone by itself
driver_gone() {
	wait_for "${2:-60}" eval "! xl domid '$1'" || { echo "$1 is still there" >&2; return 1; }
	guest_forget "$1"
	driver_loops
}

# driver_pause NAME, driver_unpause NAME: it stands still, it goes on
driver_pause() { xl pause "$1"; }
driver_unpause() { xl unpause "$1"; }

# ---- traffic -----------------------------------------------------------------------

# driver_data NAME GUEST: what the guest writes dom0 has, and the other way round
driver_data() {
	local a b
	a=$(guest_run "$2" -t 120 'head -c 33554432 /dev/urandom >/run/data && sha256sum </run/data &&
		dd if=/run/data of=/dev/xvdb bs=256k oflag=direct conv=fsync 2>/dev/null; rm /run/data')
	guest_run "$1" 'blockdev --flushbufs /dev/xvdb'
	blockdev --flushbufs "$driver_disk"
	b=$(head -c 33554432 "$driver_disk" | sha256sum)
	[ "$a" = "$b" ] || { echo "the guest wrote '$a', dom0 has '$b'"; return 1; }
	head -c 33554432 /dev/urandom | dd of="$driver_disk" bs=1M conv=fsync,notrunc 2>/dev/null
	b=$(head -c 33554432 "$driver_disk" | sha256sum)
	guest_run "$1" 'blockdev --flushbufs /dev/xvdb'
	a=$(guest_run "$2" -t 120 'dd if=/dev/xvdb bs=64k count=512 iflag=direct 2>/dev/null | sha256sum')
	[ "$a" = "$b" ] || { echo "dom0 wrote '$b', the guest has '$a'"; return 1; }
}

# driver_fio GUEST DEVICE: blocks of every size with checksums
driver_fio() {
	guest_run "$1" -t 200 "fio --name=v --filename=/dev/$2 --rw=randrw --bsrange=512-256k --blockalign=512 \
		--size=24m --direct=1 --ioengine=libaio --iodepth=16 --verify=crc32c --verify_fatal=1 \
		--minimal >/run/fio.log 2>&1 || { cat /run/fio.log; exit 1; }"
}

# driver_serves NAME GUEST N: checks that disk and NIC number N of the guest carry every byte to every end
driver_serves() {
	check "bytes of the disk, both ways" driver_data "$1" "$2"
	check "fio verifies the disk" driver_fio "$2" xvdb
	check "the driver domain answers the guest" guest_run "$2" "ping -q -c 5 -i 0.2 -s 1400 $DRIVER_ADDRESS"
	check "TCP carries files to and from dom0" net_both_ways "$2" "$3" 4
	check "TCP carries files to the driver domain" net_send "$2" "$1" "$DRIVER_ADDRESS" 4
	check "TCP carries files from the driver domain" net_send "$1" "$2" "$(net_ip4 "$3")" 4
	check "datagrams of each size" guest_run "$2" -t 60 "traffic sizes $NET_DOM0_4 1 1472 17"
}

# driver_gone_from BASE: the backend's folder goes
driver_gone_from() {
	wait_for 60 eval "! xenstore-exists $1" && return 0
	echo "$1 stays"
	xenstore-ls "$1"
	return 1
}

# driver_second_disk NAME GUEST: a RAM disk of the driver domain comes, is used, and goes
driver_second_disk() {
	local base
	xl block-attach "$2" "phy:/dev/ram0,xvdc,w,backend=$1" || return 1
	disk_ready "$2" ,xvdc || return 1
	guest_run "$2" 'head -c 4194304 /dev/urandom >/run/data &&
		dd if=/run/data of=/dev/xvdc bs=64k oflag=direct 2>/dev/null &&
		dd if=/dev/xvdc bs=256k iflag=direct 2>/dev/null | cmp -n 4194304 - /run/data' || return 1
	base=$(driver_back "$1" "$2" vbd 51744)
	xl block-detach "$2" xvdc || return 1
	driver_gone_from "$base"
}

# driver_second_vif NAME GUEST: the same with a NIC
driver_second_vif() {
	local base
	xl network-attach "$2" "mac=$(net_mac 12)" bridge=ddbr0 "backend=$1" || return 1
	wait_for 60 net_if_of "$2" 12 || { echo "no interface in $2"; return 1; }
	base=$(driver_back "$1" "$2" vif 1)
	xenstore-exists "$base" || { echo "no $base"; return 1; }
	xl network-detach "$2" "$(net_mac 12)" || return 1
	driver_gone_from "$base"
}

# driver_attach_detach NAME GUEST TIMES: both, one after the other
driver_attach_detach() {
	local n
	guest_run "$1" '[ -b /dev/ram0 ] || modprobe brd rd_nr=1 rd_size=8192' || return 1
	for n in $(seq "$3"); do
		driver_second_disk "$1" "$2" || { echo "disk, at $n"; return 1; }
		driver_second_vif "$1" "$2" || { echo "vif, at $n"; return 1; }
	done
}
