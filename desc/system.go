package desc

import "sort"

// ErrorName is the name of an error number and its text in the system's words.
type ErrorName struct{ Name, Text string }

// System is what a reader of calls must know of one guest system on one CPU.
type System struct {
	Name  string // linux
	CPU   string // amd64
	Word  int    // bytes in a pointer
	Calls []*Call
	// Sorted: Calls has no gaps and is in the order of the numbers. Else the
	// number of a call is its place. A call that another carries has no place.
	Sorted  bool
	Errors  []ErrorName // by number; Name is empty where there is none
	Signals []string    // by number
	// SockaddrLen: a socket address starts with its length, one byte, and the
	// family is one byte.
	SockaddrLen bool
	// CWD is AT_FDCWD, the descriptor that stands for the working directory.
	CWD int64
	// Families names the address families.
	Families *Set
}

// Call returns the description of a call number, or nil.
func (s *System) Call(number int) *Call {
	if s.Sorted {
		i := sort.Search(len(s.Calls), func(i int) bool { return s.Calls[i].Number >= number })
		if i == len(s.Calls) || s.Calls[i].Number != number {
			return nil
		}
		return s.Calls[i]
	}
	if number < 0 || number >= len(s.Calls) {
		return nil
	}
	return s.Calls[number]
}

// ByName returns the call of a name, or nil.
func (s *System) ByName(name string) *Call {
	for _, c := range s.Calls {
		if c != nil && c.Name == name {
			return c
		}
	}
	return nil
}

// ErrorOf returns name and text of an error number.
func (s *System) ErrorOf(n int) ErrorName {
	if n < 0 || n >= len(s.Errors) {
		return ErrorName{}
	}
	return s.Errors[n]
}

// SignalName returns the name of a signal, or "".
func (s *System) SignalName(n int) string {
	if n < 0 || n >= len(s.Signals) {
		return ""
	}
	return s.Signals[n]
}
