package xlsform_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"baosong/forms"
	"baosong/forms/xlsform"
)

// everything is a form with every type and every column.
const everything = `type,name,label::中文 (zh),label::English (en),hint::中文 (zh),hint::English (en),required,required_message::中文 (zh),constraint,constraint_message::中文 (zh),warning,warning_message::中文 (zh),relevant,default,calculation,appearance,choice_filter,repeat_count,read_only
start,begun,,,,,,,,,,,,,,,,,
end,ended,,,,,,,,,,,,,,,,,
today,day,,,,,,,,,,,,,,,,,
hidden,secret,,,,,,,,,,,,x,,,,,
note,hello,您好,Hello,,,,,,,,,,,,,,,
begin_group,g,组,Group,提示,Hint,,,,,,,${secret} = 'x',,,field-list,,,
text,name,名称,Name,全称,In full,yes,请填名称。,string-length(.) > 1,太短。,string-length(.) > 2,偏短。,,示例,,multiline,,,
integer,n,数,N,,,true(),,. >= 0,,,,,2,,,,,
decimal,d,小数,D,,,,,,,,,,1.50,,,,,yes
date,on,日期,On,,,,,,,,,,today(),,,,,
time,at,时间,At,,,,,,,,,,9:05,,,,,
dateTime,when,时刻,When,,,,,,,,,,,,,,,
select_one colours,c,颜色,Colour,,,,,,,,,,red,,minimal,,,
select_one shades or_other,s,色调,Shade,,,,,,,,,,,,,colour = ${c},,
select_multiple colours or_other,many,多选,Many,,,,,count-selected(.) < 3,,,,,red blue,,,,,
acknowledge,ack,确认,Sure,,,,,,,,,,,,,,,
end_group,,,,,,,,,,,,,,,,,,
begin repeat,r,表,Table,,,yes,至少一项。,,,,,,,,,,${n},
image,photo,照片,Photo,,,,,,,,,,,,,,,
video,film,视频,Film,,,,,,,,,,,,,,,
audio,sound,录音,Sound,,,,,,,,,,,,,,,
file,paper,文件,Paper,,,,,,,,,,,,,,,
begin repeat,inner,内表,Inner,,,,,,,,,,,,,,,
text,x,X,X,,,,,,,,,,,,,,,
calculate,place,位置,Place,,,,,,,,,,,"concat(position(../..), '.', position(..))",,,,
end repeat,,,,,,,,,,,,,,,,,,
end repeat,,,,,,,,,,,,,,,,,,
calculate,all,,,,,,,,,,,,,"join(',', ${place})",,,,
`

const everyChoice = `list_name,name,label::中文 (zh),label::English (en),colour
colours,red,红,Red,
colours,blue,蓝,Blue,
shades,light,浅红,Light red,red
shades,dark,深蓝,Dark blue,blue
`

func readCSV(t testing.TB, survey, choices string) (*forms.Notice, []xlsform.Problem, error) {
	t.Helper()
	return xlsform.Read(fstest.MapFS{
		"survey.csv":   {Data: []byte(survey)},
		"choices.csv":  {Data: []byte(choices)},
		"settings.csv": {Data: []byte("form_id,default_language\ntest,中文 (zh)\n")},
	}, ".")
}

func TestEveryTypeAndColumn(t *testing.T) {
	n, problems, err := readCSV(t, everything, everyChoice)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", problems, err)
	}
	want := map[string]forms.Type{
		"begun": forms.TypeStart, "ended": forms.TypeEnd, "day": forms.TypeToday, "secret": forms.TypeHidden, "hello": forms.TypeNote,
		"g": forms.TypeGroup, "name": forms.TypeText, "n": forms.TypeInteger, "d": forms.TypeDecimal, "on": forms.TypeDate,
		"at": forms.TypeTime, "when": forms.TypeDateTime, "c": forms.TypeSelectOne, "s": forms.TypeSelectOne,
		"many": forms.TypeSelectMultiple, "ack": forms.TypeAcknowledge, "r": forms.TypeRepeat, "photo": forms.TypeImage,
		"film": forms.TypeVideo, "sound": forms.TypeAudio, "paper": forms.TypeFile, "inner": forms.TypeRepeat, "x": forms.TypeText,
		"place": forms.TypeCalculate, "all": forms.TypeCalculate, "s_other": forms.TypeText, "many_other": forms.TypeText,
	}
	for name, typ := range want {
		if q := n.Form.Named(name); q == nil || q.Type != typ {
			t.Errorf("%s is %+v, want %s", name, q, typ)
		}
	}
	q := n.Form.Named("name")
	for got, want := range map[string]string{
		q.Label.In("zh"): "名称", q.Label.In("en"): "Name", q.Hint.In("zh"): "全称", q.Hint.In("en"): "In full", q.Required: "yes",
		q.RequiredMessage.In("zh"): "请填名称。", q.Constraint: "string-length(.) > 1", q.ConstraintMsg.In("zh"): "太短。",
		q.Warning: "string-length(.) > 2", q.WarningMsg.In("zh"): "偏短。", q.Default: "示例", q.Appearance: "multiline",
		n.Form.Named("g").Relevant: "${secret} = 'x'", n.Form.Named("s").ChoiceFilter: "colour = ${c}", n.Form.Named("r").RepeatCount: "${n}",
		n.Form.Named("d").ReadOnly: "yes", string(n.Form.Named("x").Path()): "r/inner/x",
	} {
		if got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	}
	c := forms.NewChecker(n, nil, env)
	for p, want := range map[forms.Path]string{
		"begun": "2025-06-01T09:00:00+08:00", "day": "2025-06-01", "secret": "x", "g/name": "示例", "g/n": "2", "g/d": "1.5",
		"g/on": "2025-06-01", "g/at": "09:05", "g/c": "red", "g/many": "red blue",
	} {
		if got := c.Answers().Get(p); got != want {
			t.Errorf("%s begins as %q, want %q", p, got, want)
		}
	}
	if c.Answers().Len("r") != 2 || !c.State("g/d").ReadOnly || c.State("g/n").ReadOnly || c.State("g/s_other").Relevant {
		t.Errorf("%d entries, states %+v %+v %+v", c.Answers().Len("r"), c.State("g/d"), c.State("g/n"), c.State("g/s_other"))
	}
	var offered []string
	for _, ch := range c.State("g/s").Choices {
		offered = append(offered, ch.Name)
	}
	if !slices.Equal(offered, []string{"light", "other"}) {
		t.Errorf("shades of red: %v", offered)
	}
}

// odd are forms that can be used, with what they are warned of.
var odd = []struct{ name, survey, choices, want string }{
	{"unknown type", "type,name,label\ngeopoint,a,A\n", "", `survey row 2, column type: unknown type "geopoint"; asked as text`},
	{"unknown type without a label", "type,name,label\ntext,b,B\ndeviceid,a,\n", "", `survey row 3, column type: unknown type "deviceid"; asked as text`},
	{"unknown column", "\ntype,name,label,body::accept\ntext,a,A,x\n", "", "survey row 2, column body::accept: unknown column; it has no effect"},
	{"unknown translated column", "type,name,label,image::English (en)\ntext,a,A,x\n", "", "survey row 1, column image::English (en): unknown column"},
	{"row without a type", "type,name,label\ntext,a,A\n,,lost\n", "", "survey row 3, column type: no type; the row is left out"},
}

func TestWhatIsUnknownIsAWarningAndKept(t *testing.T) {
	for _, o := range odd {
		n, problems, err := readCSV(t, o.survey, o.choices)
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), o.want) {
			t.Errorf("%s: %v, want %q", o.name, problems, o.want)
		}
		same(t, n)
	}
	n, problems, err := xlsform.Read(fstest.MapFS{
		"survey.csv":   {Data: []byte("type,name,label\ntext,a,A\n")},
		"settings.csv": {Data: []byte("form_id,style\nx,pages\n")},
		"notice.csv":   {Data: []byte("key,value,remark\nid,x,why\nodd,1,\n")},
		"roster.csv":   {Data: []byte("name,kind,phone\n示例单位,,123\n")},
	}, ".")
	must(t, err)
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{
		"settings row 1, column style: unknown column; it has no effect", "notice row 1, column remark: unknown column; it has no effect",
		`notice row 3, column key: unknown key "odd"`, "roster row 1, column phone: unknown column; it has no effect",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	same(t, n)
}

func TestUnknownSheetIsAWarning(t *testing.T) {
	x := excelize.NewFile()
	must(t, x.SetSheetName("Sheet1", "survey"))
	must(t, x.SetSheetRow("survey", "A1", &[]any{"type", "name", "label"}))
	must(t, x.SetSheetRow("survey", "A2", &[]any{"text", "a", "A"}))
	for _, s := range []string{"settings", "entities"} {
		_, err := x.NewSheet(s)
		must(t, err)
	}
	must(t, x.SetSheetRow("settings", "A1", &[]any{"form_id"}))
	must(t, x.SetSheetRow("settings", "A2", &[]any{"x"}))
	must(t, x.SetCellFormula("survey", "C2", `CONCATENATE("A","")`))
	b, err := x.WriteToBuffer()
	must(t, errors.Join(err, x.Close()))
	_, problems, err := readBytes(t, "a.xlsx", b.Bytes())
	if got := fmt.Sprint(problems); err != nil || got != "[entities: unknown sheet; it is not read survey row 2, column C: a formula; its last value was taken]" {
		t.Errorf("%v %v", got, err)
	}
}

// TestBrokenFormTellsEverythingAtOnce has mistakes of every kind in one form.
func TestBrokenFormTellsEverythingAtOnce(t *testing.T) {
	_, _, err := xlsform.Read(fstest.MapFS{
		"survey.csv": {Data: []byte(`type,name,label,relevant,calculation,constraint,choice_filter
text,,No name,,,,
text,a b,A,,,,
text,twice,A,,,,
text,twice,B,,,,
select_one missing,s,S,,,,
select_one l,l,L,,,,town = 1
integer,n,N,${gone} > 1 and ${lost} > 2,,. > ,
calculate,c1,,,${c2} + nope(),,
calculate,c2,,,${c3},,
calculate,c3,,,${c2},,
end repeat,,,,,,
begin group,open,Open,,,,
`)},
		"choices.csv":  {Data: []byte("list_name,name,label\nl,a,A\nl,a,B\nl,b c,C\nl,,D\n")},
		"settings.csv": {Data: []byte("form_id\nx\n")},
		"notice.csv":   {Data: []byte("key,value\nid,../x\ndeadline,soon\nrole.unit,nobody\n")},
		"roster.csv":   {Data: []byte("name,email\n示例单位,\n示例单位,\n,a@b.example\n")},
		"example.csv":  {Data: []byte("path,value\nnowhere,1\nr[,2\n")},
	}, ".")
	for _, want := range []string{
		"survey row 2, column name: no name", `survey row 3, column name: "a b" is not a name`, "survey row 5, column name: twice is there twice",
		`survey row 6, column type: no choices for the list "missing"`, "survey row 7, column choice_filter: at character 1: the choice list has no column town",
		"survey row 8, column relevant: at character 1: there is no question ${gone}", "survey row 8, column relevant: at character 17: there is no question ${lost}",
		"survey row 8, column constraint: at character 4: want a value", "survey row 9, column calculation: at character 9: unknown function nope",
		"survey row 10, column calculation: depends on itself in a circle: c2 → c3 → c2",
		"survey row 12, column type: end repeat without its begin", "survey row 13, column type: begin group open without its end",
		"choices row 3, column name: the choice a of the list l is in row 2 already", `choices row 4, column name: the name "b c"`, "choices row 5, column list_name: a choice needs",
		`notice, column value: id "../x"`, "notice row 3, column value: deadline", "notice, column value: role.unit: no question nobody",
		"roster row 3, column name: 示例单位 is in row 2 already", "roster row 4, column name: a unit without a name",
		"example row 2, column path: nowhere: no such question", `example row 3, column path: path "r["`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

// same reads what is written of n, as a workbook and as the CSV files of it.
func same(t testing.TB, n *forms.Notice) {
	t.Helper()
	var b bytes.Buffer
	must(t, xlsform.Write(&b, n))
	again, _, err := readBytes(t, "again.xlsx", b.Bytes())
	must(t, err)
	if d := cmp.Diff(n, again, sameNotice); d != "" {
		t.Errorf("through a workbook (-want +got):\n%s", d)
	}
	var second bytes.Buffer
	must(t, xlsform.Write(&second, again))
	folder := csvOf(t, second.Bytes())
	third, _, err := xlsform.Read(folder, ".")
	must(t, err)
	if d := cmp.Diff(n, third, sameNotice); d != "" {
		t.Errorf("through a folder of CSV (-want +got):\n%s", d)
	}
}

// csvOf saves each sheet of a workbook as CSV, as a spreadsheet would.
func csvOf(t testing.TB, workbook []byte) fstest.MapFS {
	t.Helper()
	x, err := excelize.OpenReader(bytes.NewReader(workbook))
	must(t, err)
	out := fstest.MapFS{}
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet)
		must(t, err)
		var b bytes.Buffer
		b.WriteString("\ufeff")
		w := csv.NewWriter(&b)
		w.UseCRLF = true
		must(t, w.WriteAll(rows))
		out[sheet+".csv"] = &fstest.MapFile{Data: b.Bytes()}
	}
	must(t, x.Close())
	return out
}

func TestNothingIsLost(t *testing.T) {
	n, _, err := readCSV(t, everything, everyChoice)
	must(t, err)
	same(t, n)
	same(t, builtIn(t))
	for name := range shapes {
		same(t, shape(t, name))
	}
}
