package ui

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baosong/mailer"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
)

// driven is a network whose one connection moves as the test says, in hundredths of a message.
type driven struct {
	local
	moves chan int64
}

func (d driven) Sender(mailer.Account, mailer.Secrets) (mailer.Sender, error) { return d, nil }

func (driven) Limit(context.Context) (int64, error) { return 0, nil }

func (d driven) Send(_ context.Context, _ mailer.Envelope, _ io.Reader, size int64, progress mailer.Progress) error {
	for at := range d.moves {
		progress(size*at/100, size)
	}
	return nil
}

// TestTimeLeftIsSaid sends at a speed the test sets, by a clock it turns: the page says how long it will still take.
func TestTimeLeftIsSaid(t *testing.T) {
	server, err := serve("code-1", unitAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	net := driven{local{server: server}, make(chan int64)}
	began := time.Date(2024, 6, 3, 9, 0, 0, 0, china())
	var passed atomic.Int64 // seconds
	k := sitIn(t, t.TempDir(), net.local, "zh", unmeasured, func(d *post.Desk) {
		d.Network = net
		d.Now = func() time.Time { return began.Add(time.Duration(passed.Load()) * time.Second) }
	})
	arrive := sync.OnceFunc(func() { close(net.moves) })
	t.Cleanup(arrive)
	ready(k, "code-1")
	k.press("发送")
	k.await("正在发送，已发出 0/1 封。")
	if k.sees("还需") {
		t.Error("how long it takes is said before anything has moved")
	}
	for _, step := range []struct {
		second, at int64
		says       string
	}{
		{10, 4, "还需 4 分钟。"},  // 240 s
		{20, 20, "还需 1 分钟。"}, // 1 a second since the beginning
		{30, 60, "还需 14 秒。"}, // 2.8 a second from the tenth to the thirtieth
		{40, 90, "还需 3 秒。"},
	} {
		passed.Store(step.second)
		k.q.until(func() { net.moves <- step.at })
		k.await(step.says)
	}
	arrive()
	k.await("已全部发出")
	if k.sees("还需") {
		t.Error("there is still time left")
	}
	if got := k.jobState(); got != outbox.Sent {
		t.Errorf("the job is %s", got)
	}
}
