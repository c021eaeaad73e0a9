package draft

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"baosong/forms"
)

var (
	// ErrNoMaterial says that the draft has no material of that id.
	ErrNoMaterial = errors.New("no such material")
	// ErrFrame says that a frame does not lie within a picture.
	ErrFrame = errors.New("the frame is not within the picture")
)

// fileName names the file of m in the folder of materials.
func fileName(m forms.Material) string { return m.ID + m.Ext }

// Materials returns everything that was attached, by id, whether or not an
// answer still holds it: undoing may bring the answer back.
func (d *Draft) Materials() map[string]forms.Material {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[string]forms.Material, len(d.doc.Materials))
	for _, m := range d.doc.Materials {
		all[m.ID] = m
	}
	return all
}

// Material returns the material id and whether there is one.
func (d *Draft) Material(id string) (forms.Material, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.doc.Materials {
		if m.ID == id {
			return m, true
		}
	}
	return forms.Material{}, false
}

// Turn sets by how many quarter turns clockwise the material id is shown and
// packed. Save writes it.
func (d *Draft) Turn(id string, quarters int) error {
	return d.edit("turn", id, func(m *forms.Material) { m.Turn = ((quarters % 4) + 4) % 4 })
}

// Crop sets what is kept of the material id; the zero Frame keeps all of it.
// Save writes it.
func (d *Draft) Crop(id string, frame forms.Frame) error {
	if !frame.Valid() {
		return fmt.Errorf("crop %s to %v: %w", id, frame, ErrFrame)
	}
	return d.edit("crop", id, func(m *forms.Material) { m.Frame = frame })
}

// SendOriginal sets whether all pixels of the material id are to be sent. Save
// writes it.
func (d *Draft) SendOriginal(id string, original bool) error {
	return d.edit("keep the pixels of", id, func(m *forms.Material) { m.Original = original })
}

func (d *Draft) edit(what, id string, change func(*forms.Material)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.doc.State == Submitted {
		return fmt.Errorf("%s %s: %w", what, id, ErrFrozen)
	}
	for i, m := range d.doc.Materials {
		if m.ID == id {
			change(&m)
			d.doc.Materials = slices.Clone(d.doc.Materials)
			d.doc.Materials[i] = m
			d.changes++
			return nil
		}
	}
	return fmt.Errorf("%s %s: %w", what, id, ErrNoMaterial)
}

// MaterialPath returns where the original of the material id lies, which
// nobody may change.
func (d *Draft) MaterialPath(id string) (string, error) {
	m, ok := d.Material(id)
	if !ok {
		return "", fmt.Errorf("material %s: %w", id, ErrNoMaterial)
	}
	return filepath.Join(d.dir, materialsDir, fileName(m)), nil
}

// OpenMaterial opens the original of the material id for reading.
func (d *Draft) OpenMaterial(id string) (*os.File, error) {
	path, err := d.MaterialPath(id)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// removeLeftovers removes what a killed process was copying in or writing.
func (d *Draft) removeLeftovers() {
	if d.good {
		for _, n := range []int{0, 1, replaced} {
			_ = os.Remove(version(d.dir, n) + ".tmp")
		}
	}
	entries, err := os.ReadDir(filepath.Join(d.dir, materialsDir))
	if err != nil {
		return // a missing folder shows as missing materials
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), incoming) {
			_ = os.Remove(filepath.Join(d.dir, materialsDir, e.Name()))
		}
	}
}

// Verify reads every material that one of the answers holds, and returns a
// finding for each answer whose material is missing or is not what was
// attached. Nobody may change the answers meanwhile: give it a clone.
func (d *Draft) Verify(ctx context.Context, answers *forms.Answers, progress Progress) ([]forms.Finding, error) {
	refs := references(answers)
	all := d.Materials()
	var total, before int64
	for _, id := range refs.ids {
		total += all[id].Size
	}
	var found []forms.Finding
	for _, id := range refs.ids {
		m, ok := all[id]
		code := forms.CodeMissing
		if ok {
			var err error
			code, err = d.examine(ctx, m, func(done, _ int64) {
				if progress != nil {
					progress(before+done, total)
				}
			})
			if err != nil {
				return nil, fmt.Errorf("verify material %s: %w", id, err)
			}
			before += m.Size
		}
		if code == "" {
			continue
		}
		for _, p := range refs.paths[id] {
			found = append(found, forms.Finding{Path: p, Severity: forms.SeverityError, Code: code, Detail: m.Name})
		}
	}
	return found, nil
}

// examine returns what is wrong with the file of m, "" if nothing. The error
// is that of ctx.
func (d *Draft) examine(ctx context.Context, m forms.Material, progress Progress) (code forms.Code, err error) {
	f, err := os.Open(filepath.Join(d.dir, materialsDir, fileName(m)))
	if errors.Is(err, fs.ErrNotExist) {
		return forms.CodeMissing, nil
	}
	if err != nil {
		return forms.CodeUnreadable, nil
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return forms.CodeUnreadable, nil
	}
	if info.Size() != m.Size || !info.Mode().IsRegular() {
		return forms.CodeChanged, nil
	}
	h := sha256.New()
	if _, err := d.store.transfer(ctx, h, f, m.Size, progress); ctx.Err() != nil {
		return "", ctx.Err()
	} else if err != nil { // a worn disk, or one that was pulled out
		return forms.CodeUnreadable, nil
	}
	if hexSum(h) != m.SHA256 {
		return forms.CodeChanged, nil
	}
	return "", nil
}

// ThumbsDir returns the folder for thumbnails of the materials, which may be
// deleted at any time and may not be there yet.
func (d *Draft) ThumbsDir() string { return filepath.Join(d.dir, thumbsDir) }
