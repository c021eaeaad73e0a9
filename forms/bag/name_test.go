package bag

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"启动仪式":                    "启动仪式",
		"  主席台\t合影\r\n第二行 ":       "主席台 合影 第二行",
		"10:30 签到/领取资料?":          "10：30 签到／领取资料？",
		`<a> "b" | c\d * 100%`:    "＜a＞ ＂b＂ ｜ c＼d ＊ 100％",
		"e\u0301te":               "éte",
		"照片\u202egpj.exe":         "照片gpj.exe",
		"a\u200b\ufeffb\x00c\x7f": "ab c",
		"... .隐藏":                 "隐藏",
		"~$草稿":                    "＄草稿",
		"$HOME ${PATH}":           "＄HOME ＄{PATH}",
		"一行\u2028二行\u0085三行":      "一行 二行 三行",
		"结尾。.. .":                 "结尾。",
		"CON":                     "CON_",
		"con.jpg":                 "con_.jpg",
		"LPT1 . x":                "LPT1_. x",
		"COM¹":                    "COM¹_",
		"":                        "_",
		"...":                     "_",
		"\xff\xfe":                "_",
		strings.Repeat("长", 99):   strings.Repeat("长", 40),
	} {
		if got := SafeName(in, 40); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{ // cut to four characters
		"一二三四五":       "一二三四",
		"123. 4":      "123",
		"123e\u0323x": "123ẹ",
		"123q\u0323x": "123", // a letter is not parted from its mark
		"aux.jpg":     "aux_",
		"aux":         "aux_",
	} {
		if got := SafeName(in, 4); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := SafeName(strings.Repeat("长", 300), 300); len(got) > 150 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestSafeNameIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("con.aux ~%:\u0301e\u202e长\r\n1lpt/\\")), 0, 300, -1)).Draw(t, "title")
		checkSafe(t, s, rapid.IntRange(1, 60).Draw(t, "max"))
	})
}

func checkSafe(t interface {
	Helper()
	Errorf(string, ...any)
}, s string, limit int,
) {
	t.Helper()
	got := SafeName(s, limit)
	if err := checkWritten(got); err != nil {
		t.Errorf("SafeName(%q, %d) = %q: %v", s, limit, got, err)
	}
	if n := utf8.RuneCountInString(got); n > limit {
		t.Errorf("SafeName(%q, %d) = %q: %d characters", s, limit, got, n)
	}
	if again := SafeName(got, limit); again != got {
		t.Errorf("SafeName(%q, %d) = %q, and of that %q", s, limit, got, again)
	}
	if err := checkWritten("图片/0101-" + got + ".jpg"); err != nil {
		t.Errorf("with an extension: %v", err)
	}
}

func TestTwinKeys(t *testing.T) {
	for _, same := range [][2]string{
		{"A.jpg", "a.JPG"},
		{"é", "e\u0301"},
		{"É", "e\u0301"},
		{"Ω", "\u2126"}, // ohm sign
		{"K", "\u212a"}, // kelvin sign
		{"ς", "σ"},
		{"a.", "a"},
		{"a /b", "A/B"},
	} {
		if twinKey(same[0]) != twinKey(same[1]) {
			t.Errorf("%q and %q are taken for two files", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"a", "b"}, {"会议1", "会议2"}, {"a.b", "ab"}, {"（一）", "(一)"}, {" a", "a"}} {
		if twinKey(other[0]) == twinKey(other[1]) {
			t.Errorf("%q and %q are taken for one file", other[0], other[1])
		}
	}
}
