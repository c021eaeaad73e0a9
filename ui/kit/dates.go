package kit

import (
	"strconv"
	"strings"
	"time"
)

// ISODate is the form dates are handed over in.
const ISODate = "2006-01-02"

// ParseDate reads a date as people type it: 2024-5-30, 2024/05/30, 2024.5.30, 2024年5月30日, 20240530, and
// without a year 5.30, 5-30, 5月30日, which take the year given; full-width digits and signs too. Any separator
// will do. It reports false for what is no day of the calendar.
func ParseDate(text string, year int) (time.Time, bool) {
	text = strings.TrimRight(plainNumber(text), "日号.")
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("-/.年月、,", r) })
	if len(parts) == 1 && len(parts[0]) == 8 {
		parts = []string{parts[0][:4], parts[0][4:6], parts[0][6:]}
	}
	var n []int
	for _, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || len(p) > 4 {
			return time.Time{}, false
		}
		n = append(n, v)
	}
	switch len(n) {
	case 2:
		n = append([]int{year}, n...)
	case 3:
		if len(parts[0]) == 2 {
			n[0] += 2000
		}
	default:
		return time.Time{}, false
	}
	day := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	ok := n[0] >= 1900 && n[0] < 2200 && day.Year() == n[0] && int(day.Month()) == n[1] && day.Day() == n[2]
	return day, ok
}
