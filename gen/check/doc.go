// Package check holds someone's system calls against the description: the
// SYS_ constants of a package, its //sys lines, and its calls of
// syscall.Syscall and the like, for each system that it is built for.
//
//	check.go   the findings, and the run over packages and targets
//	load.go    packages with their types, for one target
//	table.go   the description of one target, by number and by name
//	consts.go  constants: is that the number?
//	raw.go     calls by number: number, words, width
//	proto.go   //sys lines: number, words, width
//	width.go   memory and values that are smaller than the call takes them for
//	dead.go    code that a constant condition keeps from the target
//	alive.go   addresses that are numbers before the call begins
//
// A finding is a mistake by the description, not a matter of style. Where the
// description cannot tell, nothing is said.
package check
