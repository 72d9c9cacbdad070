//go:build linux && 386

// Linux i386: int $0x80, number in EAX, arguments in EBX, ECX, EDX; an error
// is a negative result. 4 is write, 6 close, 1 exit; 9 is EBADF.

#include "textflag.h"
#include "data.h"

TEXT ·bare(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVL $4, AX
	MOVL $1, BX
	LEAL hello<>(SB), CX
	MOVL $13, DX
	INT  $0x80

	MOVL $6, AX
	MOVL $-1, BX
	INT  $0x80
	MOVL $1, BX
	CMPL AX, $-9
	JNE  exit

	MOVL $4, AX
	MOVL $1, BX
	LEAL failed<>(SB), CX
	MOVL $42, DX
	INT  $0x80
	MOVL $0, BX

exit:
	MOVL $1, AX
	INT  $0x80
