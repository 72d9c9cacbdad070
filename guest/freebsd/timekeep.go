package freebsd

import (
	"math/bits"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/kernel"
)

// The time page (AT_TIMEKEEP) lets a guest tell the time without a call:
//
//	time = offset + scale * (counter - offset_count)        in units of 2^-64 s
//	wall = time + boottime
//
// where counter is the CPU's time stamp counter, shifted so that it fits 32
// bits (FreeBSD 14.1 sys/vdso.h, lib/libc/sys/__vdso_gettimeofday.c). The product
// has 64 bits, so the page must be renewed well within a second.
//
// A renewal never lets the time jump: it starts where the old one has come to
// and steers towards the host's clock by the rate.

// bintime is struct bintime: seconds and 2^-64 seconds.
type bintime struct {
	sec  int64
	frac uint64
}

func (b bintime) add(frac uint64) bintime {
	f, carry := bits.Add64(b.frac, frac, 0)
	return bintime{b.sec + int64(carry), f}
}

func (b bintime) nanos() int64 {
	hi, _ := bits.Mul64(b.frac, 1e9)
	return b.sec*1e9 + int64(hi)
}

func bintimeOf(nanos int64) bintime {
	sec, ns := nanos/1e9, nanos%1e9
	if ns < 0 {
		sec, ns = sec-1, ns+1e9
	}
	frac, _ := bits.Div64(uint64(ns), 0, 1e9)
	return bintime{sec, frac}
}

// timehands is struct vdso_timehands, 0x58 bytes.
type timehands struct {
	algo        uint32
	gen         uint32
	scale       uint64
	offsetCount uint32
	counterMask uint32
	offset      bintime
	boottime    bintime
	shift       uint32
	hpet        uint32
	_           [6]uint32
}

// timekeep is struct vdso_timekeep.
type timekeep struct {
	ver     uint32
	enabled uint32
	current uint32
	_       uint32
	th      [4]timehands
}

const (
	timeVersion = 1
	algoTSC     = 1
	renewEvery  = 200 * time.Millisecond
)

// sample is one look at the counter and the host's clocks.
type sample struct {
	tsc        uint64
	mono, real int64 // nanoseconds
}

// clockSample reads counter and clocks as close together as it can.
func clockSample() sample {
	var best sample
	narrow := ^uint64(0)
	for range 5 {
		var mono, wall, again unix.Timespec
		before := gate.TSC()
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono)
		after := gate.TSC()
		unix.ClockGettime(unix.CLOCK_REALTIME, &wall)
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &again)
		if late := gate.TSC(); late-before < narrow {
			narrow = late - before
			boot := wall.Nano() - (mono.Nano()+again.Nano())/2
			best = sample{tsc: before + (after-before)/2, mono: mono.Nano(), real: mono.Nano() + boot}
		}
	}
	return best
}

// firstSample is taken when we start, so that the rate is known well when the
// first guest starts.
var firstSample = clockSample()

// clock keeps a time page.
type clock struct {
	page   *timekeep
	shift  uint32
	anchor sample // the rate is measured from here on
	last   sample
	rate   float64 // seconds per counter step
}

// anchorAge is how long a rate is measured before the start moves on.
const anchorAge = 20e9

// newClock fills the page for the first time.
func newClock(page *timekeep, first sample) *clock {
	c := &clock{page: page, anchor: first}
	now := clockSample()
	hz := float64(now.tsc-first.tsc) / float64(now.mono-first.mono) * 1e9
	for hz/float64(uint64(1)<<c.shift) > 1<<30 {
		c.shift++
	}
	c.last = now
	c.rate = c.measure(now)
	page.ver = timeVersion
	c.publish(now.tsc, bintimeOf(now.mono), bintimeOf(now.real-now.mono), c.rate)
	return c
}

// measure returns the seconds per counter step between the anchor and now.
func (c *clock) measure(now sample) float64 {
	steps := float64(now.tsc-c.anchor.tsc) / float64(uint64(1)<<c.shift)
	return float64(now.mono-c.anchor.mono) / 1e9 / steps
}

// publish makes new timehands the current ones.
func (c *clock) publish(tsc uint64, offset, boot bintime, rate float64) {
	p := c.page
	next := (atomic.LoadUint32(&p.current) + 1) % uint32(len(p.th))
	th := &p.th[next]
	gen := th.gen
	atomic.StoreUint32(&th.gen, 0)
	th.algo, th.shift, th.counterMask = algoTSC, c.shift, ^uint32(0)
	th.scale = uint64(rate * (1 << 63) * 2)
	th.offsetCount = uint32(tsc >> c.shift)
	th.offset, th.boottime = offset, boot
	if gen++; gen == 0 {
		gen = 1
	}
	atomic.StoreUint32(&th.gen, gen)
	atomic.StoreUint32(&p.current, next)
	atomic.StoreUint32(&p.enabled, 1)
}

// at is what a reader of the page makes of a counter value.
func (p *timekeep) at(tsc uint64) (mono, wall bintime) {
	th := &p.th[atomic.LoadUint32(&p.current)]
	delta := uint32(tsc>>th.shift) - th.offsetCount
	mono = th.offset.add(th.scale * uint64(delta))
	wall = mono.add(th.boottime.frac)
	wall.sec += th.boottime.sec
	return mono, wall
}

// renew steers the page towards the host's clocks.
func (c *clock) renew() {
	const (
		maxSlew  = 500e-6 // of the rate, as adjtime(2)
		behind   = 1e6    // nanoseconds: then the clock is set forward
		maxDrift = 2000   // nanoseconds: noise of a wall clock that nobody set
	)
	now := clockSample()
	c.rate = c.measure(now)
	th := &c.page.th[c.page.current]
	offset, _ := c.page.at(now.tsc)
	if now.mono-c.last.mono > 9e8 {
		offset = bintimeOf(now.mono) // not renewed in time: the page tells nonsense
	}
	c.last = now
	wrong := float64(now.mono - offset.nanos())
	slew := min(max(wrong/1e9, -maxSlew), maxSlew)
	switch {
	case wrong > behind:
		offset, slew = bintimeOf(now.mono), 0
	case wrong < -behind:
		slew = max(wrong/1e9, -0.05)
	}
	boot := th.boottime
	if d := boot.nanos() - (now.real - now.mono); d > maxDrift || d < -maxDrift {
		boot = bintimeOf(now.real - now.mono)
	}
	c.publish(now.tsc, offset, boot, c.rate*(1+slew))
	if now.mono-c.anchor.mono > anchorAge {
		c.anchor = now
	}
}

// run renews the page for as long as we live: first often, until the rate is exact.
func (c *clock) run() {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, renewEvery) {
		time.Sleep(wait)
		c.renew()
	}
}

// suspendTime makes guests ask for the time by calls until the page is renewed.
func suspendTime() {
	if page := livePage.Load(); page != nil {
		atomic.StoreUint32(&page.enabled, 0)
	}
}

// livePage is the page once there is one.
var livePage atomic.Pointer[timekeep]

// timePage is the page that all guests share; nil where the host's own clock is
// not the counter.
var timePage = sync.OnceValue(func() *gate.Share {
	const source = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
	if name, _ := os.ReadFile(source); strings.TrimSpace(string(name)) != "tsc" {
		return nil
	}
	share, err := gate.NewShare(4096)
	if err != nil {
		return nil
	}
	page := (*timekeep)(unsafe.Pointer(&share.Bytes()[0]))
	c := newClock(page, firstSample)
	livePage.Store(page)
	go c.run()
	return share
})

// mapTime attaches the time page to a new image, for reading.
func mapTime(t *kernel.Thread) bool {
	share := timePage()
	if share == nil {
		return false
	}
	const readOnly = 0o10000 // SHM_RDONLY
	at, err := t.HostMust(unix.SYS_SHMAT, uint64(share.ID), timeAddr, readOnly)
	return err == nil && at == timeAddr
}
