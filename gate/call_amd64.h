// Calls: from the guest's registers to the host call. Included by gate_amd64.s.

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
	MOVL (SP), R11
	LEAL 8(SP), SP // the flags are the guest's
	JMP site32<>(SB)

// site32: a patched site of 32-bit code leads here with the address of the two
// words in R11 and nothing on the guest's stack, which an ending thread may have
// given away.
TEXT site32<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ AX, (Slot_Regs+Regs_Rax)(FS)
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
	MOVL (R11), CX
	MOVQ CX, (Slot_Regs+Regs_Rip)(BX)
	MOVL 4(R11), CX
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
	XCHGQ AX, Space_Once(R12)(CX*8)
	CMPQ AX, Space_Once(R12)(CX*8)
	JNE go // the first trap of this site: many make one call only
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
	CMPQ AX, $-14 // EFAULT
	JEQ fault
result:
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
fault:
	MOVQ $const_SpaceBase, R12
	CMPL Space_Keyed(R12), $0
	JNE serve
	JMP result
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
	CMPL AX, $const_Null
	JEQ null
	CMPL AX, $const_Path
	JEQ path
	CMPL AX, $const_Path32
	JEQ path32
	CMPL AX, $const_Nsec32
	JEQ nsec32
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
null:
	TESTQ R9, R9
	JNE unknown
	JMP store
path32:
	MOVL R9, R9
path:
	CALL isProc<>(SB)
	CMPQ AX, $1
	JEQ unknown
	JMP store
nsec32:
	MOVL R9, R9
	TESTQ R9, R9
	JEQ store
	MOVQ R13, R10
	LEAQ -4(R9), R13
	CALL peek<>(SB)
	MOVQ R10, R13
	TESTQ AX, AX
	JNE unknown
	TESTL CX, CX
	JNE unknown
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
	CMPL BP, $const_Umtx
	JEQ umtx
	CMPL BP, $const_Kevent
	JEQ kevent
	CMPL BP, $const_Stat
	JEQ stat
	CMPL BP, $const_StatFD
	JEQ statFD
	JMP hostArgs32<>(SB)
umtx:
	JMP umtxOp<>(SB)
kevent:
	JMP keventOp<>(SB)
statFD:
	MOVQ SI, DX
	LEAQ const_scratchOffset(BX), SI // no path
	MOVB $0, (SI)
	MOVL $0x1000, R10 // AT_EMPTY_PATH
stat:
	JMP statOp<>(SB)
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

// umtxOp is FreeBSD's _umtx_op(2): object DI, operation SI, value DX, and for waits
// the size R10 and address R8 of a struct _umtx_time.
TEXT umtxOp<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $0x80, R14 // FUTEX_WAIT|FUTEX_PRIVATE_FLAG
	CMPL SI, $15    // UMTX_OP_WAIT_UINT_PRIVATE
	JEQ wait
	XORL R14, R14
	CMPL SI, $11 // UMTX_OP_WAIT_UINT
	JEQ wait
	MOVL $0x81, R14
	CMPL SI, $16 // UMTX_OP_WAKE_PRIVATE
	JEQ wake
	MOVL $1, R14
	CMPL SI, $3 // UMTX_OP_WAKE
	JNE other
wake:
	MOVL R14, SI
	MOVL $SYS_FUTEX, AX
	CALL hostCall<>(SB)
	TESTQ AX, AX
	JLE woken
	XORL AX, AX
woken:
	RET
wait:
	MOVQ R8, R13
	TESTQ R8, R8
	JEQ untimed
	CMPQ R10, $24 // sizeof(struct _umtx_time)
	JNE other
	CALL peek<>(SB)
	TESTQ AX, AX
	JNE waited
	TESTL CX, CX // _flags: 0 is relative
	JNE other
untimed:
	MOVL R14, SI
	MOVQ R13, R10
	MOVL $SYS_FUTEX, AX
	CALL hostCall<>(SB)
	CMPQ AX, $-11 // the value differs
	JNE waited
	XORL AX, AX
waited:
	RET
other:
	MOVQ $const_serveIt, AX
	RET

// keventOp is FreeBSD's kevent(2) without changes: kqueue DI, changes SI and DX,
// events R10 and R8, timeout R9. The kqueue is an epoll instance: the gate waits
// by itself, and tells plain events of descriptors by the table of Knotes. All
// others are handed over, with the host's events in the scratch area.
TEXT keventOp<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ $const_SpaceBase, R12
	CMPL Space_Waits(R12), $0
	JEQ serve
	TESTL DX, DX
	JNE serve
	CMPL R8, $1
	JLT serve
	MOVQ R10, R13
	MOVL R8, BP
	MOVL $const_MaxPrefetch, DX
	CMPL R8, DX
	JGE room
	MOVL R8, DX
room:
	LEAQ (const_scratchOffset+const_PrefetchOffset)(BX), SI
	MOVQ SI, R15
	MOVQ R9, R10
	XORL R8, R8
	MOVL $8, R9
	MOVL $SYS_EPOLL_PWAIT2, AX
	CALL hostCall<>(SB)
	TESTQ AX, AX
	JEQ done
	JGT events
	CMPQ AX, $const_interrupted
	JEQ done
	CMPQ AX, $-4 // EINTR
	JEQ done
	JMP serve
events:
	MOVL AX, Slot_Prefetch(BX)
	MOVQ Space_Knotes(R12), R12
	TESTQ R12, R12
	JEQ serve
	LEAQ (AX)(AX*1), CX // each may be told twice: read and write
	CMPL CX, BP
	JGT serve
	MOVL AX, R14
	MOVQ R15, R9
check:
	CALL knoteOf<>(SB)
	CMPQ AX, Knote_ID(R8)
	JNE serve
	ADDQ $12, R9
	DECL R14
	JNE check
	XORL BP, BP
	MOVL Slot_Prefetch(BX), R14
next:
	MOVQ R15, R9
	CALL knoteOf<>(SB)
	MOVL (R15), R10
	TESTL $1, Knote_Active(R8)
	JEQ write
	TESTL $0x2019, R10 // EPOLLIN, EPOLLERR, EPOLLHUP, EPOLLRDHUP
	JEQ write
	MOVL $0x541b, SI // FIONREAD
	CALL ioctl<>(SB)
	TESTQ AX, AX
	JNE serve
	MOVLQSX Slot_Clock+0(BX), CX
	MOVL Knote_ReadFlags(R8), AX
	TESTL $0x2018, R10
	JEQ tellRead
	ORL $0x80000000, AX // EV_EOF
tellRead:
	ORL $0xffff, AX // EVFILT_READ
	MOVQ Knote_ReadData(R8), DI
	CALL putEvent<>(SB)
	TESTQ AX, AX
	JNE done
	INCL BP
write:
	TESTL $2, Knote_Active(R8)
	JEQ told
	TESTL $0x1c, R10 // EPOLLOUT, EPOLLERR, EPOLLHUP
	JEQ told
	CALL sendRoom<>(SB)
	MOVL Knote_WriteFlags(R8), AX
	TESTL $0x18, R10
	JEQ tellWrite
	ORL $0x80000000, AX
tellWrite:
	ORL $0xfffe, AX // EVFILT_WRITE
	MOVQ Knote_WriteData(R8), DI
	CALL putEvent<>(SB)
	TESTQ AX, AX
	JNE done
	INCL BP
told:
	ADDQ $12, R15
	DECL R14
	JNE next
	MOVL $0, Slot_Prefetch(BX)
	MOVL BP, AX
	TESTL AX, AX
	JNE done
	// Nothing of it means anything to the guest: the supervisor waits on.
serve:
	MOVQ $const_serveIt, AX
done:
	RET

// knoteOf loads R8 with the place in the table R12 of the epoll event at R9, AX
// with its id.
TEXT knoteOf<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ 4(R9), AX
	MOVQ AX, R8
	ANDL $(const_NKnotes-1), R8
	SHLQ $6, R8
	ADDQ R12, R8
	RET

// ioctl asks for a number about the descriptor of note R8 with request SI.
TEXT ioctl<>(SB), NOSPLIT|NOFRAME, $0
	MOVL Knote_FD(R8), DI
	LEAQ Slot_Clock(BX), DX
	MOVL $0, Slot_Clock+0(BX)
	MOVL $SYS_IOCTL, AX
	SYSCALL
	RET

// sendRoom is how much the descriptor of note R8 takes without waiting, in CX.
// It keeps R8, R10 and R14.
TEXT sendRoom<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $0x5411, SI // TIOCOUTQ
	CALL ioctl<>(SB)
	MOVL $4096, CX // no socket: PIPE_BUF
	TESTQ AX, AX
	JNE out
	PUSHQ R8
	PUSHQ R10
	PUSHQ Slot_Clock+0(BX)
	MOVL Knote_FD(R8), DI
	MOVL $1, SI // SOL_SOCKET
	MOVL $7, DX // SO_SNDBUF
	LEAQ Slot_Clock(BX), R10
	LEAQ Slot_Clock+8(BX), R8
	MOVL $4, (R8)
	MOVL $SYS_GETSOCKOPT, AX
	SYSCALL
	POPQ DX // queued
	POPQ R10
	POPQ R8
	MOVL Slot_Clock+0(BX), CX
	SHRL $1, CX
	SUBL DX, CX
	JGT out
	MOVL $1, CX
out:
	RET

// statOp is FreeBSD's fstatat(2): directory DI, path SI, struct stat DX, the host's
// flags R10.
TEXT statOp<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ DX, R13
	MOVL R10, DX
	MOVL $0xfff, R10 // STATX_BASIC_STATS|STATX_BTIME
	LEAQ (const_scratchOffset+const_PrefetchOffset)(BX), R8
	MOVQ R8, R15
	MOVL $SYS_STATX, AX
	CALL hostCall<>(SB)
	TESTQ AX, AX
	JNE failed
	MOVL 128(R15), AX
	MOVL 132(R15), CX
	CALL deviceNumber<>(SB)
	MOVQ AX, R14
	MOVL 136(R15), AX
	MOVL 140(R15), CX
	CALL deviceNumber<>(SB)
	JMP putStat<>(SB)
failed:
	RET

// deviceNumber is FreeBSD's makedev(3) of AX and CX, in AX.
TEXT deviceNumber<>(SB), NOSPLIT|NOFRAME, $0
	MOVL AX, DX
	ANDL $0xff, DX
	SHLQ $8, DX
	ANDL $~0xff, AX
	SHLQ $32, AX
	ORQ DX, AX
	MOVL CX, DX
	ANDL $0xff00, DX
	SHLQ $24, DX
	ORQ DX, AX
	ANDL $~0xff00, CX
	ORQ CX, AX
	RET

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

// isProc says in AX whether the string at R9 may be a path in /proc: 1 for yes.
// That "//" and "/." might lead there is for the supervisor to see.
TEXT isProc<>(SB), NOSPLIT|NOFRAME, $0
	CMPB (R9), $'/'
	JNE no
	CMPB 1(R9), $'/'
	JEQ yes
	CMPB 1(R9), $'.'
	JEQ yes
	CMPB 1(R9), $'p'
	JNE no
	CMPB 2(R9), $'r'
	JNE no
	CMPB 3(R9), $'o'
	JNE no
	CMPB 4(R9), $'c'
	JNE no
yes:
	MOVL $1, AX
	RET
no:
	XORL AX, AX
	RET

// peek loads CX from 16(R13) in the guest, with AX zero or as copyFault has it.
TEXT peek<>(SB), NOSPLIT|NOFRAME, $0
	MOVL 16(R13), CX
	XORL AX, AX
	RET

// putEvent stores a struct kevent at R13 in the guest and goes on behind it:
// filter and flags AX, data CX, udata DI, the descriptor of note R8.
TEXT putEvent<>(SB), NOSPLIT|NOFRAME, $0
	MOVL Knote_FD(R8), DX
	MOVQ DX, (R13)
	MOVQ AX, 8(R13)
	MOVQ CX, 16(R13)
	MOVQ DI, 24(R13)
	XORL AX, AX
	MOVQ AX, 32(R13)
	MOVQ AX, 40(R13)
	MOVQ AX, 48(R13)
	MOVQ AX, 56(R13)
	ADDQ $64, R13
	RET

// putStat stores FreeBSD's struct stat (224 bytes, sys/stat.h) at R13 in the guest,
// from the struct statx at R15; the file's devices are AX and R14.
TEXT putStat<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ AX, (R13) // st_dev
	MOVQ 32(R15), AX
	MOVQ AX, 8(R13) // st_ino
	MOVL 16(R15), AX
	MOVQ AX, 16(R13) // st_nlink
	MOVWLZX 28(R15), AX
	MOVL 20(R15), CX
	SHLQ $32, CX
	ORQ CX, AX
	MOVQ AX, 24(R13) // st_mode, st_uid
	MOVL 24(R15), AX
	MOVQ AX, 32(R13)  // st_gid
	MOVQ R14, 40(R13) // st_rdev
	MOVQ 64(R15), AX
	MOVL 72(R15), CX
	MOVQ AX, 48(R13) // st_atim
	MOVQ CX, 56(R13)
	MOVQ 112(R15), AX
	MOVL 120(R15), CX
	MOVQ AX, 64(R13) // st_mtim
	MOVQ CX, 72(R13)
	MOVQ 96(R15), AX
	MOVL 104(R15), CX
	MOVQ AX, 80(R13) // st_ctim
	MOVQ CX, 88(R13)
	TESTL $0x800, (R15) // STATX_BTIME
	JEQ birth
	MOVQ 80(R15), AX
	MOVL 88(R15), CX
birth:
	MOVQ AX, 96(R13) // st_birthtim
	MOVQ CX, 104(R13)
	MOVQ 40(R15), AX
	MOVQ AX, 112(R13) // st_size
	MOVQ 48(R15), AX
	MOVQ AX, 120(R13) // st_blocks
	MOVL 4(R15), AX
	MOVQ AX, 128(R13) // st_blksize, st_flags
	XORL AX, AX
	LEAQ 136(R13), R13
	MOVL $11, CX // st_gen, st_spare
zero:
	MOVQ AX, -8(R13)(CX*8)
	DECL CX
	JNE zero
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
