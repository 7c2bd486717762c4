# An interrupt that is injected with VMRUN has been delivered when do_interrupt_x86_hardirq() returns.
# What is left in exception_index is delivered once more if the loop ends before the next exit.
/^        case SVM_EVTINJ_TYPE_INTR:$/,/^            break;$/ {
	s/^\( *\)do_interrupt_x86_hardirq(env, vector, 1);$/&\n\1cs->exception_index = -1;/
}
