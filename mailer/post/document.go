package post

import (
	"context"
	"io"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/draft"
	"baosong/forms/submit"
)

// Document writes the document of an open draft to path as the first message
// would carry it, for looking at it and for printing. Findings do not stop it.
func (d *Desk) Document(ctx context.Context, n *forms.Notice, dr *draft.Draft, path string, opt Options) error {
	in, err := d.input(n, dr, opt.Answers)
	if err != nil {
		return err
	}
	limit, _, err := d.limit(ctx, n, opt)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		return submit.WriteDocument(ctx, w, in, d.Home.Dir, submit.Options{Limit: limit, PhotoEdge: opt.PhotoEdge, Tools: d.Tools})
	})
}
