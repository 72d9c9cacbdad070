// Package linux proves that Linux/amd64 programs behave under trapgate as they
// do natively: signals, processes, terminals, Debian's own programs, bad input.
//
// A test runs the same program twice and compares what it wrote and how it
// ended. The programs that look closely at signals and processes are C, in
// testdata; they print nothing that depends on addresses, numbers of processes
// or time. What a test needs and the machine has not is a skip, and in CI
// (CI=true) a failure.
package linux
