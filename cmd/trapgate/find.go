package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"trapgate/image"
)

// program is what a command line comes down to.
type program struct {
	path string   // the file to load
	args []string // from argv[0] on
}

// maxScripts is how often an interpreter may itself be a script, as on Linux.
const maxScripts = 5

// resolve finds the program that args name, follows #! lines and makes sure
// that it can be loaded. Its errors are complete: code and line.
func resolve(args []string, pathVar, sysroot string) (program, error) {
	name := args[0]
	path, err := look(name, pathVar)
	if err != nil {
		return program{}, err
	}
	p := program{path, slices.Clone(args)}
	for range maxScripts + 1 {
		head, m, err := open(p.path)
		if err != nil {
			return program{}, describe(name, p.path, err)
		}
		if m != nil {
			return p, checkServed(name, m, sysroot)
		}
		if err := p.throughScript(name, head, sysroot); err != nil {
			return program{}, err
		}
	}
	return program{}, failf(exitCannotExec, "%s: its #! line leads through more than %d scripts", name, maxScripts)
}

// throughScript replaces a script by its interpreter with the script as argument.
func (p *program) throughScript(name string, head []byte, sysroot string) error {
	interp, arg, ok := image.Script(head)
	if !ok {
		return failf(exitCannotExec, "%s: its #! line names no interpreter that fits into 255 bytes", name)
	}
	args := []string{interp}
	if arg != "" {
		args = append(args, arg)
	}
	args = append(append(args, p.path), p.args[1:]...)
	path := within(sysroot, interp)
	if err := check(path); err != nil {
		return failf(exitCannotExec, "%s: cannot start its #! interpreter %s: %s; install it or change the line",
			name, interp, reason(err))
	}
	*p = program{path, args}
	return nil
}

// within finds a file of the guest's system: under sysroot if it is there,
// else on the host.
func within(sysroot, path string) string {
	if sysroot != "" {
		if p := filepath.Join(sysroot, path); exists(p) {
			return p
		}
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// look finds a program as the shell does: a name with a slash is a path, any
// other is looked for in the folders of $PATH, where one that may not be
// executed is passed over, and remembered.
func look(name, pathVar string) (string, error) {
	if strings.Contains(name, "/") {
		return name, describe(name, name, check(name))
	}
	if name == "" {
		return "", failf(exitNotFound, `"": not found; name a program`)
	}
	var passed error
	for _, dir := range filepath.SplitList(pathVar) {
		path := filepath.Join(dir, name)
		if dir == "" {
			path = "./" + name // an empty entry is the current folder
		}
		err := check(path)
		if err == nil {
			return path, nil
		}
		if !notThere(err) && passed == nil {
			passed = describe(name, path, err)
		}
	}
	if passed != nil {
		return "", passed
	}
	return "", failf(exitNotFound, "%s: not found in $PATH; for a file here say ./%s", name, name)
}

func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR)
}

var errNotRegular = errors.New("not a regular file")

// check tells whether path can be executed at all, without opening it: to
// open a FIFO would wait.
func check(path string) error {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case st.IsDir():
		return syscall.EISDIR
	case !st.Mode().IsRegular():
		return errNotRegular
	}
	const executable = 1
	return syscall.Access(path, executable)
}

// open reads the head of a file: an image, or nil and the first bytes of a script.
func open(path string) ([]byte, *image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	head := make([]byte, 256)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	if n >= 2 && string(head[:2]) == "#!" {
		return head[:n], nil, nil
	}
	m, err := image.Load(f, st.Size())
	return nil, m, err
}

// describe turns what stands in the way of path into the line for name.
func describe(name, path string, err error) error {
	if err == nil {
		return nil
	}
	code := exitCannotExec
	if errors.Is(err, fs.ErrNotExist) {
		code = exitNotFound
	}
	what := reason(err)
	if path != name {
		what = fmt.Sprintf("%s: %s", path, what)
	}
	if h := hint(path, err); h != "" {
		what += "; " + h
	}
	return failf(code, "%s: %s", name, what)
}

// reason is the error without the operation and the path that the caller names.
func reason(err error) string {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "not found"
	}
	return err.Error()
}

func hint(path string, err error) string {
	var perr *fs.PathError
	var format *image.ErrFormat
	switch {
	case errors.As(err, &format) && strings.HasSuffix(format.What, "text file"):
		return "name its interpreter, as in: trapgate run sh " + path
	case errors.As(err, &format) && strings.HasPrefix(format.What, "truncated"):
		return "copy or build it again"
	case errors.Is(err, syscall.EISDIR):
		return "name a program in it"
	case errors.As(err, &perr) && errors.Is(err, fs.ErrPermission):
		return "it must be readable to be loaded: chmod +r"
	case errors.Is(err, fs.ErrPermission):
		return "make it executable: chmod +x, on a file system that is not mounted noexec"
	}
	return ""
}

// checkServed refuses images of systems that we do not serve, and those whose
// dynamic linker is not here.
func checkServed(name string, m *image.Image, sysroot string) error {
	if !isServed(m) {
		cpu := m.CPU
		if len(m.CPUs) > 1 {
			cpu = strings.Join(m.CPUs, " and ")
		}
		return failf(exitCannotExec, "%s: a program for %s on %s, which is not served; served are %s",
			name, m.System, cpu, servedList())
	}
	if m.Interp == "" {
		return nil
	}
	path := within(sysroot, m.Interp)
	_, linker, err := open(path)
	switch {
	case err != nil:
		return failf(exitCannotExec, "%s: its dynamic linker %s: %s; install the libraries of %s/%s or name their folder with --sysroot",
			name, m.Interp, reason(err), m.System, m.CPU)
	case linker == nil || linker.CPU != m.CPU || len(linker.Segments) == 0:
		return failf(exitCannotExec, "%s: its dynamic linker %s is not a library for %s; name the right folder with --sysroot",
			name, m.Interp, m.CPU)
	}
	return nil
}

func isServed(m *image.Image) bool {
	return slices.ContainsFunc(served, func(s system) bool {
		return s.OS == m.System && s.CPU == m.CPU && len(m.Segments) > 0
	})
}

func servedList() string {
	names := make([]string, len(served))
	for i, s := range served {
		names[i] = s.String()
	}
	return strings.Join(names, ", ")
}
