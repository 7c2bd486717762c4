# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Watch the progress of a run.  A run that writes nothing new for some time is ended; a run that is
# only slow, on a slow or busy machine, is not.  Sourced by lab/run and tests/check-lab.

# progress_mark DIR: text that changes whenever something is written below DIR
progress_mark() { find "$1" -type f -printf '%p %s %T@\n' 2>/dev/null | sort | cksum; }

# watch_run PID DIR STALL TOTAL: until the process ends.  Sets $why to the limit that was passed, or
# to nothing.  The process is left alone.
watch_run() {
	local pid=$1 dir=$2 stall=$3 end=$((SECONDS + $4)) last=$SECONDS mark='' looked=-1 new
	why=''
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		[ "$SECONDS" -gt "$looked" ] || continue
		looked=$SECONDS
		new=$(progress_mark "$dir")
		if [ "$new" != "$mark" ]; then
			mark=$new
			last=$SECONDS
		elif [ $((SECONDS - last)) -ge "$stall" ]; then
			# shellcheck disable=SC2034 # for the caller
			why="nothing new for $stall s"
			return
		fi
		if [ "$SECONDS" -ge "$end" ]; then
			# shellcheck disable=SC2034
			why="time limit of $4 s"
			return
		fi
	done
}

# with_real_time: a verdict's lines; those that say how long a test took, in seconds of dom0, say the
# seconds of this machine too
with_real_time() {
	local line last=$SECONDS
	while IFS= read -r line; do
		case $line in
		'# '*' took '*' s')
			line="$line, $((SECONDS - last)) s here"
			last=$SECONDS
			;;
		'# dom0 is up'*) last=$SECONDS ;;
		esac
		printf '%s\n' "$line"
	done
}

# machine_load: how busy this machine is, if it is
machine_load() {
	local load cpus
	load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null) || return 0
	cpus=$(nproc)
	# one processor of it is the run itself
	awk -v l="$load" -v c="$cpus" 'BEGIN { exit !(l > c + 1) }' || return 0
	echo "this machine is busy: load $load on $cpus processors"
}

# slowest FILE: the tests of a verdict that took longest, in seconds of dom0
slowest() {
	sed -nE 's/^# (.*) took ([0-9]+) s$/\2 \1/p' "$1" | sort -rn | head -n 3 |
		awk '{ t = $1; $1 = ""; printf "%s%s (%d s)", (NR > 1 ? "," : ""), $0, t } END { if (NR) print "" }'
}
