# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions that all host-side scripts of the lab share: the cache, its locks,
# progress messages and the choice of kernels.  Sourced, never run.

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # used by the scripts that source this file
TOP_DIR=$(cd "$LAB_DIR/.." && pwd)

CACHE=${XENPV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xenpv}
# shellcheck source=support.sh
. "$LAB_DIR/lib/support.sh"
# shellcheck source=distribution.sh
. "$LAB_DIR/lib/distribution.sh"
# The distribution of dom0 and guests: the first one of the list, and its kernel series.
LAB_DIST=$(support distribution | head -n 1)
# shellcheck disable=SC2034
LAB_SERIES=$(support series "distribution=$LAB_DIST" claim=tested | paste -sd ' ')
# The hypervisor, and the distribution that has it: dom0 is of that one, because xl has to fit.
XEN_VERSION=${XENPV_XEN:-$(support xen "distribution=$LAB_DIST" | head -n 1)}
XEN_DIST=$(support distribution "xen=$XEN_VERSION" | head -n 1)

mkdir -p "$CACHE/locks"

say() { printf '[lab %4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

[ -n "$XEN_DIST" ] || die "unknown Xen '$XEN_VERSION' (known: $(support xen | paste -sd ' '))"

# hash_of: one short key for everything that arrives on standard input
hash_of() { sha256sum | cut -c1-16; }

# module_sources: the files of this checkout that modules are built from
module_sources() {
	local d
	(
		cd "$TOP_DIR" || exit
		for d in Makefile Kbuild VERSION blkfront blkback netfront netback common \
			xenbus events grants include tests/faults; do
			[ ! -e "$d" ] || find "$d" -type f ! -name '*.o' ! -name '*.ko' ! -name '*.mod*' \
				! -name '.*' ! -name '*~' ! -path '*/generated/*'
		done | sort
	)
}

# module_sources_hash: of their names and contents
module_sources_hash() { (cd "$TOP_DIR" && module_sources | xargs -d '\n' sha256sum) | hash_of; }

# checked_build RELEASE: the folder in which tests/check-sparse has built this checkout's modules; .sources
# in it is the hash of the sources, if nothing was wrong with them
checked_build() { echo "$CACHE/sparse/$1-$(echo "$TOP_DIR" | hash_of)"; }

# lab_slots: how many runs with --single this machine takes at a time: XENPV_SLOTS, or by a processor and
# 7 GiB each
lab_slots() {
	local cpus mem
	[ -z "${XENPV_SLOTS:-}" ] || { echo "$XENPV_SLOTS"; return; }
	cpus=$(nproc)
	mem=$(awk '/^MemTotal/ { print int($2 / 7340032) }' /proc/meminfo)
	[ "$mem" -lt "$cpus" ] || mem=$cpus
	echo $((mem > 1 ? mem : 1))
}

# with_lock NAME COMMAND...: run COMMAND while holding $CACHE/locks/NAME.  The
# descriptor is closed for COMMAND's own children by the subshell's end.
with_lock() {
	local name=$1
	shift
	(
		if ! flock -n 8; then
			say "waiting for another run that holds the '$name' lock"
			flock 8
		fi
		"$@"
	) 8>"$CACHE/locks/$name"
}

# cached KIND KEY BUILDER [ARG...]: print the path of the cache entry, made by
# "BUILDER DIR ARG..." when it does not exist.  Built beside its final place and
# renamed, so that an interrupted build never looks like a finished one.
cached() {
	local kind=$1 key=$2
	local dir=$CACHE/$kind/$key
	if [ ! -d "$dir" ]; then
		with_lock "build-$kind" cached_build "$@" >&2 || return 1
	fi
	touch -c "$dir"
	printf '%s\n' "$dir"
}

# shell_state: the variables and functions of this shell, as a script.  For a shell of its own, in which
# "set -e" works whatever called us: inside of an "if", "||" or "&&" bash ignores it, also in
# subshells and in those that set it anew.
shell_state() {
	local name
	for name in $(compgen -v); do
		case $name in
		BASH* | COMP_* | DIRSTACK | FUNCNAME | GROUPS | PIPESTATUS | RANDOM | SRANDOM | _) continue ;;
		esac
		[[ $(declare -p "$name" 2>/dev/null) =~ ^declare\ -[a-zA-Z]*r ]] || declare -p "$name" 2>/dev/null || :
	done
	declare -f
}

cached_build() {
	local kind=$1 key=$2 builder=$3
	shift 3
	local parent=$CACHE/$kind tmp=$CACHE/$kind/.tmp
	[ -d "$parent/$key" ] && return 0
	rm -rf "$tmp"
	mkdir -p "$tmp"
	local rc=0
	bash -eu <(shell_state; echo '"$@"') "$builder" "$tmp" "$@" || rc=$?
	if [ $rc -ne 0 ]; then
		rm -rf "$tmp"
		return $rc
	fi
	mv "$tmp" "$parent/$key"
	touch "$parent/$key"
	# several checkouts may share the cache, so the newest entries stay
	find "$parent" -mindepth 1 -maxdepth 1 ! -name .tmp -printf '%T@ %p\n' | sort -rn |
		tail -n +$((${XENPV_CACHE_KEEP:-10} + 1)) | cut -d' ' -f2- | xargs -r rm -rf
}

# need_packages PACKAGE...: install what is missing, and only that.
need_packages() {
	local p missing=()
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	[ "$(id -u)" -eq 0 ] || die "need root to install: ${missing[*]}"
	say "installing ${missing[*]}"
	refresh_apt_lists
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
		"${missing[@]}" >"$CACHE/apt.log" 2>&1 || {
		tail -n 20 "$CACHE/apt.log" >&2
		die "apt-get install failed"
	}
}

# The lists are fetched once per process at most.
refresh_apt_lists() {
	[ -n "${LAB_APT_FRESH:-}" ] && return 0
	say "apt-get update${LAB_APT:+, ${LAB_APT##*/}}"
	apt-get update -q >"$CACHE/apt-update.log" 2>&1 || {
		tail -n 5 "$CACHE/apt-update.log" >&2
		die "apt-get update failed"
	}
	LAB_APT_FRESH=1
}

# apt_asked ARG...: the answer of apt-cache, which is kept until apt's lists, its sources or the
# installed packages change: a second of processor time each, many times in a run
apt_asked() {
	local file seen tmp
	# of another distribution: $LAB_APT
	seen=$(stat -c '%n %Y' "${LAB_APT:-/var/lib/apt}/lists" /var/lib/dpkg/status /etc/apt \
		/etc/apt/sources.list.d 2>/dev/null | hash_of)
	file=$CACHE/apt/$(printf '%s\n' "$seen" "$@" | hash_of)
	if [ ! -e "$file" ]; then
		mkdir -p "$CACHE/apt"
		find "$CACHE/apt" -type f -mtime +30 -delete
		tmp=$(mktemp "$file.XXXX")
		apt-cache "$@" >"$tmp" || { rm -f "$tmp"; return 1; }
		mv "$tmp" "$file"
	fi
	cat "$file"
}

# kernel_row KERNEL: "distribution series flavour" of a kernel by the name that lab/run takes for it.
# SERIES is the first row of lab/support that has it, NUMBER-SERIES that of Debian NUMBER.
kernel_row() {
	local row
	case $1 in
	*-*) row=$(support distribution,series,flavour "distribution=debian${1%%-*}" "series=${1#*-}" flavour=amd64) ;;
	*) row=$(support distribution,series,flavour "series=$1" flavour=amd64) ;;
	esac
	[ -n "$row" ] || die "unknown kernel '$1' (known: $(kernel_names))"
	head -n 1 <<<"$row"
}

# kernel_distribution KERNEL: its distribution
kernel_distribution() {
	local row
	row=$(kernel_row "$1") || return 1
	echo "${row%% *}"
}

# kernel_names: all names, the usual kernels first, each kernel by its shortest name
kernel_names() {
	support distribution,series flavour=amd64 | awk '{ n = $2; if (seen[n]++) n = substr($1, 7) "-" n; print n }' |
		paste -sd ' '
}

# kernel_release KERNEL: newest release for which both the image and the headers
# are in the archive.  Releases leave the archive, so none is ever pinned.
kernel_release() {
	local row
	row=$(kernel_row "$1") || return 1
	# shellcheck disable=SC2086 # its words
	in_distribution "${row%% *}" newest_release $row
}

newest_release() {
	local pattern rel
	pattern="^linux-(image|headers)-$(support_pattern "$@")\$"
	rel=$(releases_like "$pattern")
	if [ -z "$rel" ]; then
		refresh_apt_lists
		rel=$(releases_like "$pattern")
	fi
	[ -n "$rel" ] || die "no kernel package of series $2 in the archive"
	printf '%s\n' "$rel"
}

releases_like() {
	apt_asked pkgnames linux- | grep -E "$1" | sed -E 's/^linux-(image|headers)-//' |
		sort -V | uniq -d | tail -n 1
}

# candidates PACKAGE...: "package version" lines, the text cache keys are made of
candidates() {
	apt_asked policy "$@" | awk '/^[^ ]/ { p = $1 } /Candidate:/ { print p, $2 }'
}

# fetch_deb PACKAGE DIR: download into DIR and unpack there under DIR/root
fetch_deb() {
	(
		cd "$2" || exit
		apt-get download -q -o APT::Sandbox::User=root "$1" >apt.log 2>&1 || {
			cat apt.log >&2
			exit 1
		}
		dpkg-deb -x ./*.deb root
		rm -f ./*.deb apt.log
	)
}
