package image

import (
	"strings"
	"testing"
)

func TestScript(t *testing.T) {
	long := strings.Repeat("a", 300)
	tests := []struct{ head, interp, arg string }{
		{"#!/bin/sh\n", "/bin/sh", ""},
		{"#!/bin/sh", "/bin/sh", ""},
		{"#! /bin/sh\t \necho", "/bin/sh", ""},
		{"#!\t/usr/bin/env python3 -u \nx", "/usr/bin/env", "python3 -u"},
		{"#!/bin/sh -e\r\n", "/bin/sh", "-e\r"},
		{"#!/bin/sh\r\n", "/bin/sh\r", ""},
		{"#!sh\n", "sh", ""},
		{"#!/bin/sh\x00-e\n", "/bin/sh", ""},
		{"#!/bin/sh -e\x00f\n", "/bin/sh", "-e"},
		{"#!\n/bin/sh", "", ""},
		{"#!   \t", "", ""},
		{"#!", "", ""},
		{"#", "", ""},
		{"", "", ""},
		{"# !/bin/sh\n", "", ""},
		{"#!/" + long + "\n", "", ""},                       // the path would be cut
		{"#!/b " + long, "/b", strings.Repeat("a", 256-6)},  // the argument is cut
		{"#!/" + long[:252] + "\n", "/" + long[:252], ""},   // the longest that fits
		{"#!/" + long[:253] + "\n", "", ""},                 // one more does not
		{"#!/" + long[:251] + " x\n", "/" + long[:251], ""}, // the argument does not fit at all
	}
	for _, tt := range tests {
		interp, arg, ok := Script([]byte(tt.head))
		if interp != tt.interp || arg != tt.arg || ok != (tt.interp != "") {
			t.Errorf("Script(%q) = %q, %q, %v; want %q, %q", tt.head, interp, arg, ok, tt.interp, tt.arg)
		}
	}
}
