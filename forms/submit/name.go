package submit

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"baosong/forms"
	"baosong/forms/bag"
)

// Folders of a package, by what the question asks for.
const (
	folderPhotos = "图片"
	folderVideos = "影像"
	folderFiles  = "附件"
)

func folderOf(t forms.Type) string {
	switch t {
	case forms.TypeImage:
		return folderPhotos
	case forms.TypeVideo:
		return folderVideos
	}
	return folderFiles
}

// namer gives files their names in the package: the numbers of the entries
// they belong to, then what they show. No two differ by case alone.
type namer struct {
	answers *forms.Answers
	used    map[string]bool
}

// name returns the path below data of the material at p, with ext at its end.
func (n *namer) name(q *forms.Question, p forms.Path, caption, original, ext string) string {
	what := caption
	if what == "" && folderOf(q.Type) == folderFiles {
		what = strings.TrimSuffix(original, path.Ext(original))
	}
	if what == "" {
		what = q.Label.In(lang)
	}
	stem := bag.SafeName(n.ordinal(p)+what, 36)
	for i := 1; ; i++ {
		file := folderOf(q.Type) + "/" + stem + safeExt(ext)
		if i > 1 {
			file = folderOf(q.Type) + "/" + stem + "-" + strconv.Itoa(i) + safeExt(ext)
		}
		if key := strings.ToLower(file); !n.used[key] {
			n.used[key] = true
			return file
		}
	}
}

// ordinal is the numbers of the entries around p, two digits each or as many
// as the longest repeat needs: 0101- for photo 1 of activity 1.
func (n *namer) ordinal(p forms.Path) string {
	var b strings.Builder
	for _, e := range p.Entries() {
		digits := len(strconv.Itoa(n.longest(e.Repeat())))
		fmt.Fprintf(&b, "%0*d", max(2, digits), e.Index())
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + "-"
}

// longest is the number of entries of the longest repeat that is at p but for
// the numbers in it.
func (n *namer) longest(p forms.Path) int {
	steps := p.Generic().Steps()
	return longest(n.answers, steps)
}

func longest(a *forms.Answers, steps []forms.Step) int {
	if a == nil || len(steps) == 0 {
		return 0
	}
	name := steps[0].Name
	if g := a.Groups[name]; g != nil {
		return longest(g, steps[1:])
	}
	list := a.Repeats[name]
	if len(steps) == 1 {
		return len(list)
	}
	most := 0
	for _, e := range list {
		most = max(most, longest(e, steps[1:]))
	}
	return most
}

var extPattern = regexp.MustCompile(`^\.[0-9a-z]{1,8}$`)

// safeExt returns ext if it is one, in small letters.
func safeExt(ext string) string {
	if ext = strings.ToLower(ext); extPattern.MatchString(ext) {
		return ext
	}
	return ""
}

// packageName is the name of package i of n, without its ending. It fits the
// 40 characters that every mail program shows of the name of an attachment.
func packageName(r *forms.Report, i, n int) string {
	name := "报送-" + bag.SafeName(r.Unit.Name, 12) + "-" + r.Submission.Short()
	if r.Submission.Revision > 1 {
		name += "-r" + strconv.Itoa(r.Submission.Revision)
	}
	return fmt.Sprintf("%s-%dof%d", name, i, n)
}
