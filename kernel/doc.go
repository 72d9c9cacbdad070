// Package kernel is what the guests share: processes and threads, the run loop,
// signals, the start of images, and the contract (System) that each guest
// system fulfils.
//
// A guest process is a host process and a guest thread a host thread; the host
// schedules them, blocks them and signals them. So a Thread here is only the
// goroutine that answers what its gate hands over:
//
//	Kernel  all guests of one run      process table, keeper, gate images
//	Process one guest process          signal actions, image
//	Space   one address space          shared memory, slots, patched sites
//	Thread  one guest thread           the run loop
//
// Handlers never block in the supervisor: what may block is a host call, made
// by the gate in the guest's own thread.
//
// Lock order: Kernel.mu, Process.mu, Space.mu. No lock is held over a hand-off.
//
// The package never asks which guest it serves, and never imports trace.
package kernel
