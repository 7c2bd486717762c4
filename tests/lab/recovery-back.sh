# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: backend modules are reloaded while a guest works; guests die in every state
# why: an update of a backend must not need a reboot of every guest, and guests die every day
# expected: the guest sees a pause: no I/O error, no lost record, no lost byte of TCP; of a dead
#   guest no device, thread, interface, grant, event channel or store node remains
# argument: n=COUNT reloads; dead=busy+closing: only these ways to die, dead=0: none
# timeout: 1200

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=work.bash
. "$JOB/tests/lab/work.bash"
net_setup
# slow enough that requests are under way when the module goes
disk=$(disk_make work 64 --kind loop --delay 4) || bail "backing disk"

# ---- the modules go and come under a guest

connected() {
	[ "$(xenstore-read "/local/domain/0/backend/vbd/$(guest_id g1)/51728/state")" = 4 ] &&
		[ "$(xenstore-read "$(vif_back g1)/state")" = 4 ]
}
unloaded() { [ "$(loaded_is xen-blkback) $(loaded_is xen-netback)" = 'none none' ]; }
# No udev here: the script by hand, as docs/install.md tells the administrator.
load() {
	modprobe -a "$@" || return 1
	case "$*" in *xen-netback*) ;; *) return 0 ;; esac
	wait_for 20 test -e "/sys/class/net/$(vif_of g1)" || { echo "no vif"; return 1; }
	net_script online g1
}
recovered() {
	wait_for 60 connected || { echo "not connected"; xenstore-ls "/local/domain/0/backend"; return 1; }
	work_goes_on g1 60 && work_errors g1 && work_same g1
}
reload() { # PAUSE MODULE...
	local pause=$1
	shift
	check "$*: unload under the guest" modprobe -r "$@"
	sleep "$pause"
	check "$*: no error meanwhile" work_errors g1
	check "$*: load again" load "$@"
	check "$*: the guest goes on" recovered || {
		note "$(guest_run g1 'dmesg | tail -n 20')"
		note "$(grep -H . /sys/kernel/debug/xen-*back/*/{state,rings} 2>/dev/null | tail -n 30)"
	}
}

net_guest g1 11 --vcpus 2 --disk "phy:$disk,xvdb,w" || bail "guest starts"
work_start g1 xvdb 11 || bail "the guest begins to work"
check "the guest works" work_goes_on g1 30
note "$(guest_run g1 'cat /run/work.records /run/work.stream')"
for _ in $(seq "${LAB_ARG_n:-2}"); do
	reload 2 xen-blkback
	reload 2 xen-netback
done
check "both are away at once" eval 'modprobe -r xen-blkback xen-netback && unloaded'
reload 5 xen-blkback xen-netback
work_stop g1
check "guest shuts down" guest_stop g1
dead_how=${LAB_ARG_dead:-at-once+initialising+connecting+idle+busy+paused+crashed+closing+unserved}
[ "$dead_how" != 0 ] || exit 0

# ---- guests that die

# left ID: what is left of a domain in dom0; status 0 if something is
left() {
	ls -d /sys/bus/xen-backend/devices/*-"$1"-* /sys/class/net/"vif$1".* 2>/dev/null
	pgrep -al "^$1[.]"
	xenstore-ls -f /local/domain/0/backend | grep "/v[bi][df]/$1/[0-9]* ="
	losetup -j /dev/shm/disk-dead | while IFS=: read -r d _; do
		[ "$d" = "$dead" ] || echo "$d"
	done
} 2>/dev/null
nothing_left() { [ -z "$(left "$1")" ]; }

# dies HOW: a guest with work in hand, and what is done to it before it is destroyed
dies() {
	local id how=$1
	guest_start d1 --root ram --no-wait --append xenpv.load=xen-blkfront,xen-netfront \
		--disk "phy:$dead,xvdb,w" --config "vif = [ \"$(net_vif 12)\" ]" || return 1
	id=$(guest_id d1) || return 1
	[ "$(type -t "how_$how")" = function ] || { echo "no how_$how"; return 1; }
	"how_$how" "$id" || { guest_destroy d1; return 1; }
	guest_destroy d1
	modprobe -a xen-blkback xen-netback || return 1
	wait_for 30 nothing_left "$id" || { left "$id"; return 1; }
}
vbd_is() { [ "$(xenstore-read "/local/domain/0/backend/vbd/$1/51728/state")" = "$2" ]; }
front_is() { [ "$(xenstore-read "/local/domain/$1/device/vbd/51728/state")" = "$2" ]; }
up() {
	guest_wait d1 120 && wait_for 30 vbd_is "$1" 4 && net_up d1 12
}
busy() {
	up "$1" && guest_run d1 'setsid fio --name=b --filename=/dev/xvdb --size=32m --bsrange=4k-256k --rw=randrw \
		--direct=1 --ioengine=libaio --iodepth=16 --time_based --runtime=100 >/dev/null 2>&1 </dev/null &
		setsid traffic flood 10.77.0.1 1400 100 >/dev/null 2>&1 </dev/null &
		sleep 2'
}
how_at-once() { wait_for 10 vbd_is "$1" 2; }
how_initialising() { wait_for 60 front_is "$1" 3 || front_is "$1" 4; }
how_connecting() { wait_for 60 vbd_is "$1" 4; }
how_idle() { up "$1"; }
how_busy() { busy "$1"; }
how_paused() { busy "$1" && xl pause d1; }
how_crashed() { busy "$1" && guest_run d1 -t 5 'echo c >/proc/sysrq-trigger' >/dev/null 2>&1; sleep 1; }
# The disk is in use, so that the frontend stays in Closing and xl waits.
how_closing() {
	up "$1" && guest_run d1 'mkfs.ext4 -q /dev/xvdb && mount /dev/xvdb /mnt' || return 1
	timeout 30 xl block-detach d1 xvdb >/dev/null 2>&1 &
	timeout 30 xl network-detach d1 0 >/dev/null 2>&1 &
	wait_for 10 eval "vbd_is $1 5 || vbd_is $1 6"
}
how_unserved() { busy "$1" && modprobe -r xen-blkback xen-netback && unloaded; }

kmsg_expect 'sysrq'
kmsg_expect 'EXT4-fs|JBD2|Buffer I/O|I/O error'
dead=$(disk_make dead 64 --kind loop) || bail "backing disk"
check "a guest that dies: first of all" dies busy
leak_snapshot /run/before
for how in ${dead_how//+/ }; do
	check "a guest that dies: $how" dies "$how" || note "$(xenstore-ls /local/domain/0/backend; dmesg | tail -n 20)"
done
sleep 3
leak_snapshot /run/after
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after
check "the backing disk is free" losetup -d "$dead"
check "the modules unload" eval 'modprobe -r xen-blkback xen-netback && unloaded'
modprobe -a xen-blkback xen-netback
