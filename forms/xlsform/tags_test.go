package xlsform

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"testing"
)

// FuzzTags holds eachTag against the standard decoder: it refuses a part, or
// sees every start tag that the decoder sees, and the place that the decoder
// reads in it.
func FuzzTags(f *testing.F) {
	for _, s := range []string{
		`<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData><row r="1"><c r="B7" s='3'><f>1&lt;2</f><v>1</v></c></row></sheetData></worksheet>`,
		`<x:a xmlns:x="u"><x:c x:r="A1" r = "C3"/><!-- <c r="D4"/> --><![CDATA[<c r="E5"/>]]></x:a>`,
		`<a b="<"><c/></a>`, `<a b=">"><c r="A&#49;"/></a>`, `<a><c r='"'/></a >`, `<!DOCTYPE a [<!ENTITY c "<c/>">]><a>&c;</a>`,
		"<?xml version=\"1.0\" encoding=\"gbk\"?><a/>", "<a>\xff</a>", `<a/`, `</a>`, `<a`, `<`, `<a><b/>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, part []byte) {
		var got [][2]string
		if eachTag(part, func(tag startTag) error {
			got = append(got, [2]string{string(tag.name), lineEnds.Replace(tag.attr("r"))})
			return nil
		}) != nil {
			return
		}
		var want [][2]string
		dec := xml.NewDecoder(bytes.NewReader(part))
		for {
			token, err := dec.RawToken()
			if err != nil {
				if err != io.EOF {
					return // no XML: the workbook library will not read it either
				}
				break
			}
			if e, ok := token.(xml.StartElement); ok {
				want = append(want, [2]string{e.Name.Local, lineEnds.Replace(attrOf(e))})
			}
		}
		if !slices.EqualFunc(got, want, func(a, b [2]string) bool {
			return a[0] == b[0] && (a[1] == b[1] || a[1] == "" && bytes.IndexByte(part, '&') >= 0)
		}) {
			t.Errorf("%q:\n got %q\nwant %q", part, got, want)
		}
	})
}

func attrOf(e xml.StartElement) (found string) {
	for _, a := range e.Attr {
		if a.Name.Local == "r" {
			found = a.Value
		}
	}
	return found
}
