package cli

import (
	"fmt"
	"io"
	"io/fs"

	"baosong/assets"
)

type licensesCmd struct{}

// Run prints the notice about the decoders that ship, and their licences.
func (*licensesCmd) Run(s *session) error {
	texts := assets.Licenses()
	names, err := fs.Glob(texts, "*.txt")
	if err != nil {
		return err
	}
	all := map[string]string{}
	for _, name := range names {
		b, err := fs.ReadFile(texts, name)
		if err != nil {
			return err
		}
		all[name] = string(b)
	}
	return s.print(all, func(w io.Writer) {
		for i, name := range names {
			if i > 0 {
				fmt.Fprintf(w, "\n———— %s\n\n", name)
			}
			fmt.Fprint(w, all[name])
		}
	})
}
