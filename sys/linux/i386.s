//go:build linux && 386

#include "textflag.h"

// Number in AX; arguments in BX CX DX SI DI BP; result in AX and DX. AX from
// -4095 to -1 is the negative error. Every other register is kept.
//
// The trap is INT $0x80 and not the vDSO's entry: the kernel restarts some calls
// by going back two bytes, and a tracer knows the call by that instruction.
//
// The forms that tell the scheduler have no frame of their own: entersyscall
// notes the PC and SP of its caller, and exitsyscall must be called from there.

// func Syscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall(SB),NOSPLIT,$0-28
	CALL	runtime·entersyscall(SB)
	MOVL	number+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	MOVL	a3+12(FP), DX
	INT	$0x80
	CMPL	AX, $0xfffff001
	JCC	failed
	MOVL	AX, r1+16(FP)
	MOVL	DX, r2+20(FP)
	MOVL	$0, errno+24(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
	NEGL	AX
	MOVL	$-1, r1+16(FP)
	MOVL	$0, r2+20(FP)
	MOVL	AX, errno+24(FP)
	CALL	runtime·exitsyscall(SB)
	RET

// func Syscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall6(SB),NOSPLIT,$0-40
	CALL	runtime·entersyscall(SB)
	MOVL	number+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	MOVL	a3+12(FP), DX
	MOVL	a4+16(FP), SI
	MOVL	a5+20(FP), DI
	MOVL	a6+24(FP), BP
	INT	$0x80
	CMPL	AX, $0xfffff001
	JCC	failed
	MOVL	AX, r1+28(FP)
	MOVL	DX, r2+32(FP)
	MOVL	$0, errno+36(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
	NEGL	AX
	MOVL	$-1, r1+28(FP)
	MOVL	$0, r2+32(FP)
	MOVL	AX, errno+36(FP)
	CALL	runtime·exitsyscall(SB)
	RET

// func RawSyscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall(SB),NOSPLIT,$0-28
	MOVL	number+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	MOVL	a3+12(FP), DX
	INT	$0x80
	CMPL	AX, $0xfffff001
	JCC	failed
	MOVL	AX, r1+16(FP)
	MOVL	DX, r2+20(FP)
	MOVL	$0, errno+24(FP)
	RET
failed:
	NEGL	AX
	MOVL	$-1, r1+16(FP)
	MOVL	$0, r2+20(FP)
	MOVL	AX, errno+24(FP)
	RET

// func RawSyscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall6(SB),NOSPLIT,$0-40
	MOVL	number+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	MOVL	a3+12(FP), DX
	MOVL	a4+16(FP), SI
	MOVL	a5+20(FP), DI
	MOVL	a6+24(FP), BP
	INT	$0x80
	CMPL	AX, $0xfffff001
	JCC	failed
	MOVL	AX, r1+28(FP)
	MOVL	DX, r2+32(FP)
	MOVL	$0, errno+36(FP)
	RET
failed:
	NEGL	AX
	MOVL	$-1, r1+28(FP)
	MOVL	$0, r2+32(FP)
	MOVL	AX, errno+36(FP)
	RET
