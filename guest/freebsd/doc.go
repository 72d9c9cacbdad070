// Package freebsd serves programs for FreeBSD on amd64 as release 14.1 runs
// them. Calls whose translation is data are made by the gate (zdirect.go); the
// others have a handler here, in a file by subject:
//
//	system.go              the System: convention, errors, unknown calls
//	start.go, timekeep.go  start-up stack; the page that tells the time without a call
//	signum.go, signal.go, frame.go, siginfo.go   signals
//	process.go, wait.go, thread.go, umtx.go      tasks and how they wait
//	path.go, open.go, stat.go, dir.go, fcntl.go, ioctl.go, file.go   files
//	socket.go, sockaddr.go, sockopt.go, msg.go   sockets
//	kqueue.go, knote.go, kevent.go, poll.go      waiting for events
//	sysctl.go, sysctlnet.go                      what the system tells of itself
//
// A handler reads the guest's memory, makes host calls in the guest's thread and
// translates the outcome. Lock order: kqueue.mu is a leaf.
package freebsd
