// Package kerr is the neutral list of errors that handlers return. A guest's
// own number is made from it in one place, at the exit of the call, by the
// total table in guest/<system>/abi.
//
// The numbers below Own are those of the Linux host, so that the result of a
// host call needs no table; the names above are known to other systems only.
package kerr

import "syscall"

// Errno is an error of the neutral list. The zero value is no error.
type Errno uint16

// Own is where the errors start that Linux has no number for.
const Own = 200

const (
	EFTYPE        Errno = Own + iota // inappropriate file type or format
	ENOATTR                          // attribute not found
	EPROCLIM                         // too many processes
	EAUTH                            // authentication error
	ENEEDAUTH                        // need authenticator
	EDOOFUS                          // programming error
	ENOTCAPABLE                      // capabilities insufficient
	ECAPMODE                         // not permitted in capability mode
	EINTEGRITY                       // integrity check failed
	EBADRPC                          // RPC struct is bad
	ERPCMISMATCH                     // RPC version wrong
	EPROGUNAVAIL                     // RPC program not available
	EPROGMISMATCH                    // program version wrong
	EPROCUNAVAIL                     // bad procedure for program
	count
)

// Count is the length of a table that is total over the list.
const Count = int(count)

// Kinds that never reach a guest register.
const (
	// Restart: a signal came before the host call was made, or the host asked for
	// it to be made again. The guest's program counter goes back to its trap.
	Restart Errno = 512
	// Done: the handler has set the registers itself (sigreturn, exec, exit).
	Done Errno = 513
)

var names = [count - Own]string{
	"inappropriate file type or format", "attribute not found", "too many processes",
	"authentication error", "need authenticator", "programming error",
	"capabilities insufficient", "not permitted in capability mode", "integrity check failed",
	"RPC struct is bad", "RPC version wrong", "RPC program not available",
	"program version wrong", "bad procedure for program",
}

func (e Errno) Error() string {
	switch {
	case e == Restart:
		return "restart the call"
	case e == Done:
		return "registers are set"
	case e >= Own && e < count:
		return names[e-Own]
	}
	return syscall.Errno(e).Error()
}

// The errors that Linux has too.
const (
	EPERM           = Errno(syscall.EPERM)
	ENOENT          = Errno(syscall.ENOENT)
	ESRCH           = Errno(syscall.ESRCH)
	EINTR           = Errno(syscall.EINTR)
	EIO             = Errno(syscall.EIO)
	ENXIO           = Errno(syscall.ENXIO)
	E2BIG           = Errno(syscall.E2BIG)
	ENOEXEC         = Errno(syscall.ENOEXEC)
	EBADF           = Errno(syscall.EBADF)
	ECHILD          = Errno(syscall.ECHILD)
	EAGAIN          = Errno(syscall.EAGAIN)
	ENOMEM          = Errno(syscall.ENOMEM)
	EACCES          = Errno(syscall.EACCES)
	EFAULT          = Errno(syscall.EFAULT)
	ENOTBLK         = Errno(syscall.ENOTBLK)
	EBUSY           = Errno(syscall.EBUSY)
	EEXIST          = Errno(syscall.EEXIST)
	EXDEV           = Errno(syscall.EXDEV)
	ENODEV          = Errno(syscall.ENODEV)
	ENOTDIR         = Errno(syscall.ENOTDIR)
	EISDIR          = Errno(syscall.EISDIR)
	EINVAL          = Errno(syscall.EINVAL)
	ENFILE          = Errno(syscall.ENFILE)
	EMFILE          = Errno(syscall.EMFILE)
	ENOTTY          = Errno(syscall.ENOTTY)
	ETXTBSY         = Errno(syscall.ETXTBSY)
	EFBIG           = Errno(syscall.EFBIG)
	ENOSPC          = Errno(syscall.ENOSPC)
	ESPIPE          = Errno(syscall.ESPIPE)
	EROFS           = Errno(syscall.EROFS)
	EMLINK          = Errno(syscall.EMLINK)
	EPIPE           = Errno(syscall.EPIPE)
	EDOM            = Errno(syscall.EDOM)
	ERANGE          = Errno(syscall.ERANGE)
	EDEADLK         = Errno(syscall.EDEADLK)
	ENAMETOOLONG    = Errno(syscall.ENAMETOOLONG)
	ENOLCK          = Errno(syscall.ENOLCK)
	ENOSYS          = Errno(syscall.ENOSYS)
	ENOTEMPTY       = Errno(syscall.ENOTEMPTY)
	ELOOP           = Errno(syscall.ELOOP)
	ENOMSG          = Errno(syscall.ENOMSG)
	EIDRM           = Errno(syscall.EIDRM)
	ENODATA         = Errno(syscall.ENODATA)
	EOVERFLOW       = Errno(syscall.EOVERFLOW)
	EILSEQ          = Errno(syscall.EILSEQ)
	ENOTSOCK        = Errno(syscall.ENOTSOCK)
	EDESTADDRREQ    = Errno(syscall.EDESTADDRREQ)
	EMSGSIZE        = Errno(syscall.EMSGSIZE)
	EPROTOTYPE      = Errno(syscall.EPROTOTYPE)
	ENOPROTOOPT     = Errno(syscall.ENOPROTOOPT)
	EPROTONOSUPPORT = Errno(syscall.EPROTONOSUPPORT)
	ESOCKTNOSUPPORT = Errno(syscall.ESOCKTNOSUPPORT)
	EOPNOTSUPP      = Errno(syscall.EOPNOTSUPP)
	EPFNOSUPPORT    = Errno(syscall.EPFNOSUPPORT)
	EAFNOSUPPORT    = Errno(syscall.EAFNOSUPPORT)
	EADDRINUSE      = Errno(syscall.EADDRINUSE)
	EADDRNOTAVAIL   = Errno(syscall.EADDRNOTAVAIL)
	ENETDOWN        = Errno(syscall.ENETDOWN)
	ENETUNREACH     = Errno(syscall.ENETUNREACH)
	ENETRESET       = Errno(syscall.ENETRESET)
	ECONNABORTED    = Errno(syscall.ECONNABORTED)
	ECONNRESET      = Errno(syscall.ECONNRESET)
	ENOBUFS         = Errno(syscall.ENOBUFS)
	EISCONN         = Errno(syscall.EISCONN)
	ENOTCONN        = Errno(syscall.ENOTCONN)
	ESHUTDOWN       = Errno(syscall.ESHUTDOWN)
	ETIMEDOUT       = Errno(syscall.ETIMEDOUT)
	ECONNREFUSED    = Errno(syscall.ECONNREFUSED)
	EHOSTDOWN       = Errno(syscall.EHOSTDOWN)
	EHOSTUNREACH    = Errno(syscall.EHOSTUNREACH)
	EALREADY        = Errno(syscall.EALREADY)
	EINPROGRESS     = Errno(syscall.EINPROGRESS)
	ESTALE          = Errno(syscall.ESTALE)
	EDQUOT          = Errno(syscall.EDQUOT)
	ECANCELED       = Errno(syscall.ECANCELED)
	EBADMSG         = Errno(syscall.EBADMSG)
	EPROTO          = Errno(syscall.EPROTO)
	EOWNERDEAD      = Errno(syscall.EOWNERDEAD)
	ENOTRECOVERABLE = Errno(syscall.ENOTRECOVERABLE)
	EREMOTE         = Errno(syscall.EREMOTE)
	EUSERS          = Errno(syscall.EUSERS)
)
