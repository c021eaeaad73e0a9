package xlsform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"baosong/forms"
)

var (
	choiceAliases  = map[string]string{"list": "list_name", "value": "name", "caption": "label"}
	settingAliases = map[string]string{"title": "form_title", "id_string": "form_id"}
)

// known warns of columns that are none of the given ones.
func (rd *reader) known(t *table, keys ...string) {
	rd.unknownColumns(t, func(c column) bool { return slices.Contains(keys, c.key) })
}

func (rd *reader) choices(t *table) {
	rd.useLanguages(t, func(key string) bool { return key == "label" })
	rd.unknownColumns(t, func(column) bool { return true }) // a choice filter may use any
	rd.form.Choices = map[string][]forms.Choice{}
	type key struct{ list, name string }
	seen := map[key]int{}
	for _, r := range t.rows {
		list, name := t.get(r, "list_name"), t.get(r, "name")
		if list == "" || name == "" {
			rd.fail(t.problem(r, "list_name", "a choice needs a list_name and a name"))
			continue
		}
		if strings.ContainsAny(name, " \t\n") {
			rd.fail(t.problem(r, "name", "the name %q of a choice has a space in it", name))
		}
		if first, twice := seen[key{list, name}]; twice {
			rd.fail(t.problem(r, "name", "the choice %s of the list %s is in row %d already", name, list, first))
		}
		seen[key{list, name}] = r.number
		c := forms.Choice{Name: name}
		for i, col := range t.columns {
			v := r.cell(i)
			switch {
			case v == "" || col.heading == "" || col.key == "list_name" || col.key == "name":
			case col.key == "label":
				setText(&c.Label, col.language, v)
			default:
				c.Filters = append(c.Filters, forms.KeyValue{Key: col.heading, Value: v})
			}
		}
		if len(rd.form.Choices[list]) == 0 {
			rd.form.Lists = append(rd.form.Lists, list)
		}
		rd.form.Choices[list] = append(rd.form.Choices[list], c)
	}
}

func (rd *reader) settings(t *table) {
	rd.known(t, "form_title", "form_id", "version", "default_language")
	if len(t.rows) == 0 {
		return
	}
	r := t.rows[0]
	for _, more := range t.rows[1:] {
		rd.warn(t.problem(more, "", "only the first row of settings counts"))
	}
	for i, c := range t.columns {
		v := r.cell(i)
		if v == "" {
			continue
		}
		switch {
		case c.key == "form_title":
			setText(&rd.form.Title, c.language, v)
		case c.key == "form_id":
			rd.form.ID = v
		case c.key == "version":
			rd.form.Version = v
		case c.key == "default_language":
			rd.form.Default = languageTag(v)
			if rd.form.LanguageNames[rd.form.Default] == "" {
				rd.form.LanguageNames[rd.form.Default] = v
			}
		default:
			rd.form.Settings = append(rd.form.Settings, forms.KeyValue{Key: c.heading, Value: v})
		}
	}
}

// noticeID keeps a notice's id fit for a folder name on every system.
var noticeID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

func (rd *reader) notice(t *table, n *forms.Notice) {
	rd.known(t, "key", "value")
	zone := time.FixedZone("+08:00", 8*3600)
	for _, r := range t.rows {
		if t.get(r, "key") == "timezone" {
			if z, err := parseZone(t.get(r, "value")); err != nil {
				rd.fail(t.problem(r, "value", "timezone: %w", err))
			} else {
				zone = z
			}
		}
	}
	for _, r := range t.rows {
		key, v := t.get(r, "key"), t.get(r, "value")
		if v == "" || key == "timezone" {
			continue
		}
		known, err := setNotice(n, key, v, zone)
		if err != nil {
			rd.fail(t.problem(r, "value", "%s: %w", key, err))
		}
		if !known {
			rd.warn(t.problem(r, "key", "unknown key %q", key))
			n.Extra = append(n.Extra, forms.KeyValue{Key: key, Value: v})
		}
	}
	if !noticeID.MatchString(n.ID) {
		rd.fail(Problem{Sheet: t.name, Column: "value", Err: forms.Faultf("id %q: want letters, digits and hyphens", n.ID)})
	}
}

// noticeTexts returns the places of the keys that hold plain text.
func noticeTexts(n *forms.Notice) map[string]*string {
	return map[string]*string{
		"id": &n.ID, "title": &n.Title, "short_title": &n.ShortTitle, "document_number": &n.Number, "day": &n.Day,
		"theme": &n.Theme, "follows": &n.Follows, "role.unit": &n.Roles.Unit, "role.kind": &n.Roles.Kind,
		"role.person": &n.Roles.Person, "role.phone": &n.Roles.Phone, "role.email": &n.Roles.Email,
	}
}

func setNotice(n *forms.Notice, key, v string, zone *time.Location) (known bool, err error) {
	if s := noticeTexts(n)[key]; s != nil {
		*s = v
		return true, nil
	}
	switch key {
	case "issuer":
		n.Issuers = append(n.Issuers, v)
	case "asks":
		n.Asks = append(n.Asks, v)
	case "period_from":
		n.From, err = parseDate(v, zone)
	case "period_to":
		n.Until, err = parseDate(v, zone)
	case "deadline":
		n.Deadline, err = parseDeadline(v, zone)
	default:
		return setContact(n, key, v), nil
	}
	return true, err
}

func parseDate(v string, zone *time.Location) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, v, zone)
	if err != nil {
		return d, forms.Faultf("%q: want a date such as 2024-05-01", v)
	}
	return d, nil
}

// parseDeadline reads a date as the last moment of that day.
func parseDeadline(v string, zone *time.Location) (time.Time, error) {
	if d, err := time.ParseInLocation(time.DateOnly, v, zone); err == nil {
		return d.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if d, err := time.ParseInLocation(layout, v, zone); err == nil {
			return d.In(zone), nil
		}
	}
	return time.Time{}, forms.Faultf("%q: want 2024-06-10 or 2024-06-10T18:00", v)
}

func parseZone(v string) (*time.Location, error) {
	t, err := time.Parse("-07:00", v)
	if err != nil {
		return nil, forms.Faultf("%q: want an offset such as +08:00", v)
	}
	_, offset := t.Zone()
	return time.FixedZone(v, offset), nil
}

func setContact(n *forms.Notice, key, v string) bool {
	who, field, ok := strings.Cut(key, ".")
	c := &n.ReportTo
	if who == "contact" {
		var number string
		number, field, ok = strings.Cut(field, ".")
		i, err := strconv.Atoi(number)
		if err != nil || i < 1 || i > 50 {
			return false
		}
		for len(n.Contacts) < i {
			n.Contacts = append(n.Contacts, forms.Contact{})
		}
		c = &n.Contacts[i-1]
	} else if who != "report_to" {
		return false
	}
	place := contactFields(c)[field]
	if place == nil || !ok {
		return false
	}
	*place = v
	return true
}

func contactFields(c *forms.Contact) map[string]*string {
	return map[string]*string{"department": &c.Department, "person": &c.Person, "phone": &c.Phone, "email": &c.Email}
}

func (rd *reader) roster(t *table, n *forms.Notice) {
	rosterKeys := []string{"name", "kind", "email", "example"}
	rd.known(t, rosterKeys...)
	kinds := n.Form.Named(n.Roles.Kind)
	seen := map[string]int{}
	for _, r := range t.rows {
		u := forms.RosterUnit{Name: t.get(r, "name"), Kind: t.get(r, "kind"), Email: t.get(r, "email")}
		switch strings.ToLower(t.get(r, "example")) {
		case "yes", "true", "1", "是":
			u.Example = true
		}
		for i, c := range t.columns {
			if v := r.cell(i); v != "" && c.heading != "" && !slices.Contains(rosterKeys, c.key) {
				u.Extra = append(u.Extra, forms.KeyValue{Key: c.heading, Value: v})
			}
		}
		if u.Name == "" {
			rd.fail(t.problem(r, "name", "a unit without a name"))
			continue
		}
		if first, twice := seen[u.Name]; twice {
			rd.fail(t.problem(r, "name", "%s is in row %d already", u.Name, first))
		}
		seen[u.Name] = r.number
		if kinds != nil && u.Kind != "" {
			kind, err := forms.Normalize(kinds, u.Kind)
			if err != nil {
				rd.fail(t.problem(r, "kind", "%q is not a choice of %s", u.Kind, kinds.Name))
			} else {
				u.Kind = kind
			}
		}
		n.Roster = append(n.Roster, u)
	}
}

// example reads sample answers; entries of repeats appear by being named.
func (rd *reader) example(t *table, n *forms.Notice) {
	rd.known(t, "path", "value")
	n.Example = &forms.Answers{}
	for _, r := range t.rows {
		p, err := forms.ParsePath(t.get(r, "path"))
		if err != nil {
			rd.fail(t.problem(r, "path", "%w", err))
			continue
		}
		if n.Form.Lookup(p) == nil {
			rd.fail(t.problem(r, "path", "%s: no such question", p))
			continue
		}
		if err := openEntries(n.Example, p); err != nil {
			rd.fail(t.problem(r, "path", "%w", err))
			continue
		}
		if err := n.Example.Set(p, t.get(r, "value")); err != nil {
			rd.fail(t.problem(r, "path", "%w", err))
		}
	}
}

// openEntries makes the entries that p goes through, as long as each is the
// next one of its repeat.
func openEntries(a *forms.Answers, p forms.Path) error {
	at := forms.Path("")
	for _, st := range p.Parent().Steps() {
		at = at.Child(st.Name)
		if st.Index == 0 {
			continue
		}
		if st.Index == a.Len(at)+1 {
			if _, err := a.Insert(at, 0, nil); err != nil {
				return err
			}
		}
		if st.Index > a.Len(at) {
			return forms.Faultf("%s: entry %d comes before the ones above it", p, st.Index)
		}
		at = at.Entry(st.Index)
	}
	return nil
}

// checkRoles finds roles that name no question.
func (rd *reader) checkRoles(n *forms.Notice) {
	for _, key := range []string{"role.unit", "role.kind", "role.person", "role.phone", "role.email"} {
		if name := *noticeTexts(n)[key]; name != "" && n.Form.Named(name) == nil {
			rd.fail(Problem{Sheet: "notice", Column: "value", Err: forms.Faultf("%s: no question %s, or more than one", key, name)})
		}
	}
}
