package submit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"

	"golang.org/x/image/draw"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/media"
	"baosong/forms/office"
)

// Long sides of the pictures in documents, in pixels.
const (
	documentEdge = 640
	workbookEdge = 240
)

// pictureBytes is what a picture of documentEdge takes, about.
const pictureBytes = 60_000

// maxPictures keeps the pictures of the document, which the first message
// carries twice, within a third of it.
func (s *submission) maxPictures() int {
	return int(max(4, min(200, s.opt.Limit/6/pictureBytes)))
}

// documents writes what people read, with fewer pictures where they would
// take too much of the first message.
func (s *submission) documents(ctx context.Context) ([]bag.File, error) {
	if err := s.number(); err != nil { // files have their names from here on
		return nil, err
	}
	p := &pictures{ctx: ctx, s: s, large: map[string][]byte{}, small: map[string][]byte{}}
	for most := s.maxPictures(); ; most /= 2 {
		in := office.Input{Notice: s.in.Notice, Report: s.report, MaxPictures: most, Picture: p.document}
		if most == 0 {
			in.Picture = nil
		}
		var doc, book bytes.Buffer
		if err := office.Document(&doc, in); err != nil {
			return nil, err
		}
		if in.Picture != nil {
			in.Picture = p.workbook
		}
		if err := office.Workbook(&book, in); err != nil {
			return nil, err
		}
		if most == 0 || int64(2*doc.Len()+book.Len()) <= s.opt.Limit/2 {
			return []bag.File{
				bag.Bytes("活动总结.docx", doc.Bytes(), s.report.Created),
				bag.Bytes("活动情况汇总表.xlsx", book.Bytes(), s.report.Created),
			}, nil
		}
	}
}

// pictures makes small pictures of packed photos, each once.
type pictures struct {
	ctx          context.Context
	s            *submission
	large, small map[string][]byte // by material
}

func (p *pictures) document(m forms.Packed) ([]byte, error) {
	if b, ok := p.large[m.ID]; ok {
		return b, nil
	}
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	var it *item
	for _, i := range p.s.items {
		if i.packed.ID == m.ID && i.same == nil && i.question.Type == forms.TypeImage {
			it = i
		}
	}
	if it == nil {
		return nil, nil
	}
	img, err := p.s.opt.Tools.Thumbnail(p.ctx, it.path, documentEdge)
	if errors.Is(err, media.Unsupported) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("picture of %q: %w", m.Name, err)
	}
	b, err := encodeJPEG(img, 75)
	if err != nil {
		return nil, err
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	scale := float64(workbookEdge) / float64(max(w, h, workbookEdge))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale))))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	if p.small[m.ID], err = encodeJPEG(small, 75); err != nil {
		return nil, err
	}
	p.large[m.ID] = b
	return b, nil
}

func (p *pictures) workbook(m forms.Packed) ([]byte, error) {
	if b, err := p.document(m); b == nil || err != nil {
		return b, err
	}
	return p.small[m.ID], nil
}

func encodeJPEG(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}
