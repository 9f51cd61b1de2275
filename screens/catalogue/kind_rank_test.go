package catalogue

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

const rankSet = `
purposes: {shelf: {text: {en: sort the shelf, th: จัดชั้น}}}
questions:
  matters:
    kind: rank
    at_most: 3
    ask: {en: What matters most?, th: อะไรสำคัญที่สุด}
    name: {en: What matters, th: สิ่งที่สำคัญ}
    why: {en: To sort by it., th: เพื่อจัดตามนั้น}
    purpose: shelf
    options:
      - {id: fit, label: {en: Fit, th: ใส่สบาย}}
      - {id: look, label: {en: Look, th: รูปทรง}}
      - {id: price, label: {en: Price, th: ราคา}}
      - {id: last, label: {en: How long it lasts, th: ความทนทาน}}
      - {id: brand, label: {en: Brand, th: แบรนด์}, retired: true}
  all:
    kind: rank
    ask: {en: In which order?, th: เรียงอย่างไร}
    name: {en: Order, th: ลำดับ}
    why: {en: To sort by it., th: เพื่อจัดตามนั้น}
    purpose: shelf
    options: [{id: a, label: {en: A, th: ก}}, {id: b, label: {en: B, th: ข}}]
conditions: {thrifty: {answer: matters, is: price}, keen: {answer: matters, any_of: [fit, brand]}}
screens: {matters: {ask: [matters]}, all: {ask: [all], show_if: {any: [thrifty, keen]}}}
campaigns: {welcome: {when: [sign_in], show: [matters, all], cooldown: 30d, lifetime: 3}}
`

func TestParseRank(t *testing.T) {
	s := oneSet(t, rankSet)
	for _, x := range []struct{ question, form, want string }{
		{"matters", "q.matters.1=price&q.matters.2=fit&q.matters.3=last", `["price","fit","last"]`},
		{"matters", "q.matters.1=price", `["price"]`},
		{"matters", "q.matters.1=price&q.matters.2=&q.matters.3=", `["price"]`},
		{"matters", "", "q.matters answer.rank.none"},
		{"matters", "q.matters=price", "q.matters answer.rank.none"},
		{"matters", "q.matters.2=price", "q.matters answer.rank.gap"},
		{"matters", "q.matters.1=price&q.matters.3=fit", "q.matters.2 answer.rank.gap"},
		{"matters", "q.matters.1=price&q.matters.2=price", "q.matters.2 answer.rank.twice"},
		{"matters", "q.matters.1=price&q.matters.2=gold", "q.matters.2 answer.not_offered"},
		{"matters", "q.matters.1=brand", "q.matters answer.not_offered"},
		{"matters", "q.matters.1=price&q.matters.1=fit", "q.matters answer.too_many"},
		{"matters", "q.matters.1=price&q.matters.2=fit&q.matters.3=last&q.matters.4=look", `["price","fit","last"]`},
		{"matters", "q.matters.0=price&q.matters.01=price&q.matters.-1=price", "q.matters answer.rank.none"},
		{"all", "q.all.1=b&q.all.2=a", `["b","a"]`},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed(t, s.Question(x.question), form); got != x.want {
			t.Errorf("%s: %s, want %s", x.form, got, x.want)
		}
	}
}

func TestRank(t *testing.T) {
	s := oneSet(t, rankSet)
	q := s.Question("matters")
	for _, x := range []struct {
		value Value
		want  bool
	}{
		{Words([]string{"price", "fit"}), true},
		{Words([]string{"brand", "fit"}), true}, // retired, and said before it was
		{Words([]string{"price", "price"}), false},
		{Words([]string{"fit", "look", "price", "last"}), false},
		{Words([]string{"other:x"}), false},
		{Words(nil), false},
		{Word("price"), false},
	} {
		if got := q.Accepts(x.value); got != x.want {
			t.Errorf("%v: accepted is %t", x.value.Any(), got)
		}
	}
	if got := q.Show(Words([]string{"price", "fit"}), "th", nil); got != "1. ราคา, 2. ใส่สบาย" {
		t.Errorf("shown as %q", got)
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		value         []string
		thrifty, keen Truth
	}{
		{[]string{"price", "fit"}, True, False},
		{[]string{"fit", "price"}, False, True},
		{[]string{"brand"}, False, True},
		{[]string{"look", "price", "fit"}, False, False},
	} {
		state := State{Answers: map[string]Standing{"matters": {Outcome: Answered, Value: Words(x.value), At: now}}}
		if a, b := s.Condition("thrifty").Eval(state, Facts{}, now), s.Condition("keen").Eval(state, Facts{}, now); a != x.thrifty || b != x.keen {
			t.Errorf("%s: thrifty is %s, keen is %s", x.value, a, b)
		}
	}
	if got := s.Condition("keen").String(); got != "matters is fit first|brand first" {
		t.Errorf("said as %q", got)
	}
	form := url.Values{}
	q.Fill(form, Words([]string{"brand", "fit"}), "en")
	v := q.View("en", form, "")
	if len(v.Places) != 3 || v.Places[1].Chosen != "fit" || len(v.Options) != 4 {
		t.Errorf("the page has %+v", v)
	}
	for _, o := range v.Options {
		if o.Value == "brand" {
			t.Error("a retired option is offered")
		}
	}
	more := oneSet(t, strings.Replace(rankSet, "at_most: 3", "at_most: 2", 1))
	if more.Question("matters").Version == q.Version {
		t.Error("two places are the same question as three")
	}
}

func FuzzParseRank(f *testing.F) {
	s := oneSet(f, rankSet)
	for _, seed := range []string{"q.matters.1=price&q.matters.2=fit", "q.matters.1=price&q.matters.1=fit", "q.all.1=b&q.all.2=b", "q.matters.3=fit"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) { fuzzParse(t, s, query) })
}
