package xlsform

import (
	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// validate lets the cells take only what may be an answer of q. Dates can be
// kept against the warning, since reading back understands more of them than
// the spreadsheet does.
func (t *template) validate(sheet, cells string, q *forms.Question) {
	dv := excelize.NewDataValidation(true)
	dv.Sqref = cells
	var err error
	style := excelize.DataValidationErrorStyleStop
	switch q.Type {
	case forms.TypeSelectOne:
		dv.SetSqrefDropList(t.lists[listKey(q)])
		if q.OrOther {
			style = excelize.DataValidationErrorStyleWarning
		}
	case forms.TypeAcknowledge:
		err = dv.SetDropList([]string{t.words.yes})
	case forms.TypeInteger:
		err = dv.SetRange(-999_999_999, 999_999_999, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween)
	case forms.TypeDecimal:
		err = dv.SetRange(-1e12, 1e12, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween)
	case forms.TypeDate, forms.TypeDateTime:
		style = excelize.DataValidationErrorStyleWarning
		err = dv.SetRange(1, 2_958_465, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween) // to the year 9999
	case forms.TypeTime:
		style = excelize.DataValidationErrorStyleWarning
		err = dv.SetRange(0, 1, excelize.DataValidationTypeTime, excelize.DataValidationOperatorBetween)
	default:
		return
	}
	t.try(err)
	// Longer ones Excel repairs, with a warning, when it opens the workbook.
	dv.SetError(style, firstRunes(t.label(q), 32), firstRunes(t.hint(q), 200))
	t.try(t.x.AddDataValidation(sheet, dv))
}
