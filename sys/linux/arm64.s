//go:build linux && arm64

#include "textflag.h"

// Number in R8; arguments in R0 to R5; result in R0 and R1. R0 from -4095 to -1
// is the negative error. Every other register is kept.
//
// The forms that tell the scheduler have no frame of their own but the link
// register: entersyscall notes the PC and SP of its caller, and exitsyscall must
// be called from there.

// func Syscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall(SB),NOSPLIT,$0-56
	BL	runtime·entersyscall(SB)
	MOVD	number+0(FP), R8
	MOVD	a1+8(FP), R0
	MOVD	a2+16(FP), R1
	MOVD	a3+24(FP), R2
	SVC
	CMN	$4095, R0
	BCS	failed
	MOVD	R0, r1+32(FP)
	MOVD	R1, r2+40(FP)
	MOVD	ZR, errno+48(FP)
	BL	runtime·exitsyscall(SB)
	RET
failed:
	NEG	R0, R0
	MOVD	$-1, R1
	MOVD	R1, r1+32(FP)
	MOVD	ZR, r2+40(FP)
	MOVD	R0, errno+48(FP)
	BL	runtime·exitsyscall(SB)
	RET

// func Syscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·Syscall6(SB),NOSPLIT,$0-80
	BL	runtime·entersyscall(SB)
	MOVD	number+0(FP), R8
	MOVD	a1+8(FP), R0
	MOVD	a2+16(FP), R1
	MOVD	a3+24(FP), R2
	MOVD	a4+32(FP), R3
	MOVD	a5+40(FP), R4
	MOVD	a6+48(FP), R5
	SVC
	CMN	$4095, R0
	BCS	failed
	MOVD	R0, r1+56(FP)
	MOVD	R1, r2+64(FP)
	MOVD	ZR, errno+72(FP)
	BL	runtime·exitsyscall(SB)
	RET
failed:
	NEG	R0, R0
	MOVD	$-1, R1
	MOVD	R1, r1+56(FP)
	MOVD	ZR, r2+64(FP)
	MOVD	R0, errno+72(FP)
	BL	runtime·exitsyscall(SB)
	RET

// func RawSyscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall(SB),NOSPLIT,$0-56
	MOVD	number+0(FP), R8
	MOVD	a1+8(FP), R0
	MOVD	a2+16(FP), R1
	MOVD	a3+24(FP), R2
	SVC
	CMN	$4095, R0
	BCS	failed
	MOVD	R0, r1+32(FP)
	MOVD	R1, r2+40(FP)
	MOVD	ZR, errno+48(FP)
	RET
failed:
	NEG	R0, R0
	MOVD	$-1, R1
	MOVD	R1, r1+32(FP)
	MOVD	ZR, r2+40(FP)
	MOVD	R0, errno+48(FP)
	RET

// func RawSyscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)
TEXT ·RawSyscall6(SB),NOSPLIT,$0-80
	MOVD	number+0(FP), R8
	MOVD	a1+8(FP), R0
	MOVD	a2+16(FP), R1
	MOVD	a3+24(FP), R2
	MOVD	a4+32(FP), R3
	MOVD	a5+40(FP), R4
	MOVD	a6+48(FP), R5
	SVC
	CMN	$4095, R0
	BCS	failed
	MOVD	R0, r1+56(FP)
	MOVD	R1, r2+64(FP)
	MOVD	ZR, errno+72(FP)
	RET
failed:
	NEG	R0, R0
	MOVD	$-1, R1
	MOVD	R1, r1+56(FP)
	MOVD	ZR, r2+64(FP)
	MOVD	R0, errno+72(FP)
	RET
