package say

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"baosong/mailer/outbox"
)

// sentinels names the words of the errors that say all by themselves; the
// texts are error.KEY and next.KEY.
var sentinels = []struct {
	err error
	key string
}{
	{context.Canceled, "cancelled"},
	{context.DeadlineExceeded, "timeout"},
	{outbox.ErrBusy, "outbox.busy"},
	{outbox.ErrExists, "outbox.exists"},
	{outbox.ErrNotFound, "outbox.not-found"},
	{outbox.ErrSent, "outbox.sent"},
	{syscall.ENOSPC, "disk-full"},
	{diskFull, "disk-full"},
	{fs.ErrNotExist, "file.missing"},
	{fs.ErrPermission, "file.permission"},
	{os.ErrClosed, "file.closed"},
}

// Windows' ERROR_DISK_FULL. The same number is EHOSTDOWN on Linux, which no
// file operation returns.
const diskFull = syscall.Errno(112)

// Error returns an error in words. Where several were joined, the first that
// there are words for speaks for all.
func (w *Words) Error(err error) Advice {
	for _, e := range all(err) {
		if a, ok := w.known(e); ok {
			return a
		}
	}
	return Advice{What: w.T("error.unknown"), Next: w.T("next.unknown"), Raw: err.Error()}
}

func (w *Words) known(err error) (Advice, bool) {
	if a, ok := w.mail(err); ok {
		return a, true
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			name := w.T("error.this-file")
			if pe, ok := errors.AsType[*fs.PathError](err); ok {
				name = filepath.Base(pe.Path)
			}
			return Advice{What: w.T("error."+s.key, "file", name), Next: w.T("next." + s.key)}, true
		}
	}
	return Advice{}, false
}
