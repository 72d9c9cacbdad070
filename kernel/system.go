package kernel

import (
	"trapgate/desc"
	"trapgate/gate"
	"trapgate/image"
	"trapgate/kernel/kerr"
)

// Addr is an address in the guest.
type Addr = uint64

// Args are the argument words of a call.
type Args [8]uint64

// Handler serves a call: the result, or an error of package kerr. It returns
// kerr.Done if it has set all registers itself.
type Handler func(t *Thread, a *Args) (uint64, error)

// Call is a call that the supervisor serves.
type Call struct {
	Name    string
	Handler Handler
}

// System is a guest system: all that differs between guests, as one value.
type System struct {
	Name string // "freebsd/amd64"
	OS   string // as image.Image.System spells it
	CPU  string // as image.Image.CPU spells it

	// Compat: 32-bit code. Arguments and results are 32 bits wide.
	Compat bool
	// ArgRegs says in which register (index into gate.Regs) each argument is.
	ArgRegs []uint8
	// StackArgs says whether a call has arguments behind ArgRegs: they are on the
	// stack, above the return address. Nil: no call has.
	StackArgs func(nr uint32) bool

	// Desc describes the calls; Errno has the guest's number of each neutral error.
	Desc  *desc.System
	Errno *[kerr.Count]uint16

	Direct gate.Table
	Calls  []Call // by number
	// Indirect returns the number and arguments that an indirect call
	// (FreeBSD's syscall(2)) stands for.
	Indirect func(nr uint32, a *Args) (uint32, bool)
	// Unknown answers a call that the system does not have or we do not serve.
	Unknown func(t *Thread, nr uint32) (uint64, error)
	// SetResult puts the outcome of a call into the registers.
	SetResult func(r *gate.Regs, v uint64, e kerr.Errno)

	// Start builds the start-up stack of an image and sets the registers.
	Start func(t *Thread, l *Loaded) error
	// Deliver builds the frame of a caught signal and sets the registers.
	Deliver func(t *Thread, s *Signal, a *Action) error
	// SignalInfo is what a program is told of a signal; nil: as on the host.
	SignalInfo func(s *Signal) SignalInfo
	// Suspend is called before the supervisor stops together with its guests: what
	// it must keep fresh is not fresh when they go on. May be nil.
	Suspend func()
	// Forked tells about a new process, in the new thread, before it runs.
	Forked func(parent, child *Thread) error
}

// Loaded says where an image and its interpreter lie.
type Loaded struct {
	Path   string // as executed
	Image  *image.Image
	Bias   uint64 // what is added to the addresses of Image
	Base   uint64 // where the interpreter lies, 0 if there is none
	Entry  uint64 // where the guest starts
	End    uint64 // end of the image: where the break starts
	Args   []string
	Env    []string
	Sp     uint64 // stack pointer of the host's own start-up stack
	Native []uint64
}

func (s *System) call(nr uint32) *Call {
	if int64(nr) < int64(len(s.Calls)) && s.Calls[nr].Handler != nil {
		return &s.Calls[nr]
	}
	return nil
}

// direct says whether the gate has a row for the call.
func (s *System) direct(nr uint32) bool {
	return int64(nr) < int64(len(s.Direct.Calls)) && s.Direct.Calls[nr].Rule != gate.Served
}

// reg returns register i, an index into gate.Regs.
func reg(r *gate.Regs, i uint8) *uint64 {
	return [...]*uint64{&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15,
		&r.Rdi, &r.Rsi, &r.Rbp, &r.Rbx, &r.Rdx, &r.Rax, &r.Rcx, &r.Rsp, &r.Rip}[i]
}

// Indices of registers for System.ArgRegs.
const (
	R8 = iota
	R9
	R10
	R11
	R12
	R13
	R14
	R15
	Rdi
	Rsi
	Rbp
	Rbx
	Rdx
	Rax
	Rcx
)

// Number is the guest's number of an error, 0 for none.
func (s *System) Number(err error) uint16 {
	e, ok := err.(kerr.Errno)
	if !ok || int(e) >= len(s.Errno) {
		return 0
	}
	return s.Errno[e]
}

// SignalInfo is what a signal tells, in the numbers of a guest's system.
type SignalInfo struct {
	Num, Code, Status int
}

// signalInfo is what the host tells.
func signalInfo(s *Signal) SignalInfo {
	return SignalInfo{Num: s.Num, Code: int(s.Code()), Status: s.Status()}
}

// SignalInfo says what a program of t's system is told of a signal.
func (t *Thread) SignalInfo(s *Signal) SignalInfo {
	if f := t.p.sys.SignalInfo; f != nil {
		return f(s)
	}
	return signalInfo(s)
}
