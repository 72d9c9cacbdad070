package desc

import "testing"

var (
	typeInt  = &Type{Kind: Int, Name: "int", Size: 4}
	typeByte = &Type{Kind: Byte, Name: "byte", Size: 1}
	typeOp   = &Type{Kind: Flags, Name: "op", Size: 4, Set: &Set{
		Members: []Member{{Name: "BIT", Value: 0x100}},
		Groups:  []Group{{Mask: 0xff, Members: []Member{{Name: "ZERO", Value: 0}, {Name: "ONE", Value: 1}}}},
	}}
)

var recv = &Call{
	Number: 2, Name: "recv",
	Args: []Arg{
		{Name: "fd", Type: typeInt, Words: 1},
		{Name: "buf", Type: typeByte, Dir: Out, Len: Len{Kind: AtArg, N: 3, Array: true}, Word: 1, Words: 1},
		{Name: "buf", Type: typeByte, Dir: Out, Len: Len{Kind: Const, N: 8, Array: true}, Word: 1, Words: 1},
		{Name: "n", Type: typeInt, Dir: InOut, Word: 2, Words: 2},
	},
	Result: Arg{Name: "done", Type: typeInt},
}

func TestSignature(t *testing.T) {
	if got, want := recv.Signature(), "recv(fd int, buf out [8]byte, n inout int) (done int)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := recv.Words(); got != 4 {
		t.Errorf("got %d words, want 4", got)
	}
}

func TestHolds(t *testing.T) {
	for _, r := range []struct {
		typ       *Type
		want, val uint64
		holds     bool
	}{
		{typeInt, 3, 3, true},
		{typeInt, 3, 2, false},
		{typeOp, 0x100, 0x101, true},
		{typeOp, 0x100, 0x001, false},
		{typeOp, 0, 0x100, true}, // the group has the value ZERO
		{typeOp, 0, 0x101, false},
		{typeOp, 1, 0x101, true},
	} {
		w := &When{Values: []uint64{r.want}}
		if got := w.Holds(r.typ, r.val); got != r.holds {
			t.Errorf("%s %#x of %#x: got %v", r.typ.Name, r.want, r.val, got)
		}
	}
}

func TestSystem(t *testing.T) {
	s := &System{Calls: []*Call{nil, nil, recv}, Errors: []ErrorName{{}, {Name: "EPERM"}}, Signals: []string{"", "SIGHUP"}}
	if s.Call(2) != recv || s.Call(-1) != nil || s.Call(3) != nil || s.ByName("recv") != recv || s.ByName("x") != nil {
		t.Error("calls")
	}
	if s.ErrorOf(1).Name != "EPERM" || s.ErrorOf(2).Name != "" || s.ErrorOf(-1).Name != "" {
		t.Error("errors")
	}
	if s.SignalName(1) != "SIGHUP" || s.SignalName(9) != "" {
		t.Error("signals")
	}
}
