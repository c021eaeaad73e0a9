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

// profile is a BagIt profile (bagit-profiles 1.4). What it says of
// serialization is not held against a bag: whoever has unpacked a package has
// a folder.
type profile struct {
	BagInfo map[string]struct {
		Required   bool     `json:"required"`
		Repeatable *bool    `json:"repeatable"` // true unless told otherwise
		Values     []string `json:"values"`
	} `json:"Bag-Info"`
	Versions             []string `json:"Accept-BagIt-Version"`
	ManifestsRequired    []string `json:"Manifests-Required"`
	ManifestsAllowed     []string `json:"Manifests-Allowed"`
	TagManifestsRequired []string `json:"Tag-Manifests-Required"`
	TagManifestsAllowed  []string `json:"Tag-Manifests-Allowed"`
	FilesRequired        []string `json:"Payload-Files-Required"`
	FilesAllowed         []string `json:"Payload-Files-Allowed"`
	AllowFetch           bool     `json:"Allow-Fetch.txt"`
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
	payload, tags := b.Manifests()
	out = append(out, differ("manifest", payload, p.ManifestsRequired, p.ManifestsAllowed)...)
	out = append(out, differ("tagmanifest", tags, p.TagManifestsRequired, p.TagManifestsAllowed)...)
	if b.HasFetch() && !p.AllowFetch {
		out = append(out, "fetch.txt is not allowed")
	}
	var names []string
	for _, f := range b.Files() {
		names = append(names, "data/"+f.Name)
	}
	return append(out, differ("file", names, p.FilesRequired, p.FilesAllowed)...)
}

// differ compares what is there with what must be and what may be; no patterns
// mean that everything may.
func differ(what string, have, required, allowed []string) []string {
	var out []string
	for _, name := range required {
		if !slices.Contains(have, name) {
			out = append(out, "no "+what+" "+name)
		}
	}
	for _, name := range have {
		if len(allowed) > 0 && !slices.ContainsFunc(allowed, func(pattern string) bool {
			ok, err := path.Match(pattern, name)
			return ok && err == nil
		}) {
			out = append(out, what+" "+name+" is not allowed")
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
