//go:build linux && (386 || amd64 || arm64)

package linux

import "unsafe"

// SetData sets what comes back with the event. On x86 the kernel's structure is
// packed, so that the field is no uint64 there.
func (e *EpollEvent) SetData(v uint64) {
	*(*[8]byte)(unsafe.Pointer(&e.Data)) = *(*[8]byte)(unsafe.Pointer(&v))
}

// GetData is what came back with the event.
func (e *EpollEvent) GetData() (v uint64) {
	*(*[8]byte)(unsafe.Pointer(&v)) = *(*[8]byte)(unsafe.Pointer(&e.Data))
	return v
}
