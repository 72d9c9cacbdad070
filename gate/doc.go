// Package gate is the small piece of machine code in each guest process
// through which every call leaves it, the memory that it shares with the
// supervisor, and the supervisor's side of the hand-off.
//
// The code is Go assembly (gate_amd64.s). It is linked into our own text as one
// block that refers to nothing outside itself; Build copies the block into a
// small ELF file, adds the direct table of one guest system, and the file is
// what a guest process executes. So the Go tool alone builds everything.
//
//	Base       gate text                      read, execute
//	TableBase  the direct table of a system   read
//	SpaceBase  Space: one per address space   shared with the supervisor
//	 +64 KiB   Slot: one per thread           shared with the supervisor
//
// A slot, 64 KiB aligned so that the signal handler finds it from its stack:
//
//	0x0000  Slot            registers, commands, turn
//	0x1000  FP state        xsave area of the guest
//	0x4000  scratch         structures of host calls, written by the supervisor
//	0x8000  gate stack
//	0x9000  signal stack
//
// The way of a call:
//
//	guest `syscall` --SIGSYS--> handler: copy registers, go to trapEntry
//	patched site ---jump------> entry: store registers
//	                dispatch: direct? host call, result, leave
//	                          else hand-off -> supervisor -> commands -> leave
//
// A signal that comes while a thread is in the gate is noted in its slot with
// all signals blocked, and handed over when the call is finished; if the host
// call had not begun, the guest's program counter goes back to its trap.
//
// The package imports nothing of ours.
package gate
