// Command trapgate runs and traces programs of other systems on Linux/amd64.
//
// This package holds flags and printing only:
//
//	main.go     the commands, errors and exit codes
//	start.go    the one place where the kernel package is called
//	run.go      run and trace
//	find.go     from the word on the command line to a program that can be run
//	demo.go     builds and traces the example programs
//	doctor.go   what this host offers
//	install.go  links with which `go test` finds us
//
// Nothing imports it.
package main
