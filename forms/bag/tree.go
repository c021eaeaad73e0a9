package bag

import "fmt"

// tree knows the names in one container, to find those that would be one file
// on some file system, and files that others take for a folder.
type tree struct {
	seen map[string]node // by twinKey
}

type node struct {
	name string
	dir  bool
	own  bool // a folder with an entry of its own
}

// add takes a slash-separated path and its folders.
func (t *tree) add(p string, dir bool) error {
	if t.seen == nil {
		t.seen = map[string]node{}
	}
	for i := range len(p) {
		if p[i] == '/' {
			if err := t.put(node{name: p[:i], dir: true}); err != nil {
				return err
			}
		}
	}
	return t.put(node{name: p, dir: dir, own: true})
}

func (t *tree) put(n node) error {
	key := twinKey(n.name)
	old, ok := t.seen[key]
	switch {
	case !ok:
	case old.dir != n.dir:
		return fmt.Errorf("%q is a file and a folder", n.name)
	case old.name != n.name:
		return fmt.Errorf("differs from %q by case or Unicode form alone", old.name)
	case old.own && n.own:
		return fmt.Errorf("there twice")
	}
	n.own = n.own || old.own
	t.seen[key] = n
	return nil
}
