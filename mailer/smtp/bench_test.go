package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/loopback"
)

const large = 500_000_000 // bytes of the attachment

// largeFile is 500 MB that do not compress.
func largeFile(b testing.TB) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "影像.mp4")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.CopyN(f, rand.NewChaCha8([32]byte{}), large); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func compose(b testing.TB, file string) (string, int64) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "0001.eml")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 64<<10)
	err = eml.Write(w, mailer.Message{
		From: mailer.Address{Addr: unit}, To: []mailer.Address{{Addr: organizer}}, Subject: "【报送】", Date: time.Now(),
		MessageID: "large@units.example", Text: "text",
		Attachments: []mailer.Attachment{{
			Name: "影像.mp4", MediaType: "video/mp4", Size: large,
			Open: func() (io.ReadCloser, error) { return os.Open(file) },
		}},
	})
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		b.Fatal(err)
	}
	fi, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path, fi.Size()
}

// discard takes a message and counts it.
type discard struct{ bytes atomic.Int64 }

func (d *discard) deliver(_ mailer.Envelope, r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	d.bytes.Add(n)
	return err
}

// BenchmarkSend sends 500 MB to the loopback server: composing the message into
// a file and sending it from there, against go-mail's own AttachFile to the
// same server, and against base64 of the same file.
func BenchmarkSend(b *testing.B) {
	file := largeFile(b)
	var taken discard
	srv := start(b, loopback.Options{Deliver: taken.deliver, Size: -1})
	var ours, theirs, base64 time.Duration
	for b.Loop() {
		at := time.Now()
		message, size := compose(b, file)
		f, err := os.Open(message)
		if err != nil {
			b.Fatal(err)
		}
		if err := sender(b, srv, time.Minute).Send(b.Context(), envelope, f, size, nil); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(at)
		if err := os.Remove(message); err != nil {
			b.Fatal(err)
		}
		at = time.Now()
		sendByGoMail(b, srv, file)
		theirs += time.Since(at)
		at = time.Now()
		if encodeByBase64(b, file) {
			base64 += time.Since(at)
		}
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds()/n, "s")
	b.ReportMetric(theirs.Seconds()/n, "go-mail-s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×go-mail")
	if base64 > 0 {
		b.ReportMetric(base64.Seconds()/n, "base64-s")
		b.ReportMetric(ours.Seconds()/base64.Seconds(), "×base64")
	} else {
		b.Log("no base64: not compared")
	}
}

func sendByGoMail(b *testing.B, srv *loopback.Server, file string) {
	b.Helper()
	m := gomail.NewMsg()
	if err := m.From(unit); err != nil {
		b.Fatal(err)
	}
	if err := m.To(organizer); err != nil {
		b.Fatal(err)
	}
	m.Subject("【报送】")
	m.SetBodyString(gomail.TypeTextPlain, "text")
	m.AttachFile(file)
	a := srv.Account(unit)
	c, err := gomail.NewClient(a.SMTP.Host, gomail.WithPort(a.SMTP.Port), gomail.WithSSL(), gomail.WithTimeout(10*time.Minute),
		gomail.WithTLSConfig(&tls.Config{RootCAs: srv.RootCAs(), ServerName: a.SMTP.Host, MinVersion: tls.VersionTLS12}),
		gomail.WithSMTPAuth(gomail.SMTPAuthPlain), gomail.WithUsername(unit), gomail.WithPassword("s3cret-code-01"))
	if err == nil {
		err = c.DialAndSendWithContext(b.Context(), m)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func encodeByBase64(b *testing.B, file string) bool {
	b.Helper()
	path, err := exec.LookPath("base64")
	if err != nil {
		return false
	}
	cmd := exec.CommandContext(b.Context(), path, file)
	cmd.Stdout = io.Discard
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	return true
}

// pattern reads as a message of any size, in lines, without holding it.
type pattern struct{ at, size int64 }

func (p *pattern) Read(b []byte) (int, error) {
	const line = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\r\n"
	if p.at == p.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), p.size-p.at))
	for done := 0; done < n; {
		k := copy(b[done:n], line[p.at%int64(len(line)):])
		done += k
		p.at += int64(k)
	}
	return n, nil
}

// Sending takes less than 24 MiB above what the process had before, whatever the
// size: client and server together.
func TestSendIsStreamed(t *testing.T) {
	above := memoryToSend(t, &pattern{size: 100 << 20}, 100<<20)
	t.Logf("%.1f MiB above the start", float64(above)/(1<<20))
	if above > 24<<20 {
		t.Errorf("%d bytes above the start", above)
	}
}

// BenchmarkSendMemory sends a 500 MB file's message and tells the memory it
// takes above the start, client and server together.
func BenchmarkSendMemory(b *testing.B) {
	message, size := compose(b, largeFile(b))
	var most uint64
	for b.Loop() {
		f, err := os.Open(message)
		if err != nil {
			b.Fatal(err)
		}
		most = max(most, memoryToSend(b, f, size))
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB")
}

func memoryToSend(t testing.TB, message io.Reader, size int64) (above uint64) {
	t.Helper()
	var taken discard
	srv := start(t, loopback.Options{Deliver: taken.deliver, Size: -1})
	s := sender(t, srv, time.Minute)
	if err := s.Send(t.Context(), envelope, &pattern{size: 1 << 20}, 1<<20, nil); err != nil {
		t.Fatal(err) // what is made once is made
	}
	before, peak, next := memory(), uint64(0), int64(0)
	err := s.Send(t.Context(), envelope, message, size, func(done, _ int64) {
		if done >= next {
			peak, next = max(peak, memory()), done+4<<20
		}
	})
	if err != nil || taken.bytes.Load() < size {
		t.Fatalf("%d bytes taken, %v", taken.bytes.Load(), err)
	}
	return peak - min(peak, before)
}

// memory is what the process has from the system and has not given back.
func memory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

// Cancelling while 500 MB are on their way ends at once.
func TestCancelInTheMiddle(t *testing.T) {
	var taken discard
	srv := start(t, loopback.Options{Deliver: taken.deliver, Size: -1})
	ctx, stop := context.WithCancel(t.Context())
	var at time.Time
	err := sender(t, srv, time.Minute).Send(ctx, envelope, &pattern{size: 500 << 20}, 500<<20, func(done, _ int64) {
		if done > 8<<20 && at.IsZero() {
			at = time.Now()
			stop()
		}
	})
	if took := time.Since(at); mailer.KindOf(err) != mailer.Cancelled || took > time.Second {
		t.Errorf("ended %v after cancelling, with %v", took, err)
	}
}
