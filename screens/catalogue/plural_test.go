package catalogue

import (
	"strings"
	"testing"
)

// counts are texts beside numbers, as they are shown.
func TestCounted(t *testing.T) {
	const (
		english = "{n, plural, =0 {no cups} one {# cup} other {# cups}}"
		arabic  = "{n, plural, zero {# كوب} one {كوب واحد} two {كوبان} few {# أكواب} many {# كوبًا} other {# كوب}}"
		polish  = "{n, plural, one {# kubek} few {# kubki} many {# kubków} other {# kubka}}"
	)
	for _, c := range []struct{ lang, text, number, want string }{
		{"en", "kg", "70.5", "70.5_kg"},
		{"en", "%", "20", "20%"},
		{"en", "€ a month", "1", "1_€ a month"},
		{"en", english, "0", "no cups"},
		{"en", english, "1", "1_cup"},
		{"en", english, "1.5", "1.5_cups"},
		{"en", english, "-1", "-1_cup"},
		{"en", english, "21", "21_cups"},
		{"en-GB", english, "1", "1_cup"},
		{"ar", arabic, "1", "كوب واحد"},
		{"ar", arabic, "2", "كوبان"},
		{"ar", arabic, "3", "3_أكواب"},
		{"ar", arabic, "11", "11_كوبًا"},
		{"ar", arabic, "100", "100_كوب"},
		{"ar", arabic, "103", "103_أكواب"},
		{"pl", polish, "1", "1_kubek"},
		{"pl", polish, "22", "22_kubki"},
		{"pl", polish, "12", "12_kubków"},
		{"pl", polish, "1.5", "1,5_kubka"},
		{"pl", polish, "1000000", "1\u00a0000\u00a0000_kubków"},
		{"fr", "{n, plural, one {# tasse} many {# de tasses} other {# tasses}}", "0.5", "0,5_tasse"},
		{"th", "แก้ว", "1", "1_แก้ว"},
		{"en", "{n,plural,one{a cup}other{#cups}}", "2", "2cups"},
	} {
		m, err := parseCounted(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		d, err := ParseDecimal(c.number)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := m.in(c.lang, d), strings.ReplaceAll(c.want, "_", "\u00a0"); got != want {
			t.Errorf("%s of %s in %s: %q, want %q", c.number, c.text, c.lang, got, want)
		}
	}
}

func TestCountedWrong(t *testing.T) {
	for text, want := range map[string]string{
		"{n} cups":                                                `braces are for plurals alone; write such as "{n, plural, one {# cup} other {# cups}}"`,
		"cups {n, plural, other {#}":                              "braces are for plurals alone",
		"{n, select, a {b} other {c}}":                            "braces are for plurals alone",
		"{n, plural, one {# cup}}":                                "the form other is missing; it is for all numbers that no other form is for",
		"{n, plural, one {# cup} other {cups}}":                   "the form other has no #, which stands for the number",
		"{n, plural, one {# cup} one {# cup} other {# cups}}":     "the form one is there twice",
		"{n, plural, =1 {# cup} =1.0 {# cup} other {# cups}}":     "the form =1.0 is there twice",
		"{n, plural, onee {# cup} other {# cups}}":                `"onee" is no plural; there are zero, one, two, few, many, other, and exact numbers such as =0; did you mean "one"?`,
		"{n, plural, =x {# cup} other {# cups}}":                  `"=x" is no number; write such as =0`,
		"{n, plural, one {} other {# cups}}":                      "the form one has no words",
		"{n, plural, one {{n} cup} other {# cups}}":               "a form is a word and its text in braces",
		"{n, plural, one # cup other {# cups}}":                   `is no plural`,
		"{n, plural, one {# cup} other {# cups} and more}":        "a form is a word and its text in braces",
		"{n, plural, offset:1 one {# cup} other {# cups}} a day":  "braces are for plurals alone",
		"{n, plural, =99999999999999999999 {# c} other {# cups}}": "is no number",
	} {
		if _, err := parseCounted(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestCountedLacking(t *testing.T) {
	for _, c := range []struct{ lang, text, missing, unknown string }{
		{"en", "cups", "", ""},
		{"en", "{n, plural, other {# cups}}", "", ""},
		{"en", "{n, plural, one {# cup} few {# cups} other {# cups}}", "", "few"},
		{"th", "{n, plural, one {# a} other {# b}}", "", "one"},
		{"ar", "{n, plural, one {# a} other {# b}}", "few many two zero", ""},
		{"pl", "{n, plural, one {# a} few {# b} other {# c}}", "many", ""},
	} {
		m, err := parseCounted(c.text)
		if err != nil {
			t.Fatal(err)
		}
		missing, unknown := m.lacking(c.lang)
		if strings.Join(missing, " ") != c.missing || strings.Join(unknown, " ") != c.unknown {
			t.Errorf("%s in %s: missing %q, unknown %q", c.text, c.lang, missing, unknown)
		}
	}
}

func FuzzCounted(f *testing.F) {
	f.Add("{n, plural, one {# cup} other {# cups}}", int64(1_000_000))
	f.Add("kg", int64(500_000))
	f.Fuzz(func(t *testing.T, text string, number int64) {
		m, err := parseCounted(text)
		if err != nil {
			return
		}
		for _, lang := range []string{"en", "ar", "th", "no language"} {
			if got := m.in(lang, Decimal(number)%largest); got == "" {
				t.Errorf("%q says nothing of %d in %s", text, number, lang)
			}
		}
		m.units()
	})
}
