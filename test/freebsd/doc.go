// Package freebsd tests programs for FreeBSD as guests: what they print and how
// they end, with each way to catch calls and with call sites rewritten or not.
package freebsd
