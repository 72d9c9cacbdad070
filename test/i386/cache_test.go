package i386

// The tests run trapgate as a program that is built of these packages. Imported,
// they are known to the go command, which remembers results of tests.
import (
	_ "trapgate/guest"
	_ "trapgate/trace"
)
