#include "textflag.h"
#include "go_asm.h"

// The gate's code: everything from gateBegin to gateEnd is copied into the
// guest, so it may refer to nothing outside. It uses no vector registers: those
// are the guest's. In the gate BX holds the slot, and all guest registers are
// in the slot, so the rest is free. The linker takes a circle of jumps for endless
// recursion: one jump of each circle goes through AX.

#define SYS_SIGACTION 13
#define SYS_IOCTL 16
#define SYS_GETSOCKOPT 55
#define SYS_SIGPROCMASK 14
#define SYS_SHMGET 29
#define SYS_SHMAT 30
#define SYS_SHMCTL 31
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
#define SYS_EPOLL_PWAIT2 441
#define SYS_STATX 332

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
	MOVL Space_Making(BX), DI
	TESTL DI, DI
	JEQ none
	XORL SI, SI
	XORL DX, DX
	MOVL $SYS_SHMGET, AX
	SYSCALL
	TESTQ AX, AX
	JLT none
	MOVQ AX, DI
	XORL SI, SI // IPC_RMID
	XORL DX, DX
	MOVL $SYS_SHMCTL, AX
	SYSCALL
none:
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

#include "handler_amd64.h"
#include "call_amd64.h"
#include "leave_amd64.h"

TEXT gateEnd<>(SB), NOSPLIT|NOFRAME, $0
	INT $3

// The supervisor's view of the block.

// func text() (begin, end, start, handler, restorer, entry, entry32, site32 unsafe.Pointer)
TEXT ·text(SB), NOSPLIT, $0-64
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
	LEAQ site32<>(SB), AX
	MOVQ AX, site32+56(FP)
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

// func TSC() uint64
TEXT ·TSC(SB), NOSPLIT, $0-8
	LFENCE
	RDTSC
	SHLQ $32, DX
	ORQ DX, AX
	MOVQ AX, ret+0(FP)
	RET
