# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Packages of another Debian release than this machine's: from the same archive, by lists of its own,
# so that the machine's own packages stay as they are.  Sourced by common.sh.

# machine_suite: the code name of this machine's release
machine_suite() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

# base_suite DISTRIBUTION: the code name of a distribution of lab/support
base_suite() { support suite "distribution=$1" | sed 's/-backports$//' | head -n 1; }

# is_foreign DISTRIBUTION: whether it is another one than this machine's
is_foreign() { [ "$(base_suite "$1")" != "$(machine_suite)" ]; }

# in_distribution DISTRIBUTION COMMAND...: run COMMAND with the packages of that distribution
in_distribution() {
	local dist=$1
	shift
	if ! is_foreign "$dist"; then
		"$@"
		return
	fi
	local -x LAB_APT=$CACHE/distribution/$dist
	local -x APT_CONFIG=$LAB_APT/apt.conf
	# in old lists are packages that have left the archive
	if [ -z "$(find "$LAB_APT/updated" -mtime -1 2>/dev/null)" ]; then
		with_lock "apt-$dist" distribution_lists "$dist" || return 1
	fi
	"$@"
}

# distribution_lists DISTRIBUTION: make $LAB_APT, apt's lists and settings for it
distribution_lists() {
	[ -z "$(find "$LAB_APT/updated" -mtime -1 2>/dev/null)" ] || return 0
	mkdir -p "$LAB_APT"/{lists,cache/archives}/partial
	distribution_sources "$1" >"$LAB_APT/sources.list"
	[ -s "$LAB_APT/sources.list" ] ||
		{ say "no Debian archive in the sources of this machine"; return 1; }
	: >"$LAB_APT/status"
	cat >"$LAB_APT/apt.conf" <<-END
		Dir::Etc::sourcelist "$LAB_APT/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State "$LAB_APT";
		Dir::State::lists "$LAB_APT/lists";
		Dir::State::status "$LAB_APT/status";
		Dir::Cache "$LAB_APT/cache";
		APT::Sandbox::User "root";
	END
	LAB_APT_FRESH='' refresh_apt_lists
	touch "$LAB_APT/updated"
}

# distribution_sources DISTRIBUTION: the machine's sources of Debian with that distribution's names;
# a copy of the archive may be some weeks old
distribution_sources() {
	local have base
	have=$(machine_suite)
	base=$(base_suite "$1")
	# with the machine's settings, not those that are being made
	env -u APT_CONFIG apt-get indextargets --format "deb \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
		'Created-By: Packages' 'Origin: Debian' | sort -u |
		awk -v have="$have" -v base="$base" \
			-v more="$(support suite "distribution=$1" | grep -vx "$base" | paste -sd ' ')" '
			$3 == have {
				n = split(more, m, " ")
				for (i = 1; i <= n; i++) print $1, $2, m[i], $4
			}
			# sid has no updates and no security fixes apart
			base == "sid" && $3 != have { next }
			sub("^" have, base, $3) { print }' |
		sed 's/^deb /deb [signed-by=\/usr\/share\/keyrings\/debian-archive-keyring.gpg check-valid-until=no] /'
}
