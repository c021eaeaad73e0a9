package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// SkipReason is why a file of a folder was left out.
type SkipReason string

// Why files are left out.
const (
	SkipHidden  SkipReason = "hidden"    // .name, and what macOS keeps beside files as ._name
	SkipSystem  SkipReason = "system"    // Thumbs.db, desktop.ini and their like
	SkipSidecar SkipReason = "sidecar"   // edits and previews that cameras and programs keep beside a photo
	SkipLive    SkipReason = "live"      // the clip of a live photo
	SkipMany    SkipReason = "too-many"  // beyond what is taken at once
	SkipOdd     SkipReason = "no-file"   // links, pipes and other things that are no files
	SkipFailed  SkipReason = "no-access" // what could not be read
)

// Bounds on what is dropped at once.
const (
	maxGathered = 5000
	maxFolders  = 12 // deep
	maxSeen     = 100_000
)

// Gathered is what was found.
type Gathered struct {
	Files   []string // in the order they were given; those of a folder by name
	Skipped map[SkipReason]int
}

// Count is how many were left out.
func (g Gathered) Count() int {
	n := 0
	for _, c := range g.Skipped {
		n += c
	}
	return n
}

// Gather lists the files among paths, and those in folders among them, as they are dropped on a window. What nobody
// means to send is left out and counted. The error is that of ctx; a path that is not there is kept, so that whoever opens
// it says so.
func Gather(ctx context.Context, paths []string) (Gathered, error) {
	g := gatherer{ctx: ctx, Gathered: Gathered{Skipped: map[SkipReason]int{}}}
	for _, p := range paths {
		st, err := os.Stat(p)
		if err == nil && st.IsDir() {
			err = g.folder(p)
		} else {
			err = g.file(p)
		}
		if err != nil {
			return Gathered{}, fmt.Errorf("gather %s: %w", filepath.Base(p), err)
		}
	}
	if err := g.live(); err != nil {
		return Gathered{}, fmt.Errorf("gather: %w", err)
	}
	return g.Gathered, nil
}

type gatherer struct {
	Gathered
	ctx  context.Context
	seen int
}

func (g *gatherer) folder(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if cerr := g.ctx.Err(); cerr != nil {
			return cerr
		}
		if g.seen++; g.seen > maxSeen {
			g.Skipped[SkipMany]++
			return filepath.SkipAll
		}
		if err != nil {
			g.Skipped[SkipFailed]++
			if e != nil && e.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if path == root {
			return nil
		}
		if e.IsDir() {
			rel, _ := filepath.Rel(root, path) // path lies below root
			if junk(e.Name()) != "" || strings.Count(rel, string(filepath.Separator)) >= maxFolders {
				g.Skipped[cmp.Or(junk(e.Name()), SkipMany)]++
				return filepath.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() {
			g.Skipped[SkipOdd]++
			return nil
		}
		return g.file(path)
	})
}

func (g *gatherer) file(path string) error {
	switch why := junk(filepath.Base(path)); {
	case why != "":
		g.Skipped[why]++
	case len(g.Files) >= maxGathered:
		g.Skipped[SkipMany]++
	default:
		g.Files = append(g.Files, path)
	}
	return g.ctx.Err()
}

// junk tells by its name why a file or folder is nothing to send, "" if it may be.
func junk(name string) SkipReason {
	lower := strings.ToLower(name)
	switch lower {
	case "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin", "system volume information", "icon\r", "@eadir":
		return SkipSystem
	case ".ds_store", ".localized":
		return SkipSystem
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") {
		return SkipHidden
	}
	switch filepath.Ext(lower) {
	case ".aae", ".xmp", ".thm", ".lrv", ".pp3", ".dop", ".picasa.ini", ".tmp", ".crdownload", ".lnk":
		return SkipSidecar
	}
	return ""
}

// maxLive is how long the clip of a live photo is at most; iPhones take three seconds.
const maxLive = 5 * time.Second

// live leaves out clips that belong to a photo of the same name beside them.
func (g *gatherer) live() error {
	stem := func(p string) string { return strings.TrimSuffix(p, filepath.Ext(p)) }
	photos := map[string]bool{}
	for _, p := range g.Files {
		switch strings.ToLower(filepath.Ext(p)) {
		case ".heic", ".jpg", ".jpeg":
			photos[stem(p)] = true
		}
	}
	var err error
	g.Files = slices.DeleteFunc(g.Files, func(p string) bool {
		if e := strings.ToLower(filepath.Ext(p)); err != nil || e != ".mov" && e != ".mp4" || !photos[stem(p)] {
			return false
		}
		info, perr := Probe(g.ctx, p)
		if errors.Is(perr, context.Canceled) || errors.Is(perr, context.DeadlineExceeded) {
			err = perr
			return false
		}
		if info.Kind != Video || perr != nil || info.Duration > maxLive {
			return false
		}
		g.Skipped[SkipLive]++
		return true
	})
	return err
}
