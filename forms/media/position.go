package media

import (
	"math"
	"regexp"
	"strconv"
)

// iso6709 is the form cameras write: signed degrees, degrees and minutes, or degrees, minutes and seconds.
var iso6709 = regexp.MustCompile(`^([+-])(\d{2,6}(?:\.\d+)?)([+-])(\d{3,7}(?:\.\d+)?)`)

// parseISO6709 reads a position such as +43.8378+126.5495+200/ (ISO 6709, annex H), nil when it is not one.
func parseISO6709(s string) *Position {
	m := iso6709.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	lat, lon := sexagesimal(m[2], 2), sexagesimal(m[4], 3)
	if lat > 90 || lon > 180 {
		return nil
	}
	if m[1] == "-" {
		lat = -lat
	}
	if m[3] == "-" {
		lon = -lon
	}
	return &Position{lat, lon}
}

// sexagesimal reads digits in which the first n are degrees and each two that follow are minutes and seconds.
func sexagesimal(s string, n int) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.Inf(1)
	}
	whole := len(strconv.Itoa(int(v)))
	for i := range s {
		if s[i] == '.' {
			whole = i
			break
		}
		whole = i + 1
	}
	switch {
	case whole <= n:
		return v
	case whole <= n+2:
		deg := math.Floor(v / 100)
		return deg + (v-100*deg)/60
	}
	deg := math.Floor(v / 1e4)
	minutes := math.Floor((v - 1e4*deg) / 100)
	return deg + minutes/60 + (v-1e4*deg-100*minutes)/3600
}
