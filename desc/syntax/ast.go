package syntax

import "trapgate/desc"

// File is a parsed calls.sys.
type File struct {
	Name   string
	Head   []string // comment above `system`
	System string
	CPUs   []string
	// SockaddrLen: `sockaddr len`, a socket address starts with its length.
	SockaddrLen bool
	// Unserved are the CPUs on which no call is served yet, whatever it says.
	Unserved []string
	Decls    []Decl
}

// Decl is a declaration: *Set, *Struct, *Errors, *Within, *Call or *Note.
type Decl interface{ base() *Base }

// Base is what all declarations have.
type Base struct {
	Comment []string // the lines directly above
	Line    int
	CPU     string // "" or the one CPU it is for
}

func (b *Base) base() *Base { return b }

// Note is a comment that stands alone, between blank lines.
type Note struct{ Base }

// SetKind says what the names of a set stand for.
type SetKind uint8

const (
	EnumSet SetKind = iota // one value
	FlagSet                // bits
	MIBSet                 // numbers in a row
)

var setWords = [...]string{EnumSet: "enum", FlagSet: "flags", MIBSet: "mib"}

// Set declares flags, an enumeration or the names of sysctl.
type Set struct {
	Base
	Kind  SetKind
	Name  string
	Width string // the integer type that holds it; "" is uint
	Items []SetItem
}

// SetItem is a name in a set, or a group of names under a mask.
type SetItem struct {
	Name, Host string
	Group      []SetItem // not nil: Name is the mask, or in a mib the numbers before
	Words      []string  // in `within`: the words of the outer call
}

// Struct declares a structure.
type Struct struct {
	Base
	Name   string
	Packed bool
	Fields []Arg
}

// Errors says which error of the guest stands for a neutral error that the
// guest has no number for.
type Errors struct {
	Base
	Items []SetItem
}

// Within lists the calls that hide behind one call: the value of its first
// argument and the name of the call that it stands for.
type Within struct {
	Base
	Call  string
	Items []SetItem
}

// Arg is an argument or a field.
type Arg struct {
	Name  string
	Dir   desc.Dir
	Len   *Len // nil: one element
	Type  string
	If    *If
	Quiet bool // field: `quiet`
	Line  int
}

// Len is what stands between brackets.
type Len struct {
	At   bool   // [*name]
	Name string // an argument, or a number
}

// If is the condition of an argument.
type If struct {
	Arg    string
	Values []string
}

// Call declares a call.
type Call struct {
	Base
	Name    string
	Args    []Arg
	Results []Arg // the last one without condition
	Status  Status
	PerCPU  []CPUStatus
}

// CPUStatus is a status clause of one CPU.
type CPUStatus struct {
	CPU string
	Status
}

// Status is how a call is finished.
type Status struct {
	Kind     desc.Status
	Via      string // Direct: host.read, host32, gate.clock, gate.clock32
	Why      string // Part
	Guard    bool
	OrServed bool // Direct: what the table cannot express goes to a handler
}
