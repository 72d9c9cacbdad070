package desc

import "strconv"

// Kind says how a value is read and printed.
type Kind uint8

const (
	Void       Kind = iota
	Int             // signed number
	Uint            // unsigned number
	Hex             // number in hexadecimal
	Addr            // address, never followed
	FD              // descriptor
	DirFD           // descriptor of a directory, or AT_FDCWD
	Mode            // permission bits, octal
	PID             // process or thread
	ID              // user or group; all ones is -1
	Dev             // device number
	Signal          // signal number
	Flags           // word of bits named by Type.Set
	Enum            // one value named by Type.Set
	Byte            // in an array: text or data
	String          // bytes up to NUL
	Strings         // NULL-terminated vector of strings
	Struct          // Type.Struct
	Sockaddr        // socket address; the family decides
	SigSet          // set of signals, one bit each
	FDSet           // set of descriptors, one bit each
	WaitStatus      // how a child ended
	MIB             // in an array: the name of a variable of sysctl, number by number
	Opaque          // memory that is not decoded: its address is printed
)

// Type is a type of calls.sys for one CPU.
type Type struct {
	Kind   Kind
	Name   string // as calls.sys spells it
	Size   uint32 // bytes of one value in memory; 0 when only the value can tell
	Wide   bool   // a number of the size of a pointer
	Set    *Set
	Struct *StructType
}

// Dir is the direction of a pointer. A Value is no pointer.
type Dir uint8

const (
	Value Dir = iota
	In
	Out
	InOut
)

// LenKind says where the number of elements behind a pointer is found.
type LenKind uint8

const (
	One   LenKind = iota // a single element
	Const                // N elements
	ByArg                // the argument (or field) of index N
	AtArg                // the value behind the pointer that is argument N
)

// Len is the number of elements behind a pointer.
type Len struct {
	Kind LenKind
	N    uint32
	// Array: the length was written, so even one element prints as an array.
	Array bool
}

// When is the condition of an argument that is there only with some values of
// another one.
type When struct {
	Arg    uint8
	Values []uint64
}

// Holds says whether the condition is met by the word of argument w.Arg, which
// has type t: an enumeration or a group of flags has one of the values, or one
// of the flag bits is set.
func (w *When) Holds(t *Type, v uint64) bool {
	for _, want := range w.Values {
		if t.holds(v, want) {
			return true
		}
	}
	return false
}

func (t *Type) holds(v, want uint64) bool {
	if t.Kind != Flags {
		return v == want
	}
	for i := range t.Set.Groups {
		if mask := t.Set.Groups[i].Mask; want&^mask == 0 {
			return v&mask == want
		}
	}
	return v&want != 0
}

// Arg is an argument of a call, or a field of a structure. Arguments of one
// name are readings of the same word: the first whose condition holds counts,
// and one of type void says that the call takes no such argument.
type Arg struct {
	Name   string
	Type   *Type
	Dir    Dir
	Len    Len
	When   *When
	Word   uint8  // call: the first word
	Words  uint8  // call: how many words, 2 for 64 bits on a 32-bit CPU
	Offset uint32 // field: its place
	Hidden bool   // field: padding, and what only the kernel reads
	Quiet  bool   // field: left out of a short print
}

// StructType is the layout of a structure on one CPU.
type StructType struct {
	Name   string
	Size   uint32
	Fields []Arg
}

// Status says how a call is finished.
type Status uint8

const (
	No     Status = iota // unknown to the guest
	Part                 // served, with a difference told in Why
	Served               // by a handler of ours
	Direct               // by the gate, from a table
)

var statusNames = [...]string{"no", "part", "served", "direct"}

func (s Status) String() string { return statusNames[s] }

// Call is one call of one system on one CPU.
type Call struct {
	Number int
	Name   string
	Args   []Arg
	// Result is the value that the call returns. If its Name is "done" it also
	// counts the elements that the call put behind its out pointer.
	Result Arg
	// Others are results that hold under a condition, before Result.
	Others []Arg
	Status Status
	// Why: for Part the difference; for Direct what makes it (host.read).
	Why string
	// Source names the manual page the description was made from.
	Source string
	Line   int    // in calls.sys
	Class  string // where a system has several: bsd, mach
	Since  string // the release that brought it, where numbers.txt says so
	// Sub are the calls that hide behind this one, by the value of its first
	// argument. Their words are in memory where the second points, or, with
	// SubWords, among the words of this call.
	Sub      []*Call
	SubWords bool
}

// Words is the number of argument words the call reads.
func (c *Call) Words() int {
	n := 0
	for i := range c.Args {
		n = max(n, int(c.Args[i].Word+c.Args[i].Words))
	}
	return n
}

// Member is a name of a set.
type Member struct {
	Name  string
	Value uint64
}

// Group is a part of a flag word that is an enumeration of its own, such as
// the access mode in the flags of open.
type Group struct {
	Mask    uint64
	Members []Member
}

// Set names the flags or the values of a word.
type Set struct {
	Name    string
	Members []Member
	Groups  []Group
	// Decimal: a value without a name is a plain number.
	Decimal bool
	// Paths name the values that follow others: of a MIB. See PathKey.
	Paths []Path
}

// Path has the names of the numbers that follow the numbers of Key in a MIB.
type Path struct {
	Key     string
	Members []Member
}

// PathKey is the key of a path: its numbers, each behind a dot.
func PathKey(numbers []uint64) string {
	var b []byte
	for _, n := range numbers {
		b = strconv.AppendUint(append(b, '.'), n, 10)
	}
	return string(b)
}

// NamesAfter returns the names of the numbers that follow key.
func (s *Set) NamesAfter(key string) []Member {
	if key == "" {
		return s.Members
	}
	for i := range s.Paths {
		if s.Paths[i].Key == key {
			return s.Paths[i].Members
		}
	}
	return nil
}

// NameOf returns the name of a value, or "".
func (s *Set) NameOf(v uint64) string { return NameOf(s.Members, v) }

// NameOf returns the name of the value within the group's mask, or "".
func (g *Group) NameOf(v uint64) string { return NameOf(g.Members, v&g.Mask) }

// NameOf returns the name of a value among members, or "".
func NameOf(ms []Member, v uint64) string {
	for i := range ms {
		if ms[i].Value == v {
			return ms[i].Name
		}
	}
	return ""
}
