package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

func files() {
	dir, _ := os.MkdirTemp("", "calls")
	in := func(name string) string { return filepath.Join(dir, name) }
	os.WriteFile(in("file"), []byte("0123456789"), 0o640)
	os.Symlink("file", in("link"))
	os.Mkdir(in("dir"), 0o755)

	add("open a link with O_NOFOLLOW", func() error {
		_, err := syscall.Open(in("link"), syscall.O_RDONLY|syscall.O_NOFOLLOW, 0)
		return want("error", err, syscall.EMLINK)
	})
	add("unlink a directory", func() error {
		return want("error", syscall.Unlink(in("dir")), syscall.EPERM)
	})
	add("no /proc", func() error {
		_, err := os.Stat("/proc/self/maps")
		_, err2 := os.ReadFile("//proc/./cpuinfo")
		_, err3 := os.Readlink("/proc/self/exe")
		return all(want("stat", os.IsNotExist(err), true), want("open", os.IsNotExist(err2), true), want("readlink", os.IsNotExist(err3), true),
			want("chdir", syscall.Chdir("/proc"), syscall.ENOENT))
	})
	add("stat", func() error {
		var st, lst syscall.Stat_t
		err := all(syscall.Stat(in("link"), &st), syscall.Lstat(in("link"), &lst))
		if err != nil {
			return err
		}
		return all(want("size", st.Size, 10), want("mode", fmt.Sprintf("%o", st.Mode), "100640"), want("link", fmt.Sprintf("%o", lst.Mode&syscall.S_IFMT), "120000"),
			want("born", st.Birthtimespec.Sec > 1e9, true), want("links", st.Nlink, 1), want("inodes", st.Ino == lst.Ino, false))
	})
	add("stat of a descriptor is the same", func() error {
		fd, err := syscall.Open(in("file"), syscall.O_RDONLY, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		var a, b, null syscall.Stat_t
		err = all(syscall.Fstat(fd, &a), syscall.Stat(in("file"), &b), syscall.Stat("/dev/null", &null))
		const sysFstat, sysFstatat = 551, 552
		_, _, bad := syscall.Syscall(sysFstat, uintptr(fd), 8, 0)
		_, _, closed := syscall.Syscall(sysFstat, 999, ptr(&a), 0)
		p, _ := syscall.BytePtrFromString(in("file"))
		_, _, flag := syscall.Syscall6(sysFstatat, ^uintptr(99), ptr(p), ptr(&a), 0x40000000, 0, 0)
		return all(err, want("stat", a, b), want("device", null.Rdev, 0x103), want("no memory", bad, syscall.EFAULT), want("closed", closed, syscall.EBADF),
			want("unknown flag", flag, syscall.EINVAL))
	})
	add("old stat", func() error {
		var b [120]byte
		p, _ := syscall.BytePtrFromString(in("file"))
		_, _, e := syscall.Syscall(188, ptr(p), ptr(&b[0]), 0)
		return all(want("errno", e, syscall.Errno(0)), want("mode", fmt.Sprintf("%o", *(*uint16)(unsafe.Pointer(&b[8]))), "100640"),
			want("size", *(*int64)(unsafe.Pointer(&b[72])), 10))
	})
	add("directory entries", func() error {
		var names []string
		for i := range 300 {
			os.WriteFile(in(fmt.Sprintf("dir/a-file-with-number-%d", i)), nil, 0o600)
		}
		list, err := os.ReadDir(in("dir"))
		for _, e := range list {
			names = append(names, e.Name())
		}
		return all(err, want("entries", len(names), 300), os.RemoveAll(in("dir")), want("gone", os.Mkdir(in("dir"), 0o755), nil))
	})
	add("small room for entries", func() error {
		for i := range 5 {
			os.WriteFile(in(fmt.Sprintf("dir/%d", i)), nil, 0o600)
		}
		fd, err := syscall.Open(in("dir"), syscall.O_RDONLY, 0)
		if err != nil {
			return err
		}
		n, buf, base := 0, make([]byte, 64), uintptr(0)
		for {
			got, err := syscall.Getdirentries(fd, buf, &base)
			if err != nil {
				return err
			}
			if got == 0 {
				break
			}
			for b := buf[:got]; len(b) > 0; b = b[*(*uint16)(unsafe.Pointer(&b[16])):] {
				n++
			}
		}
		return all(want("entries with . and ..", n, 7), os.RemoveAll(in("dir")))
	})
	add("locks", func() error {
		f, err := os.OpenFile(in("file"), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		lock := syscall.Flock_t{Start: 2, Len: 3, Type: syscall.F_WRLCK}
		if err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock); err != nil {
			return err
		}
		ask := syscall.Flock_t{Start: 0, Len: 0, Type: syscall.F_RDLCK}
		err = syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &ask)
		return all(err, want("own lock is none", ask.Type, syscall.F_UNLCK))
	})
	add("flags of a descriptor", func() error {
		fd, err := syscall.Open(in("file"), syscall.O_RDWR|syscall.O_APPEND|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		fl, _, e := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFL, 0)
		cl, _, _ := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		d, _, _ := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUP2FD_CLOEXEC, 77)
		cl2, _, _ := syscall.Syscall(syscall.SYS_FCNTL, 77, syscall.F_GETFD, 0)
		return all(want("errno", e, syscall.Errno(0)), want("flags", fl, uintptr(syscall.O_RDWR|syscall.O_APPEND|syscall.O_NONBLOCK)),
			want("cloexec", cl, 1), want("dup", d, 77), want("its cloexec", cl2, 1), syscall.Close(77))
	})
	add("times", func() error {
		ts := []syscall.Timespec{{Sec: 1000, Nsec: 5}, {Sec: 2000, Nsec: 7}}
		if err := syscall.UtimesNano(in("file"), ts); err != nil {
			return err
		}
		var st syscall.Stat_t
		err := syscall.Stat(in("file"), &st)
		return all(err, want("atime", st.Atimespec, ts[0]), want("mtime", st.Mtimespec, ts[1]))
	})
	add("fallocate returns its error", func() error {
		const posixFallocate = 530
		r, _, e := syscall.Syscall(posixFallocate, ^uintptr(0), 0, 1)
		return all(want("result", r, uintptr(syscall.EBADF)), want("errno", e, syscall.Errno(0)))
	})
	add("file systems", func() error {
		var fs syscall.Statfs_t
		if err := syscall.Statfs("/", &fs); err != nil {
			return err
		}
		n, err := syscall.Getfsstat(nil, 2)
		return all(err, want("version", fs.Version, uint32(0x20140518)), want("some", n > 0, true), want("on", fs.Mntonname[0] == '/' && fs.Mntonname[1] == 0, true))
	})
	add("getcwd", func() error {
		if err := os.Chdir(dir); err != nil {
			return err
		}
		wd, err := syscall.Getwd()
		return all(err, want("directory", wd, dir))
	})
	add("pipe in two registers", func() error {
		r, w, e := syscall.Syscall(42, 0, 0, 0)
		if e != 0 {
			return e
		}
		syscall.Write(int(w), []byte("x"))
		var b [2]byte
		n, err := syscall.Read(int(r), b[:])
		return all(err, want("bytes", n, 1), syscall.Close(int(r)), syscall.Close(int(w)))
	})
	add("closed descriptor", func() error {
		return all(want("close", syscall.Close(-1), syscall.EBADF), want("read", func() error { _, err := syscall.Read(999, nil); return err }(), syscall.EBADF))
	})
}
