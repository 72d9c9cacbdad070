// Package arch holds registers and trap instructions as values: how a program of
// one system on one CPU asks its kernel for a call, and how it is answered. It is
// what is told to people; the gate and the guests' folders do it.
//
// It imports nothing of the project.
package arch

import "fmt"

// Convention is how programs of one system on one CPU make calls.
type Convention struct {
	System, CPU string
	Trap        string   // the instruction, in the assembler of the CPU
	Number      string   // the register of the number
	Args        []string // the registers of the first words
	// Stack is the register from which words beyond Args are read, and StackAt the
	// offset of the first of them; "" where there are no more.
	Stack   string
	StackAt int
	Word    int // bytes in a word
	Result  string
	// Second is the register of a second result, where some calls have one.
	Second string
	Error  string
	// Mach says that calls of the class mach tell errors in another way: their
	// result is a kern_return_t.
	Mach bool
	// Note is what else a caller must know.
	Note string
}

const (
	negative = "%s from -4095 to -1: the negative error number"
	carry    = "carry flag set: the error number is in %s"
)

var (
	syscallRegs = []string{"rdi", "rsi", "rdx", "r10", "r8", "r9"}
	int80Regs   = []string{"ebx", "ecx", "edx", "esi", "edi", "ebp"}
	arm64Regs   = []string{"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"}
)

// Conventions are those of all systems that are described. Sources: syscall(2) of
// man-pages; FreeBSD sys/amd64/amd64/trap.c; OpenBSD sys/arch/amd64/amd64/trap.c;
// xnu osfmk/i386/bsd_i386.c, bsd/dev/arm/systemcalls.c.
var Conventions = []*Convention{
	{System: "linux", CPU: "amd64", Trap: "syscall", Number: "rax", Args: syscallRegs, Word: 8,
		Result: "rax", Error: fmt.Sprintf(negative, "rax"), Note: "rcx and r11 are lost"},
	{System: "linux", CPU: "386", Trap: "int $0x80", Number: "eax", Args: int80Regs, Word: 4,
		Result: "eax", Error: fmt.Sprintf(negative, "eax"), Note: "64 bits take two words, the low one first"},
	{System: "linux", CPU: "arm64", Trap: "svc #0", Number: "x8", Args: arm64Regs[:6], Word: 8,
		Result: "x0", Error: fmt.Sprintf(negative, "x0")},
	{System: "freebsd", CPU: "amd64", Trap: "syscall", Number: "rax", Args: syscallRegs, Stack: "rsp", StackAt: 8, Word: 8,
		Result: "rax", Second: "rdx", Error: fmt.Sprintf(carry, "rax"), Note: "rcx and r11 are lost; an unknown number raises SIGSYS"},
	{System: "openbsd", CPU: "amd64", Trap: "syscall", Number: "rax", Args: syscallRegs, Stack: "rsp", StackAt: 8, Word: 8,
		Result: "rax", Second: "rdx", Error: fmt.Sprintf(carry, "rax"), Note: "from libc only, each call from its own instruction"},
	{System: "darwin", CPU: "amd64", Trap: "syscall", Number: "rax", Args: syscallRegs, Stack: "rsp", StackAt: 8, Word: 8,
		Result: "rax", Second: "rdx", Error: fmt.Sprintf(carry, "rax"), Mach: true, Note: "programs call libSystem"},
	{System: "darwin", CPU: "arm64", Trap: "svc #0x80", Number: "x16", Args: arm64Regs, Stack: "sp", Word: 8,
		Result: "x0", Second: "x1", Error: fmt.Sprintf(carry, "x0"), Mach: true, Note: "programs call libSystem; an mdep call has its number in x3"},
}

// Of returns the convention of a system on a CPU, or nil.
func Of(system, cpu string) *Convention {
	for _, c := range Conventions {
		if c.System == system && c.CPU == cpu {
			return c
		}
	}
	return nil
}

// ErrorOf tells how a call of a class tells its error.
func (c *Convention) ErrorOf(class string) string {
	if c.Mach && class == "mach" {
		return "none: " + c.Result + " is a kern_return_t, or what the call is for"
	}
	return c.Error
}

// Place is where word i of a call is handed over, or "" if there is no such word.
func (c *Convention) Place(i int) string {
	switch {
	case i < len(c.Args):
		return c.Args[i]
	case c.Stack == "":
		return ""
	}
	at := c.StackAt + c.Word*(i-len(c.Args))
	if at == 0 {
		return "[" + c.Stack + "]"
	}
	return fmt.Sprintf("[%s+%d]", c.Stack, at)
}
