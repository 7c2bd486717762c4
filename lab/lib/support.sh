# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Reads lab/support, the list of what the project supports.  Sourced by common.sh.

# support COLUMN[,COLUMN...] [COLUMN=VALUE...]: those columns of the rows that have all these values,
# each different answer once, in the order of the file
support() {
	local want=$1
	shift
	awk -v want="$want" -v having="$*" '
		BEGIN {
			cols = split("distribution suite series flavour xen claim", name, " ")
			for (i = 1; i <= cols; i++) at[name[i]] = i
			nwant = split(want, w, ",")
			nhaving = split(having, h, " ")
			for (i = 1; i <= nwant; i++) known(w[i])
			for (i = 1; i <= nhaving; i++) { split(h[i], kv, "="); known(kv[1]) }
		}
		function known(column) {
			if (column in at) return
			print "lab/support has no column " column >"/dev/stderr"
			bad = 1
			exit
		}
		/^#/ || NF == 0 { next }
		NF != cols {
			print "lab/support:" NR ": not " cols " columns" >"/dev/stderr"
			bad = 1
			exit
		}
		{
			for (i = 1; i <= nhaving; i++) {
				split(h[i], kv, "=")
				if ($at[kv[1]] != kv[2]) next
			}
			out = $at[w[1]]
			for (i = 2; i <= nwant; i++) out = out " " $at[w[i]]
			if (!seen[out]++) print out
		}
		END { exit bad }' "$LAB_DIR/support"
}

# support_pattern DISTRIBUTION SERIES FLAVOUR: a regular expression for releases of such a kernel as
# Debian names them: 6.1.0-57-amd64, 6.12.117+deb13-cloud-amd64
support_pattern() {
	local series=${2//./\\.}
	[ "$2" != newest ] || series='[0-9]+\.[0-9]+'
	printf '%s\.[0-9]+(-[0-9]+|\\+deb%s)-%s\n' "$series" "${1//[^0-9]/}" "$3"
}
