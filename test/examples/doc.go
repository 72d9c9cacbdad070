// Package examples holds small programs that `trapgate demo` and the tests
// build for each system and run. Each uses the standard library only, prints
// the same on every system, and exits with 0 if all was as it should be.
//
// A program is a folder with its own main package; its source is embedded, so
// that the trapgate binary alone can build it wherever there is a Go tool.
package examples
