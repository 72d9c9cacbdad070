package freebsd

import (
	"os"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

func getgroups(t *kernel.Thread, a *abi.GetgroupsArgs) (uint64, error) {
	return t.Host(unix.SYS_GETGROUPS, word(a.N), a.Groups)
}

func setgroups(t *kernel.Thread, a *abi.SetgroupsArgs) (uint64, error) {
	return t.Host(unix.SYS_SETGROUPS, word(a.N), a.Groups)
}

// Before release 15 the list starts with the effective group.
func freebsd14Getgroups(t *kernel.Thread, a *abi.Freebsd14GetgroupsArgs) (uint64, error) {
	const most = 1024
	addr, buf := t.Scratch()
	n, err := t.HostMust(unix.SYS_GETGROUPS, most, addr)
	if err != nil {
		return 0, err
	}
	groups := append([]byte(nil), buf[:4*min(n, most)]...)
	gid, err := t.HostMust(unix.SYS_GETEGID)
	if err != nil {
		return 0, err
	}
	all := le.AppendUint32(nil, uint32(gid))
	for ; len(groups) > 0; groups = groups[4:] {
		if g := le.Uint32(groups); g != uint32(gid) {
			all = le.AppendUint32(all, g)
		}
	}
	switch n := len(all) / 4; {
	case a.N == 0:
		return uint64(n), nil
	case int(a.N) < n:
		return 0, kerr.EINVAL
	default:
		return uint64(n), t.Write(a.Groups, all)
	}
}

func freebsd14Setgroups(t *kernel.Thread, a *abi.Freebsd14SetgroupsArgs) (uint64, error) {
	return t.Host(unix.SYS_SETGROUPS, word(a.N), a.Groups)
}

const unchanged = ^uint64(0)

func seteuid(t *kernel.Thread, a *abi.SeteuidArgs) (uint64, error) {
	return t.Host(unix.SYS_SETRESUID, unchanged, uint64(a.Uid), unchanged)
}

func setegid(t *kernel.Thread, a *abi.SetegidArgs) (uint64, error) {
	return t.Host(unix.SYS_SETRESGID, unchanged, uint64(a.Gid), unchanged)
}

// issetugid: the host does not let us start programs with more rights.
func issetugid(*kernel.Thread) (uint64, error) { return 0, nil }

// getlogin tells the name that the session was started with.
func getlogin(t *kernel.Thread, a *abi.GetloginArgs) (uint64, error) {
	name := os.Getenv("LOGNAME")
	if name == "" {
		name = os.Getenv("USER")
	}
	const most = 33 // MAXLOGNAME
	b := append([]byte(name), 0)
	if len(b) > most {
		b = append(b[:most-1], 0)
	}
	if int(a.N) < len(b) {
		return 0, kerr.ERANGE
	}
	return 0, t.Write(a.Name, b)
}
