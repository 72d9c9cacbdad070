package linux

import (
	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

func start386(t *kernel.Thread, l *kernel.Loaded) error                        { return kerr.ENOEXEC }
func deliver386(t *kernel.Thread, s *kernel.Signal, a *kernel.Action) error    { return kerr.ENOSYS }
func rtSigreturn386(t *kernel.Thread) (uint64, error)                          { return 0, kerr.ENOSYS }
func getThreadArea(t *kernel.Thread, a *abi.GetThreadAreaArgs) (uint64, error) { return 0, kerr.ENOSYS }
func setThreadArea(t *kernel.Thread, a *abi.SetThreadAreaArgs) (uint64, error) { return 0, kerr.ENOSYS }
func ppollTime64(t *kernel.Thread, a *abi.PpollTime64Args) (uint64, error)     { return 0, kerr.ENOSYS }
func pselect6Time64(t *kernel.Thread, a *abi.Pselect6Time64Args) (uint64, error) {
	return 0, kerr.ENOSYS
}
func rtSigtimedwaitTime64(t *kernel.Thread, a *abi.RtSigtimedwaitTime64Args) (uint64, error) {
	return 0, kerr.ENOSYS
}
func sgetmask(t *kernel.Thread) (uint64, error)                            { return 0, kerr.ENOSYS }
func ssetmask(t *kernel.Thread, a *abi.SsetmaskArgs) (uint64, error)       { return 0, kerr.ENOSYS }
func sigaction(t *kernel.Thread, a *abi.SigactionArgs) (uint64, error)     { return 0, kerr.ENOSYS }
func signal(t *kernel.Thread, a *abi.SignalArgs) (uint64, error)           { return 0, kerr.ENOSYS }
func sigpending(t *kernel.Thread, a *abi.SigpendingArgs) (uint64, error)   { return 0, kerr.ENOSYS }
func sigprocmask(t *kernel.Thread, a *abi.SigprocmaskArgs) (uint64, error) { return 0, kerr.ENOSYS }
func sigreturn(t *kernel.Thread) (uint64, error)                           { return 0, kerr.ENOSYS }
func sigsuspend(t *kernel.Thread, a *abi.SigsuspendArgs) (uint64, error)   { return 0, kerr.ENOSYS }
