package bag

import (
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// folderSource is an unpacked bag. Nothing outside its folder is reached,
// whatever the names in it.
type folderSource struct{ root *os.Root }

// openFolder lists the files below a folder. Links and devices are refused.
func openFolder(dir string, lim Limits) (*folderSource, *listing, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, &Error{Op: "open", File: dir, Reason: ReasonRead, Err: err}
	}
	s := &folderSource{root: root}
	l, err := s.list(lim)
	if err != nil {
		_ = root.Close()
		return nil, nil, err
	}
	return s, l, nil
}

func (s *folderSource) list(lim Limits) (*listing, error) {
	l := &listing{}
	var names tree
	var total int64
	count := 0
	err := fs.WalkDir(s.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return &Error{Op: "open", File: p, Reason: ReasonRead, Err: err}
		}
		if p == "." {
			return nil
		}
		if count++; count > lim.Entries {
			return refuse("", ReasonLimit, "more than %d files and folders", lim.Entries)
		}
		if err := checkEntry(p, d, lim); err != nil {
			return err
		}
		name := norm.NFC.String(p)
		if err := names.add(name, d.IsDir()); err != nil {
			return refuse(p, ReasonTwin, "%v", err)
		}
		if d.IsDir() {
			l.addDir(name)
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return &Error{Op: "open", File: p, Reason: ReasonRead, Err: err}
		}
		if total += info.Size(); total > lim.TotalBytes {
			return refuse(p, ReasonLimit, "more than %d bytes of content", lim.TotalBytes)
		}
		l.addFile(&file{name: name, raw: p, size: info.Size()})
		return nil
	})
	return l, err
}

func checkEntry(p string, d fs.DirEntry, lim Limits) error {
	if err := hostile(p); err != nil {
		return refuse(strings.ToValidUTF8(p, "\uFFFD"), ReasonPath, "%v", err)
	}
	if len(p) > lim.NameBytes {
		return refuse(path.Base(p), ReasonLimit, "path of %d bytes", len(p))
	}
	if n := strings.Count(p, "/") + 1; n > lim.Depth {
		return refuse(p, ReasonLimit, "%d folders deep", n)
	}
	switch t := d.Type(); {
	case t.IsRegular(), t.IsDir():
		return nil
	case t&fs.ModeSymlink != 0, t&fs.ModeIrregular != 0: // irregular: a junction on Windows
		return refuse(p, ReasonLink, "a link")
	default:
		return refuse(p, ReasonDevice, "%v", t)
	}
}

func (s *folderSource) open(f *file) (io.ReadCloser, error) {
	r, err := s.root.Open(f.raw)
	if err != nil {
		return nil, &Error{Op: "read", File: f.name, Reason: ReasonRead, Err: err}
	}
	if st, err := r.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, also(&Error{Op: "read", File: f.name, Reason: ReasonRead, Err: err}, r.Close())
	}
	return &checked{
		r: r, name: f.name, left: f.size, close: r.Close,
		finish: func() error { return nil },
	}, nil
}

func (s *folderSource) Close() error { return s.root.Close() }
