package ui

import (
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// frame is what a handler may take on the UI goroutine: one at 60 a second.
const frame = 16 * time.Millisecond

// handled is the longest that a kind of handler took, by the clock and by the
// processor.
type handled struct{ wall, cpu time.Duration }

// meter measures what runs on the UI goroutine, by what the person did or by
// the function that came back to it.
type meter map[string]handled

func (m meter) measure(name string, f func()) {
	cpu, wall := threadTime(), time.Now()
	f()
	took := handled{time.Since(wall), threadTime() - cpu}
	m[name] = handled{max(took.wall, m[name].wall), max(took.cpu, m[name].cpu)}
}

func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkHandlersOfTheWholeTrip takes the whole trip and measures every
// handler on the UI goroutine. Of each kind it keeps the longest in a trip and
// then the best of all trips: other programs on the machine make a handler
// slower in one trip, a handler that is slow is slow in all. Run it with
// -benchtime 5x.
func BenchmarkHandlersOfTheWholeTrip(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := meter{}
	for range b.N {
		m := meter{}
		wholeTrip(b, m.measure).end()
		for name, took := range m {
			if was, ok := best[name]; ok {
				took = handled{min(was.wall, took.wall), min(was.cpu, took.cpu)}
			}
			best[name] = took
		}
	}
	over, overCPU := 0, 0
	var longest handled
	names := make([]string, 0, len(best))
	for name, took := range best {
		names = append(names, name)
		longest = handled{max(longest.wall, took.wall), max(longest.cpu, took.cpu)}
		if took.wall > frame {
			over++
		}
		if took.cpu > frame {
			overCPU++
		}
	}
	slices.SortFunc(names, func(x, y string) int { return int(best[y].wall - best[x].wall) })
	for _, name := range names[:min(12, len(names))] {
		b.Logf("%8.2f ms by the clock %8.2f ms of the processor  %s", ms(best[name].wall), ms(best[name].cpu), name)
	}
	b.ReportMetric(float64(len(best)), "kinds")
	b.ReportMetric(float64(over), "over16ms")
	b.ReportMetric(float64(overCPU), "over16ms-cpu")
	b.ReportMetric(ms(longest.wall), "longest-ms")
	b.ReportMetric(ms(longest.cpu), "longest-cpu-ms")
	b.ReportMetric(0, "ns/op")
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
