package media

// upright turns a plane that asks for EXIF orientation o (1 to 8) so that it stands as it should be seen.
func (p plane) upright(o int) plane {
	if o <= 1 || o > 8 {
		return p
	}
	if o < 5 {
		return p.mirrored(o)
	}
	// The others swap sides. Where the samples of source column x go is the row; whether the first or the last
	// comes first is what tells them apart.
	dst := newPlane(p.h, p.w)
	for y := range dst.h {
		sx := y
		if o == 7 || o == 8 {
			sx = p.w - 1 - y
		}
		out := dst.row(y)
		at, step := sx, p.stride
		if o == 6 || o == 7 {
			at, step = (p.h-1)*p.stride+sx, -p.stride
		}
		for x := range out {
			out[x] = p.pix[at]
			at += step
		}
	}
	return dst
}

// mirrored does orientations 2, 3 and 4: left to right, both, top to bottom.
func (p plane) mirrored(o int) plane {
	dst := newPlane(p.w, p.h)
	for y := range dst.h {
		sy := y
		if o != 2 {
			sy = p.h - 1 - y
		}
		in, out := p.row(sy), dst.row(y)
		if o == 4 {
			copy(out, in)
			continue
		}
		for x := range out {
			out[x] = in[len(in)-1-x]
		}
	}
	return dst
}
