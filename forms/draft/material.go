package draft

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
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
	// ErrNotRegular says that what was to be attached is no ordinary file.
	ErrNotRegular = errors.New("not an ordinary file")
	// ErrChanging says that a file changed while it was being attached.
	ErrChanging = errors.New("the file changed while it was read")
)

const incoming = "incoming-" // a material that is being copied in

// fileName names the file of m in the folder of materials.
func fileName(m forms.Material) string { return m.ID + m.Ext }

// Attach copies the file at path into the draft and returns it as a Material,
// whose id is for an answer to hold. A file with the same content is stored
// once, under the name it had first. The draft is not saved: the answer that
// holds the id is, and the Material with it.
func (d *Draft) Attach(ctx context.Context, path string, progress Progress) (forms.Material, error) {
	m, err := d.attach(ctx, path, progress)
	if err != nil {
		return forms.Material{}, fmt.Errorf("attach %s: %w", filepath.Base(path), diskError(err))
	}
	return m, nil
}

func (d *Draft) attach(ctx context.Context, path string, progress Progress) (m forms.Material, err error) {
	if err := d.changeable(); err != nil {
		return m, err
	}
	if d.store.probe == nil {
		return m, errors.New("the store was opened without a prober")
	}
	ext := strings.ToLower(filepath.Ext(path))
	if !materialExt.MatchString(ext) {
		ext = ""
	}
	tmp := filepath.Join(d.dir, materialsDir, incoming+newID()+ext)
	size, sum, err := d.copyIn(ctx, path, tmp, progress)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, d.store.disk.Remove(tmp)) }() // unless it was renamed
	id := "m-" + sum[:32]
	if m, ok := d.Material(id); ok && d.stored(m) {
		return m, nil
	}
	if m, err = d.store.probe(ctx, tmp); err != nil {
		return m, err
	}
	m.ID, m.SHA256, m.Size, m.Name = id, sum, size, filepath.Base(path)
	if !materialExt.MatchString(m.Ext) {
		m.Ext = ""
	}
	to := filepath.Join(d.dir, materialsDir, fileName(m))
	if err := d.store.disk.Rename(tmp, to); err != nil {
		return m, err
	}
	if err := d.store.disk.SyncDir(filepath.Dir(to)); err != nil {
		return m, err
	}
	return d.add(m)
}

// changeable returns why nothing can be attached, if so.
func (d *Draft) changeable() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return ErrClosed
	case d.doc.State == Submitted:
		return ErrFrozen
	}
	return nil
}

// add enters m, or returns the material of the same content that came first.
func (d *Draft) add(m forms.Material) (forms.Material, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.doc.State == Submitted {
		return m, ErrFrozen
	}
	for i, old := range d.doc.Materials {
		if old.ID == m.ID {
			m.Name, m.Turn = old.Name, old.Turn
			d.doc.Materials = slices.Clone(d.doc.Materials)
			d.doc.Materials[i] = m
			d.changes++
			return m, nil
		}
	}
	d.doc.Materials = append(slices.Clip(d.doc.Materials), m)
	d.changes++
	return m, nil
}

// stored reports whether the file of m is there, by its size alone.
func (d *Draft) stored(m forms.Material) bool {
	info, err := os.Stat(filepath.Join(d.dir, materialsDir, fileName(m)))
	return err == nil && info.Mode().IsRegular() && info.Size() == m.Size
}

// copyIn copies the file at path to the new file tmp, and returns its size in
// bytes and its digest.
func (d *Draft) copyIn(ctx context.Context, path, tmp string, progress Progress) (n int64, sum string, err error) {
	// Opening a pipe would wait for its other end.
	if info, err := os.Stat(path); err != nil {
		return 0, "", err
	} else if !info.Mode().IsRegular() {
		return 0, "", ErrNotRegular
	}
	src, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	info, err := src.Stat()
	if err != nil {
		return 0, "", err
	}
	dst, err := d.store.disk.Create(tmp)
	if err != nil {
		return 0, "", err
	}
	h := sha256.New()
	n, err = transfer(ctx, io.MultiWriter(h, dst), src, info.Size(), progress)
	if err == nil && n != info.Size() {
		err = ErrChanging
	}
	if err := finish(d.store.disk, dst, tmp, err); err != nil {
		return 0, "", err
	}
	return n, hexSum(h), nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// transfer copies src to dst until its end, or until ctx is done.
func transfer(ctx context.Context, dst io.Writer, src io.Reader, total int64, progress Progress) (n int64, err error) {
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, rerr := src.Read(buf)
		if _, err := dst.Write(buf[:k]); err != nil {
			return n, err
		}
		n += int64(k)
		if progress != nil {
			progress(n, total)
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}

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
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.doc.State == Submitted {
		return fmt.Errorf("turn %s: %w", id, ErrFrozen)
	}
	for i, m := range d.doc.Materials {
		if m.ID == id {
			m.Turn = ((quarters % 4) + 4) % 4
			d.doc.Materials = slices.Clone(d.doc.Materials)
			d.doc.Materials[i] = m
			d.changes++
			return nil
		}
	}
	return fmt.Errorf("turn %s: %w", id, ErrNoMaterial)
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
		_ = os.Remove(version(d.dir, 0) + ".tmp")
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

// examine returns what is wrong with the file of m, "" if nothing.
func (d *Draft) examine(ctx context.Context, m forms.Material, progress Progress) (code forms.Code, err error) {
	f, err := os.Open(filepath.Join(d.dir, materialsDir, fileName(m)))
	if errors.Is(err, fs.ErrNotExist) {
		return forms.CodeMissing, nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Size() != m.Size || !info.Mode().IsRegular() {
		return forms.CodeChanged, nil
	}
	h := sha256.New()
	if _, err := transfer(ctx, h, f, m.Size, progress); err != nil {
		return "", err
	}
	if hexSum(h) != m.SHA256 {
		return forms.CodeChanged, nil
	}
	return "", nil
}
