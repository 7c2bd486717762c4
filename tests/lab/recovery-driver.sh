# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a driver domain dies, hangs, is replaced or reloads its modules while its guest works
# why: Xen promises that a driver domain can be restarted without harm to other domains
# expected: the guest sees a pause: no I/O error, no acknowledged record lost, no byte of a TCP connection
#   lost, same disk, mount and addresses; nothing leaks
#   (front=intree: what happens is told, not judged)
# arguments: way=WAY+WAY of reload pause destroy crash preserve hung paused-guest twice: only those;
#   n=COUNT times each
# needs: reattach
# timeout: 2400

# shellcheck source=driver.bash
. "$JOB/tests/lab/driver.bash"
# shellcheck source=work.bash
. "$JOB/tests/lab/work.bash"
tool=$JOB/bin/xenpv-reattach
nr=0 dd='' old=''

# next [OPTION of guest_start...]: another instance, $dd; the one before is $old
next() {
	old=$dd nr=$((nr + 1)) dd=dd$nr
	# its initramfs holds the modules of its own frontends' kind, and no others
	driver_start "$dd" --front "$LAB_BACK" "$@" || { note "$(driver_log "$dd")"; return 1; }
	# unused persistent grants would look like a leak
	guest_run "$dd" 'echo 5 >/sys/module/xen_blkback/parameters/persistent_grant_unused_seconds; exit 0'
}
now() { date +%s%3N; }

# back_state KIND DEVID: the state of g1's backend in $dd
back_state() { xenstore-read "$(driver_back "$dd" g1 "$1" "$2")/state" 2>/dev/null; }
connected() { [ "$(back_state vbd 51728)$(back_state vif 0)" = 44 ]; }

# recovered SECONDS: both devices connected, the work goes on; the times to the reader
recovered() {
	local line rc
	wait_for "$1" connected || {
		echo "backends: vbd $(back_state vbd 51728) vif $(back_state vif 0)"
		xenstore-ls "/local/domain/$(guest_id g1)/device"
		guest_run g1 'dmesg | tail -n 20'
		driver_log "$dd"
		return 1
	}
	now >/run/connected
	line=$(work_goes_on g1 120)
	rc=$?
	now >/run/works
	echo "$line"
	[ $rc = 0 ] && work_errors g1 && work_same g1
}

# times WAY: for the reader
times() {
	note "$1: gone at 0, another called at $((t_called - t_gone)) ms, connected at $(($(cat /run/connected) - t_gone)) ms," \
		"all at work by $(($(cat /run/works) - t_gone)) ms"
}

# replaced WAY [OPTION of the tool...]: point the devices at $dd, and the guest goes on
replaced() {
	local way=$1
	shift
	t_called=$(now)
	check "$way: the devices are pointed at $dd" "$tool" --to "$dd" "$@"
	check "$way: the guest goes on" recovered 90 || { evidence; return 1; }
	times "$way"
}

# evidence: what to look at when it does not
evidence() {
	note "$(guest_run g1 'dmesg | tail -n 25; grep -H . /sys/kernel/debug/xen-*front/*/state 2>/dev/null | tail -n 40')"
	note "$(guest_run "$dd" 'dmesg | tail -n 15')"
	note "$(xenstore-ls "/local/domain/$(guest_id g1)/device")"
}

way_destroy() {
	t_gone=$(now)
	driver_kill "$dd"
	next || bail "$way: another driver domain starts"
	replaced "$way"
}

way_crash() {
	t_gone=$(now)
	driver_crash "$dd"
	check "$way: it is gone" driver_gone "$dd"
	next || bail "$way: another driver domain starts"
	replaced "$way"
}

crashed() { xl list "$dd" | awk 'NR == 2 { exit $5 !~ /c/ }'; }

# Its pages stay mapped until it is destroyed, which happens while the guest is at work again.
way_preserve() {
	local id
	id=$(guest_id "$dd")
	check "$way: it will be kept" wait_for 10 kept "$dd" || return
	t_gone=$(now)
	driver_crash "$dd"
	check "$way: it has crashed and is kept" wait_for 30 crashed
	next || bail "$way: another driver domain starts"
	replaced "$way" --from "$id" --force
	driver_kill "$old"
	check "$way: the guest goes on when it is destroyed" work_goes_on g1 60
}

# It must not run again once it is replaced: it would write what it has in hand.
way_hung() {
	local id
	id=$(guest_id "$dd")
	t_gone=$(now)
	driver_pause "$dd"
	next || bail "$way: another driver domain starts"
	replaced "$way" --from "$id" --force
	driver_kill "$old"
	check "$way: the guest goes on when it is destroyed" work_goes_on g1 60
}

way_pause() {
	t_gone=$(now)
	driver_pause "$dd"
	sleep 20
	check "$way: no error meanwhile" work_errors g1
	t_called=$(now)
	driver_unpause "$dd"
	check "$way: the guest goes on" recovered 90 || { evidence; return; }
	times "$way"
}

# As an administrator does it; udev runs the script for the new vif.
way_reload() {
	check "$way: udev in the driver domain" udev_there
	t_gone=$(now)
	check "$way: modules unloaded with a guest" guest_run "$dd" \
		'modprobe -r xen-blkback xen-netback && [ ! -e /sys/module/xen_blkback ] && [ ! -e /sys/module/xen_netback ]'
	sleep 2
	check "$way: no error meanwhile" work_errors g1
	t_called=$(now)
	check "$way: modules loaded" guest_run "$dd" '
		modprobe xen-blkback persistent_grant_unused_seconds=5 && modprobe xen-netback'
	check "$way: the guest goes on" recovered 90 || { evidence; return; }
	times "$way"
}

way_paused-guest() {
	# It will be away for as long as RCU takes for a stall.
	guest_run g1 'echo 120 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout'
	xl pause g1
	t_gone=$(now)
	driver_kill "$dd"
	next || bail "$way: another driver domain starts"
	t_called=$(now)
	check "$way: the devices are pointed at $dd" "$tool" --to "$dd"
	sleep 1
	xl unpause g1
	check "$way: the guest goes on" recovered 90 || { evidence; return; }
	times "$way"
}

# The second one is up already, so that the guest is hardly connected to the first.
way_twice() {
	next || bail "$way: another driver domain starts"
	local first=$old second=$dd
	next || bail "$way: a third driver domain starts"
	t_gone=$(now)
	driver_kill "$first"
	check "$way: the devices are pointed at $second" "$tool" --to "$second"
	driver_kill "$second"
	replaced "$way"
}

# A driver domain without a service manager has no udev: only the rule under test.
udev_there() {
	guest_run "$dd" 'mkdir -p /etc/udev/rules.d; rm -rf /lib/udev/rules.d /usr/lib/udev/rules.d' &&
		guest_file "$dd" /etc/udev/rules.d/60-xenpv-vif.rules <"$JOB/tools/60-xenpv-vif.rules" &&
		guest_run "$dd" 'pgrep systemd-udevd || /lib/systemd/systemd-udevd --daemon
			for i in $(seq 50); do udevadm control --ping && exit 0; sleep 0.1; done; exit 1'
}

# kept NAME: on_crash="preserve" for a domain that runs: the process of xl that would destroy it goes
kept() {
	pkill -f "xl create .*/$1/xl.cfg"
	! pgrep -f "xl create .*/$1/xl.cfg"
}

# ---- the in-tree frontends, for comparison: nothing is judged

# told WAY: what became of the guest, and of what it had been told is on the disk
told() {
	note "$1: $(work_goes_on g1 60 | grep -v '^3;')"
	note "$1: $(guest_run g1 -t 20 'for f in /run/work.*.rc; do [ ! -e $f ] || echo "$f $(cat $f)"; done
		cat /run/work.records /run/work.stream; ls /sys/block /sys/class/net | tr "\n" " "; dmesg | tail -n 12')"
	note "$1: $(xenstore-ls -f "/local/domain/$(guest_id g1)/device" | grep -E '/(state|backend-id) ')"
	guest_run g1 'cat /run/work.records' >/run/acknowledged
	guest_destroy g1
	guest_destroy "$dd"
	driver_loops
	note "$1: $(on_disk)"
	ok "$1 is told"
}
# on_disk: in a copy, for the journal is replayed
on_disk() {
	cp /dev/shm/disk-driver /dev/shm/copy && mkdir -p /run/copy &&
		mount -o loop /dev/shm/copy /run/copy || return 1
	records check /run/copy/records /run/acknowledged 2>&1
	umount /run/copy
	rm /dev/shm/copy
}
# begin: a driver domain with the backends that were asked for, and a guest at work
begin() {
	next && driver_guest g1 "$dd" 11 --vcpus 2 && work_start g1 xvdb 11 &&
		work_goes_on g1 30 && return 0
	driver_log "$dd"
	return 1
}
compare() {
	kmsg_expect 'I/O error|EXT4-fs|JBD2|Aborting journal|Buffer I/O|NETDEV WATCHDOG|WARNING: .*dev_watchdog|blocked for more than|grant'
	begin >&2 || bail "guest works"
	udev_there || bail "udev in the driver domain"
	note "reload: $(guest_run "$dd" 'for m in xen-blkback xen-netback; do
			modprobe -r $m; echo "unloading $m ends with $?"; done
		sleep 2; modprobe -a xen-blkback xen-netback' 2>&1)"
	told reload
	begin >&2 || bail "guest works"
	driver_kill "$dd"
	next && "$tool" --to "$dd"
	told destroy
}

# ---- all of it

driver_setup
[ "$LAB_FRONT" = ours ] || { compare; exit 0; }
begin >&2 || bail "the guest works"
ok "the guest works"
# A first pass, and then quiet: what the frontend keeps for later is there.
work_stop g1
sleep 20
leak_snapshot /run/before g1
work_start g1 xvdb 11 || bail "the guest begins to work"
check "the guest works again" work_goes_on g1 30

# what hangs is noticed by the kernel, too
kmsg_expect 'vif-0 eth0: NETDEV WATCHDOG'
ways=${LAB_ARG_way:-reload+pause+destroy+crash+preserve+hung+paused-guest+twice}
for way in ${ways//+/ }; do
	for _ in $(seq "${LAB_ARG_n:-1}"); do "way_$way"; done
done
work_stop g1
sleep 20
leak_snapshot /run/after g1
note "$(paste -d' ' /run/before <(cut -d' ' -f2 /run/after))"
check "nothing leaked" leak_check /run/before /run/after
note "disk: $(guest_run g1 'cat /sys/kernel/debug/xen-blkfront/*/counters' | tr '\n' ' ')"
note "NIC: $(guest_run g1 'cat /sys/kernel/debug/xen-netfront/*/counters' | tr '\n' ' ')"
check "guest shuts down" guest_stop g1
check "driver domain shuts down" guest_stop "$dd"
