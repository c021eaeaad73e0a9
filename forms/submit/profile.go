package submit

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"baosong/assets"
	"baosong/forms/bag"
)

// ProfileID names the BagIt profile of our packages, as bag-info.txt has it.
const ProfileID = "tag:baosong.example,2026:bagit-profile/package-1"

// profile is a BagIt profile (bagit-profiles 1.4), as far as it can be held
// against an opened bag; Verify of the bag sees to manifests and fetch.txt.
type profile struct {
	BagInfo map[string]struct {
		Required   bool     `json:"required"`
		Repeatable *bool    `json:"repeatable"`
		Values     []string `json:"values"`
	} `json:"Bag-Info"`
	Required []string `json:"Payload-Files-Required"`
	Allowed  []string `json:"Payload-Files-Allowed"`
	Versions []string `json:"Accept-BagIt-Version"`
}

func readProfile() (*profile, error) {
	b, err := fs.ReadFile(assets.Profile(), "profile.json")
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	p := &profile{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	return p, nil
}

// check returns what in the bag is not as the profile has it.
func (p *profile) check(b *bag.Bag) []string {
	var out []string
	if !slices.Contains(p.Versions, b.Version()) {
		out = append(out, "BagIt version "+b.Version())
	}
	out = append(out, p.checkTags(b.Tags())...)
	names := map[string]bool{}
	for _, f := range b.Files() {
		name := "data/" + f.Name
		names[name] = true
		if f.SHA256 == [32]byte{} {
			out = append(out, "no sha256 for "+name)
		}
		if !p.allows(name) {
			out = append(out, "file "+name+" is not allowed")
		}
	}
	for _, name := range p.Required {
		if !names[name] {
			out = append(out, "no "+name)
		}
	}
	return out
}

func (p *profile) checkTags(tags []bag.Tag) []string {
	var out []string
	values := map[string][]string{} // by label in small letters
	for _, t := range tags {
		key := strings.ToLower(t.Label)
		values[key] = append(values[key], t.Value)
	}
	for label, rule := range p.BagInfo {
		have := values[strings.ToLower(label)]
		if rule.Required && len(have) == 0 {
			out = append(out, "no "+label)
		}
		if rule.Repeatable != nil && !*rule.Repeatable && len(have) > 1 {
			out = append(out, label+" is there twice")
		}
		for _, v := range have {
			if len(rule.Values) > 0 && !slices.Contains(rule.Values, v) {
				out = append(out, fmt.Sprintf("%s is %.80q", label, v))
			}
		}
	}
	slices.Sort(out)
	return out
}

func (p *profile) allows(name string) bool {
	return len(p.Allowed) == 0 || slices.ContainsFunc(p.Allowed, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}
