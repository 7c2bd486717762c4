# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of many devices share.  Sourced by them, after tests/lab/lib.sh.
#
# A device of xl costs seconds of the lab's time, so hotplug scripts are short ones here, and where xl
# need not know of a device it is written into the store directly.

# many_scripts: block-lab and vif-lab, which do no more than a device needs
many_scripts() {
	cat >/etc/xen/scripts/block-lab <<'END'
#!/bin/sh
[ "$1" = add ] || exit 0
dev=$(xenstore-read "$XENBUS_PATH/params")
xenstore-write "$XENBUS_PATH/physical-device" "$(stat -L -c %t:%T "${dev#*:}")" \
	"$XENBUS_PATH/hotplug-status" connected
END
	cat >/etc/xen/scripts/vif-lab <<'END'
#!/bin/sh
[ "$1" = online ] || exit 0
ip link set "$vif" up
xenstore-write "$XENBUS_PATH/hotplug-status" connected
END
	chmod +x /etc/xen/scripts/block-lab /etc/xen/scripts/vif-lab
}

# many_quota NAME NR: what xenstored allows an unprivileged domain, of transactions or watches
many_quota() {
	xenstore-control quota set "$1" "$2" || { xenstore-control quota; return 1; }
}

# many_name I: xvdb is 1
many_name() {
	local a
	a=$(printf '\\x%x' $((97 + $1 % 26)))
	if [ "$1" -lt 26 ]; then
		printf 'xvd%b' "$a"
	else
		printf 'xvd%b%b' "\\x$(printf %x $((96 + $1 / 26)))" "$a"
	fi
}

# many_number I: the number in the store of disk xvda + I
many_number() {
	if [ "$1" -lt 16 ]; then
		echo $((202 << 8 | $1 << 4))
	else
		echo $((1 << 28 | $1 << 8))
	fi
}

# many_point GUEST FIRST LAST BACKEND MAJOR [rights-last]: disks FIRST to LAST of a guest are served by domain
# number BACKEND, each from the device MAJOR:I there.  A disk that exists is given another backend, the keys in
# one transaction.  rights-last: the frontend may read the backend's directory only 3 s later
many_point() {
	local id first=$2 last=$3 dom=$4 major=$5 late=${6:-} i front back new
	id=$(guest_id "$1") || return 1
	for i in $(seq "$first" "$last"); do
		front=/local/domain/$id/device/vbd/$(many_number "$i")
		back=/local/domain/$dom/backend/vbd/$id/$(many_number "$i")
		xenstore-exists "$front" && new='' || new=1
		xenstore-write "$back" '' && xenstore-chmod "$back" "n$dom" "${late:-r$id}" || return 1
		if [ -n "$new" ]; then
			xenstore-write "$front" '' && xenstore-chmod "$front" "n$id" "r$dom" || return 1
		else
			xenstore-chmod -r "$front" "n$id" "r$dom" || return 1
		fi
		xenstore-write "$back/frontend" "$front" "$back/frontend-id" "$id" "$back/online" 1 \
			"$back/mode" w "$back/type" phy "$back/dev" "$(many_name "$i")" \
			"$back/physical-device" "$(printf %x:%x "$major" "$i")" \
			"$back/hotplug-status" connected "$back/state" 1 \
			"$front/backend" "$back" "$front/backend-id" "$dom" "$front/device-type" disk \
			"$front/virtual-device" "$(many_number "$i")" "$front/state" 1 || return 1
	done
	[ -n "$late" ] || return 0
	sleep 3
	for i in $(seq "$first" "$last"); do
		xenstore-chmod -r "/local/domain/$dom/backend/vbd/$id/$(many_number "$i")" "n$dom" "r$id"
	done
}

# many_at_work GUEST FIRST LAST [SECONDS]: each disk is written and read back
many_at_work() {
	local list='' i
	for i in $(seq "$2" "$3"); do list="$list $(many_name "$i")"; done
	guest_run "$1" -t $((${4:-60} + 60)) "head -c 65536 /dev/urandom >/run/many.data
		end=\$((\$(date +%s) + ${4:-60})) bad=
		for d in $list; do
			until [ -b /dev/\$d ] && [ \"\$(cat /sys/block/\$d/size)\" -gt 0 ]; do
				[ \$(date +%s) -lt \$end ] || { bad=\"\$bad \$d\"; continue 2; }
				sleep 0.2
			done
			timeout 20 dd if=/run/many.data of=/dev/\$d bs=64k oflag=direct 2>/dev/null &&
			timeout 20 dd if=/dev/\$d bs=64k count=1 iflag=direct 2>/dev/null |
				cmp -s - /run/many.data || bad=\"\$bad \$d\"
		done
		[ -z \"\$bad\" ] || { echo \"dead:\$bad\"; dmesg | grep -E 'xenbus|vbd' | tail -n 8; exit 1; }"
}

# many_linked GUEST NR [SECONDS]: that many interfaces have a carrier
many_linked() {
	guest_run "$1" -t $((${3:-40} + 20)) "end=\$((\$(date +%s) + ${3:-40}))
		for i in /sys/class/net/eth*; do ip link set \${i##*/} up; done
		until [ \"\$(cat /sys/class/net/eth*/carrier 2>/dev/null | grep -c 1)\" = $2 ]; do
			[ \$(date +%s) -lt \$end ] || { grep -H . /sys/class/net/eth*/carrier; exit 1; }
			sleep 0.2
		done"
}
