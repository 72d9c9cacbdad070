// Package golden holds the traces of the examples, for each system that is
// served, as files. Its test builds and traces them again and compares.
//
//	normal.go       the one function that makes a trace comparable
//	golden_test.go  the test; go test ./test/golden -update writes the files
package golden
