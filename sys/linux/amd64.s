//go:build linux && amd64

#include "textflag.h"

// Number in AX; arguments in DI SI DX R10 R8 R9; result in AX and DX. AX from
// -4095 to -1 is the negative error. CX and R11 are lost.
//
// The forms that tell the scheduler have no frame of their own: entersyscall
// notes the PC and SP of its caller, and exitsyscall must be called from there.

// func Syscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall(SB),NOSPLIT,$0-56
	CALL	runtime·entersyscall(SB)
	MOVQ	number+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	MOVQ	AX, r1+32(FP)
	MOVQ	DX, r2+40(FP)
	MOVQ	$0, errno+48(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
	NEGQ	AX
	MOVQ	$-1, r1+32(FP)
	MOVQ	$0, r2+40(FP)
	MOVQ	AX, errno+48(FP)
	CALL	runtime·exitsyscall(SB)
	RET

// func Syscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall6(SB),NOSPLIT,$0-80
	CALL	runtime·entersyscall(SB)
	MOVQ	number+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	MOVQ	a4+32(FP), R10
	MOVQ	a5+40(FP), R8
	MOVQ	a6+48(FP), R9
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	MOVQ	AX, r1+56(FP)
	MOVQ	DX, r2+64(FP)
	MOVQ	$0, errno+72(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
	NEGQ	AX
	MOVQ	$-1, r1+56(FP)
	MOVQ	$0, r2+64(FP)
	MOVQ	AX, errno+72(FP)
	CALL	runtime·exitsyscall(SB)
	RET

// func RawSyscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall(SB),NOSPLIT,$0-56
	MOVQ	number+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	MOVQ	AX, r1+32(FP)
	MOVQ	DX, r2+40(FP)
	MOVQ	$0, errno+48(FP)
	RET
failed:
	NEGQ	AX
	MOVQ	$-1, r1+32(FP)
	MOVQ	$0, r2+40(FP)
	MOVQ	AX, errno+48(FP)
	RET

// func RawSyscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall6(SB),NOSPLIT,$0-80
	MOVQ	number+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	MOVQ	a4+32(FP), R10
	MOVQ	a5+40(FP), R8
	MOVQ	a6+48(FP), R9
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	MOVQ	AX, r1+56(FP)
	MOVQ	DX, r2+64(FP)
	MOVQ	$0, errno+72(FP)
	RET
failed:
	NEGQ	AX
	MOVQ	$-1, r1+56(FP)
	MOVQ	$0, r2+64(FP)
	MOVQ	AX, errno+72(FP)
	RET
