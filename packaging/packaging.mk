# SPDX-License-Identifier: GPL-2.0-only
# Packages; included by the Makefile at the top.  What is made goes to out/packages.

version := $(shell cat VERSION)
commit = $(shell git rev-parse --short=12 HEAD 2>/dev/null)
packages = out/packages

.PHONY: deb rpm dist

# The commit's time, so that the same commit makes the same archive.
dist:
	@git rev-parse HEAD >/dev/null 2>&1 || { echo 'make dist works in a clone of the repository.' >&2; exit 1; }
	@git diff --quiet HEAD || { echo 'There are changes that are not committed.' >&2; exit 1; }
	mkdir -p $(packages)
	git archive --prefix=xenpv-$(version)/ HEAD | gzip -n9 >$(packages)/xenpv-$(version).tar.gz
	cd $(packages) && sha256sum xenpv-$(version).tar.gz >xenpv-$(version).tar.gz.sha256
	@echo '$(packages)/xenpv-$(version).tar.gz is version $(version), commit $(commit)'

deb:
	packaging/make-deb $(packages)

rpm: dist
	packaging/make-rpm $(packages)
