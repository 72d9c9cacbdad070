// Package imports is the test of the house: it reads every Go file of the
// module and fails on an import that goes up, and on the cheap ones of the
// rules for files. There is nothing in it to import.
package imports
