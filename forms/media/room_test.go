package media_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"baosong/forms/media"
)

// TestEachKeepsAllProcessorsBusyAndNoMore lets work wait until as much goes on at a time as may.
func TestEachKeepsAllProcessorsBusyAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most, calls := 0, 0, make([]int, 50)
		sizes := make([]int64, len(calls))
		for i := range sizes {
			sizes[i] = int64(1000 * (i + 1))
		}
		gate := make(chan struct{})
		var told []media.Progress
		done := make(chan error)
		go func() {
			done <- media.Each(t.Context(), sizes, func(p media.Progress) { told = append(told, p) }, func(_ context.Context, i int) error {
				mu.Lock()
				running++
				most, calls[i] = max(most, running), calls[i]+1
				mu.Unlock()
				<-gate
				mu.Lock()
				running--
				mu.Unlock()
				return nil
			})
		}()
		synctest.Wait()
		if running != runtime.GOMAXPROCS(0) {
			t.Errorf("%d go on at a time on %d processors", running, runtime.GOMAXPROCS(0))
		}
		close(gate)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if most > runtime.GOMAXPROCS(0) {
			t.Errorf("%d went on at a time", most)
		}
		if !slices.Equal(calls, slices.Repeat([]int{1}, len(calls))) {
			t.Errorf("files were worked on so many times: %v", calls)
		}
		total := int64(1000 * 50 * 51 / 2)
		for i, p := range told {
			if p.Items != i+1 || p.TotalItems != 50 || p.TotalBytes != total || i > 0 && p.Bytes <= told[i-1].Bytes {
				t.Fatalf("progress %d is %+v", i, p)
			}
		}
		if len(told) != 50 || told[49].Bytes != total {
			t.Errorf("told %d times, %+v at last", len(told), told[len(told)-1])
		}
	})
}

func TestEachStopsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	var mu sync.Mutex
	begun, told := 0, 0
	err := media.Each(t.Context(), make([]int64, 1000), func(media.Progress) { told++ }, func(ctx context.Context, i int) error {
		mu.Lock()
		begun++
		mu.Unlock()
		if i == 3 {
			return broken
		}
		if i > 3 {
			<-ctx.Done() // is told of the error
		}
		return ctx.Err()
	})
	if !errors.Is(err, broken) {
		t.Errorf("the first error is %v", err)
	}
	if begun > 4+runtime.GOMAXPROCS(0) || told > 3 {
		t.Errorf("%d were begun, %d done", begun, told)
	}
}

func TestEachIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	begun := 0
	err := media.Each(ctx, make([]int64, 1000), nil, func(ctx context.Context, i int) error {
		mu.Lock()
		begun++
		mu.Unlock()
		if i == 0 {
			cancel()
		}
		<-ctx.Done()
		return nil // as work does that was nearly done
	})
	if !errors.Is(err, context.Canceled) || begun > runtime.GOMAXPROCS(0) {
		t.Errorf("%d were begun: %v", begun, err)
	}
	if err := media.Each(ctx, []int64{1}, nil, func(context.Context, int) error { t.Error("begun"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if err := media.Each(t.Context(), nil, nil, nil); err != nil {
		t.Errorf("nothing to do: %v", err)
	}
}

// TestRoomIsNeverOverfull lets pictures of many sizes into a room, among them one that is larger than it.
func TestRoomIsNeverOverfull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 100
		room := media.NewRoom(size)
		var mu sync.Mutex
		var inside []int64
		leave := make(chan struct{})
		sizes := []int64{60, 60, 30, 30, 1000, 5, 100, 0, -3, 40, 41, 99, 1}
		for _, n := range sizes {
			go func() {
				release, err := media.TakeRoom(t.Context(), room, n)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				inside = append(inside, n)
				mu.Unlock()
				<-leave
				mu.Lock()
				inside = slices.Delete(inside, slices.Index(inside, n), slices.Index(inside, n)+1)
				mu.Unlock()
				release()
			}()
		}
		alone := false
		for range sizes {
			synctest.Wait() // until nobody else can come in
			sum := int64(0)
			for _, n := range inside {
				sum += min(max(n, 0), size)
			}
			if sum > size || sum == 0 && slices.Max(inside) > 0 {
				t.Errorf("%v in a room of %d", inside, size)
			}
			alone = alone || slices.Contains(inside, 1000)
			leave <- struct{}{}
		}
		synctest.Wait()
		if !alone || len(inside) > 0 {
			t.Errorf("the one that is too large came in: %v; %v are still there", alone, inside)
		}
		release, err := media.TakeRoom(t.Context(), room, 1) // and it is empty again
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() { _, err := media.TakeRoom(ctx, room, size); failed <- err }()
		synctest.Wait()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up waiting: %v", err)
		}
		release()
		if release, err = media.TakeRoom(t.Context(), room, size); err != nil {
			t.Fatal(err)
		}
		release()
		if release, err = media.TakeRoom(t.Context(), nil, 1<<40); err != nil {
			t.Errorf("without a room: %v", err)
		}
		release()
	})
}

// TestTooLargeAPictureGoesAlone prepares photos in a room that holds none of them.
func TestTooLargeAPictureGoesAlone(t *testing.T) {
	tools := media.Tools{Room: media.NewRoom(10)}
	path := write(t, "a.jpg", photo(t, phone(1)))
	err := media.Each(t.Context(), make([]int64, 8), nil, func(ctx context.Context, _ int) error {
		_, err := tools.Thumbnail(ctx, path, 300)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
