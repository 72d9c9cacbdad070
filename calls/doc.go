// Package calls answers questions about system calls: number, signature,
// registers, error rule and how far trapgate serves a call, on each system that
// is described; errors, signals and flags by name and by number.
//
//	calls.go   the systems; rows about calls, by name, number and part of a name
//	names.go   errors, signals, flags
//	near.go    the nearest names to one that does not exist
//	table.go   rows as an aligned table
//
// All answers come from the description (guest/*/abi) and from package arch.
// It may not import the handlers of a guest, nor kernel.
package calls
