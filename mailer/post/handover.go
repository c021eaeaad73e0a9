package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/draft"
	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/outbox"
)

// HandOver is one message laid out in a folder, for webmail or a USB stick.
type HandOver struct {
	Folder  string // its name
	Subject string
	Text    string
	Files   []string // paths of the attachments
}

const unsent = "X-Unsent: 1\r\n" // opens as a draft in Outlook, Foxmail and Thunderbird

// SaveMessages writes the messages of a job as .eml files into a new folder,
// for another mail program to send.
func (d *Desk) SaveMessages(ctx context.Context, job, dir string) (files []string, err error) {
	j, err := d.Home.Outbox.Get(job)
	if err != nil {
		return nil, err
	}
	err = newFolder(dir, func(tmp string) error {
		for _, p := range j.Parts {
			name := fmt.Sprintf("%04d.eml", p.N)
			if err := d.saveMessage(ctx, j, p.N, filepath.Join(tmp, name)); err != nil {
				return err
			}
			files = append(files, filepath.Join(dir, name))
		}
		return nil
	})
	return files, err
}

func (d *Desk) saveMessage(ctx context.Context, j outbox.Job, n int, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := d.Home.Outbox.Message(j.ID, n)
	if err != nil {
		return err
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.Copy(w, io.MultiReader(strings.NewReader(unsent), f))
		return err
	})
	return errors.Join(err, f.Close())
}

// SaveFolder lays the messages of a job out in a new folder, for webmail or a
// USB stick: a folder a message with its attachments, and its subject and text
// to copy.
func (d *Desk) SaveFolder(ctx context.Context, job, dir string) ([]HandOver, error) {
	j, err := d.Home.Outbox.Get(job)
	if err != nil {
		return nil, err
	}
	return d.layOut(ctx, dir, strings.Join(j.Envelope.To, ", "), len(j.Parts), func(n int) (io.ReadCloser, error) {
		return d.Home.Outbox.Message(j.ID, n)
	})
}

// ExportFolder packs an open draft, lays its messages out as SaveFolder does,
// and freezes the draft.
func (d *Desk) ExportFolder(ctx context.Context, n *forms.Notice, dr *draft.Draft, from mailer.Address, dir string, opt Options, tell Progress) (_ []HandOver, err error) {
	if _, err := os.Stat(dir); err == nil {
		return nil, fmt.Errorf("export to %s: %w", filepath.Base(dir), fs.ErrExist)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".export-*")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	files, ref, how, err := d.exportMessages(ctx, n, dr, from, tmp, opt, tell)
	if err != nil {
		return nil, err
	}
	out, err := d.layOut(ctx, dir, n.ReportTo.Email, len(files), func(i int) (io.ReadCloser, error) { return os.Open(files[i-1]) })
	if err != nil {
		return nil, err
	}
	if err := dr.Freeze(ref, how); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return out, nil
}

// layOut unpacks messages into a new folder.
func (d *Desk) layOut(ctx context.Context, dir, to string, count int, open func(n int) (io.ReadCloser, error)) (out []HandOver, err error) {
	err = newFolder(dir, func(tmp string) error {
		for n := 1; n <= count; n++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			h, err := layOutOne(filepath.Join(tmp, fmt.Sprintf("第%0*d封", len(fmt.Sprint(count)), n)), open, n)
			if err != nil {
				return err
			}
			for i := range h.Files {
				h.Files[i] = filepath.Join(dir, h.Folder, h.Files[i])
			}
			out = append(out, h)
		}
		m, err := d.templates.message("handover", struct {
			To       string
			Messages []HandOver
		}{to, out})
		if err != nil {
			return err
		}
		return writeNote(filepath.Join(tmp, "说明.txt"), m.Text)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func layOutOne(dir string, open func(int) (io.ReadCloser, error), n int) (h HandOver, err error) {
	h.Folder = filepath.Base(dir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return h, err
	}
	f, err := open(n)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	m, err := eml.Read(f, func(p eml.Part) error {
		name := eml.AttachmentName(p.Name) // as it was written
		h.Files = append(h.Files, name)
		return atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error {
			_, err := io.Copy(w, p.Body)
			return err
		})
	})
	if err != nil {
		return h, err
	}
	h.Subject, h.Text = m.Subject, m.Text
	if err := writeNote(filepath.Join(dir, "主题.txt"), h.Subject); err != nil {
		return h, err
	}
	return h, writeNote(filepath.Join(dir, "正文.txt"), h.Text)
}

// writeNote writes a text that every version of Windows' Notepad opens well:
// UTF-8 with its mark, and CRLF.
func writeNote(path, text string) error {
	text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\r\n")
	return atomicfile.WriteBytes(path, []byte("\uFEFF"+text+"\r\n"))
}

// newFolder makes a folder that is there whole or not at all.
func newFolder(dir string, fill func(tmp string) error) (err error) {
	if _, err := os.Stat(dir); err == nil {
		return fmt.Errorf("save to %s: %w", filepath.Base(dir), fs.ErrExist)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".export-*")
	if err != nil {
		return fmt.Errorf("save to %s: %w", filepath.Base(dir), err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	ready := filepath.Join(tmp, "ready")
	if err := os.Mkdir(ready, 0o755); err != nil {
		return fmt.Errorf("save to %s: %w", filepath.Base(dir), err)
	}
	if err := fill(ready); err != nil {
		return fmt.Errorf("save to %s: %w", filepath.Base(dir), err)
	}
	if err := atomicfile.Rename(ready, dir); err != nil {
		return fmt.Errorf("save to %s: %w", filepath.Base(dir), err)
	}
	if err := atomicfile.SyncDir(filepath.Dir(filepath.Clean(dir))); err != nil { // sticks are pulled out at once
		return fmt.Errorf("save to %s: %w", filepath.Base(dir), err)
	}
	return nil
}
