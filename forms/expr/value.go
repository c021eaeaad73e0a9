package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// FormatNumber writes a number as XPath's string() does, but for the noise
// that binary fractions carry beyond the fifteenth digit.
func FormatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return strconv.FormatInt(int64(f), 10)
	}
	s := strconv.FormatFloat(f, 'g', 15, 64)
	if strings.ContainsRune(s, 'e') {
		r, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		return strconv.FormatFloat(r, 'f', -1, 64)
	}
	return s
}

// ToNumber reads a number as XPath's number() does, and a date, a time or both
// as days since 1970-01-01. Whatever else is NaN. A date with a time counts as
// the clock on the wall showed it; its offset from UTC is passed over, so that
// answers of one form compare as they read.
func ToNumber(s string) float64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return math.NaN()
	}
	digits, dots := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			dots++
		case c == '-' && i == 0:
		default:
			return toDays(s)
		}
	}
	if digits == 0 || dots > 1 {
		return math.NaN()
	}
	if dots == 0 && len(s) < 16 {
		n := int64(0)
		for i := range len(s) {
			if s[i] != '-' {
				n = n*10 + int64(s[i]-'0')
			}
		}
		if s[0] == '-' {
			return -float64(n)
		}
		return float64(n)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

func toDays(s string) float64 {
	date, clock, both := strings.Cut(s, "T")
	if !both && len(s) > 2 && s[2] == ':' {
		return clockDays(s)
	}
	y, m, d, ok := cutDate(date)
	if !ok {
		return math.NaN()
	}
	days := float64(daysSince1970(y, m, d))
	if both {
		days += clockDays(clock)
	}
	return days
}

// cutDate reads 2024-05-30, a date that exists.
func cutDate(s string) (y, m, d int, ok bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	y, ok1 := atoi(s[:4])
	m, ok2 := atoi(s[5:7])
	d, ok3 := atoi(s[8:])
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, 0, 0, false
	}
	return y, m, d, true
}

func atoi(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func daysSince1970(y, m, d int) int {
	return int(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// clockDays reads 15:04, 15:04:05 or 15:04:05.678, whatever offset follows.
func clockDays(s string) float64 {
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		s = s[:i]
	}
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 || len(parts[0]) != 2 || len(parts[1]) != 2 {
		return math.NaN()
	}
	h, ok1 := atoi(parts[0])
	m, ok2 := atoi(parts[1])
	seconds := 0.0
	if len(parts) == 3 {
		f, err := strconv.ParseFloat(parts[2], 64)
		if err != nil || f < 0 || f >= 61 {
			return math.NaN()
		}
		seconds = f
	}
	if !ok1 || !ok2 || h > 24 || m > 59 {
		return math.NaN()
	}
	return (float64(h)*3600 + float64(m)*60 + seconds) / 86400
}

// fromDays is the time that a number of days since 1970-01-01 stands for.
func fromDays(days float64) (time.Time, bool) {
	if math.IsNaN(days) || math.Abs(days) > 3e6 { // some 8,000 years
		return time.Time{}, false
	}
	whole := math.Floor(days)
	ms := math.Round((days - whole) * 86400e3)
	return time.Unix(int64(whole)*86400, 0).UTC().Add(time.Duration(ms) * time.Millisecond), true
}

// equal compares numbers with the allowance for binary fractions that ODK's
// own evaluator makes.
func equal(a, b float64) bool {
	return a == b || math.Abs(a-b) < 1e-12
}

// round rounds halves up, as written in decimal, to places after the point or,
// if negative, before it: 1.005 to two places is 1.01, although the nearest
// binary fraction lies below.
func round(f, places float64) float64 {
	places = math.Trunc(places)
	if math.IsNaN(places) || math.Abs(places) > 30 {
		return math.NaN()
	}
	scale := math.Pow(10, math.Abs(places))
	if places < 0 {
		return math.Floor(decimalOf(f/scale)+0.5) * scale
	}
	r := math.Floor(decimalOf(f*scale)+0.5) / scale
	if math.IsInf(r, 0) || math.IsNaN(r) {
		return f
	}
	return r
}

// decimalOf is f without the noise beyond the fifteenth digit.
func decimalOf(f float64) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return f
	}
	return d
}
