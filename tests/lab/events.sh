# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: a disk and a vif are attached to a guest in which a program holds every event channel
# why: Xen limits the event channels of a guest; what others hold they may give back a moment later
# expected: both devices wait and are not closed; they connect when channels are free; a disk takes
#   fewer rings when there are too few channels for all of them
# timeout: 300

[ "$LAB_FRONT" = ours ] || { skip "event channels" "the in-tree frontends close the device"; exit 0; }
# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
disk=$(disk_make few 16) || bail "backing disk"
# small, so that the program need not take a thousand
guest_start g1 --vcpus 2 --append xenpv.load=xen-netfront,xen-evtchn --config 'event_channels = 63' ||
	bail "guest starts"
id=$(guest_id g1)
front=/local/domain/$id/device

# Takes all ports that there are and gives LEAVE back, until /run/ports.stop exists.
guest_file g1 /run/ports.pl <<'END'
use Fcntl;
my ($leave, @ports) = (shift);
sysopen(my $dev, "/dev/xen/evtchn", O_RDWR) or die "evtchn: $!";
# IOCTL_EVTCHN_BIND_UNBOUND_PORT for domain 0
while (my $port = ioctl($dev, 0x44502, my $arg = pack("L", 0))) { push @ports, $port; }
my $why = $!;
# IOCTL_EVTCHN_UNBIND
ioctl($dev, 0x44503, my $arg = pack("L", pop @ports)) or die "unbind: $!" for 1 .. $leave;
open(my $out, ">", "/run/ports.new");
print $out scalar(@ports), " taken, then: $why\n";
close $out;
rename "/run/ports.new", "/run/ports";
select(undef, undef, undef, 0.1) until -e "/run/ports.stop";
unlink "/run/ports.stop", "/run/ports";
END
ports_take() { # LEAVE
	guest_run g1 "setsid perl /run/ports.pl $1 </dev/null >/run/ports.log 2>&1 &
		for i in \$(seq 200); do [ -e /run/ports ] && break; sleep 0.1; done
		cat /run/ports.log /run/ports && grep -q '[1-9].*taken' /run/ports"
}
ports_give() { guest_run g1 'touch /run/ports.stop; for i in $(seq 100); do [ -e /run/ports ] || exit 0; sleep 0.1; done; exit 1'; }
waits() { wait_for 20 guest_run g1 "dmesg | grep '$1.*too few event channels to connect'"; }

check "a program takes all event channels" ports_take 0
note "$(guest_run g1 'cat /run/ports')"
check "a disk is attached" xl block-attach g1 "phy:$disk,xvdb,w"
check "it waits" waits vbd-51728
is "it is not closed" "$(xenstore-read "$front/vbd/51728/state")" 1
check "a vif is attached" net_attach g1 12
check "it waits" waits vif-0
is "it is not closed" "$(xenstore-read "$front/vif/0/state")" 1
check "the program gives them back" ports_give
check "the disk connects" disk_ready g1 x,xvdb
check "it works" guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=64k count=64 oflag=direct 2>/dev/null'
check "the vif connects" net_up g1 12
note "rings $(xenstore-read "$front/vbd/51728/multi-queue-num-queues" 2>/dev/null || echo 1)"
check "the disk is detached" disk_detach g1 xvdb

check "the program leaves one" ports_take 1
check "the disk is attached again" disk_attach g1 "phy:$disk,xvdb,w"
is "it has one ring" "$(xenstore-read "$front/vbd/51728/multi-queue-num-queues" 2>/dev/null || echo 1)" 1
check "it works" guest_run g1 'dd if=/dev/zero of=/dev/xvdb bs=64k count=64 oflag=direct 2>/dev/null'
ports_give
check "guest shuts down" guest_stop g1
