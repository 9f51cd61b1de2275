package catalogue

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

func TestParse(t *testing.T) {
	c := testCatalogue(t)
	long := strings.Repeat("ก", 41)
	for _, x := range []struct{ question, form, want string }{ // want: the value's JSON, or field and code
		{"coffee_milk", "q.coffee_milk=oat", `"oat"`},
		{"coffee_milk", "", "q.coffee_milk answer.none"},
		{"coffee_milk", "q.coffee_milk=", "q.coffee_milk answer.none"},
		{"coffee_milk", "q.coffee_milk=other&q.coffee_milk.other= Soya  milk ", `"other:Soya  milk"`},
		{"coffee_milk", "q.coffee_milk.other=Soya", `"other:Soya"`},
		{"coffee_milk", "q.coffee_milk=oat&q.coffee_milk.other=Soya", `"oat"`},
		{"coffee_milk", "q.coffee_milk=other", "q.coffee_milk.other answer.other_empty"},
		{"coffee_milk", "q.coffee_milk=other&q.coffee_milk.other=+", "q.coffee_milk.other answer.other_empty"},
		{"coffee_milk", "q.coffee_milk=other&q.coffee_milk.other=" + long, "q.coffee_milk.other answer.too_long"},

		{"coffee_when", "q.coffee_when=evening&q.coffee_when=morning", `["morning","evening"]`},
		{"coffee_when", "q.coffee_when=noon&q.coffee_when=noon", `["noon"]`},
		{"coffee_when", "q.coffee_when=other&q.coffee_when.other=03:00&q.coffee_when=noon", `["noon","other:03:00"]`},
		{"coffee_when", "q.coffee_when=morning&q.coffee_when=noon&q.coffee_when=evening", "q.coffee_when answer.too_many"},
		{"coffee_when", "q.coffee_when=", "q.coffee_when answer.none"},
		{"coffee_when", "q.coffee_when=other", "q.coffee_when.other answer.other_empty"},

		{"birthday", "q.birthday.day=14&q.birthday.month=3", `"--03-14"`},
		{"birthday", "q.birthday.day=29&q.birthday.month=2", `"--02-29"`},
		{"birthday", "q.birthday.day=%E0%B9%91%E0%B9%94&q.birthday.month=03", `"--03-14"`},
		{"birthday", "q.birthday.day=30&q.birthday.month=2", "q.birthday.day answer.day"},
		{"birthday", "q.birthday.day=31&q.birthday.month=4", "q.birthday.day answer.day"},
		{"birthday", "q.birthday.day=0&q.birthday.month=1", "q.birthday.day answer.day"},
		{"birthday", "q.birthday.day=&q.birthday.month=1", "q.birthday.day answer.day"},
		{"birthday", "q.birthday.day=14&q.birthday.month=", "q.birthday.month answer.month"},
		{"birthday", "", "q.birthday.day answer.none"},

		{"at_home", "q.at_home=yes", "true"},
		{"at_home", "q.at_home=no", "false"},
		{"at_home", "", "q.at_home answer.none"},

		{"given_name", "q.given_name= Nok ", `"Nok"`},
		{"given_name", "q.given_name=" + strings.Repeat("ก", 60), `"` + strings.Repeat("ก", 60) + `"`},
		{"given_name", "q.given_name=Cafe%CC%81", `"Café"`}, // composed
		{"given_name", "q.given_name=%20%20", "q.given_name answer.none"},
		{"given_name", "q.given_name=<b>%26", `"\u003cb\u003e\u0026"`}, // words, not markup: escaped where shown
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		q := c.Question("kopi", x.question)
		if got := parsed(t, q, form); got != x.want {
			t.Errorf("%s: %s, want %s", x.form, got, x.want)
		}
	}
}

// parsed is the value's JSON, or the field and code of the problem.
func parsed(t *testing.T, q *Question, form url.Values) string {
	t.Helper()
	v, err := q.Parse(form)
	if err != nil {
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok {
			t.Fatalf("%s: %T %v", q.ID, err, err)
		}
		if !v.IsZero() {
			t.Errorf("%s: a value beside the problem", q.ID)
		}
		return p.Field + " " + p.Code
	}
	if !q.Accepts(v) {
		t.Errorf("%s: what was read is not accepted", q.ID)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var again Value
	if err := json.Unmarshal(b, &again); err != nil || !again.Equal(v) {
		t.Errorf("%s: written and read it is another: %v", q.ID, err)
	}
	return string(b)
}

// Tampered answers: nothing but what the page offers is read.
func TestGauntlet_Z06_AnswerTamperingKinds(t *testing.T) {
	c := testCatalogue(t)
	many := url.Values{"q.coffee_when": make([]string, 100_000)}
	for i := range many["q.coffee_when"] {
		many["q.coffee_when"][i] = "morning"
	}
	for _, x := range []struct {
		question string
		form     url.Values
		want     string
	}{
		{"coffee_milk", url.Values{"q.coffee_milk": {"gold"}}, "answer.not_offered"},
		{"coffee_milk", url.Values{"q.coffee_milk": {"OAT"}}, "answer.not_offered"},
		{"coffee_milk", url.Values{"q.coffee_milk": {"other:Soya"}}, "answer.not_offered"},
		{"coffee_milk", url.Values{"q.coffee_milk": {"__proto__"}}, "answer.not_offered"},
		{"coffee_milk", url.Values{"q.coffee_milk": {"oat", "black"}}, "answer.too_many"},
		{"coffee_milk", url.Values{"q.coffee_milk": {"other"}, "q.coffee_milk.other": {"a", "b"}}, "answer.too_many"},
		{"coffee_milk", url.Values{"q.coffee_milk": {"other"}, "q.coffee_milk.other": {strings.Repeat("x", 1<<20)}}, "answer.too_long"},
		{"coffee_when", many, "answer.too_many"},
		{"coffee_when", url.Values{"q.coffee_when": {"morning", "gold"}}, "answer.not_offered"},
		{"at_home", url.Values{"q.at_home": {"true"}}, "answer.not_offered"},
		{"at_home", url.Values{"q.at_home": {"yes", "no"}}, "answer.too_many"},
		{"birthday", url.Values{"q.birthday.day": {"NaN"}, "q.birthday.month": {"3"}}, "answer.day"},
		{"birthday", url.Values{"q.birthday.day": {"1e309"}, "q.birthday.month": {"3"}}, "answer.day"},
		{"birthday", url.Values{"q.birthday.day": {"-1"}, "q.birthday.month": {"3"}}, "answer.day"},
		{"birthday", url.Values{"q.birthday.day": {"99999999999999999999"}, "q.birthday.month": {"3"}}, "answer.day"},
		{"birthday", url.Values{"q.birthday.day": {"3"}, "q.birthday.month": {"13"}}, "answer.month"},
		{"birthday", url.Values{"q.birthday.day": {"3", "4"}, "q.birthday.month": {"1"}}, "answer.too_many"},
		{"given_name", url.Values{"q.given_name": {strings.Repeat("x", 61)}}, "answer.too_long"},
		{"given_name", url.Values{"q.given_name": {"a\x00b"}}, "answer.characters"},
		{"given_name", url.Values{"q.given_name": {"a\nb"}}, "answer.characters"},
		{"given_name", url.Values{"q.given_name": {"a\u202Eb"}}, "answer.characters"},
		{"given_name", url.Values{"q.given_name": {"\xff"}}, "answer.characters"},
		{"given_name", url.Values{"q.given_name": {"a", "b"}}, "answer.too_many"},
		{"given_name", url.Values{"q.coffee_milk": {"oat"}}, "answer.none"}, // another question's field
	} {
		got := parsed(t, c.Question("kopi", x.question), x.form)
		if !strings.HasSuffix(got, " "+x.want) {
			t.Errorf("%s: %.80s, want %s", x.question, got, x.want)
		}
	}
}

func TestAccepts(t *testing.T) {
	c := testCatalogue(t)
	for _, x := range []struct {
		question string
		value    Value
		want     bool
	}{
		{"coffee_milk", Word("oat"), true},
		{"coffee_milk", Word("other:Soya"), true},
		{"coffee_milk", Word("other"), false},
		{"coffee_milk", Word("other:"), false},
		{"coffee_milk", Word("other: Soya"), false},
		{"coffee_milk", Word("other:" + strings.Repeat("x", 41)), false},
		{"coffee_milk", Word("gone"), false},
		{"coffee_milk", Words([]string{"oat"}), false},
		{"coffee_milk", YesNo(true), false},
		{"coffee_milk", Value{}, false},
		{"coffee_when", Words([]string{"morning", "other:03:00"}), true},
		{"coffee_when", Words(nil), false},
		{"coffee_when", Words([]string{"noon", "noon"}), false},
		{"coffee_when", Words([]string{"other:a", "other:b"}), false},
		{"coffee_when", Words([]string{"morning", "noon", "evening"}), false},
		{"coffee_when", Word("morning"), false},
		{"birthday", Word("--02-29"), true},
		{"birthday", Word("--02-30"), false},
		{"birthday", Word("--00-10"), false},
		{"birthday", Word("--3-1"), false},
		{"birthday", Word("--+1-+1"), false},
		{"birthday", Word("2000-01-01"), false},
		{"at_home", YesNo(false), true},
		{"at_home", Word("yes"), false},
		{"given_name", Word("Nok"), true},
		{"given_name", Word(""), false},
		{"given_name", Word("e\u0301"), false}, // not composed: was never read by us
	} {
		q := c.Question("kopi", x.question)
		if got := q.Accepts(x.value); got != x.want {
			t.Errorf("%s %v: %v", x.question, x.value.Any(), got)
		}
		if _, ok := q.Release(x.value); ok != x.want {
			t.Errorf("%s %v leaves in a claim: %v", x.question, x.value.Any(), ok)
		}
		if !x.want && q.Show(x.value, "en", nil) != "" {
			t.Errorf("%s %v is shown", x.question, x.value.Any())
		}
	}
}

// slashes says days in digits, with the language before them.
type slashes struct{}

func (slashes) DayMonth(lang string, month, day int) string {
	return fmt.Sprint(lang, " ", day, "/", month)
}

func (slashes) Day(lang string, d templates.Day) string {
	return fmt.Sprint(lang, " ", d.Day, "/", d.Month, "/", d.Year)
}

func TestShow(t *testing.T) {
	c := testCatalogue(t)
	for _, x := range []struct {
		question string
		value    Value
		lang     string
		want     string
	}{
		{"coffee_milk", Word("oat"), "en", "Oat milk"},
		{"coffee_milk", Word("oat"), "th", "ใส่นมโอ๊ต"},
		{"coffee_milk", Word("other:Soya"), "th", "Soya"},
		{"coffee_when", Words([]string{"morning", "other:at 3"}), "en", "Morning, at 3"},
		{"birthday", Word("--03-14"), "th", "th 14/3"},
		{"at_home", YesNo(true), "en", "Yes"},
		{"at_home", YesNo(false), "th", "ไม่ใช่"},
		{"given_name", Word("Nok"), "en", "Nok"},
	} {
		if got := c.Question("kopi", x.question).Show(x.value, x.lang, slashes{}); got != x.want {
			t.Errorf("%s: %q, want %q", x.question, got, x.want)
		}
	}
	if got := c.Question("sole", "sure").Show(YesNo(false), "en", nil); got != "Perhaps" {
		t.Errorf("worded boolean: %q", got)
	}
}

// An answer must not come into a log by printing the value.
func TestValueHidesItself(t *testing.T) {
	var b strings.Builder
	log := slog.New(slog.NewJSONHandler(&b, nil))
	v := Word("secret")
	log.Info("x", "value", v)
	for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%v %+v %#v %s", v, v, v, v), fmt.Sprintf("%v", []Value{v}), b.String()} {
		if strings.Contains(s, "secret") {
			t.Errorf("shown: %s", s)
		}
	}
}

func TestValueJSON(t *testing.T) {
	for _, s := range []string{`"x"`, `["a","b"]`, `[]`, `4`, `-0.5`, `1234567.000001`, `true`, `false`, `null`,
		`{"sure":"quite","what":"other:a","when":"2026-11"}`, `{"a":["x"],"b":true,"c":-0.5}`} {
		var v Value
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		b, err := json.Marshal(v)
		if err != nil || string(b) != s {
			t.Errorf("%s is written %s, %v", s, b, err)
		}
	}
	for _, s := range []string{`1e3`, `0.0000001`, `-`, `1.`, `1000000001`, `{}`, `[1]`, `[null]`, `["a",["b"]]`, `["secret",1]`,
		`{"a":"secret","a":"b"}`, `{"a":{"b":"secret"}}`, `{"a":null}`, `{"a":"secret"`, `{"a"}`, `{"a":"secret"} x`, `{"a":1e3}`} {
		var v Value
		err := json.Unmarshal([]byte(s), &v)
		if err == nil || !v.IsZero() || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v %v", s, v.Any(), err)
		}
	}
	var turned Value
	if err := json.Unmarshal([]byte(`{"when": "month", "sure":"quite"}`), &turned); err != nil ||
		!turned.Equal(Parts(map[string]Value{"sure": Word("quite"), "when": Word("month"), "what": {}})) || turned.Part("when").Any() != "month" {
		t.Errorf("an object in another order: %v %v", turned.Any(), err)
	}
	omitted, err := json.Marshal(struct {
		V Value `json:"v,omitzero"`
	}{})
	if err != nil || string(omitted) != "{}" {
		t.Errorf("%s %v", omitted, err)
	}
}
