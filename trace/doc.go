// Package trace turns system calls into text, in the form of strace.
//
//	decode.go   a call at its entry and at its exit
//	scope.go    arguments and fields: which there are, their values and lengths
//	value.go    numbers, flags, enumerated values
//	memory.go   what pointers lead to: strings, buffers, arrays, structures
//	address.go  socket addresses
//	result.go   results, errors, how processes end
//	signal.go   signals that arrive
//	quote.go    text between quotes
//	print.go    lines to a writer, with the process in front
//
// All that it knows of a system comes from desc values. It reads the memory of
// the traced process through an interface and believes nothing it finds there:
// lengths are cut before anything is allocated, and memory that cannot be read
// prints as its address. It must not import package kernel or a guest's
// handlers: the same decoder prints guests of ours and host processes.
package trace
