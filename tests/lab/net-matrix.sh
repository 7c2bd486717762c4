# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: combinations of one and two queues, GSO on and off, checksum offload on and off at either end
# why: each combination uses other code paths in both drivers
# expected: the number of queues is the one asked for; files and datagrams arrive correctly
# argument: set=few runs three combinations
# timeout: 900

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
# queues:GSO:checksum:scatter-gather
combos="1:on:on:on 2:on:on:on 1:off:on:on 2:off:on:on 1:off:off:on 2:off:off:off 1:off:off:off 2:off:on:off"
[ "${LAB_ARG_set:-}" != few ] || combos="2:on:on:on 1:off:on:on 2:off:off:off"
offered=$(backend_queues xen_netback 2)
net_guest g1 11 --vcpus 2 || bail "guest starts"

# Features depend on each other, so that the order matters: downwards first the dependent ones.
features() { # DEVICE GSO CSUM SG
	local dev=$1 gso=$2 csum=$3 sg=$4
	cat <<-END
		ethtool -K $dev tx on sg on gso on tso on gro on 2>/dev/null
		[ $gso = on ] || ethtool -K $dev tso off gso off gro off || exit 1
		[ $sg = on ] || ethtool -K $dev sg off || exit 1
		[ $csum = on ] || ethtool -K $dev tx off || exit 1
		ethtool -k $dev | grep -q "^tx-checksumming: $csum" || { ethtool -k $dev; exit 1; }
		ethtool -k $dev | grep -q "^generic-segmentation-offload: $gso" || { ethtool -k $dev; exit 1; }
		ethtool -k $dev | grep -q "^scatter-gather: $sg" || { ethtool -k $dev; exit 1; }
	END
}

agreed() {
	xenstore-read "$(vif_front g1)/multi-queue-num-queues" 2>/dev/null || echo 1
}

combination() { # QUEUES:GSO:CSUM:SG
	local q gso csum sg
	IFS=: read -r q gso csum sg <<<"$1"
	net_reload_front g1 11 "max_queues=$q" || return 1
	[ "$(agreed)" = "$q" ] || { echo "agreed on $(agreed) queues"; return 1; }
	guest_run g1 "$(features eth0 "$gso" "$csum" "$sg")" || { echo "features in the guest"; return 1; }
	bash -c "$(features "$(vif_of g1)" "$gso" "$csum" "$sg")" || { echo "features in dom0"; return 1; }
	net_both_ways g1 11 3 || return 1
	guest_run g1 "traffic sizes $NET_DOM0_4 1 1472 31" &&
		traffic sizes "$(net_ip6 11)" 1 1452 31
}

for c in $combos; do
	# The in-tree frontend cannot leave the checksums of IPv4 to the processor.
	case $LAB_FRONT,$c in intree,*:*:off:*) continue ;; esac
	check "queues:gso:checksum:sg $c" combination "$c"
done
backend_queues xen_netback "$offered" >/dev/null
check "guest shuts down" guest_stop g1
