package gate

// Rule says who finishes a call.
type Rule uint8

const (
	// Served calls are handed to the supervisor. It is the zero value, so a
	// number that no table names reaches the supervisor, which refuses it.
	Served Rule = iota
	// Host calls are made on the host at once, by `syscall`.
	Host
	// Host32 calls are made on the host at once by `int $0x80`, so that the
	// host's own compatibility layer translates the structures of an i386 guest.
	Host32
	// Clock is clock_gettime through the vDSO: Args[0] maps the clock id,
	// Args[1] is the timespec.
	Clock
	// Clock32 is Clock for a timespec of two 32-bit words.
	Clock32
	// Umtx is FreeBSD's _umtx_op: waits for a word and wakes as host futexes. Other
	// operations, and absolute times, are served.
	Umtx
	// Kevent is FreeBSD's kevent: waits without changes begin in the gate.
	Kevent
	// Stat is FreeBSD's fstatat by statx, StatFD its fstat.
	Stat
	StatFD
)

// Op says how one host argument is made.
type Op uint8

const (
	Pass   Op = iota // the guest's argument, all 64 bits
	Zero32           // its low 32 bits, zero-extended (pointers and sizes of a 32-bit guest)
	Sign32           // its low 32 bits, sign-extended
	Pair32           // argument From is the low word, From+1 the high word
	Const            // the constant Value
	Flags            // translated by the flag map Value; unknown bits: the call is served
	Values           // translated by the value map Value; an unknown value: the call is served
	Null             // a pointer that must be 0; any other: the call is served
	Path             // a path; one that starts with /proc: the call is served
	Path32           // a path of a 32-bit guest
	Nsec32           // a timespec of 64-bit words of a 32-bit guest; if the upper half of the nanoseconds is not 0: the call is served
)

// Arg makes one host argument from the guest's.
type Arg struct {
	Op    Op
	From  uint8  // index of the guest argument
	Value uint16 // Const: the value; Flags, Values: index into Table.Flags or Table.Values
}

// Call is a row of the direct table: how the gate finishes one call number.
type Call struct {
	Rule Rule
	Host uint16 // number of the host call
	// Guard: the first two arguments are an address range that must not touch
	// the gate's own memory (mmap with MAP_FIXED, munmap, mprotect ...). A call
	// that does is served.
	Guard bool
	Args  []Arg
}

// Bits maps one flag bit (or group of bits) of the guest to the host's.
type Bits struct{ Guest, Host uint32 }

// FlagMap translates a flag word. A guest bit that no row names makes the call served.
type FlagMap []Bits

// ValueMap translates an enumerated value; a value that no row names makes the call served.
type ValueMap []Bits

// Table is all that the gate needs to finish the direct calls of one guest system.
type Table struct {
	Calls  []Call // by call number
	Flags  []FlagMap
	Values []ValueMap
	// Errno maps host errno to the guest's. Nil means the host's own numbers and
	// Linux's negative result; otherwise the result is told by the carry flag.
	Errno []uint16
}
