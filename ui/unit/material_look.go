package unit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/ui/kit"
)

// look looks at photos that are not known yet, off the UI goroutine, behind all thumbnails.
func (s *shelf) look(ids []string) {
	e := s.editor
	var unknown []string
	for _, id := range ids {
		m := materialOf(id)
		if _, ok := e.album.known[m]; !ok && !slices.Contains(unknown, m) {
			unknown = append(unknown, m)
		}
	}
	if s.looking || len(unknown) == 0 || e.album.adding != nil || e.ctx.Err() != nil {
		return
	}
	s.looking = true
	ctx := e.ctx
	e.busy.Go(func() {
		found := map[string]known{}
		last := time.Now()
		hand := func(end bool) {
			batch := found
			found, last = map[string]known{}, time.Now()
			e.thread.Do(func() {
				s.looking = s.looking && !end
				for id, k := range batch {
					e.album.known[id] = k
				}
				if e.ctx.Err() == nil && e.album.shelves[s.at] == s {
					s.refresh()
				}
			})
		}
		for _, id := range unknown {
			r, err := e.request(id, 0)
			if err != nil {
				found[id] = known{}
				continue
			}
			var k known
			k.look, _ = e.pictures().Look(ctx, r) // of what cannot be read there is nothing to say here
			if info, err := media.Probe(ctx, r.Path); err == nil {
				k.personal = info.Personal
			}
			if ctx.Err() != nil {
				return
			}
			found[id] = k
			if time.Since(last) > time.Second {
				hand(false)
			}
		}
		hand(true)
	})
}

// twins returns for each photo that looks like an earlier one the number of that one.
func (s *shelf) twins(ids []string) map[string]int {
	e := s.editor
	var photos []media.Likeness
	for _, id := range ids {
		m, _ := e.draft.Material(materialOf(id))
		if k, ok := e.album.known[m.ID]; ok {
			photos = append(photos, media.Likeness{ID: id, Digest: m.SHA256, Hash: k.look.Hash})
		}
	}
	out := map[string]int{}
	for _, pair := range media.Alike(photos) {
		if _, told := out[pair.B]; !told {
			out[pair.B] = s.number[pair.A]
		}
	}
	return out
}

// tellAbout sums up what is not sent along, and how many photos may be there twice.
func (s *shelf) tellAbout(ids []string, twins int) {
	e := s.editor
	counts, renamed := map[string]int{}, 0
	var parts []string
	for _, id := range ids {
		if m, ok := e.draft.Material(materialOf(id)); ok && m.WrongEnding() {
			renamed++
		}
		for _, kind := range e.album.known[materialOf(id)].personal {
			counts[kind]++
		}
	}
	if len(counts) > 0 {
		parts = append(parts, e.words.T("media.removed", "what", e.words.Metadata(keys(counts))))
	}
	if renamed > 0 {
		parts = append(parts, e.words.T("media.wrong-endings", "n", renamed))
	}
	if twins > 0 {
		parts = append(parts, e.words.T("media.twins", "n", twins))
	}
	s.about.SetText(strings.Join(parts, "\n"))
	if len(parts) > 0 {
		s.about.Show()
	} else {
		s.about.Hide()
	}
}

func keys(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// info tells what is known of a photo, and what of it is sent.
func (s *shelf) info(id string) {
	e, t := s.editor, s.editor.words.T
	m, ok := e.draft.Material(materialOf(id))
	if !ok {
		return
	}
	width, height := m.Sent()
	lines := []string{t("media.info.name", "name", m.Name), t("media.info.size", "size", e.words.Size(m.Size), "w", width, "h", height)}
	if m.WrongEnding() {
		lines = append(lines, e.words.WrongEnding(m))
	}
	if !m.Taken.IsZero() {
		lines = append(lines, t("media.info.taken", "time", m.Taken.Format("2006-01-02 15:04")))
	}
	k := e.album.known[m.ID]
	if len(k.personal) > 0 {
		lines = append(lines, t("media.info.removed", "what", e.words.Metadata(k.personal)))
	} else {
		lines = append(lines, t("media.info.nothing-removed"))
	}
	for _, a := range k.look.Advice {
		lines = append(lines, t("media.advice."+string(a)))
	}
	if m.Original {
		lines = append(lines, t("media.info.original"))
	} else {
		lines = append(lines, t("media.info.scaled"))
	}
	e.shell.Tell(strings.Join(lines, "\n"))
}

// daysOf is the days of the entry that a gallery lies in: its first question for a date, to its second.
func (e *Editor) daysOf(entry forms.Path) (from, to time.Time, ok bool) {
	q := e.notice.Form.Lookup(entry)
	if q == nil {
		return from, to, false
	}
	var days []time.Time
	for _, c := range q.Children {
		if c.Type == forms.TypeDate {
			d, err := time.Parse(time.DateOnly, e.checker.State(entry.Child(c.Name)).Value)
			if err != nil && len(days) == 0 {
				return from, to, false
			}
			if err == nil {
				days = append(days, d)
			}
		}
	}
	if len(days) == 0 {
		return from, to, false
	}
	return days[0], days[min(1, len(days)-1)], true
}

// within reports whether a photo was taken on the days from from to to, by the clock it was taken with.
func within(m forms.Material, from, to time.Time) bool {
	if m.Taken.IsZero() {
		return false
	}
	day, err := time.Parse(time.DateOnly, m.Taken.Format(time.DateOnly))
	return err == nil && !day.Before(from) && !day.After(to)
}

// siblings returns the same repeat in the other entries around s, such as the photos of the other activities.
func (s *shelf) siblings() []forms.Path {
	entries := s.at.Entries()
	if len(entries) == 0 {
		return nil
	}
	own := entries[len(entries)-1] // innermost
	var out []forms.Path
	for i := range s.editor.checker.Answers().Len(own.Repeat()) {
		if other := own.Repeat().Entry(i + 1); other != own {
			out = append(out, other.Child(s.repeat.Name))
		}
	}
	return out
}

// owner is the entry a gallery lies in, "" if none.
func owner(at forms.Path) forms.Path {
	entries := at.Entries()
	if len(entries) == 0 {
		return ""
	}
	return entries[len(entries)-1]
}

// belongElsewhere returns the photos whose day is not one of this entry's but one of exactly one other's.
func (s *shelf) belongElsewhere() map[forms.Path][]string {
	e := s.editor
	others := s.siblings()
	if len(others) == 0 {
		return nil
	}
	from, to, known := e.daysOf(owner(s.at))
	out := map[forms.Path][]string{}
	for id := range s.number {
		m, _ := e.draft.Material(materialOf(id))
		if m.Taken.IsZero() || known && within(m, from, to) {
			continue
		}
		var match []forms.Path
		for _, o := range others {
			if f, t, ok := e.daysOf(owner(o)); ok && within(m, f, t) {
				match = append(match, o)
			}
		}
		if len(match) == 1 {
			out[match[0]] = append(out[match[0]], id)
		}
	}
	return out
}

// offerByDate offers photos to the activity whose dates match.
func (s *shelf) offerByDate() {
	e := s.editor
	found := s.belongElsewhere()
	var best forms.Path
	for to, ids := range found {
		if !s.refused[to] && (best == "" || len(ids) > len(found[best]) || len(ids) == len(found[best]) && to < best) {
			best = to
		}
	}
	if best == "" || e.locked {
		s.offer.Set(kit.None, "")
		return
	}
	name := e.nameOf(owner(best))
	if name == "" {
		name = fmt.Sprint(owner(best).Index())
	}
	s.offer.Set(kit.Info, e.words.T("media.offer", "n", len(found[best]), "name", name),
		kit.Action{Label: e.words.T("media.offer.move"), Primary: true, Do: func() { s.moveTo(s.belongElsewhere()[best], best) }},
		kit.Action{Label: e.words.T("media.offer.stay"), Do: func() {
			s.refused[best] = true
			s.offerByDate()
		}})
}
