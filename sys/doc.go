// Package sys has no code: each folder in it is the caller's side of one system,
// sys/linux and sys/freebsd. Nothing there imports another package of the project.
package sys
