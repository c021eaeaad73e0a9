package home

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"baosong/forms/atomicfile"
	"baosong/forms/bag"
	"baosong/forms/xlsform"
)

const attachments = "attachments" // the folder, in that of an imported notice

// Bounds on what a bundle brings besides its form.
const (
	maxAttachments     = 200
	maxAttachmentBytes = 500 << 20 // of all together, unpacked
)

// Attachments returns the paths of the files that came with an imported
// notice, sorted; none where it came without.
func (h *Home) Attachments(id string) ([]string, error) {
	if !noticeID.MatchString(id) {
		return nil, fmt.Errorf("attachments of %q: %w", id, ErrNoNotice)
	}
	dir := filepath.Join(h.Dir, "notices", id, attachments)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("attachments of %s: %w", id, err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, filepath.Join(dir, e.Name()))
	}
	return out, nil
}

// unbundle unpacks the files of a bundle into a new folder beside dir, and
// returns a function that puts it in dir's place and one that drops it. For
// any other source, which brings no files, it unpacks none.
func unbundle(source, dir string) (keep, drop func() error, err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".tmp-*")
	if err != nil {
		return nil, nil, err
	}
	drop = func() error { return os.RemoveAll(tmp) }
	files, shut, err := bundled(source)
	if err == nil {
		err = errors.Join(unpackAll(files, tmp), shut())
	}
	if err != nil {
		return nil, nil, errors.Join(&fs.PathError{Op: "unpack", Path: source, Err: err}, drop())
	}
	keep = func() error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if len(files) == 0 {
			return drop()
		}
		if err := atomicfile.Rename(tmp, dir); err != nil {
			return err
		}
		return atomicfile.SyncDir(filepath.Dir(dir))
	}
	return keep, drop, nil
}

// bundled returns the files of a zip that is no workbook, but for those that
// systems and Office leave behind.
func bundled(source string) (files []*zip.File, shut func() error, err error) {
	nothing := func() error { return nil }
	info, err := os.Stat(source)
	if err != nil || info.IsDir() {
		return nil, nothing, err
	}
	z, err := zip.OpenReader(source)
	if err != nil {
		return nil, nothing, err
	}
	for _, f := range z.File {
		base := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		switch {
		case strings.EqualFold(f.Name, "xl/workbook.xml"):
			return nil, z.Close, nil
		case strings.HasSuffix(f.Name, "/"), strings.HasPrefix(f.Name, "__MACOSX/"), strings.HasPrefix(base, "."), strings.HasPrefix(base, "~$"),
			strings.EqualFold(base, "thumbs.db"), strings.EqualFold(base, "desktop.ini"):
		case !f.Mode().IsRegular():
		default:
			files = append(files, f)
		}
	}
	if len(files) > maxAttachments {
		return nil, nothing, errors.Join(fmt.Errorf("%d files, over %d: %w", len(files), maxAttachments, xlsform.ErrTooLarge), z.Close())
	}
	return files, z.Close, nil
}

func unpackAll(files []*zip.File, dir string) error {
	left := int64(maxAttachmentBytes)
	taken := map[string]bool{}
	for _, f := range files {
		name := attachmentName(f, taken)
		n, err := unpack(f, filepath.Join(dir, name), left)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		left -= n
	}
	return nil
}

// attachmentName is the last part of a file's name in the zip, fit for every
// system and different from those taken. Explorer on a Chinese Windows writes
// names in GB 18030 without saying so.
func attachmentName(f *zip.File, taken map[string]bool) string {
	name := f.Name
	if !utf8.ValidString(name) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	ext := path.Ext(name)
	if len(ext) > 10 || slices.ContainsFunc([]rune(ext), func(r rune) bool { return r > 0x7f }) {
		ext = ""
	}
	stem := bag.SafeName(strings.TrimSuffix(name, ext), 60)
	kind := strings.Trim(bag.SafeName(strings.TrimPrefix(ext, "."), 9), "_")
	if ext = ""; kind != "" {
		ext = "." + kind
	}
	out := stem + ext
	for i := 2; taken[strings.ToLower(out)]; i++ {
		out = stem + " (" + strconv.Itoa(i) + ")" + ext
	}
	taken[strings.ToLower(out)] = true
	return out
}

func unpack(f *zip.File, name string, limit int64) (n int64, err error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(w, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("over %d MB: %w", maxAttachmentBytes>>20, xlsform.ErrTooLarge)
	}
	if err == nil {
		err = w.Sync()
	}
	return n, errors.Join(err, w.Close())
}
