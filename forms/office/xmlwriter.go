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

func (x *xmlWriter) done() error {
	if x.err == nil {
		x.err = x.enc.Flush()
	}
	return x.err
}
