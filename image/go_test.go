package image

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGoPrograms reads what the Go tool makes for each system and CPU.
func TestGoPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir := t.TempDir()
	src := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		goos, goarch string
		segments     int
		abi          uint32
	}{
		{"linux", "amd64", 3, 0}, {"linux", "386", 3, 0}, {"linux", "arm64", 3, 0}, {"linux", "riscv64", 3, 0},
		{"freebsd", "amd64", 3, 1203000}, {"openbsd", "amd64", 3, 0}, {"netbsd", "amd64", 3, 700000000},
		{"darwin", "arm64", 0, 0}, {"darwin", "amd64", 0, 0}, {"windows", "amd64", 0, 0},
	} {
		t.Run(tt.goos+"_"+tt.goarch, func(t *testing.T) {
			m := loadFile(t, buildGo(t, src, tt.goos, tt.goarch))
			if m.System != tt.goos || m.CPU != tt.goarch || m.ABI != tt.abi || len(m.Segments) < tt.segments {
				t.Errorf("got %+v", m)
			}
			if tt.goos == "linux" && (m.Type != Exec || m.Phdr == 0 || m.Stack != Read|Write) {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func buildGo(t *testing.T, src, goos, goarch string) string {
	out := filepath.Join(filepath.Dir(src), goos+"_"+goarch)
	cmd := exec.Command("go", "build", "-o", out, src)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GO111MODULE=off", "GOFLAGS=")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, msg)
	}
	return out
}

func loadFile(t *testing.T, path string) *Image {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestHostPrograms reads this test program itself and, where there is one, a
// dynamic program of the host.
func TestHostPrograms(t *testing.T) {
	if m := loadFile(t, "/proc/self/exe"); m.System != "linux" || m.CPU != "amd64" {
		t.Errorf("this test: %+v", m)
	}
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh")
	}
	if m := loadFile(t, "/bin/sh"); m.System != "linux" || m.Phdr == 0 {
		t.Errorf("/bin/sh: %+v", m)
	}
}
