# SPDX-License-Identifier: GPL-2.0-only
# For people; Kbuild beside it tells the kernel's build what to compile.

KDIR ?= /lib/modules/$(shell uname -r)/build
V ?= 0

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) V=$(V)

.PHONY: help modules modules_install tools install-tools sparse unit mutants checkpatch lint demo \
	check check-full bench clean

help:
	@echo 'Build (KDIR=dir of a kernel build; default: the running kernel)'
	@echo '  modules          the kernel modules'
	@echo '  modules_install  into updates/ of that kernel, then depmod'
	@echo '  tools            programs for dom0 (need libxen-dev), docs/recovery-tool.md'
	@echo '  install-tools    into PREFIX/sbin (default: /usr/local)'
	@echo '  clean            what a build leaves'
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
	@echo '  lint             shellcheck of all scripts'
	@echo '  bench            ours and the in-tree drivers side by side, counted'

modules:
	+$(kbuild) modules

modules_install:
	+$(kbuild) INSTALL_MOD_DIR=updates modules_install

tools:
	$(MAKE) -C tools

install-tools:
	$(MAKE) -C tools install

# Not by kbuild: that wants the kernel's build folder, which may be gone.
clean:
	find common blkfront blkback netfront netback events grants xenbus include \
		'(' -name '*.o' -o -name '*.ko' -o -name '.*.d' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' -o \
		-name generated.h -o -name modules.order ')' -delete
	rm -f Module.symvers modules.order .*.cmd *.o
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

demo:
	lab/demo

check:
	tests/check

check-full:
	tests/check --full

bench:
	tests/bench/bench
