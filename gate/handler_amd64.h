// Signals: the handler of the host's signals. Included by gate_amd64.s.

// handler is the host's handler of every signal that is not left to its
// default: DI signal, SI siginfo, DX ucontext, on the signal stack of the slot.
// All signals are blocked.
TEXT handler<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, BX
	ANDQ $~(const_SlotSize-1), BX
	MOVQ UC_RIP(DX), AX
	LEAQ gateBegin<>(SB), CX
	CMPQ AX, CX
	JCS outside
	LEAQ gateEnd<>(SB), CX
	CMPQ AX, CX
	JCS gated
outside:
	MOVQ UC_RSP(DX), R8 // on the slot's stack: in the vDSO, called by the gate
	SUBQ BX, R8
	CMPQ R8, $const_SlotSize
	JCS gated
	MOVQ $const_SpaceBase, R9
	MOVL Space_NTramps(R9), CX
	LEAQ Space_Tramps(R9), R9
tramp:
	TESTL CX, CX
	JEQ guest
	CMPQ AX, (R9)
	JCS next
	CMPQ AX, 8(R9)
	JCS gated
next:
	ADDQ $16, R9
	DECL CX
	JMP tramp
gated:
	JMP inGate<>(SB)

guest:
	MOVQ DI, R10
	LEAQ UC_REGS(DX), R8
	LEAQ Slot_Regs(BX), R9
	MOVL $19, CX
copy:
	MOVQ -8(R8)(CX*8), AX
	MOVQ AX, -8(R9)(CX*8)
	DECL CX
	JNE copy
	CMPL DI, $SIGSYS
	JNE signal
	MOVL 8(SI), CX // si_code: 1 SYS_SECCOMP, 2 SYS_USER_DISPATCH
	DECL CX
	CMPL CX, $2
	JCC signal
	MOVQ UC_RIP(DX), AX
	SUBQ $2, AX
	MOVQ AX, Slot_Restart(BX)
	MOVL $1, Slot_Trapped(BX)
	LEAQ trapEntry<>(SB), AX
	JMP redirect
signal:
	CALL note<>(SB)
	MOVQ UC_TRAPNO(DX), AX
	MOVQ AX, Slot_Trapno(BX)
	MOVQ UC_ERR(DX), AX
	MOVQ AX, Slot_Err(BX)
	MOVQ UC_CR2(DX), AX
	MOVQ AX, Slot_Cr2(BX)
	MOVL $0, Slot_Pending(BX)
	LEAQ signalEntry<>(SB), AX
redirect:
	MOVQ AX, UC_RIP(DX)
	LEAQ const_stackTop(BX), AX
	MOVQ AX, UC_RSP(DX)
	MOVQ $0x202, UC_EFLAGS(DX)
	MOVW $0x33, UC_CS(DX)
	MOVW $0x2b, UC_SS(DX)
	RET

// note keeps signal DI with siginfo SI in the slot and blocks all others in
// the interrupted context DX. It changes R8, R9, CX.
TEXT note<>(SB), NOSPLIT|NOFRAME, $0
	MOVL DI, Slot_Sig(BX)
	MOVL DI, Slot_Pending(BX)
	MOVQ BLOCK_ALL, CX
	MOVQ CX, UC_SIGMASK(DX)
	LEAQ Slot_Info(BX), R9
	MOVL $16, CX
copy:
	MOVQ -8(SI)(CX*8), R8
	MOVQ R8, -8(R9)(CX*8)
	DECL CX
	JNE copy
	RET

// inGate: a signal came while the thread was in the gate at AX.
TEXT inGate<>(SB), NOSPLIT|NOFRAME, $0
	CMPL 8(SI), $0 // si_code above 0: the kernel's own
	JLE async
	MOVL $(1<<4 | 1<<SIGTRAP | 1<<SIGBUS | 1<<8 | 1<<SIGSEGV | 1<<SIGSYS), CX
	BTL DI, CX
	JCC async
	CMPL DI, $SIGSYS // a vDSO function asked the kernel: not from here
	JEQ refuse
	LEAQ copyOut<>(SB), CX
	CMPQ AX, CX
	JCS die
	LEAQ copyFault<>(SB), CX
	CMPQ AX, CX
	JCC die
	MOVQ CX, UC_RIP(DX)
	RET
refuse:
	MOVQ $-38, UC_REGS+13*8(DX)
	RET
die:
	// A fault of the gate itself: the guest jumped into it or broke its memory.
	// With the default action back, the same fault ends the guest.
	PUSHQ $0
	PUSHQ $0
	PUSHQ $0
	PUSHQ $0
	MOVQ SP, SI
	XORL DX, DX
	MOVL $8, R10
	MOVL $SYS_SIGACTION, AX
	SYSCALL
	POPQ CX
	POPQ CX
	POPQ CX
	POPQ CX
	RET
async:
	CMPL Slot_Pending(BX), $0
	JNE late
	CALL note<>(SB)
	LEAQ hostCall<>(SB), CX
	SUBQ AX, CX
	NEGQ CX
	CMPQ CX, $CALL_LEN
	JCS undo
	LEAQ hostCall32<>(SB), CX
	SUBQ AX, CX
	NEGQ CX
	CMPQ CX, $CALL32_LEN
	JCS undo
	LEAQ gateLeave<>(SB), CX
	CMPQ AX, CX
	JCS out
	LEAQ leaveEnd<>(SB), CX
	CMPQ AX, CX
	JCC out
	LEAQ leaveAgain<>(SB), CX
	MOVQ CX, UC_RIP(DX)
	LEAQ const_stackTop(BX), CX
	MOVQ CX, UC_RSP(DX)
out:
	RET
undo:
	LEAQ hostInterrupted<>(SB), CX
	MOVQ CX, UC_RIP(DX)
	RET
late:
	DECL DI
	MOVQ Slot_Late(BX), CX
	BTSQ DI, CX
	MOVQ CX, Slot_Late(BX)
	RET
