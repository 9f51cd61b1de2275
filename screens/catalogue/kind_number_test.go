package catalogue

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

const millSet = `purposes:
  shelf: {text: {en: sort the shelf, th: จัดชั้น}}
questions:
  cups:
    kind: number
    min: 0
    max: 20
    unit:
      {en: "{n, plural, one {# cup a day} other {# cups a day}}", th: แก้วต่อวัน}
    ask: {en: How many cups a day?, th: วันละกี่แก้ว}
    name: {en: Cups, th: จำนวนแก้ว}
    why: {en: To sort the shelf., th: เพื่อจัดชั้น}
    purpose: shelf
    fresh: 6mo
  weight:
    kind: number
    min: 0.5
    max: 90
    step: 0.5
    unit: {en: kg, th: กก.}
    ask: {en: How heavy?, th: หนักเท่าไร}
    name: {en: Weight, th: น้ำหนัก}
    why: {en: To sort the shelf., th: เพื่อจัดชั้น}
    purpose: shelf
  height:
    kind: number
    min: -500
    max: 9000
    step: 0.001
    ask: {en: How high?, th: สูงเท่าไร}
    name: {en: Height, th: ความสูง}
    why: {en: To sort the shelf., th: เพื่อจัดชั้น}
    purpose: shelf
  share:
    kind: number
    min: 0
    max: 2500000
    step: 250
    unit: {en: '%', th: '%'}
    ask: {en: How much?, th: เท่าไร}
    name: {en: Share, th: ส่วน}
    why: {en: To sort the shelf., th: เพื่อจัดชั้น}
    purpose: shelf
  strength:
    kind: scale
    min: 1
    max: 5
    labels: {low: {en: very mild, th: อ่อนมาก}, middle: {en: balanced, th: กลางๆ}, high: {en: very strong, th: เข้มมาก}}
    ask: {en: How strong?, th: เข้มแค่ไหน}
    name: {en: Strength, th: ความเข้ม}
    why: {en: To sort the shelf., th: เพื่อจัดชั้น}
    purpose: shelf
  mood:
    kind: scale
    min: -2
    max: 2
    labels: {low: {en: worse, th: แย่ลง}, high: {en: better, th: ดีขึ้น}}
    ask: {en: How is it now?, th: ตอนนี้เป็นอย่างไร}
    name: {en: Mood, th: อารมณ์}
    why: {en: To sort the shelf., th: เพื่อจัดชั้น}
    purpose: shelf
conditions:
  many: {answer: cups, at_least: 3}
screens:
  first: {ask: [cups, weight, height]}
  second: {ask: [share, strength]}
  third: {ask: [mood], show_if: many}
campaigns:
  welcome: {when: [registration], show: [first, second, third]}
`

// mill is a set of numbers and scales, loaded without findings.
func mill(t testing.TB) *Set {
	t.Helper()
	var out diag.Findings
	s := Load("mill.yaml", []byte(millSet), testOptions("mill"), &out)
	Join(map[string]*Set{"mill": s}, &out)
	if found := out.String(); found != "" {
		t.Fatal(found)
	}
	return s
}

func TestParseNumber(t *testing.T) {
	s := mill(t)
	for _, x := range []struct{ question, typed, want string }{ // want: the value's JSON, or the code
		{"cups", "3", "3"},
		{"cups", " 03 ", "3"},
		{"cups", "+3", "3"},
		{"cups", "3.0", "3"},
		{"cups", "3,000", "answer.number.max"},
		{"cups", "1.5", "answer.number.whole"},
		{"cups", "20", "20"},
		{"cups", "20.000001", "answer.number.max"},
		{"cups", "21", "answer.number.max"},
		{"cups", "1,234", "answer.number.max"},
		{"cups", "-1", "answer.number.min"},
		{"cups", "-0", "0"},
		{"cups", "\u0e53", "3"},        // Thai
		{"cups", "\u0661\u0662", "12"}, // Arabic-Indic
		{"cups", "\u06f1\u06f2", "12"}, // Persian
		{"cups", "\uff11\uff12", "12"}, // full width
		{"cups", "3 cups a day", "3"},
		{"cups", "3 Cups A Day", "3"},
		{"cups", "1 cup a day", "1"},
		{"cups", "3 แก้วต่อวัน", "3"},
		{"cups", "cups a day", "answer.number"},
		{"cups", "", "answer.number"},
		{"cups", "   ", "answer.number"},
		{"cups", "three", "answer.number"},
		{"cups", "1e1", "answer.number"},
		{"cups", "0x10", "answer.number"},
		{"cups", "NaN", "answer.number"},
		{"cups", "Infinity", "answer.number"},
		{"cups", "1-2", "answer.number"},
		{"cups", "--1", "answer.number"},
		{"cups", "1 2", "answer.number"},
		{"cups", "½", "answer.number"},
		{"cups", "1\x00", "answer.number"},
		{"cups", "\xff", "answer.number"},
		{"cups", strings.Repeat("9", 100), "answer.number.max"},
		{"cups", "-" + strings.Repeat("9", 100), "answer.number.min"},
		{"cups", strings.Repeat("9", 1<<20), "answer.number"},
		{"weight", "7.5", "7.5"},
		{"weight", "7,5", "7.5"},
		{"weight", "7,5kg", "7.5"},
		{"weight", "7,50 กก.", "7.5"},
		{"weight", ".5", "0.5"},
		{"weight", ",5", "0.5"},
		{"weight", "7.", "7"},
		{"weight", "\u0667\u066b\u0665", "7.5"}, // Arabic decimal mark
		{"weight", "\u200f7.5\u200e", "7.5"},
		{"weight", "7.3", "answer.number.step"},
		{"weight", "0.1", "answer.number.min"},
		{"weight", "90.1", "answer.number.max"},
		{"weight", "1,000", "1"}, // a thousand is too much
		{"weight", ".", "answer.number"},
		{"weight", "7.5.5", "answer.number"},
		{"weight", "7,5,5", "answer.number"},
		{"height", "-12.5", "-12.5"},
		{"height", "\u221212,5", "-12.5"}, // minus
		{"height", "- 12", "-12"},
		{"height", "\u201312", "-12"}, // dash
		{"height", "1.234", "1.234"},
		{"height", "1,234", "answer.number.which"},
		{"height", "1.000", "answer.number.which"},
		{"height", "0,234", "0.234"},
		{"height", "1,234.5", "1234.5"},
		{"height", "1.234,5", "1234.5"},
		{"height", "1 234,5", "1234.5"},
		{"height", "1\u202f234,5", "1234.5"},
		{"height", "1'234.5", "1234.5"},
		{"height", "0.0001", "answer.number.step"},
		{"height", "0.00000001", "answer.number.step"},
		{"height", "9000.0000001", "answer.number.step"},
		{"share", "1,000,000", "1000000"},
		{"share", "1.000.000", "1000000"},
		{"share", "1 000 000", "1000000"},
		{"share", "1'000'000", "1000000"},
		{"share", "1\u066c000\u066c000", "1000000"},
		{"share", "1,250", "1250"},
		{"share", "1.250", "1250"},
		{"share", "1,00,000", "answer.number"},
		{"share", "500%", "500"},
		{"share", "600", "answer.number.step"},
		{"share", "2,499,999", "answer.number.step"},
		{"strength", "4", "4"},
		{"strength", "", "answer.none"},
		{"strength", "0", "answer.not_offered"},
		{"strength", "6", "answer.not_offered"},
		{"strength", "4.0", "answer.not_offered"},
		{"strength", "04", "answer.not_offered"},
		{"strength", " 4", "answer.not_offered"},
		{"strength", "4.5", "answer.not_offered"},
		{"strength", "\u0e54", "answer.not_offered"}, // a form of ours sends ASCII
		{"mood", "-2", "-2"},
		{"mood", "0", "0"},
		{"mood", "-0", "answer.not_offered"},
		{"mood", "-3", "answer.not_offered"},
	} {
		q := s.Question(x.question)
		got := parsed(t, q, url.Values{q.Field(): {x.typed}})
		if want := x.want; got != want && got != q.Field()+" "+want {
			t.Errorf("%s %.40q: %s, want %s", x.question, x.typed, got, want)
		}
	}
	for _, id := range []string{"cups", "strength"} {
		q := s.Question(id)
		for _, form := range []url.Values{{q.Field(): {"3", "4"}}} {
			if got := parsed(t, q, form); got != q.Field()+" answer.too_many" {
				t.Errorf("%s twice: %s", id, got)
			}
		}
	}
}

// A problem says what would be right, in the words of the language it is read in.
func TestNumberProblems(t *testing.T) {
	s := mill(t)
	for _, x := range []struct{ question, typed, want string }{
		{"weight", "x", "max 90 kg|90 กก. min 0.5 kg|0.5 กก."},
		{"weight", "7.3", "above 7.5 kg|7.5 กก. below 7 kg|7 กก."},
		{"weight", "89.9", "above 90 kg|90 กก. below 89.5 kg|89.5 กก."},
		{"cups", "99", "max 20 cups a day|20 แก้วต่อวัน min 0 cups a day|0 แก้วต่อวัน"},
		{"share", "x", "max 2,500,000%|2,500,000% min 0%|0%"},
		{"height", "1,234", "one 1.234 other 1234"},
	} {
		q := s.Question(x.question)
		_, err := q.Parse(url.Values{q.Field(): {x.typed}})
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok {
			t.Fatalf("%s %s: %v", x.question, x.typed, err)
		}
		var args []string
		for _, name := range []string{"above", "below", "max", "min", "one", "other"} {
			switch v := p.Args[name].(type) {
			case quantity:
				if !strings.HasPrefix(x.want, "above") || name == "above" || name == "below" {
					args = append(args, name+" "+v.In("en")+"|"+v.In("th"))
				}
			case string:
				args = append(args, name+" "+v)
			}
		}
		if got := strings.ReplaceAll(strings.Join(args, " "), "\u00a0", " "); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.question, x.typed, got, x.want)
		}
	}
}

func TestShowNumber(t *testing.T) {
	s := mill(t)
	for _, x := range []struct {
		question string
		value    string
		lang     string
		want     string
	}{
		{"cups", "3", "en", "3 cups a day"},
		{"cups", "1", "en", "1 cup a day"},
		{"cups", "0", "en", "0 cups a day"},
		{"cups", "3", "th", "3 แก้วต่อวัน"},
		{"weight", "7.5", "en", "7.5 kg"},
		{"share", "12500", "en", "12,500%"},
		{"share", "2500", "en", "2500%"},
		{"share", "12500", "de", "12.500%"},
		{"share", "12500", "ar", "12,500%"},
		{"height", "-12.5", "de", "-12,5"},
		{"height", "-12.5", "not a language", "-12.5"},
		{"strength", "5", "en", "5 of 5 (very strong)"},
		{"strength", "4", "en", "4 of 5 (5 is very strong)"},
		{"strength", "3", "en", "3 of 5 (balanced)"},
		{"strength", "1", "th", "1 จาก 5 (อ่อนมาก)"},
		{"strength", "4", "th", "4 จาก 5 (5 คือ เข้มมาก)"},
		{"strength", "5", "fi", "5 / 5 (very strong)"},
		{"mood", "-1", "en", "-1 (-2 to 2) (2 is better)"},
		{"mood", "2", "en", "2 (-2 to 2) (better)"},
	} {
		d, err := ParseDecimal(x.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(s.Question(x.question).Show(Amount(d), x.lang, nil), "\u00a0", " "); got != x.want {
			t.Errorf("%s %s in %s: %q, want %q", x.question, x.value, x.lang, got, x.want)
		}
	}
}

// What leaves is a number, and only one that the question can have.
func TestReleaseNumber(t *testing.T) {
	s := mill(t)
	for _, x := range []struct {
		question string
		value    Value
		want     string
	}{
		{"cups", Amount(Whole(3)), "3"},
		{"weight", Amount(7_500_000), "7.5"},
		{"height", Amount(-1000), "-0.001"},
		{"strength", Amount(Whole(4)), "4"},
		{"cups", Amount(Whole(21)), ""},
		{"cups", Amount(500_000), ""},
		{"cups", Word("3"), ""},
		{"cups", YesNo(true), ""},
		{"cups", Value{}, ""},
		{"strength", Amount(Whole(0)), ""},
		{"strength", Amount(4_500_000), ""},
		{"strength", Word("4"), ""},
	} {
		q := s.Question(x.question)
		v, ok := q.Release(x.value)
		b, err := json.Marshal(v)
		if err != nil || ok != (x.want != "") || ok && string(b) != x.want {
			t.Errorf("%s: %s %v, want %q", x.question, b, ok, x.want)
		}
		if !ok && q.Show(x.value, "en", nil) != "" {
			t.Errorf("%s: shown what it cannot have", x.question)
		}
	}
}

// What we write into a field, a record and a definition, we read again as the
// same, whatever the number.
func TestNumberRoundTrip(t *testing.T) {
	s := mill(t)
	seen := 0
	for _, q := range s.Questions {
		steps := int64((q.Max-q.Min)/q.Step) + 1
		for range 20_000 {
			v := Amount(q.Min + Decimal(rand.Int64N(steps))*q.Step)
			form := url.Values{}
			q.Fill(form, v, "en")
			back, err := q.Parse(form)
			if err != nil || !back.Equal(v) {
				t.Fatalf("%s: %q is read as %v, %v", q.ID, form.Get(q.Field()), back.Any(), err)
			}
			b, err := json.Marshal(v)
			var again Value
			if err != nil || json.Unmarshal(b, &again) != nil || !again.Equal(v) {
				t.Fatalf("%s: %s is read as %v, %v", q.ID, b, again.Any(), err)
			}
			seen++
		}
	}
	for range 200_000 {
		d := Decimal(rand.Int64N(int64(2*largest)+1)) - largest
		if rand.IntN(2) == 0 {
			d /= Decimal(1 + rand.Int64N(int64(largest)))
		}
		back, err := ParseDecimal(d.String())
		if err != nil || back != d {
			t.Fatalf("%d is written %s and read %d, %v", int64(d), d, int64(back), err)
		}
		b, err := json.Marshal(d)
		if err != nil || string(b) != d.String() {
			t.Fatalf("%s is %s in JSON, %v", d, b, err)
		}
	}
	if seen == 0 {
		t.Fatal("nothing was tried")
	}
}

// A number's meaning is its unit and its range too.
func TestNumberVersion(t *testing.T) {
	version := func(old, new string) string {
		if !strings.Contains(millSet, old) {
			t.Fatalf("%q is not in the set", old)
		}
		var out diag.Findings
		s := Load("mill.yaml", []byte(strings.Replace(millSet, old, new, 1)), testOptions("mill"), &out)
		if out.Errors() > 0 {
			t.Fatal(out.String())
		}
		return fmt.Sprint(s.Question("weight").Version, s.Question("strength").Version)
	}
	was := version("How heavy", "How heavy")
	for _, x := range []struct {
		old, new string
		changes  bool
	}{
		{"How heavy", "What weight", false},
		{"sort the shelf", "order the shelf", false},
		{"en: kg", "en: lb", true},
		{"max: 90", "max: 80", true},
		{"step: 0.5", "step: 0.25", true},
		{"en: very strong", "en: bitter", true},
	} {
		if now := version(x.old, x.new); (now != was) != x.changes {
			t.Errorf("with %q for %q the version is %s, was %s", x.new, x.old, now, was)
		}
	}
}

// The page of a number and of a scale depends on all that stands in it.
func TestNumberAsShown(t *testing.T) {
	s := mill(t)
	say := func(_, key string, _ ...any) string { return key }
	page := string(s.questionAsShown(s.Question("weight"), "th", say).Bytes)
	for _, want := range []string{`"kind":"number"`, `"min":0.5`, `"max":90`, `"step":0.5`, `"unit":"กก."`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	page = string(s.questionAsShown(s.Question("strength"), "en", say).Bytes)
	for _, want := range []string{`"kind":"scale"`, `"min":1`, `"max":5`, `"low":"very mild"`, `"middle":"balanced"`, `"high":"very strong"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	v := s.Question("strength").View("en", url.Values{}, "")
	for i, o := range v.Options {
		if o.Checked || len(v.Options) != 5 {
			t.Errorf("point %d of %d is chosen beforehand: %v", i, len(v.Options), o.Checked)
		}
	}
	for id, keys := range map[string]string{"cups": "numeric", "weight": "decimal", "height": "text"} {
		if got := s.Question(id).View("en", url.Values{}, "").Keys; got != keys {
			t.Errorf("%s is typed with %q, want %q", id, got, keys)
		}
	}
}

// Whatever is typed: a problem, or a number in the question's range that can be
// written, read, shown and released.
func FuzzNumber(f *testing.F) {
	s := mill(f)
	for _, typed := range []string{"3", "1,5", "1.234,5", "-12", "\u0e51\u0e52", "\u0661\u066b\u0665", "1 000 000", "7 kg", "", ".", "1e9", "\u22121", "1'000", "0,000", "\xff"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, q := range s.Questions {
			tryNumber(t, q, typed)
		}
	})
}

// Whatever is sent for a scale: a problem, or one of its points.
func FuzzScale(f *testing.F) {
	s := mill(f)
	for _, sent := range []string{"1", "5", "-2", "0", "-0", "", "4.0", "+1", "99999999999999999999"} {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		for _, id := range []string{"strength", "mood"} {
			q := s.Question(id)
			tryNumber(t, q, sent)
			if v, err := q.Parse(url.Values{q.Field(): {sent}}); err == nil && v.num.String() != sent {
				t.Errorf("%q is read as %s", sent, v.num)
			}
		}
	})
}

func tryNumber(t *testing.T, q *Question, typed string) {
	t.Helper()
	if parsed(t, q, url.Values{q.Field(): {typed}}); t.Failed() {
		return
	}
	v, err := q.Parse(url.Values{q.Field(): {typed}})
	if err != nil {
		return
	}
	if v.num < q.Min || v.num > q.Max || (v.num-q.Min)%q.Step != 0 {
		t.Errorf("%s: %q is read as %s", q.ID, typed, v.num)
	}
	form := url.Values{}
	q.Fill(form, v, "en")
	if again, err := q.Parse(form); err != nil || !again.Equal(v) {
		t.Errorf("%s: %s is written %q and read as %s", q.ID, v.num, form.Get(q.Field()), again.num)
	}
	if _, ok := q.Release(v); !ok || q.Show(v, "th", nil) == "" {
		t.Errorf("%s: %s is not shown or released", q.ID, v.num)
	}
}
