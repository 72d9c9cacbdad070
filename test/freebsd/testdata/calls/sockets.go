package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

func sockets() {
	add("socket addresses", func() error {
		for _, c := range []struct{ network, addr string }{{"tcp4", "127.0.0.1:0"}, {"tcp6", "[::1]:0"}, {"unix", ""}} {
			if c.network == "unix" {
				c.addr = filepath.Join(os.TempDir(), fmt.Sprintf("sock%d", os.Getpid()))
				defer os.Remove(c.addr)
			}
			if err := echo(c.network, c.addr); err != nil {
				return fmt.Errorf("%s: %w", c.network, err)
			}
		}
		return nil
	})
	add("socket address has its length", func() error {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		var b [64]byte
		n := uint32(len(b))
		_, _, e := syscall.Syscall(syscall.SYS_GETSOCKNAME, uintptr(fd), ptr(&b[0]), ptr(&n))
		return all(want("errno", e, syscall.Errno(0)), want("length", n, 16), want("sa_len", b[0], 16), want("family", b[1], syscall.AF_INET))
	})
	add("socket options", func() error {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 65536)
		a, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR)
		b, err2 := syscall.GetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY)
		c, err3 := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF)
		_, err4 := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, 0x7777)
		_, err5 := syscall.GetsockoptInt(0x3ff, syscall.SOL_SOCKET, 0x7777)
		return all(err, err2, err3, want("reuse", a != 0, true), want("nodelay", b != 0, true), want("buffer", c, 65536),
			want("unknown", err4, syscall.ENOPROTOOPT), want("bad", err5, syscall.EBADF))
	})
	add("refused", func() error {
		_, err := net.Dial("tcp", "127.0.0.1:1")
		var se *os.SyscallError
		if oe, ok := err.(*net.OpError); ok {
			se, _ = oe.Err.(*os.SyscallError)
		}
		if se == nil {
			return want("error", err, "refused")
		}
		return want("errno", se.Err, syscall.ECONNREFUSED)
	})
	add("descriptors in messages", func() error {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		r, w := pipe()
		if err := syscall.Sendmsg(fds[0], []byte("x"), syscall.UnixRights(w), nil, 0); err != nil {
			return err
		}
		b, oob := make([]byte, 8), make([]byte, 64)
		n, on, _, _, err := syscall.Recvmsg(fds[1], b, oob, 0)
		if err := all(err, want("bytes", n, 1)); err != nil {
			return err
		}
		msgs, err := syscall.ParseSocketControlMessage(oob[:on])
		if err := all(err, want("messages", len(msgs), 1)); err != nil {
			return err
		}
		got, err := syscall.ParseUnixRights(&msgs[0])
		if err := all(err, want("descriptors", len(got), 1)); err != nil {
			return err
		}
		syscall.Write(got[0], []byte("through"))
		n, err = syscall.Read(r, b)
		return all(err, want("data", string(b[:n]), "through"))
	})
	add("datagrams", func() error {
		a, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		b, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		if _, err := a.WriteTo([]byte("hello"), b.LocalAddr()); err != nil {
			return err
		}
		buf := make([]byte, 16)
		n, from, err := b.ReadFrom(buf)
		return all(err, want("data", string(buf[:n]), "hello"), want("from", from, a.LocalAddr()))
	})
	add("sendfile tells how much", func() error {
		f, err := os.CreateTemp("", "send")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name())
		f.Write(make([]byte, 100000))
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		done := make(chan int64)
		go func() {
			c, _ := ln.Accept()
			n, _ := io.Copy(io.Discard, c)
			done <- n
		}()
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			return err
		}
		f.Seek(10, 0)
		n, err := io.Copy(c, f)
		c.Close()
		return all(err, want("sent", n, 99990), want("received", <-done, 99990))
	})
}

// echo sends a word there and back.
func echo(network, addr string) error {
	ln, err := net.Listen(network, addr)
	if err != nil {
		return err
	}
	defer ln.Close()
	go func() {
		c, err := ln.Accept()
		if err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	c, err := net.Dial(network, ln.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := want("peer", c.RemoteAddr(), ln.Addr()); err != nil {
		return err
	}
	c.Write([]byte("hello"))
	b := make([]byte, 5)
	_, err = io.ReadFull(c, b)
	return all(err, want("data", string(b), "hello"))
}
