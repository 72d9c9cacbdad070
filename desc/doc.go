// Package desc is the description of system calls as Go values: what calls.sys
// says, resolved for one CPU of one guest system. It is what the decoder, the
// tracer's live sources and `trapgate calls` read at run time.
//
//	System  one guest system on one CPU: its calls by number, names of errors and signals
//	Call    one call: arguments, result, how it is finished
//	Arg     one argument, or one field of a structure: type, direction, length
//	Type    how a word or a piece of memory is to be read
//	Set     the names of flags or of enumerated values
//
// The values are made by cmd/mksys into guest/<system>/abi. Nothing here knows a
// guest, and nothing here may import another package of the project.
package desc
