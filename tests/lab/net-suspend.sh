# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: checkpoint, save and restore of a guest whose network is in use
# why: live migration and snapshots use the same steps
# expected: the interface keeps its name, addresses and settings, and a TCP connection continues,
#   also when the restored backend offers fewer features and queues than the old one
# timeout: 400

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
[ "$LAB_TYPE" != pvh ] || { skip "save and restore" "the lab does not save PVH guests"; exit 0; }
net_setup
net_guest g1 11 --vcpus 2 || bail "guest starts"
features() { guest_run g1 'ethtool -k eth0 | grep -E "^(tx-check|scatter|generic-(seg|rec))" | sort'; }
before=$(features)
guest_run g1 "setsid sh -c 'traffic rr tcp $NET_DOM0_4 4000 150 >/run/rr 2>&1' >/dev/null 2>&1 </dev/null &
	setsid sh -c 'while :; do traffic flood $NET_DOM0_4 500 1; sleep 1; done' >/dev/null 2>&1 </dev/null & exit 0"
# dom0 keeps its end of the connection open meanwhile, as a switch would
answers='for i in $(seq 40); do ping -q -c 1 -W 1 10.77.0.1 >/dev/null && exit 0; done
	ip -s link show eth0; exit 1'
sleep 2
check "checkpoint" xl save -c g1 /dev/shm/save
check "the guest reaches dom0 after the checkpoint" guest_run g1 -t 60 "$answers"
check "files go both ways" net_both_ways g1 11 2
check "save" xl save g1 /dev/shm/save
if [ "$LAB_BACK" = ours ]; then
	net_backend ours max_queues=1 || bail "backend with fewer features"
fi
check "restore" xl restore /dev/shm/save
rm -f /dev/shm/save
guest_id g1 >"$GUESTS/g1/domid"
check "the guest answers" wait_for 60 guest_run g1 -t 10 true
check "the guest reaches dom0" guest_run g1 -t 60 "$answers"
is "its features are as before" "$(features)" "$before"
[ "$LAB_BACK" != ours ] ||
	is "it has one queue now" \
		"$(xenstore-read "$(vif_front g1)/multi-queue-num-queues" 2>/dev/null || echo 1)" 1
check "files go both ways" net_both_ways g1 11 2
guest_run g1 'pkill -f "while :"; pkill -f "traffic flood"; pkill -f "traffic rr"; exit 0'
check "a second save" xl save g1 /dev/shm/save
check "and restore" xl restore /dev/shm/save
rm -f /dev/shm/save
guest_id g1 >"$GUESTS/g1/domid"
check "the guest answers" wait_for 60 guest_run g1 -t 10 true
# a device that goes after a resume and before its first packet (XSA-465)
check "detach at once" net_detach g1 11
check "attach again" net_attach g1 11
check "and it works" net_up g1 11
check "guest shuts down" guest_stop g1
net_backend "$LAB_BACK"
