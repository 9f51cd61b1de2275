package proffer

import (
	"strings"
	"testing"
	"time"
)

// whatif says what is worked out, and in words why it, or an answer of somebody too
// young, is withheld.
func TestWhatIfWorkedOut(t *testing.T) {
	l := newLab(t, labOptions{
		change: withMellow,
		kopi: func(src string) string {
			return strings.NewReplacer(
				"\nconditions:\n", "\n"+mellow, "\npurposes:\n", "\nage_question: born\npurposes:\n",
				"\n  coffee_when:\n", `
  born: {kind: date, ask: {en: Born?, th: ก, ar: أ}, name: {en: Born, th: ก, ar: أ}, why: {en: W., th: ก, ar: أ}, purpose: personalise}
  coffee_when:
    min_age: 16
`, "\nscreens:\n", "\nscreens:\n  born: {ask: [born]}\n", "[coffee, when, birthday]", "[coffee, born, when, birthday]",
			).Replace(src)
		},
	})
	for _, x := range []struct {
		name, born string
		shown      string // of mellow
		why, when  string // why mellow and coffee_when are withheld; "": they are not
	}{
		{"a grown-up", ", born: 1990-05-01", "4", "", ""},
		{"a child", ", born: 2015-05-01", "", "it is worked out from coffee_when: the question is for those of 16 years at least, and by born the customer is not known to be",
			"the question is for those of 16 years at least, and by born the customer is not known to be"},
		{"nobody knows", "", "", "it is worked out from coffee_when: the question is for those of 16 years at least", "the question is for those of 16 years at least"},
	} {
		customer := "{answers: {coffee_milk: condensed, coffee_when: [morning]" + x.born + "}}"
		seen, err := l.cfg.Foresee(t.Context(), WhatIf{Client: "kopi-web", At: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), Locale: "en", File: "c.yaml", Text: []byte(customer)})
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		if len(seen.Worked) != 1 || seen.Worked[0].Derived != "mellow" || seen.Worked[0].Shown != x.shown || (seen.Worked[0].Value == nil) != (x.shown == "") || len(seen.Worked[0].From) != 2 {
			t.Errorf("%s: worked out: %+v", x.name, seen.Worked)
		}
		why := map[string]string{}
		for _, w := range seen.IDToken.Withheld {
			why[w.Claim] = w.Why
		}
		if !strings.HasPrefix(why["mellow"], x.why) || (why["mellow"] == "") != (x.why == "") || !strings.HasPrefix(why["coffee_when"], x.when) || (why["coffee_when"] == "") != (x.when == "") {
			t.Errorf("%s: mellow is withheld because %q, coffee_when because %q", x.name, why["mellow"], why["coffee_when"])
		}
	}
}
