package main

import (
	"slices"
	"testing"
)

func TestProgramEnv(t *testing.T) {
	t.Setenv(aside+"GODEBUG", "gctrace=1")
	if !slices.Contains(programEnv(), "GODEBUG=gctrace=1") {
		t.Error("the program does not get GODEBUG back")
	}
}
