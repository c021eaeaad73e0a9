package office_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"baosong/forms/office"
)

// sequences are the children of elements in the order ECMA-376 part 1 asks
// for (annex A.1, wml.xsd). Word refuses a document that has them otherwise;
// LibreOffice does not mind.
var sequences = map[string]string{
	"styles": "docDefaults latentStyles style",
	"style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked personal " +
		"personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
	"settings": "writeProtection view zoom removePersonalInformation mirrorMargins bordersDoNotSurroundHeader defaultTabStop " +
		"autoHyphenation evenAndOddHeaders drawingGridHorizontalSpacing drawingGridVerticalSpacing characterSpacingControl " +
		"footnotePr endnotePr compat rsids themeFontLang clrSchemeMapping decimalSymbol listSeparator",
	"compat": "spaceForUL noColumnBalance balanceSingleByteDoubleByteWidth noExtraLineSpacing doNotLeaveBackslashAlone ulTrailSpace " +
		"doNotExpandShiftReturn spacingInWholePoints adjustLineHeightInTable useFELayout compatSetting",
	"font": "altName panose1 charset family notTrueType pitch sig",
	"body": "p tbl sectPr",
	"p":    "pPr r",
	"r":    "rPr t br drawing fldChar instrText",
	"pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr pBdr shd tabs kinsoku wordWrap overflowPunct " +
		"topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents jc " +
		"textDirection textAlignment outlineLvl rPr sectPr",
	"rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish color " +
		"spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
	"tbl": "tblPr tblGrid tr",
	"tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders " +
		"shd tblLayout tblCellMar tblLook",
	"tblBorders": "top left bottom right insideH insideV",
	"tblCellMar": "top left bottom right",
	"tr":         "tblPrEx trPr tc",
	"trPr":       "cantSplit trHeight tblHeader tblCellSpacing jc hidden",
	"tc":         "tcPr p tbl",
	"tcPr":       "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
	"sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols formProt " +
		"vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings",
	"inline":  "extent effectExtent docPr cNvGraphicFramePr graphic",
	"pic":     "nvPicPr blipFill spPr",
	"spPr":    "xfrm prstGeom",
	"ftr":     "p tbl",
	"nvPicPr": "cNvPr cNvPicPr",
}

// mixed elements take their children in any order.
var mixed = []string{"body", "r", "tc", "ftr", "trPr"}

// node is an element with its children.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
}

func (n node) val() string {
	for _, a := range n.Attrs {
		if a.Name.Local == "val" {
			return a.Value
		}
	}
	return ""
}

func (n node) walk(do func(node)) {
	do(n)
	for _, c := range n.Children {
		c.walk(do)
	}
}

func partsOf(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func tree(t *testing.T, part []byte) node {
	t.Helper()
	var n node
	if err := xml.Unmarshal(part, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDocumentFollowsTheSchema holds the parts of documents from four notices
// against the schema of WordprocessingML, and against what ECMA-376 part 2
// asks of any package.
func TestDocumentFollowsTheSchema(t *testing.T) {
	for name, n := range anyNotices(t) {
		in, _ := filledInput(t, n)
		var b bytes.Buffer
		if err := office.Document(&b, in); err != nil {
			t.Fatal(err)
		}
		parts := partsOf(t, b.Bytes())
		styles := map[string]bool{}
		tree(t, parts["word/styles.xml"]).walk(func(n node) {
			for _, a := range n.Attrs {
				if a.Name.Local == "styleId" {
					styles[a.Value] = true
				}
			}
		})
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			if !strings.HasPrefix(part, "word/") || path.Ext(part) != ".xml" {
				continue
			}
			tree(t, parts[part]).walk(func(n node) {
				if wrong := outOfOrder(n); wrong != "" {
					t.Errorf("%s, %s: %s has %s", name, part, n.XMLName.Local, wrong)
				}
				switch n.XMLName.Local {
				case "pStyle", "tblStyle", "basedOn", "next":
					if !styles[n.val()] {
						t.Errorf("%s, %s: no style %s", name, part, n.val())
					}
				case "tc":
					if last := n.Children[len(n.Children)-1]; last.XMLName.Local != "p" {
						t.Errorf("%s, %s: a cell ends in %s", name, part, last.XMLName.Local)
					}
				case "body":
					checkBody(t, n)
				}
			})
		}
		checkPackage(t, parts)
	}
}

// outOfOrder names the first child that must not be where it is.
func outOfOrder(n node) string {
	sequence, known := sequences[n.XMLName.Local]
	if !known {
		return ""
	}
	order := strings.Fields(sequence)
	at := 0
	for _, c := range n.Children {
		i := slices.Index(order, c.XMLName.Local)
		if i < 0 || i < at && !slices.Contains(mixed, n.XMLName.Local) {
			return c.XMLName.Local
		}
		at = i
	}
	return ""
}

// checkBody holds that the section comes last, and a paragraph behind each
// table, without which Word would join it to the next.
func checkBody(t *testing.T, body node) {
	t.Helper()
	for i, c := range body.Children {
		switch last := i == len(body.Children)-1; {
		case last != (c.XMLName.Local == "sectPr"):
			t.Errorf("child %d of the body is %s", i, c.XMLName.Local)
		case c.XMLName.Local == "tbl" && body.Children[i+1].XMLName.Local != "p":
			t.Errorf("no paragraph behind table %d", i)
		}
	}
}

// requiredTypes are the parts a document of WordprocessingML has (part 1,
// 11.3, and part 2), with their content types.
var requiredTypes = map[string]string{
	"/word/document.xml":    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
	"/word/styles.xml":      "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml",
	"/word/settings.xml":    "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml",
	"/word/fontTable.xml":   "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml",
	"/word/footer-odd.xml":  "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml",
	"/word/footer-even.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml",
	"/docProps/core.xml":    "application/vnd.openxmlformats-package.core-properties+xml",
}

func checkPackage(t *testing.T, parts map[string][]byte) {
	t.Helper()
	types := map[string]string{}
	tree(t, parts["[Content_Types].xml"]).walk(func(n node) {
		var name, kind string
		for _, a := range n.Attrs {
			switch a.Name.Local {
			case "PartName":
				name = a.Value
			case "ContentType":
				kind = a.Value
			}
		}
		types[name] = kind
	})
	for name, want := range requiredTypes {
		if types[name] != want || parts[strings.TrimPrefix(name, "/")] == nil {
			t.Errorf("%s is of type %q, want %q", name, types[name], want)
		}
	}
	main := tree(t, parts["_rels/.rels"])
	if !slices.ContainsFunc(main.Children, func(n node) bool {
		return slices.ContainsFunc(n.Attrs, func(a xml.Attr) bool {
			return a.Name.Local == "Type" && strings.HasSuffix(a.Value, "/relationships/officeDocument")
		})
	}) {
		t.Error("no relationship to the main document")
	}
}
