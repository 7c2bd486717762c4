# An interrupt that is injected with VMRUN has been delivered when do_interrupt_x86_hardirq() returns.
# What is left in exception_index is delivered once more if the loop ends before the next exit.
/^        case SVM_EVTINJ_TYPE_INTR:$/,/^            break;$/ {
	s/^\( *\)do_interrupt_x86_hardirq(env, vector, 1);$/&\n\1cs->exception_index = -1;/
}
# VMRUN alone changes what is pending without the lock that the timers' thread holds for it.  An interrupt
# that comes meanwhile is lost, and with Xen's timer the machine stands still for ever.
s/^#include "exec\/helper-proto.h"$/&\n#include "qemu\/main-loop.h"/
/^    if (ctl_has_irq(env)) {$/,/^    }$/ {
	s/^\( *\)cs->interrupt_request |= CPU_INTERRUPT_VIRQ;$/\1qemu_mutex_lock_iothread();\n&\n\1qemu_mutex_unlock_iothread();/
}
