// Package host asks the Linux that we run on what it offers, and does the few
// things with our own process that the standard library cannot.
//
// Each probe tries the thing itself: version numbers lie on kernels with
// patches, and in containers whose seccomp filter refuses a call.
//
// It is a leaf: it imports nothing of this module.
package host
