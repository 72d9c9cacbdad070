// Package linux serves programs for Linux on amd64 and on i386. Most of their
// calls are the host's own and are made by the gate at once (zdirect.go); served
// are those that make tasks and images, change how signals are taken, or name
// /proc/self/exe.
package linux
