package say

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/draft"
	"baosong/forms/ledger"
	"baosong/forms/media"
	"baosong/forms/submit"
	"baosong/forms/xlsform"
	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/home"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
)

// sentinels names the words of the errors that say all by themselves; the
// texts are error.KEY and next.KEY.
var sentinels = []struct {
	err     error
	key     string
	invalid bool // the input is to blame
}{
	{submit.ErrNotOurs, "package.not-ours", true},
	{submit.ErrNewer, "package.newer", true},
	{submit.ErrReport, "package.report", true},
	{submit.ErrLimit, "package.limit", false},
	{submit.ErrMissing, "package.missing", true},
	{post.ErrNoPackage, "mail.no-package", true},
	{post.ErrNoSource, "mail.no-source", false},
	{post.ErrNoReceipt, "mail.no-receipt", true},
	{post.ErrNoDestination, "notice.no-destination", true},
	{eml.ErrTruncated, "mail.truncated", true},
	{eml.ErrNotMessage, "mail.not-message", true},
	{eml.ErrLimit, "mail.limit", true},
	{home.ErrNoNotice, "notice.none", false},
	{home.ErrNoAccount, "account.none", false},
	{home.ErrSettings, "settings.broken", false},
	{draft.ErrNoDraft, "draft.none", false},
	{draft.ErrFrozen, "draft.frozen", false},
	{draft.ErrNotFrozen, "draft.not-frozen", false},
	{draft.ErrClosed, "draft.closed", false},
	{draft.ErrBroken, "draft.broken", true},
	{draft.ErrNewer, "draft.newer", true},
	{draft.ErrDiskFull, "disk-full", false},
	{draft.ErrNotRegular, "file.not-regular", true},
	{draft.ErrChanging, "file.changing", false},
	{media.Truncated, "media.truncated", true},
	{media.Corrupt, "media.corrupt", true},
	{media.TooLarge, "media.too-large", true},
	{media.Unsupported, "media.unsupported", true},
	{media.Changed, "media.changed", false},
	{media.Unreadable, "media.unreadable", false},
	{media.NeedsTool, "media.needs-tool", false},
	{media.Unfinished, "media.unfinished", true},
	{media.NotCleaned, "media.not-cleaned", true},
	{forms.ErrValue, "value", true},
	{xlsform.ErrNoForm, "workbook.no-form", true},
	{xlsform.ErrPassword, "workbook.password", true},
	{xlsform.ErrOldFormat, "workbook.old", true},
	{xlsform.ErrTooLarge, "workbook.large", true},
	{xlsform.ErrOtherNotice, "workbook.other-notice", true},
	{xlsform.ErrNotWorkbook, "workbook.not", true},
	{xlsform.ErrNoPlace, "cell.no-place", true},
	{xlsform.ErrFile, "cell.file", true},
	{xlsform.ErrParent, "cell.parent", true},
	{xlsform.ErrTwice, "cell.twice", true},
	{xlsform.ErrFormula, "cell.formula", true},
	{ledger.ErrNotFound, "ledger.not-found", false},
	{ledger.ErrIncomplete, "ledger.incomplete", false},
	{context.Canceled, "cancelled", false},
	{context.DeadlineExceeded, "timeout", false},
	{outbox.ErrBusy, "outbox.busy", false},
	{outbox.ErrExists, "outbox.exists", false},
	{outbox.ErrNotFound, "outbox.not-found", false},
	{outbox.ErrSent, "outbox.sent", false},
	{outbox.ErrWaiting, "outbox.waiting", false},
	{mailer.ErrNoProvider, "provider.none", false},
	{mailer.ErrNotKept, "account.not-kept", false},
	{syscall.ENOSPC, "disk-full", false},
	{diskFull, "disk-full", false},
	{fs.ErrNotExist, "file.missing", false},
	{fs.ErrPermission, "file.permission", false},
	{os.ErrClosed, "file.closed", false},
}

// Windows' ERROR_DISK_FULL. The same number is EHOSTDOWN on Linux, which no
// file operation returns.
const diskFull = syscall.Errno(112)

// Error returns an error in words. Where several were joined, the first that
// there are words for speaks for all.
func (w *Words) Error(err error) Advice {
	name := fileOf(err, w.T("error.this-file"))
	for _, e := range all(err) {
		if a, ok := w.known(e, name); ok {
			return a
		}
	}
	return Advice{What: w.T("error.unknown"), Next: w.T("next.unknown"), Raw: err.Error()}
}

// fileOf names the file that an error is about, as people know it.
func fileOf(err error, otherwise string) string {
	if e, ok := errors.AsType[*submit.MaterialError](err); ok {
		return e.Name
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return filepath.Base(e.Path)
	}
	return otherwise
}

// known words one error; name is the file that the whole of it is about.
func (w *Words) known(err error, name string) (Advice, bool) {
	if a, ok := w.mail(err); ok {
		return a, true
	}
	if e, ok := errors.AsType[*draft.LockedError](err); ok {
		return Advice{What: w.Held(e.Holder), Next: w.T("next.draft.locked")}, true
	}
	if e, ok := errors.AsType[*draft.CorrectedError](err); ok {
		next := "next.draft.corrected"
		if e.Submitted {
			next += ".submitted"
		}
		return Advice{What: w.T("error.draft.corrected", "id", e.ID), Next: w.T(next)}, true
	}
	if e, ok := errors.AsType[*bag.InvalidError](err); ok {
		return Advice{What: w.T("error.package.damaged"), Next: w.T("next.package.damaged"), Raw: e.Error()}, true
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return Advice{What: w.T("error."+s.key, "file", fileOf(err, name)), Next: w.next(s.key)}, true
		}
	}
	if e, ok := errors.AsType[*bag.Error](err); ok {
		return Advice{What: w.T("error.package.damaged"), Next: w.T("next.package.damaged"), Raw: e.Error()}, true
	}
	return w.broken(err)
}

// InvalidInput reports whether err says that what was read is not as it should
// be, rather than that something failed.
func (w *Words) InvalidInput(err error) bool {
	for _, e := range all(err) {
		for _, s := range sentinels {
			if s.invalid && errors.Is(e, s.err) {
				return true
			}
		}
		if _, ok := errors.AsType[*bag.InvalidError](e); ok {
			return true
		}
		if _, ok := errors.AsType[*bag.Error](e); ok {
			return true
		}
	}
	return false
}
