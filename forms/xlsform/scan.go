package xlsform

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// sheetScan is what the workbook library does not tell of a sheet while
// streaming its rows.
type sheetScan struct {
	formulas map[string]bool
	merged   []string
}

// scanSheet looks through the XML of a worksheet (ECMA-376 part 1, 18.3.1) for
// formulas and merged cells, and refuses more rows, columns or cells than are
// read, before they are taken apart.
func scanSheet(name string, part []byte) (sheetScan, error) {
	s := sheetScan{formulas: map[string]bool{}}
	dec := xml.NewDecoder(bytes.NewReader(part))
	cell, rows, columns, cells := "", 0, 0, 0
	for {
		t, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, fmt.Errorf("sheet %s: %w: %w", name, ErrNotWorkbook, err)
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "row":
			rows, columns = rows+1, 0
		case "c":
			columns, cells, cell = columns+1, cells+1, attr(e, "r")
		case "f":
			s.formulas[cell] = true
		case "mergeCell":
			s.merged = append(s.merged, attr(e, "ref"))
		}
		if err := withinBounds(name, rows, columns, cells); err != nil {
			return s, err
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
