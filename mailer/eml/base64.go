package eml

import (
	"encoding/base64"
	"io"
)

const (
	lineIn  = 57 // bytes that fill one line of 76 characters (RFC 2045, section 6.8)
	lineOut = 76 + 2
)

// lineEncoder writes base64 in lines ended by CRLF.
type lineEncoder struct {
	w   io.Writer
	n   int // bytes waiting in in
	in  [lineIn * 512]byte
	out [lineOut * 512]byte
}

func newLineEncoder(w io.Writer) *lineEncoder { return &lineEncoder{w: w} }

func (e *lineEncoder) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		k := copy(e.in[e.n:], p[done:])
		e.n += k
		done += k
		if e.n == len(e.in) {
			if err := e.flush(); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// Close writes what is left; it does not close the writer below.
func (e *lineEncoder) Close() error { return e.flush() }

func (e *lineEncoder) flush() error {
	o := 0
	for i := 0; i < e.n; i += lineIn {
		line := e.in[i:min(i+lineIn, e.n)]
		base64.StdEncoding.Encode(e.out[o:], line)
		o += base64.StdEncoding.EncodedLen(len(line))
		o += copy(e.out[o:], "\r\n")
	}
	e.n = 0
	if o == 0 {
		return nil
	}
	_, err := e.w.Write(e.out[:o])
	return err
}
