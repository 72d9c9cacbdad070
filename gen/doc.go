// Package gen writes Go wrappers of system calls from their prototypes: the
// //sys and //sysnb lines that golang.org/x/sys and the Go tree keep in their
// sources. It needs no C headers, no other language and no machine of the
// system that it writes for.
//
//	target.go   systems and CPUs, and what sets their calls apart
//	proto.go    prototypes: reading //sys lines
//	input.go    the files that hold them: which count for a target, what they declare
//	gen.go      from inputs to output files; the style of the package written for
//	words.go    from Go parameters to argument words, on any CPU
//	unix.go     wrappers that trap, or that call a C library
//	libc.go     the assembly through which a C library is reached
//	windows.go  wrappers that call functions of a DLL
//	merge.go    declarations that several targets share
//	diff.go     compares generated files with published ones
//
// Package gen/check looks for mistakes in wrappers that exist already.
package gen
