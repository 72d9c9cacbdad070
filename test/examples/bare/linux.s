//go:build linux && amd64

// Linux amd64: syscall, number in RAX, arguments in RDI, RSI, RDX; an error is
// a negative result. 1 is write, 3 close, 60 exit; 9 is EBADF.

#include "textflag.h"
#include "data.h"

TEXT ·bare(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVL $1, AX
	MOVL $1, DI
	LEAQ hello<>(SB), SI
	MOVL $13, DX
	SYSCALL

	MOVL $3, AX
	MOVL $-1, DI
	SYSCALL
	MOVL $1, DI
	CMPQ AX, $-9
	JNE  exit

	MOVL $1, AX
	MOVL $1, DI
	LEAQ failed<>(SB), SI
	MOVL $42, DX
	SYSCALL
	MOVL $0, DI

exit:
	MOVL $60, AX
	SYSCALL
