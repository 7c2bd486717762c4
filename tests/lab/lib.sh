# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Library of the lab's tests, sourced in dom0 before each of them.  A test is a
# file tests/lab/NAME.sh of plain bash; docs/lab-tests.md describes every function.
#
# Kept in the environment: LAB_GUEST LAB_FRONT LAB_BACK LAB_TYPE LAB_VCPUS (what
# this run is about), JOB (the host's files, read only), OUT (logs).

set -u
LAB_STATE=/run/lab
GUESTS=$LAB_STATE/guests
KMSG_ALLOW=$JOB/tests/lab/kmsg-allow
# shellcheck source=hvm.bash
. "$JOB/tests/lab/hvm.bash"

# ---- results -------------------------------------------------------------------

lab_result() { # ok|not ok, text
	local n
	exec 7>"$LAB_STATE/count.lock"
	flock 7
	n=$(($(cat "$LAB_STATE/count") + 1))
	echo "$n" >"$LAB_STATE/count"
	printf '%s %d %s\n' "$1" "$n" "$2" >&3
	exec 7>&-
	echo "== $1 $n $2 ($(cut -d' ' -f1 /proc/uptime) s)"
	echo "$1" >>"$LAB_STATE/results"
}

# ok TEXT / not_ok TEXT [REASON] / skip TEXT REASON: one result each
ok() { lab_result ok "$LAB_SPEC/$1"; }
not_ok() { lab_result "not ok" "$LAB_SPEC/$1${2:+ # $2}"; }
skip() { lab_result ok "$LAB_SPEC/$1 # SKIP ${2:-}"; }

# note TEXT: a line of explanation to the one who reads the result
# (The port can be opened only once, so no /dev/fd/3.)
note() {
	local text
	text=$(printf '%s\n' "$*" | sed 's/^/# /')
	printf '%s\n' "$text" >&3
	printf '%s\n' "$text"
}

# bail TEXT [REASON]: a failed result, and the test ends here
bail() {
	not_ok "$@"
	exit 1
}

# check TEXT COMMAND...: ok or not_ok by the command's status; its output goes to
# the log, and on failure to the reader
check() {
	local text=$1 out rc
	shift
	out=$("$@" 2>&1)
	rc=$?
	[ -z "$out" ] || printf '%s\n' "$out"
	if [ $rc -eq 0 ]; then
		ok "$text"
		return 0
	fi
	[ -z "$out" ] || note "$(tail -n 12 <<<"$out")"
	not_ok "$text" "status $rc"
	return 1
}

# is TEXT GOT WANTED: ok if the strings are the same
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', wanted '$3'"
		return 1
	fi
}

# patience SECONDS: that limit for a wait on this run's machine: longer where dom0's clock is that of
# the host, which may be slow or busy, and does not go by instructions
patience() { echo $(($1 * ${LAB_PATIENCE:-1})); }

# wait_for SECONDS COMMAND...: until it succeeds; status 1 when it never did
wait_for() {
	local end=$((SECONDS + $(patience "$1")))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# ---- modules -------------------------------------------------------------------

# backend ours|intree [PARAM=VALUE...]: load that xen-blkback; no guest may run
backend() {
	local which=$1 file
	shift
	if [ "$which" = none ] || [ -d /sys/module/xen_blkback ]; then
		# the device of a guest just gone may hold it a moment longer
		wait_for 20 rmmod_backend || { echo "xen-blkback stays loaded" >&2; return 1; }
	fi
	[ "$which" != none ] || return 0
	file=$(module_file xen-blkback "$which") || return 1
	if [ "$which" = ours ]; then
		modprobe xen-blkback "$@" || return 1
	else
		insmod "$file" "$@" || return 1
	fi
	[ "$(loaded_is xen-blkback)" = "$which" ] ||
		{ echo "xen-blkback loaded is $(loaded_is xen-blkback), not $which" >&2; return 1; }
}

# backend_queues xen_blkback|xen_netback NR: new devices are offered so many, not one for each processor
# of dom0; prints how many it was before
backend_queues() {
	local param=/sys/module/$1/parameters/max_queues
	cat "$param"
	echo "$2" >"$param"
}

rmmod_backend() {
	[ -d /sys/module/xen_blkback ] || return 0
	modprobe -r xen-blkback 2>/dev/null || rmmod xen-blkback
}

# module_file NAME ours|intree: path of the file in dom0
module_file() {
	local dir
	dir=/lib/modules/$(uname -r)
	case $2 in
	ours) find "$dir/updates" -name "$1.ko" ;;
	*) find "$dir/kernel" -name "$1.ko" ;;
	esac | grep -m 1 . || { echo "no $2 $1 in $dir" >&2; return 1; }
}

# loaded_is NAME: ours, intree or none.  Ours has a version and a source checksum;
# the kernel's own has neither, for Debian builds without them.
LOADED_IS='
loaded_is() {
	local d=/sys/module/${1//-/_} file
	[ -d "$d" ] || { echo none; return; }
	file=$(find "/lib/modules/$(uname -r)/updates" -name "$1.ko" 2>/dev/null | head -n 1)
	if [ -e "$d/srcversion" ] && [ -n "$file" ] &&
	   [ "$(cat "$d/srcversion")" = "$(modinfo -F srcversion "$file")" ]; then
		echo ours
	elif [ -e "$d/srcversion" ] || [ -e "$d/version" ]; then
		echo unknown
	else
		echo intree
	fi
}'
eval "$LOADED_IS"

# guest_loaded_is GUEST NAME: the same question in a guest
guest_loaded_is() { guest_run "$1" "$LOADED_IS
loaded_is $2"; }

# ---- disks ---------------------------------------------------------------------

# An LVM command that makes its device nodes itself, for there is no udev here.
disk_lvm() {
	"$1" --config 'activation { udev_sync=0 udev_rules=0 }' "${@:2}" >&2 3>&-
}

# disk_make NAME MEGABYTES [--sector N] [--kind null|loop|brd|lvm|file] [--no-discard] [--cache]
#   [--delay MS]
# prints the device (or file) that backs a new disk; all of them go away with the test.
# null: null_blk in memory, any sector size, discard.  brd: RAM disk, one for each
# call.  loop: on a file in memory.  lvm: a volume in a group on a loop device.
# --cache: a write cache, of null only.  --delay: each request ends so many milliseconds later, from an interrupt: null by a
# timer of null_blk, the others below dm-delay.
disk_make() {
	local name=$1 mb=$2 sector=512 kind=null discard=1 cache=0 delay=0 dir dev file
	shift 2
	while [ $# -gt 0 ]; do
		case $1 in
		--sector) sector=$2; shift ;;
		--kind) kind=$2; shift ;;
		--no-discard) discard=0 ;;
		--cache) cache=8 ;;
		--delay) delay=$2; shift ;;
		esac
		shift
	done
	case $kind in
	null)
		modprobe null_blk nr_devices=0 || return 1
		dir=/sys/kernel/config/nullb/$name
		mkdir "$dir" || return 1
		echo "$mb" >"$dir/size"
		echo "$sector" >"$dir/blocksize"
		echo 1 >"$dir/memory_backed"
		echo "$discard" >"$dir/discard"
		echo "$cache" >"$dir/cache_size"
		echo 2 >"$dir/submit_queues" 2>/dev/null
		if [ "$delay" != 0 ]; then
			echo 2 >"$dir/irqmode" && echo $((delay * 1000000)) >"$dir/completion_nsec" ||
				return 1
			delay=0
		fi
		echo 1 >"$dir/power" || return 1
		dev=/dev/nullb$(cat "$dir/index")
		[ -b "$dev" ] || dev=/dev/$name
		;;
	brd)
		# brd makes its disks when it is loaded, all of one size
		[ -d /sys/module/brd ] || modprobe brd rd_nr=4 rd_size=$((mb * 1024)) || return 1
		dev=/dev/ram$(cat "$LAB_STATE/brd" 2>/dev/null || echo 0)
		echo $((${dev#/dev/ram} + 1)) >"$LAB_STATE/brd"
		;;
	file | loop | lvm)
		file=/dev/shm/disk-$name
		truncate -s "${mb}M" "$file" || return 1
		dev=$file
		[ "$kind" = file ] || dev=$(losetup -f --show -b "$sector" "$file") || return 1
		if [ "$kind" = lvm ]; then
			disk_lvm vgcreate -q "lab-$name" "$dev" &&
				disk_lvm lvcreate -q -y -Wn -Zn -l 100%FREE -n disk "lab-$name" || return 1
			dev=/dev/lab-$name/disk
		fi
		;;
	esac
	[ -e "$dev" ] || { echo "no $dev" >&2; return 1; }
	echo "$kind $name" >>"$LAB_STATE/disks"
	if [ "$delay" != 0 ]; then
		disk_map "slow-$name" "0 $(blockdev --getsz "$dev") delay $dev 0 $delay" || return 1
		dev=/dev/mapper/slow-$name
	fi
	echo "$dev"
}

# disk_map NAME TABLE: a device-mapper device, /dev/mapper/NAME, until the test ends
disk_map() {
	dmsetup create "$1" --table "$2" || return 1
	# no udev here
	[ -e "/dev/mapper/$1" ] || dmsetup mknodes "$1"
	# before what is below it
	printf '%s\n' "dm $1" | cat - "$LAB_STATE/disks" 2>/dev/null >"$LAB_STATE/disks.new"
	mv "$LAB_STATE/disks.new" "$LAB_STATE/disks"
}

# disk_free_all: what disk_make made
disk_free_all() {
	local kind name
	[ -e "$LAB_STATE/disks" ] || return 0
	while read -r kind name; do
		case $kind in
		dm)
			wait_for 15 dmsetup remove "$name"
			rm -f "/dev/mapper/$name"
			;;
		null)
			echo 0 >"/sys/kernel/config/nullb/$name/power"
			rmdir "/sys/kernel/config/nullb/$name"
			;;
		brd) rmmod brd 2>/dev/null ;;
		lvm) disk_lvm vgremove -q -f "lab-$name" ;;
		esac
		if [ -e "/dev/shm/disk-$name" ]; then
			losetup -j "/dev/shm/disk-$name" | cut -d: -f1 | xargs -r losetup -d
			rm -f "/dev/shm/disk-$name"
		fi
	done <"$LAB_STATE/disks" >&2
	rm -f "$LAB_STATE/disks" "$LAB_STATE/brd"
}

# disk_attach GUEST phy:/dev/x,xvdb,w [MORE]: attach and wait until the guest has it; also
# format=raw,vdev=xvdb,...
disk_attach() {
	local guest=$1 spec=$2
	shift
	xl block-attach "$guest" "$@" && disk_ready "$guest" "$spec"
}

# disk_ready GUEST SPEC: wait until the guest has that disk
disk_ready() {
	local dev
	dev=$(cut -d, -f2 <<<"$2")
	dev=${dev#vdev=}
	guest_run "$1" "for i in \$(seq 100); do [ -b /dev/$dev ] &&
		[ \$(blockdev --getsz /dev/$dev) -gt 0 ] && exit 0; sleep 0.1; done; exit 1" ||
		{ echo "no /dev/$dev in $1" >&2; return 1; }
}

# disk_detach GUEST xvdb [--force]: detach and wait until the backend's node is gone
disk_detach() {
	local guest=$1 dev=$2 id nr base
	shift 2
	id=$(guest_id "$guest") || return 1
	nr=$(guest_disk_nr "$guest" "$dev") || { echo "$guest has no $dev" >&2; return 1; }
	base=/local/domain/0/backend/vbd/$id/$nr
	# options first: xl takes what follows the names for more names
	xl block-detach "$@" "$guest" "$dev" || return 1
	wait_for 15 eval "! xenstore-exists $base" || { echo "$base stays" >&2; return 1; }
}

# guest_disk_nr GUEST xvdb: its number in xenstore (51728)
guest_disk_nr() {
	local id nr
	id=$(guest_id "$1") || return 1
	for nr in $(xenstore-list "/local/domain/0/backend/vbd/$id" 2>/dev/null); do
		[ "$(xenstore-read "/local/domain/0/backend/vbd/$id/$nr/dev")" = "$2" ] &&
			{ echo "$nr"; return 0; }
	done
	return 1
}

# ---- guests --------------------------------------------------------------------

# A root disk of its own for each guest: a snapshot over the pristine image, so that
# several run at once and a killed one leaves nothing to repair.
root_snapshot() {
	local cow=/dev/shm/cow-$1 loop
	rm -f "$cow"
	truncate -s 512M "$cow"
	loop=$(losetup -f --show "$cow") || return 1
	dmsetup create "root-$1" --table \
		"0 $(blockdev --getsz /dev/vdb) snapshot /dev/vdb $loop N 64" || return 1
	[ -e "/dev/mapper/root-$1" ] || dmsetup mknodes "root-$1"
	echo "/dev/mapper/root-$1"
}

# Our backend has let go of it when the toolstack is done with the guest. In-tree's takes a moment longer,
# and so does the emulator of an HVM guest.
root_snapshot_free() {
	local out
	dmsetup info "root-$1" >/dev/null 2>&1 || return 0
	if ! out=$(dmsetup remove "root-$1" 2>&1); then
		[ "$(loaded_is xen-blkback)" != ours ] || grep -q '^type = "hvm"' "$GUESTS/$1/xl.cfg" ||
			not_ok "the root disk of $1 is free when the guest is gone" "$out"
		wait_for 15 dmsetup remove "root-$1"
	fi
	# no udev: the name stays
	rm -f "/dev/mapper/root-$1"
	losetup -j "/dev/shm/cow-$1" | cut -d: -f1 | xargs -r losetup -d
	rm -f "/dev/shm/cow-$1"
}

# in_memory FILE: path of a copy in memory
in_memory() {
	local copy=$LAB_STATE/files${1#"$JOB"}
	if [ ! -e "$copy" ]; then
		mkdir -p "${copy%/*}"
		cp "$1" "$copy.$$" && mv "$copy.$$" "$copy" || return 1
	fi
	echo "$copy"
}

# guest_start NAME [OPTION...]: create it and wait until it takes commands
#   --type pv|pvh|hvm  --kernel 6.1|6.12  --front ours|intree  --vcpus N  --memory MB
#   --disk SPEC    one more disk, as in an xl file (may be repeated); hdb to hdd of an HVM guest
#                  are emulated, too, others are PV alone
#   --root disk|direct|ram|SPEC   snapshot (default), /dev/vdb itself, no disk at all,
#                  or a disk line for xvda of one's own.  An HVM guest has it as emulated
#                  disk hda, also instead of "ram"
#   --append TEXT  to the kernel command line    --config LINE  to the xl file
#   --loader FILE  a boot loader of PV guests, which finds kernel and initramfs itself
#   --no-wait      return after xl create        --timeout S    for the boot (120)
guest_start() {
	local name=$1 type=$LAB_TYPE kernel=$LAB_GUEST front=$LAB_FRONT vcpus=$LAB_VCPUS
	local memory=384 root=disk append='' config='' loader='' wait=1 limit=120 d k ramdisk
	local dev=xvda label=LABEL=xenpvroot
	local disks=() later=() emulated=()
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--type) type=$2; shift ;;
		--kernel) kernel=$2; shift ;;
		--front) front=$2; shift ;;
		--vcpus) vcpus=$2; shift ;;
		--memory) memory=$2; shift ;;
		--disk) disks+=("$2"); shift ;;
		--root) root=$2; shift ;;
		--append) append="$append $2"; shift ;;
		--config) config=$config$2$'\n'; shift ;;
		--loader) loader=$2; shift ;;
		--timeout) limit=$2; shift ;;
		--no-wait) wait='' ;;
		*) echo "guest_start: unknown option $1" >&2; return 2 ;;
		esac
		shift
	done
	d=$GUESTS/$name
	k=$JOB/kernels/$kernel
	if [ "$type" = hvm ]; then
		k=$JOB/kernels/plain-$kernel dev=hda label=/dev/sda
		[ "$root" != ram ] || root=disk
		[ "$limit" -ge 300 ] || limit=300
		for d in ${disks[@]+"${disks[@]}"}; do
			case $d in
			*,hd?,*) emulated+=("$d") ;;
			*) later+=("$d") ;;
			esac
		done
		disks=(${emulated[@]+"${emulated[@]}"})
		d=$GUESTS/$name
	fi
	mkdir -p "$d"
	[ -e "$k/vmlinux" ] || { echo "guest kernel ${k##*/} is not in this run" >&2; return 1; }
	case $root in
	ram)
		ramdisk=$k/ram-$front
		append="xenpv.root=ram xenpv.load=xen-blkfront $append"
		[ "$memory" -ge 512 ] || memory=512
		;;
	*)
		ramdisk=$k/initrd-$front
		case $root in
		disk) root=$(root_snapshot "$name") || return 1; root=phy:$root,$dev,w ;;
		direct) root=phy:/dev/vdb,$dev,w ;;
		esac
		disks=("$root" ${disks[@]+"${disks[@]}"})
		append="root=$label rw init=/sbin/xenpv-init $append"
		;;
	esac
	# xl maps these files, and each page of a mapped 9p file is a request of its own:
	# twelve seconds for a kernel, against a fifth of one to copy it first
	if [ "$type" = hvm ]; then
		# disk drivers and ext4 are built in
		append="$HVM_QUICK $HVM_LOAD $append"
		k=$(in_memory "$k/bzImage") || return 1
	else
		[ -e "$ramdisk" ] || { echo "no $front modules in this run" >&2; return 1; }
		k=$(in_memory "$k/vmlinux") && ramdisk=$(in_memory "$ramdisk") || return 1
	fi
	[ -z "$loader" ] || k=$loader
	guest_config >"$d/xl.cfg"
	cp "$d/xl.cfg" "$OUT/$LAB_TAG-$name.cfg"
	: >"$d/log-start"
	stat -c %s "$OUT/console/guest-$name.log" >"$d/log-start" 2>/dev/null
	guest_create "$name" ${later[@]+"${later[@]}"} >"$d/create.log" 2>&1 || {
		echo "xl create $name failed:"
		tail -n 8 "$d/create.log"
		return 1
	} >&2
	guest_id "$name" >"$d/domid"
	[ -n "$wait" ] || return 0
	guest_wait "$name" "$limit" || return 1
	# nobody waited for them in an initramfs
	case "$append " in *"xenpv.load= "*) return ;; esac
	for d in ${later[@]+"${later[@]}"}; do disk_ready "$name" "$d" || return 1; done
}

# guest_config: the xl file, from the variables of guest_start
# shellcheck disable=SC2154
guest_config() {
	echo "name = \"$name\""
	echo "type = \"$type\""
	echo "kernel = \"$k\""
	[ "$type" = hvm ] || [ -n "$loader" ] || echo "ramdisk = \"$ramdisk\""
	echo "extra = \"console=hvc0 loglevel=5 cryptomgr.notests panic=1 oops=panic softlockup_panic=1" \
		"hung_task_panic=1 net.ifnames=0 xenpv.front=$front $append\""
	echo "memory = $memory"
	echo "vcpus = $vcpus"
	# Where the counter is invariant, Xen does not trap its reading. That of this emulated machine is not.
	echo 'tsc_mode = "native"'
	case $type in
	# see docs/notes/learnt.md
	pvh) echo 'cpuid = "host,cmpxchg16=0"' ;;
	hvm) hvm_config "$name" ;;
	esac
	echo 'on_poweroff = "destroy"'
	echo 'on_reboot = "destroy"'
	echo 'on_crash = "destroy"'
	echo "disk = ["
	[ ${#disks[@]} -eq 0 ] || printf '  "%s",\n' "${disks[@]}"
	echo "]"
	printf '%s' "$config"
}

# guest_create NAME [DISK...]: by its xl file, and disks to attach before it runs
guest_create() {
	local name=$1
	shift
	if [ $# -eq 0 ]; then
		xl create "$GUESTS/$name/xl.cfg"
	else
		xl create -p "$GUESTS/$name/xl.cfg" && hvm_attach "$name" "$@" && xl unpause "$name"
	fi
}

# guest_agent NAME: where the agent's other end is
guest_agent() { hvm_agent "$1" || guest_id "$1"; }

# guest_wait NAME SECONDS: until the guest's agent answers
guest_wait() {
	"$JOB/bin/agent" wait "$(guest_agent "$1")" "$(patience "$2")" && return 0
	{
		echo "guest $1 did not come up; its console ends:"
		guest_console "$1" | tail -n 15
	} >&2
	return 1
}

# guest_id NAME: its domain number, status 1 when there is no such guest
guest_id() { xl domid "$1" 2>/dev/null; }

# guest_alive NAME: whether it runs
guest_alive() { [ -n "$(guest_id "$1")" ]; }

# guest_console NAME: what it printed since its start
guest_console() {
	local from
	from=$(cat "$GUESTS/$1/log-start" 2>/dev/null)
	tail -c +$((${from:-0} + 1)) "$OUT/console/guest-$1.log" 2>/dev/null | tr -d '\r'
}

# guest_run NAME [-t SECONDS] COMMAND: run it there by a channel that needs neither
# disk nor network; output and status are the command's, 124 out of time (60 s if
# not told), 125 the guest is gone.  May be used in the background.
guest_run() {
	local name=$1 limit=60
	shift
	if [ "$1" = -t ]; then
		limit=$2
		shift 2
	fi
	guest_alive "$name" || { echo "no guest $name" >&2; return 125; }
	"$JOB/bin/agent" run "$(guest_agent "$name")" "$(patience "$limit")" "$*"
}

# guest_file NAME FILE: its content, standard input, into the guest (small files)
guest_file() {
	local data
	data=$(base64 -w 0)
	guest_run "$1" "echo '$data' | base64 -d >'$2'"
}

# guest_kmsg NAME: keep the kernel log of a running guest for kmsg_check
guest_kmsg() {
	guest_run "$1" -t 20 'dmesg -r' >"$GUESTS/$1/dmesg.new" 2>/dev/null &&
		mv "$GUESTS/$1/dmesg.new" "$OUT/$LAB_TAG-$1.dmesg"
}

# guest_stop NAME: in order, by xl shutdown; guest_destroy NAME: at once
guest_stop() {
	local id
	id=$(guest_id "$1") || { guest_forget "$1"; return 0; }
	guest_kmsg "$1"
	timeout "$(patience 90)" xl shutdown -w "$1" >/dev/null 2>&1 || hvm_poweroff "$1"
	# xl does not wait for the scripts that take its devices down
	if wait_for 60 eval "! xl domid '$1'"; then
		guest_forget "$1"
		return 0
	fi
	echo "guest $1 (domain $id) does not shut down" >&2
	guest_destroy "$1"
	return 1
}

guest_destroy() {
	local id
	id=$(guest_id "$1") && timeout 60 xl destroy "$1"
	[ -z "${id:-}" ] || wait_for 20 eval "! xl domid '$1'"
	guest_forget "$1"
}

guest_forget() {
	guest_console "$1" >"$OUT/$LAB_TAG-$1.console"
	root_snapshot_free "$1"
	rm -rf "${GUESTS:?}/$1"
}

# ---- kernel logs ---------------------------------------------------------------

KMSG_BAD='WARNING:|BUG:|kernel BUG at|Oops:|general protection|blocked for more than|INFO: task|INFO: rcu|possible recursive locking|possible circular locking|suspicious RCU|unreferenced object|soft lockup|Kernel panic|list_(add|del) corruption|Bad page|UBSAN|KASAN'

# kmsg_mark: from here on kmsg_check looks at dom0's log
kmsg_mark() {
	local id="lab-mark-$$-$RANDOM"
	echo "$id" >"$LAB_STATE/kmsg-mark"
	echo "<6>$id $LAB_SPEC" >/dev/kmsg
	rm -f "$LAB_STATE/kmsg-expect"
}

# kmsg_expect REGEX: this test provokes such lines, they are no failure
kmsg_expect() { printf '%s\n' "$1" >>"$LAB_STATE/kmsg-expect"; }

# kmsg_dom0: dom0's log since the mark, in dmesg -r form
kmsg_dom0() { dmesg -r | sed "1,/$(cat "$LAB_STATE/kmsg-mark")/d"; }

# Lines nobody explained: bad words anywhere, or priority error and above.
kmsg_filter() {
	local allow
	allow=$({ sed 's/[ \t]*#.*//' "$KMSG_ALLOW"; cat "$LAB_STATE/kmsg-expect" 2>/dev/null; } | grep .)
	# <N> holds facility and priority; the kernel's own facility is 0
	grep -E "^<[0-3]>|$KMSG_BAD" | grep -vE -f <(printf '%s\n' "${allow:-^\$a}")
}

# kmsg_check: status 1, with the lines, if dom0 or a guest of this test complained
kmsg_check() {
	local bad f g
	bad=$(
		kmsg_dom0 | kmsg_filter | sed 's/^/dom0: /'
		for f in "$GUESTS"/*/; do
			[ -d "$f" ] && guest_kmsg "$(basename "$f")"
		done
		for f in "$OUT/$LAB_TAG"-*.dmesg; do
			g=$(basename "$f" .dmesg)
			[ -e "$f" ] && kmsg_filter <"$f" | sed "s/^/$g: /"
		done
		# a guest that died could not be asked: its console has the last words
		for f in "$OUT/$LAB_TAG"-*.console; do
			[ -e "$f" ] && grep -E "$KMSG_BAD" "$f" | kmsg_filter |
				sed "s/^/$(basename "$f"): /"
		done
	)
	[ -z "$bad" ] && return 0
	sort -u <<<"$bad" | head -n 20
	return 1
}

# ---- leaks ---------------------------------------------------------------------

# leak_dumped: the text of debug key g is there to its end
leak_dumped() {
	xl dmesg >"$LAB_STATE/keys"
	grep -q 'gnttab_usage_print_all \] done' "$LAB_STATE/keys"
}

# leak_dump: have Xen list all grants, for leak_grants
leak_dump() {
	xl dmesg -c >/dev/null
	xl debug-keys g
	# Xen prints in its own time
	wait_for 10 leak_dumped || note "Xen does not list its grants"
}

# leak_snapshot FILE [GUEST...]: count what a device uses, in dom0 and those guests. What a disk of dom0's
# keeps on purpose, its persistent grants, depends on what was read and by which processor: not counted
leak_snapshot() {
	local file=$1 g id
	shift
	leak_dump
	for g in 0 "$@"; do
		id=0
		[ "$g" = 0 ] || id=$(guest_id "$g") || continue
		echo "grants-of-$g $(($(leak_grants "$id") - $(leak_kept "$id")))"
		echo "evtchn-of-$g $(lsevtchn "$id" 2>/dev/null | grep -c .)"
	done >"$file"
	{
		echo "store-nodes $(xenstore-ls -f / | grep -cvE '/data/agent|/vm/|/libxl/|/error')"
		echo "free-mb $(($(awk '/^MemFree|^Buffers|^Cached|^SReclaimable/ { s += $2 } END { print s }' /proc/meminfo) / 1024))"
		# "<domid>.<disk>-<queue>"; not the kworkers, which come and go
		echo "back-threads $(pgrep -l '^[0-9]+[.]|^vif' | grep -c .)"
		echo "balloon-kb $(cat /sys/devices/system/xen_memory/xen_memory0/info/current_kb)"
		echo "xen-free-mb $(xl info free_memory)"
	} >>"$file"
}

# Active grant entries of a domain, from the text of debug key g.
leak_grants() {
	awk -v want="d$1" '
		/grant-table for remote/ { on = 0; for (i = 1; i <= NF; i++) if ($i == want || $i == want ":") on = 1 }
		on && /\[ *0x[0-9a-f]+\]/ { n++ }
		END { print n + 0 }' "$LAB_STATE/keys"
}

# Persistent grants of a domain that xen-blkback knows of; the in-tree one does not say.
leak_kept() {
	cat "/sys/kernel/debug/xen-blkback/vbd-$1-"*/grants 2>/dev/null |
		awk '{ for (i = 1; i < NF; i++) if ($i == "persistent") n += $(i + 1) } END { print n + 0 }'
}

# leak_check BEFORE AFTER: status 1, with the differences, if something grew.  Memory
# may differ by a little; the rest must be the same.
leak_check() {
	awk '
		NR == FNR { before[$1] = $2; next }
		$1 in before {
			d = $2 - before[$1]
			if ($1 == "free-mb") bad = d < -24
			else if ($1 == "xen-free-mb") bad = d < -2
			else bad = d > 0
			if (bad) { printf "%s: %d before, %d after\n", $1, before[$1], $2; n++ }
		}
		END { exit n > 0 }' "$1" "$2"
}

# ---- around every test ---------------------------------------------------------

lab_test_begin() {
	LAB_SPEC=${1}
	LAB_TAG=$(tr -c 'a-zA-Z0-9.\n' _ <<<"$LAB_SPEC")
	mkdir -p "$GUESTS" "$LAB_STATE"
	[ -e "$LAB_STATE/count" ] || echo 0 >"$LAB_STATE/count"
	: >"$LAB_STATE/results"
	echo "==== $LAB_SPEC"
	kmsg_mark
	# A test that wants parameters or another backend loads it again.
	[ "$(loaded_is xen-blkback)" = "$LAB_BACK" ] || backend "$LAB_BACK" ||
		bail setup "cannot load the $LAB_BACK xen-blkback"
}

# lab_test_end SPEC STATUS: the verdict on what a test cannot judge itself
lab_test_end() {
	local g out
	LAB_SPEC=$1
	LAB_TAG=$(tr -c 'a-zA-Z0-9.\n' _ <<<"$LAB_SPEC")
	if [ "$2" -ge 124 ]; then
		not_ok "end" "time limit or killed (status $2)"
		for g in "$GUESTS"/*/; do
			[ -d "$g" ] || continue
			note "console of $(basename "$g"):"
			note "$(guest_console "$(basename "$g")" | tail -n 10)"
		done
	elif [ ! -s "$LAB_STATE/results" ]; then
		not_ok "end" "no result (status $2)"
	elif [ "$2" -ne 0 ] && ! grep -q '^not ok' "$LAB_STATE/results"; then
		not_ok "end" "status $2"
	fi
	if out=$(kmsg_check); then
		ok "kernel logs"
	else
		note "$out"
		not_ok "kernel logs" "unexplained lines, the first: $(head -n 1 <<<"$out")"
	fi
	for g in "$GUESTS"/*/; do
		[ -d "$g" ] && guest_destroy "$(basename "$g")"
	done
	disk_free_all
}
