package catalogue

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

const sizeSet = `
purposes: {fit: {text: {en: show what fits, th: แสดงของที่พอดี}}}
questions:
  shoes:
    kind: size
    system: shoes_men
    from: "39"
    to: 47.5
    notations: [uk, eu, us]
    scope: person
    ask: {en: Which size?, th: เบอร์อะไร}
    name: {en: Shoes, th: รองเท้า}
    why: {en: So they fit., th: เพื่อให้พอดี}
    purpose: fit
  shirt:
    kind: size
    system: clothes_letters
    ask: {en: Which size?, th: ไซซ์อะไร}
    name: {en: Shirt, th: เสื้อ}
    why: {en: So it fits., th: เพื่อให้พอดี}
    purpose: fit
conditions:
  mine: {answer: shoes, is: 42}
  these: {answer: shoes, any_of: ["41.5", 42.5]}
  big: {answer: shoes, at_least: 45}
  middle: {answer: shoes, between: [41, 42.5]}
  wide: {answer: shirt, any_of: [XL, XXL]}
screens: {shoes: {ask: [shoes]}, shirt: {ask: [shirt], show_if: {any: [mine, these, big, middle]}}}
campaigns:
  welcome: {when: [sign_in], show: [shoes, shirt], cooldown: 30d, lifetime: 3}
  again: {when: [sign_in], who: wide, show: [shoes], cooldown: 30d, lifetime: 3}
`

func saidSize(notation, size string) Value {
	return Parts(map[string]Value{"size": Word(size), "notation": Word(notation)})
}

// The table is one that can be read: every notation calls every size otherwise, in
// order, and has words.
func TestSizeTable(t *testing.T) {
	systems := sizeSystems()
	names := map[string]bool{}
	for _, s := range systems {
		if names[s.System] || !isName(s.System) {
			t.Errorf("%s stands here twice, or is no name", s.System)
		}
		names[s.System] = true
		if len(s.rows) < 8 || s.First() == "" {
			t.Fatalf("%s has %d sizes", s.System, len(s.rows))
		}
		for n, notation := range s.known {
			if !slices.Contains([]string{"eu", "uk", "us", "jp", "letters"}, notation) {
				t.Errorf("%s: nobody has words for %s", s.System, notation)
			}
			seen := map[string]bool{}
			before := Decimal(-1)
			for _, row := range s.rows {
				if len(row) != len(s.known) {
					t.Fatalf("%s: %q has %d columns, not %d", s.System, row[0], len(row), len(s.known))
				}
				cell := row[n]
				if cell == "" && n > 0 {
					continue
				}
				if seen[cell] || cell == "" {
					t.Errorf("%s: %s calls two sizes %q", s.System, notation, cell)
				}
				seen[cell] = true
				d, err := ParseDecimal(cell)
				if err == nil && d < before && notation != "uk" || err != nil && n == 0 && s.System != "clothes_letters" {
					t.Errorf("%s: %s has %q out of order", s.System, notation, cell)
				}
				before = d
			}
		}
	}
	for _, x := range []struct{ system, size, notation, want string }{
		{"shoes_men", "42", "uk", "UK 8"}, {"shoes_men", "42", "us", "US 9"}, {"shoes_men", "42", "jp", "JP 27"}, {"shoes_men", "42", "eu", "EU 42"},
		{"shoes_women", "42", "us", "US 10"}, {"shoes_women", "38", "uk", "UK 5"}, {"shoes_women", "37.5", "us", "US 6.5"},
		{"shoes_kids", "27", "uk", "UK 9C"}, {"shoes_kids", "33", "uk", "UK 1"}, {"shoes_kids", "33", "us", "US 2Y"},
		{"clothes_women", "38", "uk", "UK 10"}, {"clothes_men", "48", "us", "US 38"}, {"clothes_letters", "M", "letters", "M"},
		{"shoes_men", "38.5", "uk", ""}, {"shoes_men", "12", "eu", ""}, {"shoes_men", "42", "fr", ""},
	} {
		if got := sizeSystem(x.system).called(x.size, x.notation); got != x.want {
			t.Errorf("%s %s in %s is %q, want %q", x.system, x.size, x.notation, got, x.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	s := oneSet(t, sizeSet)
	for _, x := range []struct{ question, form, want string }{
		{"shoes", "q.shoes=uk:42", `{"notation":"uk","size":"42"}`},
		{"shoes", "q.shoes=eu:40.5", `{"notation":"eu","size":"40.5"}`},
		{"shoes", "q.shoes=us:47.5", `{"notation":"us","size":"47.5"}`},
		{"shoes", "", "q.shoes answer.size"},
		{"shoes", "q.shoes=", "q.shoes answer.size"},
		{"shoes", "q.shoes=42", "q.shoes answer.not_offered"},
		{"shoes", "q.shoes=jp:42", "q.shoes answer.not_offered"},   // a notation that is not offered
		{"shoes", "q.shoes=uk:40.5", "q.shoes answer.not_offered"}, // none of this length in it
		{"shoes", "q.shoes=uk:8", "q.shoes answer.not_offered"},
		{"shoes", "q.shoes=uk:38", "q.shoes answer.not_offered"}, // below the first
		{"shoes", "q.shoes=uk:48", "q.shoes answer.not_offered"},
		{"shoes", "q.shoes=uk:42:", "q.shoes answer.not_offered"},
		{"shoes", "q.shoes=UK:42", "q.shoes answer.not_offered"},
		{"shoes", "q.shoes=:", "q.shoes answer.not_offered"},
		{"shoes", "q.shoes=uk:42&q.shoes=eu:42", "q.shoes answer.too_many"},
		{"shirt", "q.shirt=letters:M", `{"notation":"letters","size":"M"}`},
		{"shirt", "q.shirt=letters:m", "q.shirt answer.not_offered"},
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

// A size is shown as it was said, and given to a site as it is kept.
func TestSize(t *testing.T) {
	s := oneSet(t, sizeSet)
	q := s.Question("shoes")
	for _, x := range []struct {
		value          Value
		shown, release string // "": not accepted
	}{
		{saidSize("uk", "42"), "UK 8", "42"},
		{saidSize("eu", "42"), "EU 42", "42"},
		{saidSize("jp", "42"), "JP 27", "42"}, // said while it was offered
		{Word("42"), "EU 42", "42"},
		{saidSize("uk", "40.5"), "", ""},
		{saidSize("fr", "42"), "", ""},
		{saidSize("uk", "38"), "", ""},
		{Word("8"), "", ""},
		{Word(""), "", ""},
		{Amount(Whole(42)), "", ""},
		{Words([]string{"42"}), "", ""},
		{Parts(map[string]Value{"size": Word("42")}), "", ""},
		{Parts(map[string]Value{"notation": Word("uk")}), "", ""},
		{Parts(map[string]Value{"size": Amount(Whole(42)), "notation": Word("uk")}), "", ""},
		{Parts(map[string]Value{"size": Word("42"), "notation": Words([]string{"uk"})}), "", ""},
		{Parts(map[string]Value{"size": Word("42"), "notation": Word("uk"), "more": Word("x")}), "", ""},
		{Value{}, "", ""},
	} {
		if got := q.Show(x.value, "th", nil); got != x.shown {
			t.Errorf("%v is shown as %q, want %q", x.value.Any(), got, x.shown)
		}
		got, ok := q.Release(x.value)
		if word, _ := got.(string); word != x.release || ok != (x.release != "") || ok != q.Accepts(x.value) {
			t.Errorf("%v is released as %v, %t", x.value.Any(), got, ok)
		}
		if b, err := json.Marshal(got); err != nil || len(b)+1 > q.Largest() {
			t.Errorf("%s is larger than the largest, %d: %v", b, q.Largest(), err)
		}
	}
	form := url.Values{}
	q.Fill(form, saidSize("us", "42"), "en")
	v := q.View("en", form, "")
	if len(v.Groups) != 3 || v.Groups[0].Notation != "uk" || len(v.Groups[0].Options) >= len(v.Groups[1].Options) {
		t.Fatalf("the page has %+v", v.Groups)
	}
	var checked []string
	for _, g := range v.Groups {
		for _, o := range g.Options {
			if o.Checked {
				checked = append(checked, o.Label)
			}
		}
	}
	if strings.Join(checked, " ") != "US 9" {
		t.Errorf("chosen is %q", checked)
	}
	if first := v.Groups[1].Options[0]; first.Value != "eu:39" || first.Label != "EU 39" {
		t.Errorf("the first is %+v", first)
	}
}

func TestSizeConditions(t *testing.T) {
	s := oneSet(t, sizeSet)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		question string
		value    Value
		want     string // mine, these, big, middle, wide
	}{
		{"shoes", saidSize("uk", "42"), "true false false true unknown"},
		{"shoes", saidSize("us", "41.5"), "false true false true unknown"},
		{"shoes", Word("42"), "true false false true unknown"},
		{"shoes", saidSize("eu", "46"), "false false true false unknown"},
		{"shoes", saidSize("eu", "45"), "false false true false unknown"},
		{"shoes", Word("M"), "false false unknown unknown unknown"}, // of another system, once
		{"shirt", saidSize("letters", "XL"), "unknown unknown unknown unknown true"},
		{"shirt", saidSize("letters", "M"), "unknown unknown unknown unknown false"},
	} {
		state := State{Answers: map[string]Standing{x.question: {Outcome: Answered, Value: x.value, At: now}}}
		var got []string
		for _, c := range []string{"mine", "these", "big", "middle", "wide"} {
			got = append(got, s.Condition(c).Eval(state, Facts{}, now).String())
		}
		if g := strings.Join(got, " "); g != x.want {
			t.Errorf("%v: %s, want %s", x.value.Any(), g, x.want)
		}
	}
	if got := s.Condition("big").String() + ", " + s.Condition("mine").String(); got != "shoes at least 45, shoes is 42" {
		t.Errorf("said as %q", got)
	}
}

// What an answer means is its system and range; the notations are ways to say it.
func TestSizeVersions(t *testing.T) {
	of := func(old, new string) *Question {
		if !strings.Contains(sizeSet, old) {
			t.Fatalf("%q is not in the set", old)
		}
		return oneSet(t, strings.Replace(sizeSet, old, new, 1)).Question("shoes")
	}
	was := of("39", "39")
	for _, x := range []struct {
		old, new, what string
		same           bool
	}{
		{"notations: [uk, eu, us]", "notations: [jp]", "", true},
		{"    notations: [uk, eu, us]\n", "", "", true},
		{`from: "39"`, `from: 40`, "range of sizes", false},
		{"to: 47.5", "to: 49", "range of sizes", false},
		{"shoes_men\n    from: \"39\"\n    to: 47.5", "shoes_kids\n    from: 18\n    to: 39.5", "", false},
	} {
		src := strings.Replace(sizeSet, x.old, x.new, 1)
		if strings.Contains(x.new, "kids") {
			src = strings.NewReplacer("is: 42", "is: 32", `["41.5", 42.5]`, `[31, 31.5]`, "at_least: 45", "at_least: 35", "[41, 42.5]", "[31, 33]").Replace(src)
			x.what = "system"
		}
		now := oneSet(t, src).Question("shoes")
		if (now.Version == was.Version) != x.same || differs(was, now) != x.what {
			t.Errorf("%s: the same is %t, differs in %q", x.new, now.Version == was.Version, differs(was, now))
		}
	}
}

// What is shown is part of the wording: the sizes in each notation, and its name.
func TestSizeWording(t *testing.T) {
	s := oneSet(t, sizeSet)
	say := func(lang, key string, _ ...any) string { return lang + " " + key }
	b, err := json.Marshal(s.asShown(s.Question("shoes"), "th", say)["size"])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"system":"shoes_men"`, `"choose":"th size.choose"`, `{"notation":"th size.uk","sizes":["UK 5.5","UK 6",`, `{"notation":"th size.eu","sizes":["EU 39",`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("no %s in %s", part, b)
		}
	}
	if b, err := json.Marshal(s.asShown(s.Question("shirt"), "th", say)["size"]); err != nil || strings.Contains(string(b), "notation") || !strings.Contains(string(b), `["XXS","XS"`) {
		t.Errorf("one notation needs no name: %s", b)
	}
}

// Another brand's condition is read when the set is there that defines the question.
func TestSizeShared(t *testing.T) {
	const other = `
purposes: {fit: {text: {en: show what fits, th: แสดงของที่พอดี}}}
questions: {shoes: {shared: true, purpose: fit, why: {en: So they fit., th: เพื่อให้พอดี}}}
screens: {shoes: {ask: [shoes]}}
campaigns: {welcome: {when: [sign_in], who: {not: {answer: shoes, at_least: 48}}, show: [shoes], cooldown: 30d, lifetime: 3}}
`
	var out diag.Findings
	Join(map[string]*Set{"kopi": Load("kopi.yaml", []byte(sizeSet), testOptions("kopi"), &out), "sole": Load("sole.yaml", []byte(other), testOptions("sole"), &out)}, &out)
	if got := out.String(); !strings.Contains(got, "can never be true: shoes goes from 39 to 47.5") {
		t.Error(got)
	}
}

func FuzzParseSize(f *testing.F) {
	s := oneSet(f, sizeSet)
	for _, seed := range []string{"q.shoes=uk:42", "q.shoes=eu:40.5&q.shirt=letters:M", "q.shoes=uk:40.5", "q.shoes=uk%00:42", "q.shirt=letters:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) { fuzzParse(t, s, query) })
}
