#include "textflag.h"
#include "go_asm.h"

// The gate's code: everything from gateBegin to gateEnd is copied into the
// guest, so it may refer to nothing outside. It uses no vector registers: those
// are the guest's. In the gate BX holds the slot, and all guest registers are
// in the slot, so the rest is free. The linker takes a circle of jumps for endless
// recursion: one jump of each circle goes through AX.

#define SYS_SIGACTION 13
#define SYS_SIGPROCMASK 14
#define SYS_SHMAT 30
#define SYS_GETPID 39
#define SYS_CLONE 56
#define SYS_EXIT 60
#define SYS_KILL 62
#define SYS_SETSID 112
#define SYS_SIGALTSTACK 131
#define SYS_PRCTL 157
#define SYS_ARCH_PRCTL 158
#define SYS_GETTID 186
#define SYS_FUTEX 202
#define SYS_CLOCK_GETTIME 228
#define SYS_EXIT_GROUP 231
#define SYS_POLL 7
#define SYS_386_CLOCK_GETTIME 265
#define SYS_PIDFD_OPEN 434
#define SYS_CLONE3 435

#define SIGTRAP 5
#define SIGBUS 7
#define SIGSEGV 11
#define SIGSYS 31

// Offsets in the host's ucontext (struct rt_sigframe, x86-64).
#define UC_REGS 40
#define UC_RSP 160
#define UC_RIP 168
#define UC_EFLAGS 176
#define UC_CS 184
#define UC_SS 190
#define UC_ERR 192
#define UC_TRAPNO 200
#define UC_CR2 216
#define UC_SIGMASK 296

// All signals but those that the gate itself needs: SIGTRAP, SIGBUS, SIGSEGV, SIGSYS.
#define BLOCK_ALL $~(1<<4 | 1<<6 | 1<<10 | 1<<30)

// Bytes from hostCall and hostCall32 to the end of the instruction that makes the
// call (checked by a test).
#define CALL_LEN 8
#define CALL32_LEN 9

// How long to look for an answer before sleeping, in PAUSEs of about 40 ns.
#define SPIN $1000

TEXT gateBegin<>(SB), NOSPLIT|NOFRAME, $0
	JMP gateStart<>(SB)

// gateStart is the entry of the ELF image. The id of the shared memory is coded
// in the path that was executed: 32 pairs, "/." for one and "//" for zero.
TEXT gateStart<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, R14
	MOVQ (SP), CX
	LEAQ 16(SP)(CX*8), SI
env:
	MOVQ (SI), AX
	ADDQ $8, SI
	TESTQ AX, AX
	JNE env
aux:
	MOVQ (SI), AX
	MOVQ 8(SI), R8
	ADDQ $16, SI
	CMPQ AX, $31 // AT_EXECFN
	JNE aux
	XORL DI, DI
	MOVL $32, CX
bit:
	SHLL $1, DI
	CMPB 1(R8), $'.'
	JNE zero
	ORL $1, DI
zero:
	ADDQ $2, R8
	DECL CX
	JNE bit
	MOVQ $const_SpaceBase, SI
	XORL DX, DX
	MOVL $SYS_SHMAT, AX
	SYSCALL
	MOVQ $const_SpaceBase, BX
	CMPQ AX, BX
	JNE fail
	MOVL Space_Role(BX), CX
	ADDQ $const_SlotSize, BX
	LEAQ const_stackTop(BX), SP
	CMPL CX, $const_roleKeeper
	JEQ keep
	MOVQ R14, Slot_Sp0(BX)
	MOVL $SIGSYS, DI
	CALL install<>(SB)
	MOVL $SIGSEGV, DI
	CALL install<>(SB)
	MOVL $SIGBUS, DI
	CALL install<>(SB)
	MOVL $SIGTRAP, DI
	CALL install<>(SB)
	JMP setup<>(SB)
keep:
	JMP keeper<>(SB)
fail:
	MOVL $126, DI
	MOVL $SYS_EXIT_GROUP, AX
	SYSCALL
	INT $3

// install makes the gate's handler that of signal DI.
TEXT install<>(SB), NOSPLIT|NOFRAME, $0
	PUSHQ $-1
	LEAQ restorer<>(SB), AX
	PUSHQ AX
	PUSHQ $0x0c000004 // SA_ONSTACK|SA_RESTORER|SA_SIGINFO
	LEAQ handler<>(SB), AX
	PUSHQ AX
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

// keeper waits for the end of the supervisor and then ends every guest.
TEXT keeper<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $SYS_SETSID, AX
	SYSCALL
	MOVQ $const_SpaceBase, BX
	MOVL Space_Supervisor(BX), DI
	XORL SI, SI
	MOVL $SYS_PIDFD_OPEN, AX
	SYSCALL
	TESTQ AX, AX
	JLT sweep // it is gone already
	BTSQ $32, AX // struct pollfd: events POLLIN
	PUSHQ AX
wait:
	MOVQ SP, DI
	MOVL $1, SI
	MOVQ $-1, DX
	MOVL $SYS_POLL, AX
	SYSCALL
	CMPQ AX, $1
	JNE wait
sweep:
	MOVL Space_NPids(BX), R12
	LEAQ Space_Pids(BX), R13
next:
	DECL R12
	JLT done
	MOVL (R13), DI
	ADDQ $4, R13
	TESTL DI, DI
	JEQ next
	MOVL $9, SI
	MOVL $SYS_KILL, AX
	SYSCALL
	JMP next
done:
	XORL DI, DI
	MOVL $SYS_EXIT_GROUP, AX
	SYSCALL
	INT $3

// newTask is the first code of a cloned thread or process. R12 is its slot, R13
// the shared memory of a new address space or -1.
TEXT newTask<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ R12, BX
	TESTQ R13, R13
	JLT same
	MOVQ R13, DI
	MOVQ $const_SpaceBase, SI
	MOVL $0x4000, DX // SHM_REMAP
	MOVL $SYS_SHMAT, AX
	SYSCALL
	MOVQ $const_SpaceBase, CX
	CMPQ AX, CX
	JEQ same
	MOVL $126, DI
	MOVL $SYS_EXIT_GROUP, AX
	SYSCALL
same:
	JMP setup<>(SB)

// setup prepares what the host keeps for each thread and reports to the supervisor.
TEXT setup<>(SB), NOSPLIT|NOFRAME, $0
	PUSHQ $const_altSize
	PUSHQ $0
	LEAQ const_altOffset(BX), AX
	PUSHQ AX
	MOVQ SP, DI
	XORL SI, SI
	MOVL $SYS_SIGALTSTACK, AX
	SYSCALL
	POPQ CX
	POPQ CX
	POPQ CX
	MOVQ $const_SpaceBase, R12
	MOVL $0x1001, DI // ARCH_SET_GS
	CMPL Space_Compat(R12), $0
	JEQ base
	MOVL $0x1002, DI // ARCH_SET_FS
base:
	MOVQ BX, SI
	MOVL $SYS_ARCH_PRCTL, AX
	SYSCALL
	MOVL $SYS_GETTID, AX
	SYSCALL
	MOVL AX, Slot_Tid(BX)
	MOVL $SYS_GETPID, AX
	SYSCALL
	MOVL AX, Slot_Pid(BX)
	CMPL Space_Dispatch(R12), $0
	JEQ born
	MOVL $59, DI // PR_SET_SYSCALL_USER_DISPATCH
	MOVL $1, SI
	LEAQ gateBegin<>(SB), DX
	LEAQ gateEnd<>(SB), R10
	SUBQ DX, R10
	XORL R8, R8
	MOVL $SYS_PRCTL, AX
	SYSCALL
	MOVQ AX, Slot_Ret(BX)
born:
	MOVL $const_KindBorn, AX
	CALL handoff<>(SB)
	JMP commands<>(SB)

TEXT restorer<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $15, AX
	SYSCALL
	INT $3

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
	LEAQ leave<>(SB), CX
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

// entry: a patched site jumps here with the address behind the call in CX.
TEXT entry<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, (Slot_Regs+Regs_Rsp)(GS)
	MOVQ Slot_Stack(GS), SP
	PUSHFQ
	POPQ (Slot_Regs+Regs_Eflags)(GS)
	MOVQ AX, (Slot_Regs+Regs_Rax)(GS)
	MOVQ BX, (Slot_Regs+Regs_Rbx)(GS)
	MOVQ CX, (Slot_Regs+Regs_Rcx)(GS)
	MOVQ CX, (Slot_Regs+Regs_Rip)(GS)
	MOVQ DX, (Slot_Regs+Regs_Rdx)(GS)
	MOVQ SI, (Slot_Regs+Regs_Rsi)(GS)
	MOVQ DI, (Slot_Regs+Regs_Rdi)(GS)
	MOVQ BP, (Slot_Regs+Regs_Rbp)(GS)
	MOVQ R8, (Slot_Regs+Regs_R8)(GS)
	MOVQ R9, (Slot_Regs+Regs_R9)(GS)
	MOVQ R10, (Slot_Regs+Regs_R10)(GS)
	MOVQ R12, (Slot_Regs+Regs_R12)(GS)
	MOVQ R13, (Slot_Regs+Regs_R13)(GS)
	MOVQ R14, (Slot_Regs+Regs_R14)(GS)
	MOVQ R15, (Slot_Regs+Regs_R15)(GS)
	MOVQ Slot_Self(GS), BX
	MOVQ (Slot_Regs+Regs_Eflags)(BX), R11
	MOVQ R11, (Slot_Regs+Regs_R11)(BX)
	SUBQ $2, CX
	MOVQ CX, Slot_Restart(BX)
	MOVL $0, Slot_Trapped(BX)
	CLD
	JMP dispatch<>(SB)

// entry32: 32-bit code made a far call to here. Behind the far call, whose
// return address is on the guest's stack, stand two words: where the guest goes
// on, and where it makes the call again.
TEXT entry32<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ AX, (Slot_Regs+Regs_Rax)(FS)
	MOVL (SP), AX
	LEAL 8(SP), SP // the flags are the guest's
	MOVQ SP, (Slot_Regs+Regs_Rsp)(FS)
	MOVQ Slot_Stack(FS), SP
	PUSHFQ
	POPQ (Slot_Regs+Regs_Eflags)(FS)
	MOVQ BX, (Slot_Regs+Regs_Rbx)(FS)
	MOVQ CX, (Slot_Regs+Regs_Rcx)(FS)
	MOVQ DX, (Slot_Regs+Regs_Rdx)(FS)
	MOVQ SI, (Slot_Regs+Regs_Rsi)(FS)
	MOVQ DI, (Slot_Regs+Regs_Rdi)(FS)
	MOVQ BP, (Slot_Regs+Regs_Rbp)(FS)
	MOVQ Slot_Self(FS), BX
	MOVL (AX), CX
	MOVQ CX, (Slot_Regs+Regs_Rip)(BX)
	MOVL 4(AX), CX
	MOVQ CX, Slot_Restart(BX)
	MOVL $0, Slot_Trapped(BX)
	MOVW $0x23, (Slot_Regs+Regs_CS)(BX)
	CLD
	JMP dispatch<>(SB)

// trapEntry: the handler has put the registers of a trap into the slot and sent
// the thread here, with the guest's own signal mask.
TEXT trapEntry<>(SB), NOSPLIT|NOFRAME, $0
	LEAQ -const_stackTop(SP), BX
	MOVQ $const_SpaceBase, R12
	CMPL Space_Patch(R12), $0
	JEQ go
	MOVQ Slot_Restart(BX), AX
	MOVQ AX, CX
	ANDL $(const_seenSize-1), CX
	CMPQ AX, Space_Seen(R12)(CX*8)
	JEQ go
	MOVL $const_KindSite, AX
	CALL handoff<>(SB)
	JMP commands<>(SB)
go:
	JMP dispatch<>(SB)

// dispatch finishes the call whose registers are in the slot, or hands it over.
TEXT dispatch<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ $const_TableBase, R12
	CMPL table_Ask(R12), $0
	JNE serve
	CALL finish<>(SB)
	CMPQ AX, $const_serveIt
	JEQ serve
	CMPQ AX, $const_interrupted
	JEQ again
	MOVQ $const_TableBase, R12
	CMPL table_Carry(R12), $0
	JEQ plain
	ANDQ $~1, (Slot_Regs+Regs_Eflags)(BX)
	CMPQ AX, $-4095
	JCS plain
	NEGQ AX
	ANDL $255, AX
	MOVWLZX table_Errno(R12)(AX*2), AX
	ORQ $1, (Slot_Regs+Regs_Eflags)(BX)
plain:
	MOVQ AX, (Slot_Regs+Regs_Rax)(BX)
	JMP gateLeave<>(SB)
again:
	MOVQ Slot_Restart(BX), AX
	MOVQ AX, (Slot_Regs+Regs_Rip)(BX)
	JMP gateLeave<>(SB)
serve:
	MOVL $const_KindCall, AX
	CALL handoff<>(SB)
	JMP commands<>(SB)

// finish makes a direct call by its row of the table: the host's result in AX,
// or serveIt.
TEXT finish<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ $const_TableBase, R12
	MOVL (Slot_Regs+Regs_Rax)(BX), AX
	CMPL AX, table_Count(R12)
	JCC serve
	SHLQ $5, AX
	LEAQ table_Rows(R12)(AX*1), R13
	CMPB row_Rule(R13), $const_Served
	JEQ serve
	SUBQ $48, SP
	XORL DX, DX
arg:
	CMPB DX, row_NArgs(R13)
	JCC ready
	MOVBLZX (row_Args+rowArg_Op)(R13)(DX*4), AX
	MOVBLZX (row_Args+rowArg_Reg)(R13)(DX*4), CX
	MOVWLZX (row_Args+rowArg_Value)(R13)(DX*4), SI
	MOVQ Slot_Regs(BX)(CX*8), R9
	CMPL AX, $const_Pass
	JEQ store
	CMPL AX, $const_Zero32
	JEQ zero32
	CMPL AX, $const_Sign32
	JEQ sign32
	CMPL AX, $const_Pair32
	JEQ pair32
	CMPL AX, $const_Const
	JEQ const
	LEAQ table_Maps(R12)(SI*8), SI
	MOVL mapRef_First(SI), DI
	LEAQ (R12)(DI*8), DI
	MOVL mapRef_Count(SI), CX
	CMPL AX, $const_Values
	JEQ values
	XORL R10, R10
flag:
	DECL CX
	JLT flagsDone
	MOVL (DI), AX
	MOVL 4(DI), R8
	ADDQ $8, DI
	MOVL AX, R11
	ANDL R9, R11
	CMPL R11, AX
	JNE flag
	ORL R8, R10
	NOTL AX
	ANDL AX, R9
	JMP flag
flagsDone:
	TESTL R9, R9
	JNE unknown
	MOVQ R10, R9
	JMP store
values:
	DECL CX
	JLT unknown
	MOVL (DI), AX
	MOVL 4(DI), R8
	ADDQ $8, DI
	CMPL AX, R9
	JNE values
	MOVLQSX R8, R9
	JMP store
zero32:
	MOVL R9, R9
	JMP store
sign32:
	MOVLQSX R9, R9
	JMP store
pair32:
	MOVL R9, R9
	MOVQ Slot_Regs(BX)(SI*8), AX
	SHLQ $32, AX
	ORQ AX, R9
	JMP store
const:
	MOVQ SI, R9
store:
	MOVQ R9, (SP)(DX*8)
	INCL DX
	JMP arg

unknown:
	ADDQ $48, SP
serve:
	MOVQ $const_serveIt, AX
	RET

ready:
	POPQ DI
	POPQ SI
	POPQ DX
	POPQ R10
	POPQ R8
	POPQ R9
	CMPB row_Guard(R13), $0
	JEQ call
	MOVQ $const_High, AX
	CMPQ DI, AX
	JCC call
	MOVQ $const_Low, CX
	LEAQ (DI)(SI*1), AX
	CMPQ AX, DI
	JCS serve // wraps around
	CMPQ CX, AX
	JCS serve // ends above Low
call:
	MOVWLZX row_Host(R13), AX
	MOVBLZX row_Rule(R13), BP
	CMPL BP, $const_Host
	JEQ host
	CMPL BP, $const_Clock
	JEQ clock
	CMPL BP, $const_Clock32
	JEQ clock
	JMP hostArgs32<>(SB)
host:
	JMP hostCall<>(SB)

clock:
	MOVQ SI, R13
	MOVL DI, R14
	MOVQ $const_SpaceBase, R12
	MOVQ Space_VdsoClock(R12), R12
	TESTQ R12, R12
	JEQ slow
	LEAQ Slot_Clock(BX), SI
	MOVQ SP, R15
	ANDQ $~15, SP
	CALL R12
	MOVQ R15, SP
	TESTL AX, AX
	JNE slow // the vDSO does not serve this clock
	MOVQ Slot_Clock+0(BX), CX
	MOVQ Slot_Clock+8(BX), DX
	CMPL BP, $const_Clock32
	JEQ short
	JMP copyOut<>(SB)
short:
	JMP copyOut32<>(SB)
slow:
	MOVL R14, DI
	MOVQ R13, SI
	CMPL BP, $const_Clock32
	JEQ slow32
	MOVL $SYS_CLOCK_GETTIME, AX
	JMP hostCall<>(SB)
slow32:
	MOVL $SYS_386_CLOCK_GETTIME, AX
	JMP hostArgs32<>(SB)

// copyOut stores CX, DX at R13 in the guest, copyOut32 the low halves; a fault
// makes them end in copyFault.
TEXT copyOut<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ CX, (R13)
	MOVQ DX, 8(R13)
	XORL AX, AX
	RET

TEXT copyOut32<>(SB), NOSPLIT|NOFRAME, $0
	MOVL CX, (R13)
	MOVL DX, 4(R13)
	XORL AX, AX
	RET

TEXT copyFault<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ $-14, AX
	RET

// hostCall makes host call AX unless a signal is pending. A signal that comes
// before the syscall instruction, or makes the host go back to it, continues at
// hostInterrupted.
TEXT hostCall<>(SB), NOSPLIT|NOFRAME, $0
	CMPL Slot_Pending(BX), $0
	JNE pending
	SYSCALL
	RET
pending:
	JMP hostInterrupted<>(SB)

// hostArgs32 moves the arguments to where int $0x80 wants them. BX is the first
// argument, so the slot moves to R15.
TEXT hostArgs32<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ BX, R15
	MOVL DX, R11
	MOVL DI, BX
	MOVL SI, CX
	MOVL R11, DX
	MOVL R10, SI
	MOVL R8, DI
	XCHGL BP, R9
	CALL hostCall32<>(SB)
	MOVQ R15, BX
	MOVLQSX AX, AX
	CMPQ AX, $-4095
	JCC error
	MOVL AX, AX
error:
	RET

TEXT hostCall32<>(SB), NOSPLIT|NOFRAME, $0
	CMPL Slot_Pending(R15), $0
	JNE pending
	INT $0x80
	RET
pending:
	JMP hostInterrupted<>(SB)

TEXT hostInterrupted<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ $const_interrupted, AX
	RET

// gateLeave goes back to the guest with the registers of the slot.
TEXT gateLeave<>(SB), NOSPLIT|NOFRAME, $0
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

// leave: a signal that comes between here and leaveEnd continues at leaveAgain,
// for until the last instruction all registers are still in the slot.
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
	MOVL $-1, AX
	MOVL $-1, DX
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

TEXT gateEnd<>(SB), NOSPLIT|NOFRAME, $0
	INT $3

// The supervisor's view of the block.

// func text() (begin, end, start, handler, restorer, entry, entry32 unsafe.Pointer)
TEXT ·text(SB), NOSPLIT, $0-56
	LEAQ gateBegin<>(SB), AX
	MOVQ AX, begin+0(FP)
	LEAQ gateEnd<>(SB), AX
	MOVQ AX, end+8(FP)
	LEAQ gateStart<>(SB), AX
	MOVQ AX, start+16(FP)
	LEAQ handler<>(SB), AX
	MOVQ AX, handler+24(FP)
	LEAQ restorer<>(SB), AX
	MOVQ AX, restorer+32(FP)
	LEAQ entry<>(SB), AX
	MOVQ AX, entry+40(FP)
	LEAQ entry32<>(SB), AX
	MOVQ AX, entry32+48(FP)
	RET

// func hostCalls() (call, call32 unsafe.Pointer)
TEXT ·hostCalls(SB), NOSPLIT, $0-16
	LEAQ hostCall<>(SB), AX
	MOVQ AX, call+0(FP)
	LEAQ hostCall32<>(SB), AX
	MOVQ AX, call32+8(FP)
	RET

// func cpu() uint32
TEXT ·cpu(SB), NOSPLIT, $0-4
	MOVL $0x7b, AX
	BYTE $0x0f; BYTE $0x03; BYTE $0xc0 // lsl %eax, %eax
	MOVL AX, ret+0(FP)
	RET

// func pause()
TEXT ·pause(SB), NOSPLIT, $0-0
	PAUSE
	RET

// func cpuid(leaf, sub uint32) (a, b, c, d uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET

// func xgetbv() uint64
TEXT ·xgetbv(SB), NOSPLIT, $0-8
	XORL CX, CX
	XGETBV
	SHLQ $32, DX
	ORQ DX, AX
	MOVQ AX, ret+0(FP)
	RET
