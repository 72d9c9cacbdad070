package freebsd

import (
	"testing"
	"time"
	"unsafe"

	"trapgate/gate"
)

func TestTimehandsSize(t *testing.T) {
	if s := unsafe.Sizeof(timehands{}); s != 0x58 {
		t.Errorf("struct vdso_timehands has %#x bytes", s)
	}
	if s := unsafe.Offsetof(timekeep{}.th); s != 16 {
		t.Errorf("timehands start at %d", s)
	}
}

// TestTimePage: the page tells the host's time, and never goes back, while it is
// renewed.
func TestTimePage(t *testing.T) {
	share := timePage()
	if share == nil {
		t.Skip("the host's clock is not the time stamp counter")
	}
	page := (*timekeep)(unsafe.Pointer(&share.Bytes()[0]))
	var last int64
	worst := int64(0)
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); {
		mono, _ := page.at(gate.TSC())
		if now := mono.nanos(); now < last {
			t.Fatalf("%d ns back", last-now)
		} else {
			last = now
		}
		current := page.current
		s := clockSample()
		mono, wall := page.at(s.tsc)
		if page.current != current {
			continue // the sample is older than what it would be compared with
		}
		worst = max(worst, distance(mono.nanos(), s.mono), distance(wall.nanos(), s.real))
	}
	const near = 10_000 // ns
	if worst > near {
		t.Errorf("up to %d ns from the host's clocks", worst)
	}
	t.Logf("up to %d ns from the host's clocks", worst)
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

func TestBintime(t *testing.T) {
	for _, ns := range []int64{0, 1, 999_999_999, 1_000_000_000, 1_795_221_508_123_456_789} {
		if got := bintimeOf(ns).nanos(); distance(got, ns) > 1 {
			t.Errorf("%d ns comes back as %d", ns, got)
		}
	}
	b := bintime{1, ^uint64(0)}.add(2)
	if b.sec != 2 || b.frac != 1 {
		t.Errorf("carry: %+v", b)
	}
}
