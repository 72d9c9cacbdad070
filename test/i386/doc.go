// Package i386 tests that programs for Linux/386 do the same under trapgate as
// on the host: programs of the Go toolchain, of a C compiler and of Debian.
package i386
