package trace

import (
	"testing"

	darwin "trapgate/guest/darwin/abi"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
	openbsd "trapgate/guest/openbsd/abi"
)

// TestIPC: the words of a call within ipc are those of ipc in another order.
func TestIPC(t *testing.T) {
	check(t, linux.I386, []row{
		{"ipc", Args{2, 77, 3, 0x3b6}, text(""), ok(5), `semget(0x4d, 3, IPC_CREAT|0x1b6) = 5`},
		{"ipc", Args{1, 5, 1, 0, base}, lay(uint16(0), int16(-1), int16(0x1000)), ok(0),
			`semop(5, [{sem_num=0, sem_op=-1, sem_flg=4096}], 1) = 0`},
		{"ipc", Args{23, 0, 4096, 0x3b6}, text(""), ok(6), `shmget(0, 4096, IPC_CREAT|0x1b6) = 6`},
		{"ipc", Args{22, 0, 0, 0, 0x8000}, text(""), ok(0), `shmdt(0x8000) = 0`},
		{"ipc", Args{24, 6, 0x102}, text(""), ok(0), `shmctl(6, IPC_STAT|IPC_64, NULL) = 0`},
		{"ipc", Args{12, 6, 10, 0, base}, text(""), ok(0), `ipc(MSGRCV, 6, 0xa, 0, 0x10000, 0) = 0`},
	})
}

func TestLinuxARM64(t *testing.T) {
	check(t, linux.ARM64, []row{
		{"openat", Args{minus - 99, base, 0x4000}, text("/\x00"), ok(3), `openat(AT_FDCWD, "/", O_RDONLY|O_DIRECTORY) = 3`},
		{"clone", Args{0x11, 0, 0, 0, 0}, text(""), ok(9), `clone(SIGCHLD, NULL) = 9`},
		{"epoll_pwait", Args{4, base, 1, minus, 0, 8}, lay(uint32(1), uint32(0), uint64(7)), ok(1),
			`epoll_pwait(4, [{events=EPOLLIN, data=0x7}], 1, -1, NULL, 8) = 1`},
		{"fstat", Args{3, base}, lay(uint64(1), uint64(2), uint32(0o100644), uint32(1), [24]byte{}, uint64(1234), [80]byte{}), ok(0),
			`fstat(3, {st_mode=S_IFREG|0644, st_size=1234, ...}) = 0`},
	})
}

func TestLinuxStructs(t *testing.T) {
	check(t, linux.AMD64, []row{
		{"cachestat", Args{3, base, base + 16, 0}, words(0, 4096, 1, 2, 3, 4, 5), ok(0),
			`cachestat(3, {off=0, len=4096}, {nr_cache=1, nr_dirty=2, nr_writeback=3, nr_evicted=4, nr_recently_evicted=5}, 0) = 0`},
		{"bpf", Args{6, base, 16}, flat{base, append(words(base+16, 3).b, "/sys/fs/bpf/x\x00"...)}, ok(0),
			`bpf(BPF_OBJ_PIN, {pathname="/sys/fs/bpf/x", bpf_fd=3, file_flags=0}, 16) = 0`},
		{"bpf", Args{11, base, 12}, words(5, 6), ok(0), `bpf(BPF_PROG_GET_NEXT_ID, {start_id=5, next_id=0, open_flags=0x6}, 12) = 0`},
		{"fanotify_init", Args{4 | 1, 0x80000}, text(""), ok(3), `fanotify_init(FAN_CLASS_CONTENT|FAN_CLOEXEC, O_RDONLY|O_CLOEXEC) = 3`},
		{"personality", Args{0x40000}, text(""), ok(0), `personality(PER_LINUX|ADDR_NO_RANDOMIZE) = 0`},
		{"reboot", Args{0xfee1dead, 0x28121969, 0x1234567, 0}, text(""), fail(1),
			`reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, NULL) = -1 EPERM (Operation not permitted)`},
		{"mbind", Args{0x7000, 4096, 0x8002, 0, 0, 1}, text(""), ok(0),
			`mbind(0x7000, 4096, MPOL_BIND|MPOL_F_STATIC_NODES, NULL, 0, MPOL_MF_STRICT) = 0`},
		{"mount_setattr", Args{3, base + 32, 0, base, 32}, words(1, 0, 0, 0, 'm'), ok(0),
			`mount_setattr(3, "m", 0, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0, userns_fd=0}, 32) = 0`},
		{"io_getevents", Args{7, 1, 2, base, 0}, words(9, 8, 7, 0), ok(1),
			`io_getevents(0x7, 1, 2, [{data=0x9, obj=0x8, res=7, res2=0}], NULL) = 1`},
	})
}

func TestFreeBSDCommands(t *testing.T) {
	check(t, freebsd.AMD64, []row{
		{"__sysctl", Args{base, 4, 0, 0, 0, 0}, lay(int32(1), int32(14), int32(12), int32(-1)), ok(0),
			`__sysctl([CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, -1], 4, NULL, NULL, NULL, 0) = 0`},
		{"__sysctl", Args{base, 2, 0, 0, base + 8, 3}, lay(int32(0), int32(3), [3]byte{'a', '.', 'b'}), ok(0),
			`__sysctl([CTL_SYSCTL, CTL_SYSCTL_NAME2OID], 2, NULL, NULL, "a.b", 3) = 0`},
		{"_umtx_op", Args{base, 16, 1, 9, 9}, text(""), ok(0), `_umtx_op(0x10000, UMTX_OP_WAKE_PRIVATE, 1) = 0`},
		{"_umtx_op", Args{0x7000, 15, 1, 24, base}, lay(uint64(1), uint64(5), uint32(1), uint32(4)), fail(60),
			`_umtx_op(0x7000, UMTX_OP_WAIT_UINT_PRIVATE, 1, 24, {timeout={tv_sec=1, tv_nsec=5}, flags=0x1, clockid=CLOCK_MONOTONIC})` +
				` = -1 ETIMEDOUT (Operation timed out)`},
		{"procctl", Args{0, 7, 11, base}, lay(int32(15)), ok(0), `procctl(P_PID, 7, PROC_PDEATHSIG_CTL, [SIGTERM]) = 0`},
		{"procctl", Args{0, 7, 2, 5}, text(""), ok(0), `procctl(P_PID, 7, PROC_REAP_ACQUIRE) = 0`},
		{"ptrace", Args{12, 7, base, 0}, lay(int32(1), int32(0), uint64(0x400000), uint64(0x8000), uint64(8)), ok(0),
			`ptrace(PT_IO, 7, {piod_op=PIOD_READ_D, piod_offs=0x400000, piod_addr=0x8000, piod_len=8}, 0) = 0`},
		{"ioctl", Args{0, 0x402c7413, base}, lay(uint32(0x2b02), uint32(3), uint32(0x4b00), uint32(0x5cb), [28]byte{}), ok(0),
			`ioctl(0, TIOCGETA, {c_iflag=BRKINT|ICRNL|IXON|IXANY|IMAXBEL, c_oflag=OPOST|ONLCR, c_cflag=CS8|CREAD|HUPCL, ` +
				`c_lflag=ECHOKE|ECHOE|ECHO|ECHOCTL|ISIG|ICANON|IEXTEN, c_ispeed=0, c_ospeed=0, ...}) = 0`},
		{"fcntl", Args{3, 1, 5}, text(""), ok(1), `fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)`},
		{"sysarch", Args{129, base}, words(0x7000), ok(0), `sysarch(AMD64_SET_FSBASE, [0x7000]) = 0`},
	})
}

func TestOpenBSD(t *testing.T) {
	check(t, openbsd.AMD64, []row{
		{"sysctl", Args{base, 2, 0, 0, 0, 0}, lay(int32(6), int32(25)), ok(0), `sysctl([CTL_HW, HW_NCPUONLINE], 2, NULL, NULL, NULL, 0) = 0`},
		{"mmap", Args{0, 4096, 3, 0x5002, minus, 0}, text(""), ok(0x7000),
			`mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANON|MAP_STACK, -1, 0) = 0x7000`},
		{"futex", Args{0x7000, 0x82, 1, 0, 0}, text(""), ok(0), `futex(0x7000, FUTEX_WAKE_PRIVATE, 1, NULL) = 0`},
		{"fcntl", Args{3, 1, 9}, text(""), ok(0), `fcntl(3, F_GETFD) = 0`},
		{"ioctl", Args{0, 0x2000740d, 9}, text(""), ok(0), `ioctl(0, TIOCEXCL) = 0`},
		{"pledge", Args{base, 0}, text("stdio rpath\x00"), ok(0), `pledge("stdio rpath", NULL) = 0`},
	})
}

func TestDarwin(t *testing.T) {
	for _, sys := range []struct{ write, self int }{{0x2000004, 0x100001c}} {
		d := &Decoder{Sys: darwin.AMD64}
		args, m := Args{1, base, 2}, text("hi")
		if got, want := d.Enter(sys.write, &args, m).Exit(ok(2), m), `write(1, "hi", 2) = 2`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := d.Enter(sys.self, &Args{}, m).Exit(ok(0x103), m), `task_self_trap() = 0x103`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	check(t, darwin.ARM64, []row{
		{"openat", Args{minus - 1, base, 0x1000000}, text("f\x00"), fail(2), `openat(AT_FDCWD, "f", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)`},
		{"fcntl", Args{3, 50, base}, text("/tmp/f\x00"), ok(0), `fcntl(3, F_GETPATH, "/tmp/f") = 0`},
		{"fcntl_nocancel", Args{3, 51, 9}, text(""), ok(0), `fcntl_nocancel(3, F_FULLFSYNC) = 0`},
		{"sysctl", Args{base, 2, 0, 0, 0, 0}, lay(int32(6), int32(7)), ok(0), `sysctl([CTL_HW, HW_PAGESIZE], 2, NULL, NULL, NULL, 0) = 0`},
		{"_kernelrpc_mach_vm_deallocate_trap", Args{0x103, 0x7000, 4096}, text(""), ok(1),
			`_kernelrpc_mach_vm_deallocate_trap(0x103, 0x7000, 4096) = KERN_INVALID_ADDRESS`},
	})
}
