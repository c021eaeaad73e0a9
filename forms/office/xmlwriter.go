package office

import (
	"encoding/xml"
	"io"
)

// xmlWriter writes elements with prefixed names, as WordprocessingML has them.
// The first error sticks; done returns it.
type xmlWriter struct {
	enc *xml.Encoder
	err error
}

func newXML(w io.Writer) *xmlWriter {
	_, err := io.WriteString(w, xml.Header)
	return &xmlWriter{enc: xml.NewEncoder(w), err: err}
}

func (x *xmlWriter) token(t xml.Token) {
	if x.err == nil {
		x.err = x.enc.EncodeToken(t)
	}
}

// open starts an element; attrs are names and values in turn.
func (x *xmlWriter) open(name string, attrs ...string) {
	start := xml.StartElement{Name: xml.Name{Local: name}}
	for i := 0; i+1 < len(attrs); i += 2 {
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: attrs[i]}, Value: attrs[i+1]})
	}
	x.token(start)
}

func (x *xmlWriter) close(names ...string) {
	for _, name := range names {
		x.token(xml.EndElement{Name: xml.Name{Local: name}})
	}
}

func (x *xmlWriter) empty(name string, attrs ...string) {
	x.open(name, attrs...)
	x.close(name)
}

// text writes s; what XML cannot hold becomes U+FFFD.
func (x *xmlWriter) text(s string) { x.token(xml.CharData(s)) }

func (x *xmlWriter) element(name, s string, attrs ...string) {
	x.open(name, attrs...)
	x.text(s)
	x.close(name)
}

// picture writes a picture of DrawingML (ECMA-376 part 1, sections 20.2.2.5 and
// 20.5.2.25), whose elements both kinds of document name alike but for the
// prefix. cx and cy are in EMU.
func (x *xmlWriter) picture(prefix, id, descr, rel, cx, cy string) {
	pic := prefix + ":"
	x.open(pic + "pic")
	x.open(pic + "nvPicPr")
	x.empty(pic+"cNvPr", "id", id, "name", "图片"+id, "descr", descr)
	x.open(pic + "cNvPicPr")
	x.empty("a:picLocks", "noChangeAspect", "1")
	x.close(pic+"cNvPicPr", pic+"nvPicPr")
	x.open(pic + "blipFill")
	x.empty("a:blip", "r:embed", rel)
	x.open("a:stretch")
	x.empty("a:fillRect")
	x.close("a:stretch", pic+"blipFill")
	x.open(pic + "spPr")
	x.open("a:xfrm")
	x.empty("a:off", "x", "0", "y", "0")
	x.empty("a:ext", "cx", cx, "cy", cy)
	x.close("a:xfrm")
	x.open("a:prstGeom", "prst", "rect")
	x.empty("a:avLst")
	x.close("a:prstGeom", pic+"spPr", pic+"pic")
}

func (x *xmlWriter) done() error {
	if x.err == nil {
		x.err = x.enc.Flush()
	}
	return x.err
}
