package say

import (
	"errors"
	"fmt"

	"baosong/forms"
	"baosong/forms/expr"
)

// Problem returns the words for something wrong with a form or odd in it, and
// the place in its sheets.
func (w *Words) Problem(p forms.Problem) string {
	key := "form.where"
	switch {
	case p.Row > 0 && p.Column != "":
		key = "form.where.cell"
	case p.Row > 0:
		key = "form.where.row"
	case p.Column != "":
		key = "form.where.column"
	}
	where := w.T(key, "sheet", p.Sheet, "row", p.Row, "column", p.Column)
	return w.T("form.problem", "where", where, "why", w.fault(p.Err))
}

// fault returns the words for what is wrong with a form. Texts are found by
// the format of the fault, and take the same arguments in the same order.
func (w *Words) fault(err error) string {
	if e, ok := err.(*expr.Error); ok {
		return w.T("form.at", "at", e.At, "why", w.fault(e.Err))
	}
	f, ok := err.(*forms.Fault)
	if !ok {
		if key := "form.fault." + err.Error(); w.Has(key) {
			return w.T(key)
		}
		return err.Error()
	}
	format, ok := w.texts["form.fault."+f.Format]
	if !ok {
		return f.Error()
	}
	args := make([]any, len(f.Args))
	for i, a := range f.Args {
		args[i] = a
		switch a := a.(type) {
		case error:
			args[i] = w.fault(a)
		case string: // such as "the end"
			if key := "form.fault." + a; w.Has(key) {
				args[i] = w.T(key)
			}
		}
	}
	return fmt.Sprintf(format, args...)
}

// broken words an error that says what is wrong with a form.
func (w *Words) broken(err error) (Advice, bool) {
	p, ok := errors.AsType[forms.Problem](err)
	if !ok {
		return Advice{}, false
	}
	return Advice{What: w.T("error.form.broken"), Next: w.T("next.form.broken"), Raw: w.Problem(p)}, true
}
