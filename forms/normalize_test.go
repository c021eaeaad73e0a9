package forms_test

import (
	"errors"
	"testing"

	"baosong/forms"
)

const typed = `type,name,label,appearance
text,text,T
text,phone,P,numbers
integer,integer,I
decimal,decimal,D
date,date,D
time,time,T
dateTime,dateTime,T
select_one l,one,S
select_multiple l,many,S
acknowledge,ack,A
`

const typedChoices = "list_name,name,label::中文 (zh),label::English (en)\nl,on,线上,Online\nl,off,线下,On site\nl,both,线上线下结合,Both\nl,main,“示例日”主场活动,Main\n"

func TestNormalize(t *testing.T) {
	n := notice(t, typed, typedChoices)
	n.Form.Year = 2024
	const wrong = "?"
	for _, c := range [][3]string{
		{"text", " 示例\r\n文字 ", "示例\n文字"},
		{"text", "　示例　", "示例"},

		{"integer", "１２３", "123"},
		{"integer", "1,234", "1234"},
		{"integer", "１，２００人", "1200"},
		{"integer", "120人次", "120"},
		{"integer", "12.0", "12"},
		{"integer", "-3", "-3"},
		{"integer", "+3", "3"},
		{"integer", "007", "7"},
		{"integer", "12.5", wrong},
		{"integer", "约100", wrong},
		{"integer", "1e5", wrong},
		{"integer", "99999999999999999999", wrong},
		{"integer", "", ""},
		{"decimal", "３．５０", "3.5"},
		{"decimal", "1,234.5元", "1234.5"},
		{"decimal", "85%", "85"},
		{"decimal", "inf", wrong},
		{"decimal", "0x1", wrong},

		{"date", "2024-05-30", "2024-05-30"},
		{"date", "2024年5月30日", "2024-05-30"},
		{"date", "２０２４年５月３０日", "2024-05-30"},
		{"date", "2024/5/3", "2024-05-03"},
		{"date", "2024.05.30", "2024-05-30"},
		{"date", "20240530", "2024-05-30"},
		{"date", "5.30", "2024-05-30"},
		{"date", "5月30日", "2024-05-30"},
		{"date", "5/30", "2024-05-30"},
		{"date", "2024年5月30日（星期四）", "2024-05-30"},
		{"date", "2024年5月30日 星期四", "2024-05-30"},
		{"date", "2024/5/30 0:00:00", "2024-05-30"},
		{"date", "2024-05-30T00:00", "2024-05-30"},
		{"date", "2024–05–30", "2024-05-30"},
		{"date", "2024/5/30 9:00", wrong},
		{"phone", "０４３２－５５５５００００ ", "0432-55550000"},
		{"date", "2024-02-30", wrong},
		{"date", "24-5-30", wrong},
		{"date", "五月三十日", wrong},
		{"date", "45442", wrong},

		{"time", "9:05", "09:05"},
		{"time", "９：０５", "09:05"},
		{"time", "下午3点", "15:00"},
		{"time", "上午9时30分", "09:30"},
		{"time", "23:59:59", "23:59:59"},
		{"time", "下午12:30", "12:30"},
		{"time", "晚上8点半", wrong},
		{"time", "24:00", wrong},
		{"time", "9", wrong},
		{"dateTime", "2024-05-30T15:04", "2024-05-30T15:04"},
		{"dateTime", "2024年5月30日 9:30", "2024-05-30T09:30"},
		{"dateTime", "2024/5/30 下午3点", "2024-05-30T15:00"},
		{"dateTime", "5月30日9时", "2024-05-30T09:00"},
		{"dateTime", "2024-05-30T15:04:05+08:00", "2024-05-30T15:04:05+08:00"},
		{"dateTime", "2024-05-30", wrong},

		{"one", "on", "on"},
		{"one", "线上", "on"},
		{"one", "Online", "on"},
		{"one", " 线 下", "off"},
		{"one", `"示例日"主场活动`, "main"},
		{"one", "网上", wrong},
		{"many", "on off", "on off"},
		{"many", "线上、线下", "on off"},
		{"many", "线上,On site，线上", "on off"},
		{"many", "线上\n线下", "on off"},
		{"many", "On site", "off"},
		{"many", "线上；别的", wrong},
		{"ack", "是", "OK"},
		{"ack", "√", "OK"},
		{"ack", "OK", "OK"},
		{"ack", "否", ""},
		{"ack", "也许", wrong},
	} {
		got, err := forms.Normalize(n.Form.Named(c[0]), c[1])
		if c[2] == wrong {
			if !errors.Is(err, forms.ErrValue) {
				t.Errorf("%s %q: %q, %v; want an error", c[0], c[1], got, err)
			}
			continue
		}
		if err != nil || got != c[2] {
			t.Errorf("%s %q: %q, %v; want %q", c[0], c[1], got, err, c[2])
		}
		if again, err := forms.Normalize(n.Form.Named(c[0]), got); err != nil || again != got {
			t.Errorf("%s %q: its own result %q becomes %q, %v", c[0], c[1], got, again, err)
		}
	}
	n.Form.Year = 0
	if got, err := forms.Normalize(n.Form.Named("date"), "5.30"); err == nil {
		t.Errorf("a date without a year, in a form without one: %s", got)
	}
}

func TestDisplay(t *testing.T) {
	n := notice(t, typed, typedChoices)
	for _, c := range []struct{ name, value, zh, en string }{
		{"text", "示例", "示例", "示例"},
		{"date", "2024-05-30", "2024年5月30日", "30 May 2024"},
		{"date", "soon", "soon", "soon"},
		{"dateTime", "2024-05-30T09:05", "2024年5月30日 09:05", "30 May 2024 09:05"},
		{"one", "off", "线下", "On site"},
		{"one", "gone", "gone", "gone"},
		{"many", "on off", "线上、线下", "Online, On site"},
		{"ack", "OK", "是", "Yes"},
		{"ack", "", "", ""},
	} {
		q := n.Form.Named(c.name)
		if zh, en := forms.Display(q, n.Form, c.value, "zh"), forms.Display(q, n.Form, c.value, "en"); zh != c.zh || en != c.en {
			t.Errorf("%s %s: %s and %s, want %s and %s", c.name, c.value, zh, en, c.zh, c.en)
		}
	}
}

func TestUnitIsReadByItsRoles(t *testing.T) {
	n := builtIn(t)
	want := forms.Unit{Name: "示例县第1科协", Kind: "县（市）区科协", Person: "张示例", Phone: "0432-55501234", Email: "unit1@unit.example"}
	if got := n.Unit(example(t, n), "zh"); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := n.Unit(&forms.Answers{}, "zh"); got != (forms.Unit{}) {
		t.Errorf("of empty answers: %+v", got)
	}
}

func TestPagesGatherLooseQuestions(t *testing.T) {
	n := notice(t, "type,name,label\ntoday,day,\ntext,a,A\nnote,b,B\nbegin group,g,G\ntext,c,C\nend group,,\ntext,d,D\n", "")
	var got []string
	for _, p := range n.Form.Pages() {
		s := p.Name + ":"
		for _, q := range p.Children {
			s += q.Name
		}
		got = append(got, s)
	}
	if len(got) != 3 || got[0] != ":ab" || got[1] != "g:c" || got[2] != ":d" {
		t.Errorf("pages %q", got)
	}
}
