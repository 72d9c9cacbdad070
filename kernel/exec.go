package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/image"
	"trapgate/kernel/kerr"
)

// execPlan is an image that is ready to be started: everything that can fail
// for the guest's own fault has been looked at.
type execPlan struct {
	sys    *System
	path   string // as the program or script was called
	real   string // what /proc/self/exe says
	file   *os.File
	img    *image.Image
	interp *os.File
	linker *image.Image
	args   []string
	env    []string
}

func (p *execPlan) close() {
	if p.file != nil {
		p.file.Close()
	}
	if p.interp != nil {
		p.interp.Close()
	}
}

// ErrExec says why a program cannot be run: Errno is what a guest gets.
type ErrExec struct {
	Path  string
	Errno kerr.Errno
	What  string
}

func (e *ErrExec) Error() string { return e.Path + ": " + e.What }

// maxScripts is how many interpreters may be scripts themselves (Linux:
// fs/exec.c, bprm->rewrite).
const maxScripts = 5

// plan prepares the execution of path, as the supervisor sees it.
func (k *Kernel) plan(path string, args, env []string) (*execPlan, error) {
	return k.planIn(path, path, args, env, func(p string) (*os.File, error) { return os.Open(p) })
}

// planIn prepares the execution of path, opening files with open.
func (k *Kernel) planIn(path, called string, args, env []string, open func(string) (*os.File, error)) (*execPlan, error) {
	if len(args) == 0 {
		args = []string{""} // as Linux 5.18 and later
	}
	first := called
	for range maxScripts + 1 {
		f, err := open(path)
		if err != nil {
			return nil, &ErrExec{path, errnoOf(err), plain(err)}
		}
		plan, script, err := k.look(f, path)
		if err != nil {
			f.Close()
			return nil, err
		}
		if plan == nil {
			f.Close()
			rest := append([]string{called}, tail(args)...)
			if script[1] != "" {
				rest = append([]string{script[1]}, rest...)
			}
			args = append([]string{script[0]}, rest...)
			path, called = script[0], script[0]
			continue
		}
		plan.path, plan.args, plan.env = first, args, env
		if err := plan.openInterp(open); err != nil {
			plan.close()
			return nil, err
		}
		return plan, nil
	}
	return nil, &ErrExec{path, kerr.ELOOP, "too many levels of scripts"}
}

func tail(a []string) []string {
	if len(a) == 0 {
		return nil
	}
	return a[1:]
}

// look says what the file is: a plan, or the interpreter and argument of a script.
func (k *Kernel) look(f *os.File, path string) (*execPlan, [2]string, error) {
	none := [2]string{}
	info, err := f.Stat()
	if err != nil {
		return nil, none, err
	}
	if !info.Mode().IsRegular() {
		return nil, none, &ErrExec{path, kerr.EACCES, "not a regular file"}
	}
	if unix.Faccessat(unix.AT_FDCWD, fdPath(f), unix.X_OK, unix.AT_EACCESS) != nil {
		return nil, none, &ErrExec{path, kerr.EACCES, "no permission to execute it"}
	}
	head := make([]byte, 256)
	n, _ := f.ReadAt(head, 0)
	if interp, arg, ok := image.Script(head[:n]); ok {
		return nil, [2]string{interp, arg}, nil
	}
	img, err := image.Load(f, info.Size())
	if err != nil {
		return nil, none, &ErrExec{path, kerr.ENOEXEC, err.Error()}
	}
	sys := k.system(img)
	if sys == nil {
		return nil, none, &ErrExec{path, kerr.ENOEXEC, fmt.Sprintf("a program for %s/%s, which is not served (served: %s)", img.System, img.CPU, k.served())}
	}
	real, err := os.Readlink(fdPath(f))
	if err != nil {
		real = path
	}
	return &execPlan{sys: sys, file: f, img: img, real: real}, none, nil
}

func fdPath(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// system finds the system that an image is for, or nil.
func (k *Kernel) system(img *image.Image) *System {
	for _, s := range k.opts.Systems {
		if s.OS == img.System && s.CPU == img.CPU {
			return s
		}
	}
	return nil
}

func (k *Kernel) served() string {
	var names []string
	for _, s := range k.opts.Systems {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// openInterp opens the dynamic linker that the image asks for.
func (p *execPlan) openInterp(open func(string) (*os.File, error)) error {
	if p.img.Interp == "" {
		return nil
	}
	fail := func(err error, what string) error {
		return &ErrExec{p.path, errnoOf(err), fmt.Sprintf("its interpreter %s %s", p.img.Interp, what)}
	}
	f, err := open(p.img.Interp)
	if err != nil {
		return fail(err, "is missing: "+plain(err))
	}
	p.interp = f
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if p.linker, err = image.Load(f, info.Size()); err != nil {
		return fail(kerr.ENOEXEC, "cannot be loaded: "+err.Error())
	}
	if p.linker.CPU != p.img.CPU || p.linker.Interp != "" {
		return fail(kerr.ENOEXEC, "is for "+p.linker.CPU)
	}
	return nil
}

// errnoOf is the neutral error behind err.
func errnoOf(err error) kerr.Errno {
	var e *ErrExec
	if errors.As(err, &e) {
		return e.Errno
	}
	if k, ok := hostErr(err).(kerr.Errno); ok {
		return k
	}
	return kerr.EIO
}

// plain is the message of a path error without the path.
func plain(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// Exec replaces the image of the process: execve(2). The path is relative to
// the descriptor dir as in execveat(2). On success it returns kerr.Done: the
// thread lives on with the new image in another slot.
func (t *Thread) Exec(dir int, path string, args, env []string) error {
	p := t.p
	plan, err := p.k.planIn(path, path, args, env, func(name string) (*os.File, error) { return t.openExec(dir, name) })
	if err != nil {
		return errnoOf(err)
	}
	space, err := p.k.newSpaceFor(t, plan.sys)
	if err != nil {
		plan.close()
		return kerr.ENOMEM
	}
	old := t.v
	n, err := p.newThread(space, nil, func(n *Thread) error {
		defer plan.close()
		return n.replaced(t, plan)
	})
	if err != nil {
		plan.close()
		return kerr.ENOMEM
	}
	n.mask, n.held = t.mask, t.held
	fd, err := p.k.gateFile(plan.sys)
	if err != nil {
		n.drop()
		plan.close()
		return kerr.ENOMEM
	}
	err = t.execGate(old, fmt.Sprintf("/proc/%d/fd/%d", p.k.pid, fd), space, plan)
	if err == kerr.EACCES {
		// A guest that has given up our rights may not look into our descriptors.
		var path string
		if path, err = p.k.publicGate(fd); err == nil {
			err = t.execGate(old, path, space, plan)
			os.Remove(path)
		}
	}
	if err != kerr.Done {
		n.drop()
		plan.close()
	}
	return err
}

// execGate executes the gate's file for the plan: kerr.Done when the thread that
// was is gone.
func (t *Thread) execGate(v *gate.View, path string, space *Space, plan *execPlan) error {
	at, err := t.putExec(gate.SpacePath(path, space.id()), plan.args, plan.env)
	if err != nil {
		return err
	}
	// Not made if a signal has been taken: its handler is of the old image.
	ret, ok := v.Host(hostExecve, at.path, at.argv, at.envp)
	if !ok {
		return kerr.Done
	}
	t.HostMust(hostMunmap, at.mem, at.size)
	_, err = t.result(ret, ok)
	return err
}

// publicGate copies the gate's file to where every user can execute it. The caller
// removes it.
func (k *Kernel) publicGate(fd int) (string, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return "", kerr.EACCES
	}
	f, err := os.CreateTemp("", "trapgate")
	if err != nil {
		return "", kerr.EACCES
	}
	_, err = f.Write(data)
	if f.Chmod(0o555); f.Close() != nil || err != nil {
		os.Remove(f.Name())
		return "", kerr.EACCES
	}
	return f.Name(), nil
}

// openExec opens a file as the guest sees it.
func (t *Thread) openExec(dir int, name string) (*os.File, error) {
	if name == "" {
		return nil, kerr.ENOENT
	}
	if link, ok := t.p.k.ProcLink(t.p, name); ok {
		name = link
	}
	name = t.ownProc(name)
	full := fmt.Sprintf("/proc/%d/root%s", t.p.pid, name)
	switch {
	case !filepath.IsAbs(name) && dir == unix.AT_FDCWD:
		full = fmt.Sprintf("/proc/%d/cwd/%s", t.p.pid, name)
	case !filepath.IsAbs(name):
		full = fmt.Sprintf("/proc/%d/fd/%d/%s", t.p.pid, dir, name)
	case t.p.k.atRoot(t.p):
		full = name
	}
	if os.Geteuid() == 0 && !t.mayExecute(name) {
		return nil, kerr.EACCES // root may, but the guest is not root any more
	}
	// To open a FIFO would wait. Differs: a file that is open for writing can be
	// executed, and one that runs can be written to (no ETXTBSY).
	if info, err := os.Stat(full); err == nil && !info.Mode().IsRegular() {
		return nil, kerr.EACCES
	}
	return os.Open(full)
}

// mayExecute asks the host whether the guest itself may execute the file.
func (t *Thread) mayExecute(name string) bool {
	addr, buf := t.Scratch()
	buf[copy(buf[:len(buf)-1], name)] = 0
	at := unix.AT_FDCWD
	_, err := t.HostMust(unix.SYS_FACCESSAT2, uint64(at), addr, unix.X_OK, unix.AT_EACCESS)
	return err != kerr.EACCES
}

// ownProc is the path with what /proc and /dev call the caller named by number:
// "/dev/fd/3", the way to execute a descriptor, is the guest's, not ours.
func (t *Thread) ownProc(name string) string {
	proc := fmt.Sprintf("/proc/%d/", t.p.pid)
	for _, self := range []string{"/proc/self/", "/proc/thread-self/"} {
		if rest, ok := strings.CutPrefix(name, self); ok {
			return proc + rest
		}
	}
	if rest, ok := strings.CutPrefix(name, "/dev/fd/"); ok {
		return proc + "fd/" + rest
	}
	return name
}

// atRoot says whether the process has our root directory, so that symbolic
// links mean the same to us as to the guest.
func (k *Kernel) atRoot(p *Process) bool {
	var ours, theirs unix.Stat_t
	if unix.Stat("/", &ours) != nil || unix.Stat(fmt.Sprintf("/proc/%d/root", p.pid), &theirs) != nil {
		return true
	}
	return ours.Dev == theirs.Dev && ours.Ino == theirs.Ino
}

// execArgs are the arguments of the host's execve in the guest's memory.
type execArgs struct{ mem, size, path, argv, envp uint64 }

// putExec lays out path and vectors in new memory of the guest.
func (t *Thread) putExec(path string, args, env []string) (execArgs, error) {
	size := len(path) + 1 + 8*(len(args)+len(env)+2)
	for _, s := range args {
		size += len(s) + 1
	}
	for _, s := range env {
		size += len(s) + 1
	}
	size = (size + page - 1) &^ (page - 1)
	mem, err := t.HostMust(hostMmap, 0, uint64(size), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, ^uint64(0), 0)
	if err != nil {
		return execArgs{}, err
	}
	b := vectorBuilder{addr: mem, vec: make([]byte, 0, size), str: make([]byte, 0, size)}
	b.strAt = mem + uint64(8*(len(args)+len(env)+2))
	a := execArgs{mem: mem, size: uint64(size)}
	a.path = b.string(path)
	a.argv = b.vector(args)
	a.envp = b.vector(env)
	if err := t.Write(mem, append(b.vec, b.str...)); err != nil {
		t.HostMust(hostMunmap, mem, uint64(size))
		return execArgs{}, err
	}
	return a, nil
}

// vectorBuilder lays vectors of pointers and, behind them, their strings out.
type vectorBuilder struct {
	addr, strAt uint64
	vec, str    []byte
}

func (b *vectorBuilder) string(s string) uint64 {
	at := b.strAt + uint64(len(b.str))
	b.str = append(append(b.str, s...), 0)
	return at
}

func (b *vectorBuilder) vector(all []string) uint64 {
	at := b.addr + uint64(len(b.vec))
	for _, s := range all {
		b.vec = binary.LittleEndian.AppendUint64(b.vec, b.string(s))
	}
	b.vec = binary.LittleEndian.AppendUint64(b.vec, 0)
	return at
}

// replaced is the first thing that the new image's thread does.
func (t *Thread) replaced(old *Thread, plan *execPlan) error {
	p := t.p
	old.execHook()
	p.endThreads(t)
	p.mu.Lock()
	p.sys, p.space, p.actions = plan.sys, t.space, p.actions.exec()
	p.mu.Unlock()
	t.SetMask(t.mask) // a signal on the way may have left all blocked
	return t.load(plan)
}

// ProcLink resolves a path that names the executable of a guest process in
// /proc: there the host has the gate.
func (k *Kernel) ProcLink(p *Process, path string) (string, bool) {
	o, name, ok := k.ProcFile(p, path)
	if !ok || name != "exe" {
		return "", false
	}
	return o.Exe(), true
}
