// The way back to the guest, commands of the supervisor, the hand-off. Included by
// gate_amd64.s.

// gateLeave goes back to the guest with the registers of the slot. While a signal
// is pending all others stay blocked, for there is room for one: the mask is set
// when it has been handed over. A signal that comes between here and leaveEnd
// continues at leaveAgain, for until the last instruction all registers are
// still in the slot.
TEXT gateLeave<>(SB), NOSPLIT|NOFRAME, $0
	CMPL Slot_Pending(BX), $0
	JNE clean
	CMPL Slot_MaskDirty(BX), $0
	JEQ clean
	MOVL $0, Slot_MaskDirty(BX)
	MOVL $2, DI // SIG_SETMASK
	LEAQ Slot_NewMask(BX), SI
	XORL DX, DX
	MOVL $8, R10
	MOVL $SYS_SIGPROCMASK, AX
	SYSCALL
clean:
	JMP leave<>(SB)

TEXT leave<>(SB), NOSPLIT|NOFRAME, $0
	CMPL Slot_Pending(BX), $0
	JNE pending
	CMPW (Slot_Regs+Regs_CS)(BX), $0x23
	JEQ compat
	PUSHQ (Slot_Regs+Regs_Rbp)(BX)
	PUSHQ (Slot_Regs+Regs_Eflags)(BX)
	POPFQ
	POPQ BP
	MOVQ (Slot_Regs+Regs_Rbx)(GS), BX
	MOVQ (Slot_Regs+Regs_Rax)(GS), AX
	MOVQ (Slot_Regs+Regs_Rcx)(GS), CX
	MOVQ (Slot_Regs+Regs_Rdx)(GS), DX
	MOVQ (Slot_Regs+Regs_Rsi)(GS), SI
	MOVQ (Slot_Regs+Regs_Rdi)(GS), DI
	MOVQ (Slot_Regs+Regs_R8)(GS), R8
	MOVQ (Slot_Regs+Regs_R9)(GS), R9
	MOVQ (Slot_Regs+Regs_R10)(GS), R10
	MOVQ (Slot_Regs+Regs_R11)(GS), R11
	MOVQ (Slot_Regs+Regs_R12)(GS), R12
	MOVQ (Slot_Regs+Regs_R13)(GS), R13
	MOVQ (Slot_Regs+Regs_R14)(GS), R14
	MOVQ (Slot_Regs+Regs_R15)(GS), R15
	MOVQ (Slot_Regs+Regs_Rsp)(GS), SP
	BYTE $0x65; BYTE $0xff; BYTE $0x24; BYTE $0x25; LONG $(Slot_Regs+Regs_Rip) // jmp *gs:Rip
compat:
	MOVL (Slot_Regs+Regs_Rip)(BX), AX
	MOVL AX, Slot_Far+0(BX)
	MOVL $0x23, Slot_Far+4(BX)
	PUSHQ (Slot_Regs+Regs_Rbp)(BX)
	PUSHQ (Slot_Regs+Regs_Eflags)(BX)
	POPFQ
	POPQ BP
	MOVL (Slot_Regs+Regs_Rax)(FS), AX
	MOVL (Slot_Regs+Regs_Rcx)(FS), CX
	MOVL (Slot_Regs+Regs_Rdx)(FS), DX
	MOVL (Slot_Regs+Regs_Rsi)(FS), SI
	MOVL (Slot_Regs+Regs_Rdi)(FS), DI
	MOVL (Slot_Regs+Regs_Rbx)(FS), BX
	MOVL (Slot_Regs+Regs_Rsp)(FS), SP
	BYTE $0x64; BYTE $0xff; BYTE $0x2c; BYTE $0x25; LONG $Slot_Far // ljmp *fs:Far
pending:
	LEAQ deliver<>(SB), AX
	JMP AX

TEXT leaveEnd<>(SB), NOSPLIT|NOFRAME, $0
	INT $3

// leaveAgain, signalEntry: entered with the slot's stack empty.
TEXT leaveAgain<>(SB), NOSPLIT|NOFRAME, $0
	LEAQ -const_stackTop(SP), BX
	JMP leave<>(SB)

// signalEntry: the handler has put a signal and the guest's registers into the slot.
TEXT signalEntry<>(SB), NOSPLIT|NOFRAME, $0
	LEAQ -const_stackTop(SP), BX
	JMP deliver<>(SB)

// deliver hands a signal over.
TEXT deliver<>(SB), NOSPLIT|NOFRAME, $0
	CALL saveFP<>(SB)
	MOVL $const_KindSignal, AX
	CALL handoff<>(SB)
	JMP commands<>(SB)

TEXT saveFP<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $-1, AX
	MOVL $-1, DX
	XSAVE64 const_fpOffset(BX)
	XORL AX, AX
	RET

// commands does what the supervisor says until that is to leave.
TEXT commands<>(SB), NOSPLIT|NOFRAME, $0
more:
	MOVL Slot_Cmd(BX), AX
	CMPL AX, $const_cmdLeave
	JEQ leave
	CMPL AX, $const_cmdHost
	JEQ host
	CMPL AX, $const_cmdHostMust
	JEQ must
	CMPL AX, $const_cmdDirect
	JEQ direct
	CMPL AX, $const_cmdDispatch
	JEQ dispatch
	CMPL AX, $const_cmdHost32
	JEQ host32
	CMPL AX, $const_cmdHost32Must
	JEQ must32
	CMPL AX, $const_cmdClone
	JEQ clone
	CMPL AX, $const_cmdSaveFP
	JEQ save
	CMPL AX, $const_cmdLoadFP
	JEQ load
	CMPL AX, $const_cmdSegs
	JEQ segs
	CMPL AX, $const_cmdLoadSegs
	JEQ loadSegs
	CMPL AX, $const_cmdExit
	JEQ exit
	MOVQ $-38, AX
done:
	MOVQ AX, Slot_Ret(BX)
	MOVL $const_KindDone, AX
	CALL handoff<>(SB)
	JMP more
leave:
	JMP gateLeave<>(SB)
dispatch:
	LEAQ dispatch<>(SB), AX
	JMP AX
direct:
	CALL finish<>(SB)
	JMP done
host:
	CALL args<>(SB)
	CALL hostCall<>(SB)
	JMP done
must:
	CALL args<>(SB)
	SYSCALL
	JMP done
host32:
	CALL args<>(SB)
	CALL hostArgs32<>(SB)
	JMP done
must32:
	CALL args<>(SB)
	MOVL DX, R11
	MOVQ BX, R15
	MOVL DI, BX
	MOVL SI, CX
	MOVL R11, DX
	MOVL R10, SI
	MOVL R8, DI
	XCHGL BP, R9
	INT $0x80
	MOVQ R15, BX
	MOVLQSX AX, AX
	JMP done
clone:
	// The new task has no signal stack yet: no signal may come before it has.
	PUSHQ $-1
	MOVL $2, DI // SIG_SETMASK
	MOVQ SP, SI
	XORL DX, DX
	MOVL $8, R10
	MOVL $SYS_SIGPROCMASK, AX
	SYSCALL
	POPQ DI
	MOVQ Slot_A+0(BX), DI
	MOVQ Slot_A+8(BX), R12
	MOVQ Slot_A+16(BX), R13
	MOVQ Slot_A+24(BX), DX
	MOVQ Slot_A+32(BX), R10
	LEAQ const_stackTop(R12), SI
	XORL R8, R8
	MOVL $SYS_CLONE, AX
	CMPQ Slot_A+40(BX), $0
	JEQ make
	MOVQ Slot_A+40(BX), DI
	MOVL $const_cloneArgsSize, SI
	MOVL $SYS_CLONE3, AX
make:
	SYSCALL
	TESTQ AX, AX
	JNE done
	LEAQ newTask<>(SB), AX
	JMP AX
save:
	CALL saveFP<>(SB)
	JMP done
load:
	MOVL Slot_A+0(BX), AX
	MOVL Slot_A+4(BX), DX
	XRSTOR64 const_fpOffset(BX)
	XORL AX, AX
	JMP done
segs:
	MOVW GS, AX
	SHLQ $16, AX
	MOVW FS, CX
	ORQ CX, AX
	SHLQ $16, AX
	MOVW ES, CX
	ORQ CX, AX
	SHLQ $16, AX
	MOVW DS, CX
	ORQ CX, AX
	JMP done
loadSegs:
	MOVW Slot_A+0(BX), CX
	CALL selector<>(SB)
	MOVW CX, DS
	MOVW Slot_A+2(BX), CX
	CALL selector<>(SB)
	MOVW CX, ES
	MOVW Slot_A+6(BX), CX
	CALL selector<>(SB)
	MOVW CX, GS
	XORL AX, AX
	JMP done
exit:
	// Once the slot is free another thread may get it: no more use of its memory.
	MOVQ Slot_A+0(BX), R12
	LEAQ Slot_Turn(BX), DI
	MOVL $1, SI // FUTEX_WAKE
	MOVL $1, DX
	MOVL $SYS_FUTEX, AX
	MOVL $const_turnFree, Slot_Turn(BX)
	SYSCALL
	MOVQ R12, DI
	MOVL $SYS_EXIT, AX
	SYSCALL
	INT $3

// selector makes CX 0 if it names no segment that can be loaded.
TEXT selector<>(SB), NOSPLIT|NOFRAME, $0
	MOVWLZX CX, CX
	LARL CX, AX
	JNE null
	BTL $15, AX // present
	JCC null
	VERR CX
	JEQ ok
null:
	XORL CX, CX
ok:
	RET

// args loads number and arguments of a host call from the slot.
TEXT args<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ Slot_Nr(BX), AX
	MOVQ Slot_A+0(BX), DI
	MOVQ Slot_A+8(BX), SI
	MOVQ Slot_A+16(BX), DX
	MOVQ Slot_A+24(BX), R10
	MOVQ Slot_A+32(BX), R8
	MOVQ Slot_A+40(BX), R9
	RET

// handoff gives the turn to the supervisor with kind AX and waits to have it
// back. It spins only if the supervisor ran last on another CPU.
TEXT handoff<>(SB), NOSPLIT|NOFRAME, $0
	MOVL AX, Slot_Kind(BX)
	MOVL $0x7b, CX
	BYTE $0x0f; BYTE $0x03; BYTE $0xc9 // lsl %ecx, %ecx: CPU and node
	MOVL CX, Slot_GateCPU(BX)
	XORL R12, R12
	CMPL CX, Slot_SupCPU(BX)
	JEQ give
	MOVL SPIN, R12
give:
	MOVL $const_turnSupervisor, CX
	XCHGL CX, Slot_Turn(BX)
	CMPL Slot_SupSleeps(BX), $0
	JEQ spin
	LEAQ Slot_Turn(BX), DI
	MOVL $1, SI // FUTEX_WAKE
	MOVL $1, DX
	MOVL $SYS_FUTEX, AX
	SYSCALL
spin:
	CMPL Slot_Turn(BX), $const_turnGate
	JEQ done
	DECL R12
	JLT sleep
	PAUSE
	JMP spin
sleep:
	MOVL $1, CX
	XCHGL CX, Slot_GateSleeps(BX)
	CMPL Slot_Turn(BX), $const_turnGate
	JEQ awake
	PUSHQ $0
	PUSHQ $2 // seconds
	MOVQ SP, R10
	LEAQ Slot_Turn(BX), DI
	XORL SI, SI // FUTEX_WAIT
	MOVL $const_turnSupervisor, DX
	MOVL $SYS_FUTEX, AX
	SYSCALL
	POPQ CX
	POPQ CX
	CMPQ AX, $-110
	JNE sleep
	MOVQ $const_SpaceBase, R12
	MOVL Space_Supervisor(R12), DI
	XORL SI, SI
	MOVL $SYS_KILL, AX
	SYSCALL
	CMPQ AX, $-3
	JNE sleep
	MOVL Slot_Pid(BX), DI // the supervisor is gone
	MOVL $9, SI
	MOVL $SYS_KILL, AX
	SYSCALL
	JMP sleep
awake:
	MOVL $0, Slot_GateSleeps(BX)
done:
	RET
