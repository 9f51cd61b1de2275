package catalogue

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// everyKind is the set that has a question of every kind.
func everyKind(t testing.TB) *Set {
	t.Helper()
	const dir = "../../testdata/kinds/"
	src, err := os.ReadFile(dir + "set.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o := testOptions("kopi")
	o.Name, o.Languages = Text{"en": "Kopi Club", "th": "โกปี้คลับ", "ar": "كوبي كلوب"}, []string{"en", "th", "ar"}
	o.Open = func(name string) ([]byte, error) { return os.ReadFile(dir + name) }
	var out diag.Findings
	s := Load("set.yaml", src, o, &out)
	if found := out.String(); found != "" {
		t.Fatal(found)
	}
	return s
}

// everyForm has a form of each question of everyKind, and what is read from it.
func everyForm() map[string][2]string {
	return map[string][2]string{
		"single":        {"q.single=other&q.single.other=Soya", `"other:Soya"`},
		"multi":         {"q.multi=ice&q.multi=sugar", `["sugar","ice"]`},
		"pictures":      {"q.pictures=home", `"home"`},
		"rank":          {"q.rank.1=taste&q.rank.2=farm", `["taste","farm"]`},
		"text":          {"q.text=Nok", `"Nok"`},
		"story":         {"q.story=Six+o'clock%0D%0Aand+oat+milk", `"Six o'clock\nand oat milk"`},
		"number":        {"q.number=2.5", `2.5`},
		"scale":         {"q.scale=10", `10`},
		"boolean":       {"q.boolean=no", `false`},
		"birthday":      {"q.birthday.day=29&q.birthday.month=2", `"--02-29"`},
		"date":          {"q.date.day=28&q.date.month=2&q.date.year=2099", `"2099-02-28"`},
		"year_month":    {"q.year_month.month=11&q.year_month.year=2571", `"2028-11"`},
		"country":       {"q.country=LA", `"LA"`},
		"size":          {"q.size=uk:42", `{"notation":"uk","size":"42"}`},
		"plan":          {"q.plan.what=drip&q.plan.when=month&q.plan.sure=likely", `{"sure":"likely","what":"drip","when":"month"}`},
		"plan_words":    {"q.plan_words.what=Beans&q.plan_words.month=11&q.plan_words.year=2028&q.plan_words.sure=sure", `{"sure":"sure","what":"Beans","when":"2028-11"}`},
		"consent":       {"q.consent=sms&q.consent=email", `["email","sms"]`},
		"consent_plain": {"", `true`},
		"special":       {"q.special=nuts&q.special.agree=yes", `["nuts"]`},
		"roast":         {"q.roast=dark", `"dark"`},
		"grind":         {"q.grind=fine", `"fine"`},
		"bag":           {"q.bag=250", `250`},
		"cups":          {"q.cups=4", `4`},
		"saucers":       {"q.saucers=yes", `true`},
		"born":          {"q.born.day=1&q.born.month=2&q.born.year=1990", `"1990-02-01"`},
		"rum":           {"q.rum=yes", `true`},
		"tea":           {"q.tea=green", `"green"`},
	}
}

// readAsPosted reads the answer as the page of the question does, of somebody who agrees.
func readAsPosted(q *Question, form url.Values) (Value, error) {
	if q.Agrees() {
		return q.Agree(form, today)
	}
	return q.ParseOn(form, today)
}

// A kind comes with a parser that is fuzzed: a new one has its question in the set,
// and an answer for FuzzKinds to begin with.
func TestEveryKindIsFuzzed(t *testing.T) {
	s := everyKind(t)
	missing := kindNames()
	for _, q := range s.Questions {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == q.Kind.Name() })
		form, err := url.ParseQuery(everyForm()[q.ID][0])
		if err != nil {
			t.Fatal(err)
		}
		v, err := readAsPosted(q, form)
		if err != nil {
			t.Errorf("%s: %v", q.ID, err)
			continue
		}
		if b, err := json.Marshal(v); err != nil || string(b) != everyForm()[q.ID][1] {
			t.Errorf("%s is read as %s, %v", q.ID, b, err)
		}
	}
	if len(missing) > 0 {
		t.Errorf("testdata/kinds/set.yaml has no question of kind %s", strings.Join(missing, ", "))
	}
}

// A kind comes with a golden page: TestPageGolden of templates has a sample of it.
func TestEveryKindHasAGoldenPage(t *testing.T) {
	pages, err := templates.New(templates.Options{Languages: []string{"en", "th", "ar"}})
	if err != nil {
		t.Fatal(err)
	}
	missing := kindNames()
	for _, sample := range pages.Samples("en", templates.Brand{ID: "kopi", Name: "Kopi Club"}) {
		ask, ok := sample.View.(*templates.Ask)
		if !ok {
			continue
		}
		golden := true
		for _, lang := range pages.Languages() {
			_, err := os.Stat("../../templates/testdata/" + sample.Name + "." + lang + ".html")
			golden = golden && err == nil
		}
		for _, q := range ask.Questions {
			missing = slices.DeleteFunc(missing, func(name string) bool { return golden && name == q.Kind })
		}
	}
	if len(missing) > 0 {
		t.Errorf("no golden page shows a question of kind %s", strings.Join(missing, ", "))
	}
}

// Whatever a form holds, to a question of any kind: a problem at a field of its own,
// or a value it accepts, that can be written, read, shown, released and filled in.
func FuzzKinds(f *testing.F) {
	s := everyKind(f)
	var all []string
	for _, x := range everyForm() {
		f.Add(x[0])
		all = append(all, x[0])
	}
	slices.Sort(all)
	f.Add(strings.Join(all, "&"))
	for _, x := range []string{"q.multi=ice&q.multi=ice", "q.text=%00", "q.text=e%CC%81", "q.single.other=%ff", "q.story=%E2%80%AE", "q.birthday.day=%D9%A1&q.birthday.month=12",
		"q.number=1e3", "q.number=%D9%A1%D9%AB%D9%A5", "q.scale=-0", "q.rank.1=taste&q.rank.3=farm", "q.size=eu:42&q.size=uk:42", "q.plan.when=looking&q.plan.what=other",
		"q.consent=%00", "q.special.agree=yes&q.special.agree=no", "q.date.day=31&q.date.month=4&q.date.year=2571", "q.country=th"} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, q := range s.Questions {
			v, err := readAsPosted(q, form)
			if err != nil {
				ownProblems(t, q, v, err)
				continue
			}
			holds(t, q, v)
		}
	})
}

// ownProblems: what stands against a form is said at fields of the question, and no
// value stands beside it.
func ownProblems(t *testing.T, q *Question, v Value, err error) {
	t.Helper()
	var list problem.List
	switch err := err.(type) {
	case *problem.Problem:
		list = problem.List{err}
	case problem.List:
		list = err
	}
	if len(list) == 0 || !v.IsZero() {
		t.Fatalf("%s: %T %v", q.ID, err, err)
	}
	for _, p := range list {
		if p.Field != q.Field() && !strings.HasPrefix(p.Field, q.Field()+".") {
			t.Errorf("%s: a problem at %s", q.ID, p.Field)
		}
	}
}

// holds: a value that was read is good for all that is done with it.
func holds(t *testing.T, q *Question, v Value) {
	t.Helper()
	if !q.AcceptsOn(v, today) || q.Show(v, "th", slashes{}) == "" {
		t.Fatalf("%s: %v is read, and not accepted or not shown", q.ID, v.Any())
	}
	if _, ok := q.Release(v); !ok {
		t.Errorf("%s: %v is accepted and not released", q.ID, v.Any())
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var again Value
	if err := json.Unmarshal(b, &again); err != nil || !again.Equal(v) {
		t.Errorf("%s: %s written and read is another: %v", q.ID, b, err)
	}
	form := url.Values{}
	q.Fill(form, v, "th")
	if q.Special {
		form.Set(q.BoxField(), "yes")
	}
	if back, err := readAsPosted(q, form); err != nil || !back.Equal(v) {
		t.Errorf("%s: %s filled in is read as %v: %v", q.ID, b, back.Any(), err)
	}
}
