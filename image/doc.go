// Package image says what an executable file is and what to map of it.
//
// It reads headers and decides nothing: whether a system or a CPU is served,
// where a position-independent program goes, and which interpreter to load is
// for the caller. Load knows ELF in full, and of Mach-O and PE enough to name
// the system and the CPU. Script reads the first line of a script.
//
// The headers come from anybody, so every figure is checked before it is used:
// what Load returns without an error can be mapped with no further check of
// the file, and no header makes it read or allocate more than a few hundred
// kilobytes.
//
// Sources: System V gABI 4.1 chapter 5 and its amd64 and i386 supplements;
// Linux 6.12 fs/binfmt_elf.c and fs/binfmt_script.c for what Linux accepts;
// FreeBSD 14.1 sys/elf_common.h and sys/kern/imgact_shell.c.
//
// The package imports the standard library only.
package image
