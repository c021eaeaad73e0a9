package sample

import (
	"image"
	"image/color"
	"math"
)

// Scene draws an outdoor view with hills and a board that shows an arrow pointing up and the index.
func Scene(index, w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	hue := float64(index) * 0.7
	for y := range h {
		fy := float64(y) / float64(h)
		for x := range w {
			fx := float64(x) / float64(w)
			img.SetRGBA(x, y, grain(land(fx, fy, hue), x, y, index))
		}
	}
	side := min(w, h)
	disc(img, w*4/5, h/6, side/12, color.RGBA{255, 236, 150, 255})
	board := image.Rect(w/2-side/4, h/2-side/4, w/2+side/4, h/2+side/4)
	fill(img, board, color.RGBA{250, 248, 240, 255})
	arrow(img, w/2, h/2-side*22/100, side/9, color.RGBA{200, 30, 30, 255})
	number(img, index, board, color.RGBA{25, 45, 90, 255})
	return img
}

// land is the colour of the view at a point, both coordinates from 0 to 1.
func land(x, y, hue float64) color.RGBA {
	far := 0.50 + 0.06*math.Sin(7*x+hue) + 0.02*math.Sin(23*x+2*hue)
	near := 0.66 + 0.05*math.Sin(4*x+1+hue)
	switch {
	case y < far:
		t := y / far
		return color.RGBA{byte(70 + 130*t), byte(140 + 80*t), byte(225 + 20*t), 255}
	case y < near:
		t := (y - far) / (near - far)
		return color.RGBA{byte(70 + 40*math.Sin(hue)), byte(100 + 40*t), byte(90 - 30*t), 255}
	}
	t := (y - near) / (1 - near)
	return color.RGBA{byte(110 + 60*t), byte(130 - 20*t), byte(50 + 20*math.Cos(hue)), 255}
}

// grain adds the noise of a sensor, the same for the same place.
func grain(c color.RGBA, x, y, seed int) color.RGBA {
	n := uint32(x)*374761393 + uint32(y)*668265263 + uint32(seed)*2246822519
	n = (n ^ n>>13) * 1274126177
	d := int(n>>28) - 8
	add := func(v byte) byte { return byte(min(255, max(0, int(v)+d))) }
	return color.RGBA{add(c.R), add(c.G), add(c.B), 255}
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	r = r.Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetRGBA(x, y, c)
		}
	}
}

func disc(img *image.RGBA, cx, cy, r int, c color.RGBA) {
	for y := -r; y <= r; y++ {
		half := int(math.Sqrt(float64(r*r - y*y)))
		fill(img, image.Rect(cx-half, cy+y, cx+half+1, cy+y+1), c)
	}
}

// arrow points up, its tip at (x, y).
func arrow(img *image.RGBA, x, y, size int, c color.RGBA) {
	for i := range size {
		fill(img, image.Rect(x-i, y+i, x+i+1, y+i+1), c)
	}
	fill(img, image.Rect(x-size/3, y+size, x+size/3, y+2*size), c)
}

// digits are five columns by seven rows, one bit a dot.
var digits = [10][7]byte{
	{14, 17, 19, 21, 25, 17, 14},
	{4, 12, 4, 4, 4, 4, 14},
	{14, 17, 1, 2, 4, 8, 31},
	{31, 2, 4, 2, 1, 17, 14},
	{2, 6, 10, 18, 31, 2, 2},
	{31, 16, 30, 1, 1, 17, 14},
	{6, 8, 16, 30, 17, 17, 14},
	{31, 1, 2, 4, 8, 8, 8},
	{14, 17, 17, 14, 17, 17, 14},
	{14, 17, 17, 15, 1, 2, 12},
}

// number draws the last four digits of n into the lower half of a board.
func number(img *image.RGBA, n int, board image.Rectangle, c color.RGBA) {
	var figures []int
	for n = max(n, 0) % 10000; n > 0 || len(figures) == 0; n /= 10 {
		figures = append([]int{n % 10}, figures...)
	}
	dot := max(1, board.Dx()/(6*max(len(figures), 3)+2))
	x := board.Min.X + (board.Dx()-dot*(6*len(figures)-1))/2
	y := board.Min.Y + board.Dy()*11/20
	for _, f := range figures {
		for row, bits := range digits[f] {
			for col := range 5 {
				if bits>>(4-col)&1 == 1 {
					at := image.Pt(x+col*dot, y+row*dot)
					fill(img, image.Rectangle{at, at.Add(image.Pt(dot, dot))}, c)
				}
			}
		}
		x += 6 * dot
	}
}
