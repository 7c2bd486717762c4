# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# what: core-boot, core-busy and core-foreign, one after the other in the same guest
# why: the start and the end of an HVM guest take most of the time of each of the three
# expected: the same as of each alone; the guest has two processors
# argument: secs=SECONDS (15), of core-busy
# needs: foreign
# type: hvm
# timeout: 900

# shellcheck source=core.bash
. "$JOB/tests/lab/core.bash"
core_begin --vcpus 2
CORE_SHARED=1
for t in core-boot core-busy core-foreign; do
	# shellcheck source=/dev/null # each of the three
	. "$JOB/tests/lab/$t.sh"
done
# shellcheck disable=SC2034 # used by core_end
CORE_SHARED=''
core_end
