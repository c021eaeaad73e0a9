package office

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image/jpeg"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// anchor is where on a sheet a picture stands.
type anchor struct {
	col, row int // from 0
	media    int // index of the picture in the workbook
	descr    string
	cx, cy   int // EMU
}

// Thumbnails fit a box this large. pixel is one at 96 to the inch, in EMU.
const (
	pixel       = 9525
	thumbWidth  = 128
	thumbHeight = 96
	thumbColumn = 20 // characters
	thumbRow    = 78 // points
)

// picture puts a JPEG into the row written last, scaled to its box.
func (s *sheet) picture(col int, b []byte, descr string) error {
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return fmt.Errorf("not a JPEG: %w", err)
	}
	w, h := thumbWidth, max(1, thumbWidth*c.Height/c.Width)
	if h > thumbHeight {
		w, h = max(1, thumbHeight*c.Width/c.Height), thumbHeight
	}
	s.pics = append(s.pics, anchor{col: col, row: s.row - 1, media: len(s.book.media), descr: cut(descr, 200), cx: w * pixel, cy: h * pixel})
	s.book.media = append(s.book.media, b)
	return nil
}

// draw writes the sheet's drawing. The library adds the first picture, and
// with it all that ties the drawing to the sheet; the drawing itself is then
// ours, since adding a picture there compares it with each one before.
func (s *sheet) draw() error {
	if len(s.pics) == 0 {
		return nil
	}
	f := s.book.f
	first := s.book.media[s.pics[0].media]
	if err := f.AddPictureFromBytes(s.title, "A1", &excelize.Picture{Extension: ".jpeg", File: first}); err != nil {
		return err
	}
	var drawing string
	f.Drawings.Range(func(k, _ any) bool {
		drawing = k.(string)
		return false
	})
	rels := "xl/drawings/_rels/" + drawing[len("xl/drawings/"):] + ".rels"
	f.Drawings.Delete(drawing)
	f.Relationships.Delete(rels)
	f.Pkg.Range(func(k, _ any) bool {
		if strings.HasPrefix(k.(string), "xl/media/") {
			f.Pkg.Delete(k)
		}
		return true
	})
	var body, links bytes.Buffer
	if err := s.drawingPart(newXML(&body)); err != nil {
		return err
	}
	if err := s.drawingRels(newXML(&links)); err != nil {
		return err
	}
	f.Pkg.Store(drawing, body.Bytes())
	f.Pkg.Store(rels, links.Bytes())
	return nil
}

// mediaName is the name of a picture's part, below xl.
func mediaName(i int) string { return "media/image" + strconv.Itoa(i+1) + ".jpeg" }

func (s *sheet) drawingRels(x *xmlWriter) error {
	x.open("Relationships", "xmlns", nsPkgRel)
	for i, p := range s.pics {
		x.empty("Relationship", "Id", "rId"+strconv.Itoa(i+1), "Type", nsRel+"/image", "Target", "../"+mediaName(p.media))
	}
	x.close("Relationships")
	return x.done()
}

func (s *sheet) drawingPart(x *xmlWriter) error {
	x.open("xdr:wsDr", "xmlns:xdr", "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing", "xmlns:a", nsDrawingA, "xmlns:r", nsRel)
	for i, p := range s.pics {
		p.write(x, i+1)
	}
	x.close("xdr:wsDr")
	return x.done()
}

func (p anchor) write(x *xmlWriter, n int) {
	id, cx, cy := strconv.Itoa(n), strconv.Itoa(p.cx), strconv.Itoa(p.cy)
	x.open("xdr:oneCellAnchor")
	x.open("xdr:from")
	x.element("xdr:col", strconv.Itoa(p.col))
	x.element("xdr:colOff", strconv.Itoa(4*pixel))
	x.element("xdr:row", strconv.Itoa(p.row))
	x.element("xdr:rowOff", strconv.Itoa(4*pixel))
	x.close("xdr:from")
	x.empty("xdr:ext", "cx", cx, "cy", cy)
	x.picture("xdr", id, p.descr, "rId"+id, cx, cy)
	x.empty("xdr:clientData")
	x.close("xdr:oneCellAnchor")
}

func (b *book) writeMedia(zw *zip.Writer) error {
	for i, jpeg := range b.media {
		if err := stored(zw, "xl/"+mediaName(i), jpeg); err != nil {
			return err
		}
	}
	return nil
}
