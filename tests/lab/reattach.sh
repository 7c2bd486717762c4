# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: tools/xenpv-reattach with the real store: attach devices of a dead driver domain to its new instance
# why: the tool has to write what xl writes, or later detach, hotplug and xl itself fail
# expected: a dry run changes nothing; errors are reported and change nothing; after a real run
#   nodes, values and permissions are those of xl, except for the backend's number; other devices
#   are not changed
# needs: reattach
# timeout: 600

# shellcheck source=driver.bash
. "$JOB/tests/lab/driver.bash"
tool=$JOB/bin/xenpv-reattach
driver_setup
driver_start dd1 || { note "$(driver_log dd1)"; bail "driver domain starts"; }
driver_guest g1 dd1 11 || { note "$(driver_log dd1)"; bail "guest starts"; }
id=$(guest_id g1) old=$(guest_id dd1)

# dump PATH...: names, values and permissions
dump() {
	local p
	for p in "$@"; do xenstore-ls -f -p "$p"; done
}
# The devices as xl made them and as they are now: frontend keys of the toolstack, the copy, the backend;
# what drivers and scripts wrote is left out.  "-" is the backend's number.
theirs='device-type|virtual-device|trusted|handle|mac|mtu|backend|backend-id'
devices() { # DRIVER_ID
	dump "/local/domain/$id/device/vbd/51728" "/local/domain/$id/device/vif/0" |
		grep -E "/([0-9]+|$theirs) = "
	dump "/libxl/$id/device/vbd/51728" "/libxl/$id/device/vif/0"
	dump "/local/domain/$1/backend/vbd/$id/51728" "/local/domain/$1/backend/vif/$id/0" |
		grep -vE '/(feature-[a-z0-9-]*|split-event-channels|multi-queue-max-queues|max-ring-page-order|state|hotplug-status|hotplug-error|physical-device(-path)?|sectors|info|sector-size|physical-sector-size|discard-[a-z]*|max-[a-z-]*|carrier) ='
}
same_devices() { # BEFORE AFTER_ID
	diff <(sed -E "s#/domain/$old/#/domain/-/#g; s#backend-id = \"$old\"#backend-id = \"-\"#; s/[nrwb]$old\b/D/g" "$1" | sort) \
		<(devices "$2" | sed -E "s#/domain/$2/#/domain/-/#g; s#backend-id = \"$2\"#backend-id = \"-\"#; s/[nrwb]$2\b/D/g" | sort)
}

wait_for 20 eval "[ \"\$(xenstore-read /local/domain/$id/device/vif/0/state)\" = 4 ]"
devices "$old" >/run/xl.devices
check "xl made devices to compare with" test "$(wc -l </run/xl.devices)" -gt 30
note "$(cat /run/xl.devices)"

# refused STATUS TEXT ARGUMENT...: it says that, exits so, and the store is as before
refused() {
	local status=$1 text=$2 out rc
	shift 2
	dump /libxl "/local/domain/$id/device" >/run/store.before
	out=$("$tool" "$@" 2>&1)
	rc=$?
	dump /libxl "/local/domain/$id/device" >/run/store.after
	[ $rc = "$status" ] || { echo "status $rc: $out"; return 1; }
	grep -q -- "$text" <<<"$out" || { echo "says: $out"; return 1; }
	cmp /run/store.before /run/store.after
}
check "no --to" refused 2 'usage: ' --from 3
check "an unknown option" refused 2 'usage: ' --to 0 --sideways
check "a kind that there is not" refused 2 'vbd or vif' --to dd1 --type vtpm
check "--to a domain that is not there" refused 1 'no domain 30000' --to 30000
check "--to a name that is not there" refused 1 'no domain named nobody' --to nobody
check "a number that none is" refused 2 'no domain number' --to 99999999999
check "a guest that is not there" refused 1 'no domain named g9' --to dd1 --guest g9
check "all backends live" refused 0 'no device has a backend domain that is gone' --to dd1
check "from and to are the same" refused 2 'same domain' --from "$old" --to dd1
check "the old backend still exists" refused 1 'still exists' --from dd1 --to 0

driver_kill dd1
check "from a name that died" refused 1 'has a number only' --from dd1 --to 0
driver_start dd1 || { note "$(driver_log dd1)"; bail "driver domain starts again"; }
new=$(guest_id dd1)
check "it has another number" test "$new" != "$old"
check "a guest cannot serve itself" refused 1 'serve its own' --from "$old" --to g1
check "a dry run says what it would do" refused 0 "would move: g1 (domain $id) vbd 51728: backend domain $old -> $new" \
	--to dd1 --dry-run
check "a domain that serves nothing" refused 0 'serves no such device' --from 29999 --to dd1
check "another guest's devices" refused 0 'no device has' --guest dd1 --to dd1

check "only the vif" "$tool" --to dd1 --type vif
is "the disk stays" "$(xenstore-read "/libxl/$id/device/vbd/51728/backend")" \
	"/local/domain/$old/backend/vbd/$id/51728"
is "the vif goes" "$(xenstore-read "/libxl/$id/device/vif/0/backend")" \
	"/local/domain/$new/backend/vif/$id/0"
check "the rest" "$tool" --from "$old" --to "$new" --guest g1
check "once more there is nothing to do" refused 0 'no device has' --to dd1
check "nodes, values and permissions are as of xl" same_devices /run/xl.devices "$new"
hotplugged() { [ "$(xenstore-read "/local/domain/$new/backend/vbd/$id/51728/hotplug-status")" = connected ]; }
check "the driver domain's scripts run for them" wait_for 30 hotplugged || note "$(driver_log dd1)"
check "xl lists the disk with its new backend" eval "xl block-list g1 | awk '\$1 == 51728 && \$2 == $new' | grep ."
check "xl lists the vif with its new backend" eval "xl network-list g1 | awk '\$1 == 0 && \$2 == $new' | grep ."
guest_destroy g1
guest_stop dd1
