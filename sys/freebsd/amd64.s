//go:build freebsd && amd64

#include "funcdata.h"
#include "textflag.h"

// Number in AX; arguments in DI SI DX R10 R8 R9, the seventh and later ones on
// the stack at 8(SP), where a C function would find them; result in AX and DX.
// A set carry flag says that AX is the error. CX and R11 are lost.
//
// The forms that tell the scheduler call entersyscall and exitsyscall with the
// same SP: entersyscall notes the PC and SP of its caller.

// func Syscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall(SB),NOSPLIT,$0-56
	CALL	runtime·entersyscall(SB)
	MOVQ	number+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	SYSCALL
	JCS	failed
	MOVQ	AX, r1+32(FP)
	MOVQ	DX, r2+40(FP)
	MOVQ	$0, errno+48(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
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
	JCS	failed
	MOVQ	AX, r1+56(FP)
	MOVQ	DX, r2+64(FP)
	MOVQ	$0, errno+72(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
	MOVQ	$-1, r1+56(FP)
	MOVQ	$0, r2+64(FP)
	MOVQ	AX, errno+72(FP)
	CALL	runtime·exitsyscall(SB)
	RET

// func Syscall9(number, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall9(SB),NOSPLIT,$32-104
	NO_LOCAL_POINTERS
	CALL	runtime·entersyscall(SB)
	MOVQ	number+0(FP), AX
	MOVQ	a7+56(FP), DI
	MOVQ	a8+64(FP), SI
	MOVQ	a9+72(FP), DX
	MOVQ	DI, 8(SP)
	MOVQ	SI, 16(SP)
	MOVQ	DX, 24(SP)
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	MOVQ	a4+32(FP), R10
	MOVQ	a5+40(FP), R8
	MOVQ	a6+48(FP), R9
	SYSCALL
	JCS	failed
	MOVQ	AX, r1+80(FP)
	MOVQ	DX, r2+88(FP)
	MOVQ	$0, errno+96(FP)
	CALL	runtime·exitsyscall(SB)
	RET
failed:
	MOVQ	$-1, r1+80(FP)
	MOVQ	$0, r2+88(FP)
	MOVQ	AX, errno+96(FP)
	CALL	runtime·exitsyscall(SB)
	RET

// func RawSyscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall(SB),NOSPLIT,$0-56
	MOVQ	number+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	SYSCALL
	JCS	failed
	MOVQ	AX, r1+32(FP)
	MOVQ	DX, r2+40(FP)
	MOVQ	$0, errno+48(FP)
	RET
failed:
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
	JCS	failed
	MOVQ	AX, r1+56(FP)
	MOVQ	DX, r2+64(FP)
	MOVQ	$0, errno+72(FP)
	RET
failed:
	MOVQ	$-1, r1+56(FP)
	MOVQ	$0, r2+64(FP)
	MOVQ	AX, errno+72(FP)
	RET
