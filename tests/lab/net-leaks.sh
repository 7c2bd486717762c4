# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: kmemleak and lockdep after attach, traffic, reconnects, detach and module reload, both ends
# why: a stock kernel cannot detect these faults
# expected: on the debug kernel kmemleak lists nothing, and lockdep is still on; skipped on others
# timeout: 1200

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
# shellcheck source=kmemleak.bash
. "$JOB/tests/lab/kmemleak.bash"

net_setup
bash -c "$KMEMLEAK_FORGET"
net_guest g1 11 --vcpus 2 --timeout 400 || bail "guest starts"
guest_run g1 "$KMEMLEAK_FORGET"
cycle() {
	net_attach g1 12 && guest_run g1 "traffic sizes $NET_DOM0_4 1 1472 49" &&
		net_both_ways g1 11 2 && net_detach g1 12
}
for n in 1 2 3; do check "cycle $n" cycle; done
if [ "$LAB_FRONT" = ours ]; then
	check "queues change" guest_run g1 'ethtool -L eth0 combined 1 && ethtool -L eth0 combined 2'
fi
check "the frontend unloads and loads" net_reload_front g1 11
check "cycle 4" cycle
check "no leak in the guest" guest_run g1 -t 200 "$KMEMLEAK_NONE"
check "lockdep is on in the guest" guest_run g1 "$LOCKDEP_ON"
check "guest shuts down" guest_stop g1
check "the backend unloads and loads" eval 'net_backend none && net_backend "$LAB_BACK"'
check "no leak in dom0" bash -c "$KMEMLEAK_NONE"
check "lockdep is on in dom0" bash -c "$LOCKDEP_ON"
