# SPDX-License-Identifier: GPL-2.0-only
# For people; Kbuild beside it tells the kernel's build what to compile.

KDIR ?= /lib/modules/$(shell uname -r)/build
V ?= 0

# Where modules_install puts them below /lib/modules/RELEASE. depmod looks into
# updates/ before it looks at the kernel's own modules.
INSTALL_MOD_DIR ?= updates/xenpv
# Debug information would make an initramfs some 13 MB larger; "=" keeps it.
INSTALL_MOD_STRIP ?= 1

# Not include/config/kernel.release: that of Debian 12's headers has no "-57-amd64".
release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h)
installed = $(INSTALL_MOD_PATH)/lib/modules/$(release)/$(INSTALL_MOD_DIR)

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) V=$(V)

# Distributions' headers have the wish to sign all modules and no key.
sign = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

.PHONY: help headers modules modules_install uninstall tools install-tools sparse unit mutants \
	checkpatch lint demo check check-full bench selftest selftest-tar clean

help:
	@echo 'Build (KDIR=dir of a kernel build; default: the running kernel)'
	@echo '  modules          the kernel modules'
	@echo '  modules_install  into updates/xenpv of that kernel, then depmod'
	@echo '  uninstall        remove them from there, then depmod'
	@echo '  tools            programs for dom0 (need libxen-dev), docs/recover.md'
	@echo '  install-tools    into PREFIX/sbin (default: /usr/local)'
	@echo '  clean            what a build leaves'
	@echo
	@echo 'Packages (into out/packages)'
	@echo '  deb              xenpv-dkms and xenpv-tools for Debian'
	@echo '  rpm              a source package, and modules for KERNEL=RELEASE'
	@echo '  dist             an archive of the sources, with its checksum'
	@echo
	@echo 'See it work (root, Debian 12; installs packages it needs)'
	@echo '  demo             a real Xen host in QEMU, a guest on our disk, PASS or FAIL'
	@echo
	@echo 'Tests (same needs)'
	@echo '  check            unit tests, sparse, checkpatch, the short lab matrix'
	@echo '  check-full       the whole matrix, long fuzzing, debug kernel'
	@echo '  unit             unit tests and a minute of fuzzing only'
	@echo '  mutants          do the unit tests notice each small change of what they test?'
	@echo '  sparse           all modules through sparse, for every kernel claimed'
	@echo '  checkpatch       kernel style of the tree'
	@echo '  lint             shellcheck of all scripts, commit messages, circles of calls'
	@echo '  bench            ours and the in-tree drivers side by side, counted'
	@echo
	@echo 'Tests of a machine of your own (docs/selftest.md)'
	@echo '  selftest         in a guest: SCRATCH=/dev/xvdb PEER=address; in dom0: GUEST=name'
	@echo '  selftest-tar     an archive of them to carry, out/xenpv-selftests.tar.gz'

headers:
	@[ -e $(KDIR)/include/generated/utsrelease.h ] || { \
		echo 'There is no kernel to build for in $(KDIR).'; \
		echo 'Install its headers (Debian: apt install linux-headers-$$(uname -r);'; \
		echo 'Fedora: dnf install kernel-devel-$$(uname -r)),'; \
		echo 'or name the directory of a kernel build: make KDIR=DIR ...'; \
		exit 1; } >&2

modules: headers
	+$(kbuild) modules

# Kbuild itself installs nothing, without an error, where nothing was built.
modules_install: headers
	@[ -e modules.order ] && [ -e common/xenpv-common.ko ] || { \
		echo 'There are no modules here: run "make modules" first.' >&2; exit 1; }
	@[ "$$(modinfo -F vermagic common/xenpv-common.ko | cut -d' ' -f1)" = '$(release)' ] || { \
		echo 'The modules here are not for $(release): run "make modules" again.' >&2; exit 1; }
	+$(kbuild) INSTALL_MOD_DIR=$(INSTALL_MOD_DIR) INSTALL_MOD_STRIP=$(INSTALL_MOD_STRIP) \
		$(sign) modules_install

uninstall: headers
	rm -rf '$(installed)'
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(release)

tools:
	$(MAKE) -C tools

install-tools:
	$(MAKE) -C tools install

# Not by kbuild: that wants the kernel's build folder, which may be gone.
clean:
	find common blkfront blkback netfront netback events grants xenbus include \
		'(' -name '*.o' -o -name '*.ko' -o -name '.*.d' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' -o \
		-name generated.h -o -name modules.order ')' -delete
	rm -f Module.symvers modules.order .*.cmd *.o .*.o
	rm -rf out
	$(MAKE) -s -C tests/unit clean
	$(MAKE) -s -C tests/xpeer clean
	$(MAKE) -s -C tools clean

sparse:
	tests/check-sparse

unit:
	$(MAKE) -C tests/unit check

mutants:
	tests/mutants

checkpatch:
	tests/check-patch

lint:
	tests/check-shell
	tests/check-commits
	tests/check-circles

demo:
	lab/demo

check:
	tests/check

check-full:
	tests/check --full

bench:
	tests/bench/bench

selftest:
	$(MAKE) --no-print-directory -C tests/selftests/xenpv run_tests

selftest-tar:
	$(MAKE) --no-print-directory -C tests/selftests/xenpv gen_tar OUTPUT=$(CURDIR)/out

-include packaging/packaging.mk
