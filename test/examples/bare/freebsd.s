//go:build freebsd && amd64

// FreeBSD amd64: syscall, number in RAX, arguments in RDI, RSI, RDX; an error
// sets the carry flag and leaves its positive number in RAX. 4 is write, 6
// close, 1 exit; 9 is EBADF.

#include "textflag.h"
#include "data.h"

TEXT ·bare(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVL $4, AX
	MOVL $1, DI
	LEAQ hello<>(SB), SI
	MOVL $13, DX
	SYSCALL
	MOVL $2, DI
	JCS  exit

	MOVL $6, AX
	MOVL $-1, DI
	SYSCALL
	MOVL $1, DI
	JCC  exit
	CMPL AX, $9
	JNE  exit

	MOVL $4, AX
	MOVL $1, DI
	LEAQ failed<>(SB), SI
	MOVL $42, DX
	SYSCALL
	MOVL $0, DI

exit:
	MOVL $1, AX
	SYSCALL
