package xlsform

import (
	"slices"
	"strconv"
	"strings"

	"baosong/forms"
)

// layout is how a form lies in the workbook that units fill in: one sheet for
// single answers, one for each repeat.
type layout struct {
	notice *forms.Notice
	lang   string
	words  words
	single []*forms.Question // groups, notes and questions outside repeats, in order
	tables []*repeatTable
	keyed  map[string]string // what key made of short texts
}

// repeatTable is the sheet of one repeat.
type repeatTable struct {
	repeat *forms.Question
	up     *repeatTable // of the repeat around it
	sheet  string
	fields []*forms.Question
	count  int        // entries, where the form fixes their number; else 0
	given  []givenRow // what the form works out for each of them beforehand
}

// givenRow is a heading and what stands below it, row by row, to tell fixed
// entries apart: the name of a quarter.
type givenRow struct {
	q      *forms.Question
	values []string
}

// words are what the workbook says besides the form's own labels.
type words struct {
	guide, form, choices                 string // names of sheets
	item, answer, note, number, file     string // headings
	asked                                string
	required, belongs, many, yes, oneRow string
	steps                                []string
	title, sender, deadline, reportTo    string
}

func wordsIn(lang string) words {
	if lang == "" || strings.HasPrefix(lang, "zh") {
		return words{
			guide: "填写说明", form: "填报表", choices: "选项",
			item: "题项", answer: "填写内容", note: "说明", number: "序号", file: "（文件名）",
			required: "带 * 的为必填项。", belongs: "所属“%s”序号", many: "可多选，用顿号隔开：", yes: "是", oneRow: "每行填一项，自上而下填写。",
			asked: "不适用的不填。",
			steps: []string{
				"“填报表”填写单项内容；其他工作表每行填一项。",
				"有底色的单元格可以填写；带 * 的为必填项；有下拉箭头的请从中选择。",
				"下级表格要填写所属上级的序号，例如属于第 2 项就填 2。",
				"图片、影像和附件在表中填写文件名，文件本身在程序中添加。",
				"填好后保存，在程序中导入这个文件；放不进去的内容会逐格列出。",
			},
			title: "通知", sender: "发文单位", deadline: "截止", reportTo: "报送至",
		}
	}
	return words{
		guide: "Guide", form: "Form", choices: "Choices",
		item: "Item", answer: "Answer", note: "Note", number: "No.", file: " (file name)",
		required: "Items with * are required.", belongs: "No. of %s", many: "Any of these, separated by commas: ", yes: "Yes",
		oneRow: "One entry a row, from the top down.", asked: "Leave it empty where it does not apply.",
		steps: []string{
			"The sheet Form takes single answers; the others take one entry a row.",
			"Coloured cells can be filled in; * marks what is required; where there is an arrow, choose from the list.",
			"A lower table asks for the number of the entry it belongs to: 2 for the second.",
			"For photos, videos and attachments give the file name; the file itself is added in the program.",
			"Save the workbook and import it in the program; what finds no place is listed by cell.",
		},
		title: "Notice", sender: "Issued by", deadline: "Deadline", reportTo: "Report to",
	}
}

func newLayout(n *forms.Notice) *layout {
	l := &layout{notice: n, lang: n.Form.Default, words: wordsIn(n.Form.Default), keyed: map[string]string{}}
	taken := map[string]bool{"": true}
	for _, s := range []string{l.words.guide, l.words.form, l.words.choices, metaSheet} {
		taken[strings.ToLower(s)] = true
	}
	l.add(n.Form.Questions, nil, taken)
	l.fix()
	return l
}

// metaSheet is hidden and says which notice the workbook is for.
const metaSheet = "_baosong"

func (l *layout) add(questions []*forms.Question, in *repeatTable, taken map[string]bool) {
	put := func(q *forms.Question) {
		if in == nil {
			l.single = append(l.single, q)
		} else if q.Type != forms.TypeGroup && q.Type != forms.TypeNote {
			in.fields = append(in.fields, q)
		}
	}
	for _, q := range questions {
		switch {
		case q.Type == forms.TypeRepeat:
			t := &repeatTable{repeat: q, up: in, sheet: sheetName(q.Label.In(l.lang), q.Name, taken)}
			l.tables = append(l.tables, t)
			l.add(q.Children, t, taken)
		case q.Type == forms.TypeGroup:
			put(q)
			l.add(q.Children, in, taken)
		case q.Type == forms.TypeNote, q.Type.Typed() && q.Calculation == "":
			put(q)
		}
	}
}

// maxFixed bounds the entries of a repeat that are written out beforehand.
const maxFixed = 200

// fix finds the repeats whose number of entries is known before anything is
// answered, and what is worked out for each entry then.
func (l *layout) fix() {
	c := forms.NewChecker(l.notice, nil, forms.Env{Lang: l.lang})
	for _, t := range l.tables {
		n := c.Answers().Len(t.repeat.Path())
		if t.up != nil || t.repeat.RepeatCount == "" || n == 0 || n > maxFixed {
			continue
		}
		t.count = n
		for _, q := range t.repeat.Children {
			if q.Type != forms.TypeCalculate || len(q.Label) == 0 {
				continue
			}
			g := givenRow{q: q}
			for i := range n {
				g.values = append(g.values, c.Answers().Get(t.repeat.Path().Entry(i+1).Child(q.Name)))
			}
			if slices.Contains(g.values, "") || len(slices.Compact(slices.Clone(g.values))) < n {
				continue // not known yet, or the same for all
			}
			t.given = append(t.given, g)
		}
	}
}

// sheetName makes a name that a workbook takes: at most 31 characters, none of
// :\/?*[], no apostrophe at either end, and no two alike.
func sheetName(label, name string, taken map[string]bool) string {
	clean := func(s string) string {
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune(`:\/?*[]`, r) || r < ' ' {
				return ' '
			}
			return r
		}, s)
		runes := []rune(strings.Trim(s, "' "))
		return strings.Trim(string(runes[:min(len(runes), 27)]), "' ")
	}
	base := clean(label)
	if base == "" {
		base = clean(name)
	}
	out := base
	for i := 2; taken[strings.ToLower(out)]; i++ {
		out = base + " " + strconv.Itoa(i)
	}
	taken[strings.ToLower(out)] = true
	return out
}

// heading is what the template calls a question.
func (l *layout) heading(q *forms.Question) string {
	s := l.label(q)
	if q.Type.Media() {
		s += l.words.file
	}
	if q.Required != "" && !strings.EqualFold(q.Required, "no") && !strings.HasPrefix(strings.ToLower(q.Required), "false") {
		s += " *"
	}
	return s
}

func (l *layout) label(q *forms.Question) string {
	if s := q.Label.In(l.lang); s != "" {
		return s
	}
	return q.Name
}

// hint is what the template says of a question besides its name.
func (l *layout) hint(q *forms.Question) string {
	lines := []string{q.Hint.In(l.lang)}
	if q.Relevant != "" {
		lines = append(lines, l.words.asked)
	}
	if q.Type == forms.TypeSelectMultiple {
		lines = append(lines, l.words.many+strings.Join(l.labels(q), "、"))
	}
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

func (l *layout) labels(q *forms.Question) []string {
	var out []string
	for _, c := range q.Options() {
		label := c.Label.In(l.lang)
		if label == "" {
			label = c.Name
		}
		out = append(out, label)
	}
	return out
}
