package gate

// Addresses in the guest. They lie below the area in which Linux places
// mappings and stacks (at most 1 TiB below 0x7fff'ffff'f000).
const (
	Base      = 0x7e0000000000
	TableBase = 0x7e0000010000
	SpaceBase = 0x7e1000000000

	// Low and High bound all memory of the gate.
	Low  = Base
	High = 0x7e2000000000
)

// Sizes of the shared memory, in bytes.
const (
	SlotSize      = 0x10000
	SlotsPerShare = 64
	ShareSize     = SlotSize * SlotsPerShare
	MaxShares     = 256

	fpOffset      = 0x1000
	FPSize        = 0x3000
	scratchOffset = 0x4000
	ScratchSize   = 0x4000
	stackTop      = 0x9000
	altOffset     = 0x9000
	altSize       = SlotSize - altOffset
)

// PrefetchOffset is where in the scratch area the rule Kevent puts up to
// MaxPrefetch events.
const (
	PrefetchOffset = 64
	MaxPrefetch    = 512
)

// NKnotes is the number of rows of the table of Knotes, which takes one slot.
const NKnotes = 1024

// Knote is a descriptor that a kqueue watches, as far as the gate can tell its
// events by itself: it is watched by filters with EV_CLEAR only. Its row is
// ID modulo NKnotes, where ID is the data of the epoll event; 0 is no note.
type Knote struct {
	ID                    uint64
	FD                    uint32
	Active                uint32 // 1: EVFILT_READ, 2: EVFILT_WRITE
	ReadFlags, WriteFlags uint32 // flags of struct kevent, in the upper half
	ReadData, WriteData   uint64 // udata
	_                     [3]uint64
}

// Kind says why a thread hands over to the supervisor.
type Kind uint32

const (
	KindBorn   Kind = iota + 1 // a new thread or image: registers are to be set
	KindCall                   // a served call
	KindSignal                 // Info holds a signal for the guest
	KindDone                   // a command is finished, Ret holds its result
	KindSite                   // a call site trapped for the second time
)

// Cmd is what the supervisor tells the gate to do next.
type Cmd uint32

const (
	cmdLeave      = iota // back to the guest with the registers of the slot
	cmdHost              // host call; not begun if a signal is pending
	cmdHostMust          // host call that is made in any case
	cmdHost32            // host call by int $0x80; not begun if a signal is pending
	cmdClone             // clone: A[0] flags, A[1] slot, A[2] shared memory id or -1, A[3] ptid, A[4] ctid
	cmdExit              // end of this thread with status A[0]
	cmdSaveFP            // xsave into the slot
	cmdLoadFP            // xrstor from the slot
	cmdDirect            // finish the call by its row of the direct table
	cmdDispatch          // go on with a call after KindSite
	cmdLoadSegs          // load DS, ES and GS from the quarters 0, 1 and 3 of A[0]
	cmdHost32Must        // int $0x80 that is made in any case
	cmdSegs              // DS, ES, FS, GS as the quarters of Ret
)

// cloneArgsSize is the size of struct clone_args (clone3(2), Linux 5.7).
const cloneArgsSize = 88

// Values of Slot.Turn.
const (
	turnGate = iota
	turnSupervisor
	turnFree // the thread is gone, the slot may be used again
	turnDead // set by the supervisor to wake the waiter of a dead thread
)

// Results of the gate that are no errno.
const (
	interrupted = -512 // the host call was not begun
	serveIt     = -513 // no direct finish for these arguments
)

// Regs are the guest's registers, in the order of Linux's ucontext (struct
// sigcontext, arch/x86/include/uapi/asm/sigcontext.h).
type Regs struct {
	R8, R9, R10, R11, R12, R13, R14, R15 uint64
	Rdi, Rsi, Rbp, Rbx, Rdx, Rax, Rcx    uint64
	Rsp, Rip, Eflags                     uint64
	CS, GS, FS, SS                       uint16
}

// Slot is the shared memory of one thread. The guest can write all of it, so
// the supervisor believes nothing that it reads here.
type Slot struct {
	Turn       uint32
	GateSleeps uint32
	SupSleeps  uint32
	GateCPU    uint32
	SupCPU     uint32
	Kind       Kind
	Cmd        uint32
	Pending    uint32 // a signal waits in Info for the end of the call
	Late       uint64 // signals that came while one was pending and could not be blocked
	Nr         uint64
	A          [6]uint64
	Ret        uint64
	Self       uint64 // address of the slot in the guest
	Stack      uint64 // top of the gate's stack
	Sp0        uint64 // stack pointer at the start of an image
	Restart    uint64 // where the guest goes back to make the call again
	Sigmask    uint64 // the guest's signal mask, host numbers
	NewMask    uint64 // set on the way to the guest if MaskDirty
	MaskDirty  uint32
	Trapped    uint32 // the call came by a trap, not by a patched site
	Tid, Pid   uint32
	Clock      [2]uint64 // timespec of the vDSO
	Far        [2]uint32 // far pointer for the way back to 32-bit code
	Sig        uint32
	Prefetch   uint32 // Kevent: how many epoll events are in the scratch area
	Trapno     uint64 // x86 exception number, error code and address of a fault
	Err        uint64
	Cr2        uint64
	Regs       Regs
	Info       [128]byte // siginfo of the host
}

// Space is the shared memory of one address space.
type Space struct {
	Role       uint32 // roleGuest, roleKeeper
	Dispatch   uint32 // switch Syscall User Dispatch on in new threads
	Patch      uint32 // ask the supervisor about call sites that trap
	Compat     uint32 // 32-bit guest: the slot is found through FS
	Supervisor uint32 // its process id
	NTramps    uint32
	Keyed      uint32 // some text cannot be read: ask the supervisor about EFAULT
	Waits      uint32 // Kevent may wait: the supervisor has no events of its own
	VdsoClock  uint64 // clock_gettime of the vDSO, or 0
	Knotes     uint64 // address of the table of Knotes, or 0
	Tramps     [MaxTramps][2]uint64
	Seen       [seenSize]uint64 // call sites that the supervisor has looked at
	Once       [seenSize]uint64 // call sites that have trapped
	Making     uint32           // roleKeeper: key of shared memory that is half made
	NPids      uint32           // roleKeeper: processes to end with the supervisor
	Pids       [MaxPids]uint32
}

const (
	roleGuest = iota
	roleKeeper
)

// MaxTramps is the number of areas of trampolines in an address space.
const MaxTramps = 64

// MaxPids is the number of guest processes that may live at a time.
const MaxPids = 8192

const seenSize = 1024

// table is the head of the direct table in the guest's memory.
type table struct {
	Count uint32 // rows
	Carry uint32 // errors are told by the carry flag
	Ask   uint32 // hand every call over: somebody traces
	_     uint32
	Errno [256]uint16
	Maps  [maxMaps]mapRef
	Rows  [maxRows]row
}

const (
	maxMaps = 64
	maxRows = 1024
)

// mapRef says where a flag or value map lies behind the table, in pairs of uint32.
type mapRef struct{ First, Count uint32 }

// row is Call as the gate reads it.
type row struct {
	Rule  Rule
	Guard uint8
	Host  uint16
	NArgs uint8
	_     [3]uint8
	Args  [6]rowArg
}

// rowArg is Arg with the guest argument resolved to an index into Regs.
type rowArg struct {
	Op    Op
	Reg   uint8
	Value uint16 // Pair32: index of the register of the high word
}
