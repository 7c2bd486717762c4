# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: the demonstration of "make demo": a guest works with our disk and network drivers
# why: one run shows a newcomer what the drivers do, with proof that these drivers did it
# expected: every line is ok; the modules loaded at both ends are the ones just built
# timeout: 300

# shellcheck source=net.bash
. "$JOB/tests/lab/net.bash"
net_setup
disk=$(disk_make demo 256) || bail "backing disk"
# the most ordinary xl file: a real block device as xvda, a bridge, stock hotplug scripts
guest_start demo --root direct --vcpus 2 --disk "phy:$disk,xvdb,w" \
	--config "vif = [ \"$(net_vif 11)\" ]" || bail "guest boots from xvda"
ok "guest boots from xvda"
note ""
note "xl list"
note "$(xl list)"
note ""
note "disk and network lines of the guest's xl file"
note "$(grep -E 'phy:|^vif' "$GUESTS/demo/xl.cfg")"
note ""
note "lsblk in the guest"
note "$(guest_run demo 'lsblk -o NAME,MAJ:MIN,SIZE,RO,TYPE,FSTYPE,LABEL,MOUNTPOINTS')"
check "root is found by label on xvda" \
	guest_run demo 'test "$(findmnt -no SOURCE /)" = /dev/xvda'

# built SIDE MODULE RELEASE: what the file fresh from the build says
built() { modinfo -F "$1" "$JOB/modules/$3/updates/$2.ko" 2>/dev/null || echo -; }
loaded='f() { cat "/sys/module/${2//-/_}/$1" 2>/dev/null || echo -; }; f'

note ""
note "modules            loaded version  loaded srcversion         built srcversion"
prove() { # where, module, wanted, release, command prefix...
	local where=$1 mod=$2 want=$3 rel=$4 ver src file
	shift 4
	ver=$("$@" "$loaded version $mod")
	src=$("$@" "$loaded srcversion $mod")
	file=$("$@" "modinfo -F filename $mod")
	note "$(printf '%-18s %-15s %-25s %s' "$mod" "$ver" "$src" "$(built srcversion "$mod" "$rel")")"
	note "   in $where from $file"
	if [ "$want" = ours ]; then
		is "$mod in $where is ours" "$src" "$(built srcversion "$mod" "$rel")"
	else
		is "$mod in $where is the kernel's own" "$src" -
	fi
}
prove guest xen-blkfront "$LAB_FRONT" "$(guest_run demo 'uname -r')" guest_run demo
prove guest xen-netfront "$LAB_FRONT" "$(guest_run demo 'uname -r')" guest_run demo
prove dom0 xen-blkback "$LAB_BACK" "$(uname -r)" bash -c
prove dom0 xen-netback "$LAB_BACK" "$(uname -r)" bash -c
note ""

check "file tree written to ext4 on xvdb" guest_run demo -t 100 '
	set -e
	mkfs.ext4 -q /dev/xvdb && mount /dev/xvdb /mnt
	cp -a /usr/bin /etc /mnt/
	cd /mnt && find . -type f -print0 | sort -z | xargs -0 sha256sum >/run/sums
	cd / && umount /mnt'
note "$(guest_run demo 'wc -l </run/sums') files"
check "every file reads back the same" guest_run demo -t 100 '
	set -e
	echo 3 >/proc/sys/vm/drop_caches
	mount /dev/xvdb /mnt && cd /mnt && sha256sum --quiet -c /run/sums
	cd / && umount /mnt && e2fsck -fn /dev/xvdb'
check "fio crc32c pattern, 512 bytes to 256 KiB at random" guest_run demo -t 100 '
	fio --filename=/dev/xvdb --size=48m --bsrange=512-256k --blockalign=512 --rw=randwrite \
	--verify=crc32c --do_verify=1 --verify_fatal=1 --verify_state_save=0 --ioengine=libaio \
	--direct=1 --iodepth=16 --name=demo >/run/fio 2>&1 || { tail -5 /run/fio; exit 1; }'
note "$(guest_run demo "grep -E '^ *(read|write):' /run/fio")"

note ""
note "bridge in dom0, made of the vif by /etc/xen/scripts/vif-bridge"
note "$(bridge link)"
check "vif is in the bridge" test -e "/sys/class/net/$NET_BRIDGE/brif/$(vif_of demo)"
check "eth0 has the configured MAC address and reaches dom0" net_up demo 11
note "$(guest_run demo 'ip -br addr show dev eth0; ethtool -i eth0 | head -n 2')"
check "ping, IPv4 and IPv6" guest_run demo "ping -q -c 3 -i 0.2 $NET_DOM0_4 && ping -q -c 3 -i 0.2 $NET_DOM0_6"
check "files of 8 MB by TCP, both ways, IPv4 and IPv6, sha256 at both ends" net_both_ways demo 11 8
check "UDP datagrams of 1 to 1472 bytes, there and back" \
	guest_run demo -t 100 "traffic sizes $NET_DOM0_4 1 1472 3"
note "$(guest_run demo 'cat /proc/net/dev | grep -E "bytes|eth0"')"
check "guest shuts down" guest_stop demo
