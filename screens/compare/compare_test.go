package compare_test

import (
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/compare"
)

const base = `
purposes:
  shelf: {text: show what you like, basis: consent, keep: 18mo}
questions:
  milk:
    kind: single
    ask: How do you take it?
    name: Milk
    why: So the shelf suits you.
    purpose: shelf
    options: [{id: black, label: Black}, {id: oat, label: Oat milk}]
    fresh: 12mo
  cups:
    kind: number
    ask: How many cups?
    name: Cups
    why: So the bag suits you.
    purpose: shelf
    min: 0
    max: 10
    unit: cups
  shoes:
    kind: size
    system: shoes_men
    to: "47"
    ask: Which size?
    name: Shoes
    why: So they fit.
    purpose: shelf
screens:
  milk: {ask: [milk]}
  cups: {ask: [cups]}
campaigns:
  welcome: {when: [registration], show: [milk, cups], cooldown: 30d}
`

func load(t *testing.T, src string) *catalogue.Set {
	t.Helper()
	var out diag.Findings
	s := catalogue.Load("set.yaml", []byte(src), catalogue.LoadOptions{Brand: "kopi", Name: catalogue.Text{"en": "Kopi"}, Languages: []string{"en"}}, &out)
	catalogue.Join(map[string]*catalogue.Set{"kopi": s}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSets(t *testing.T) {
	before := load(t, base)
	if got := compare.Sets(before, load(t, base)); len(got) > 0 {
		t.Errorf("the same: %+v", got)
	}
	for name, c := range map[string]struct {
		edit []string // old, new, …
		want []string
	}{
		"words":        {[]string{"How do you take it?", "Milk?"}, []string{`words milk: ask (en): "Milk?" in place of "How do you take it?"`}},
		"label":        {[]string{"label: Black", "label: Plain"}, []string{`words milk: option black (en): "Plain" in place of "Black"`}},
		"option gone":  {[]string{", {id: oat, label: Oat milk}", ", {id: soy, label: Soy}"}, []string{"! meaning milk: the option oat is gone: whoever chose it is asked anew", "meaning milk: has the new option soy"}},
		"bounds":       {[]string{"max: 10", "max: 20"}, []string{"meaning cups: max is 20 in place of 10"}},
		"bounds, less": {[]string{"max: 10", "max: 8"}, []string{"! meaning cups: max is 8 in place of 10; earlier answers stay as they are, but for those that it cannot have any more: they are asked anew."}},
		"step, finer":  {[]string{"max: 10", "max: 10\n    step: 0.5"}, []string{"meaning cups: step is 0.5 in place of 1; earlier answers stay as they are. If"}},
		"first, apart": {[]string{"min: 0", "min: 1"}, []string{"! meaning cups: min is 1 in place of 0"}},
		"age": {
			[]string{"purposes:\n", "age_question: born\npurposes:\n", "questions:\n", "questions:\n  born: {kind: date, ask: Born when?, name: Born, why: So we know., purpose: shelf}\n", "    unit: cups", "    unit: cups\n    min_age: 16",
				"  cups: {ask", "  born: {ask: [born]}\n  cups: {ask", "[milk, cups]", "[milk, born, cups]"},
			[]string{"! questions born: is new", "claims born: can be given", "claims cups: is asked of and given for those known to be 16 at least in place of everybody", "! campaigns welcome: shows: ", "! campaigns cups: the screen is shown to born tells an age of 16 at least in place of everybody"},
		},
		"claim":          {[]string{"    unit: cups", "    unit: cups\n    claim: cups_a_day"}, []string{"claims cups: is given as the claim cups_a_day in place of cups"}},
		"scope":          {[]string{"    unit: cups", "    unit: cups\n    scope: person"}, []string{"! meaning cups: belongs to the person in place of the brand"}},
		"fresh":          {[]string{"fresh: 12mo", "fresh: 6mo"}, []string{"! campaigns milk: new answers are confirmed again after 6mo in place of 1y"}},
		"purpose":        {[]string{"show what you like", "show what you love"}, []string{`purposes shelf: text (en): "show what you love" in place of "show what you like"`}},
		"keep":           {[]string{"keep: 18mo", "keep: 24mo"}, []string{"purposes shelf: new answers are kept for 2y in place of 18mo"}},
		"when":           {[]string{"[registration]", "[registration, sign_in]"}, []string{"! campaigns welcome: when: registration, sign_in in place of registration"}},
		"who":            {[]string{"cooldown: 30d", "cooldown: 7d, who: {answer: milk, is: oat}"}, []string{"! campaigns welcome: who: ", "! campaigns welcome: cooldown: 7d in place of 30d"}},
		"no longer":      {[]string{"show: [milk, cups]", "show: [milk]", "  cups: {ask: [cups]}\n", ""}, []string{"questions cups: is no longer asked", "campaigns welcome: shows: milk in place of milk, cups"}},
		"decline":        {[]string{"    fresh: 12mo", "    fresh: 12mo\n    decline: false"}, []string{`meaning milk: no longer offers "I'd rather not say"`}},
		"system":         {[]string{"shoes_men", "shoes_women", `to: "47"`, `to: "43"`}, []string{"! meaning shoes: system is shoes_women in place of shoes_men", "! meaning shoes: the first size is 34 in place of 38", "! meaning shoes: the last size is 43 in place of 47"}},
		"campaign gone":  {[]string{"  welcome: {when", "  hello: {when"}, []string{"! campaigns hello: is new: registration, for everybody, shows milk, cups", "campaigns welcome: is gone"}},
		"question added": {[]string{"screens:\n", "  tea:\n    kind: boolean\n    ask: Tea?\n    name: Tea\n    why: So we know.\n    purpose: shelf\nscreens:\n  tea: {ask: [tea]}\n", "[milk, cups]", "[milk, cups, tea]"}, []string{`! questions tea: is new: "Tea?", asked by welcome`, "claims tea: can be given as the claim tea"}},
	} {
		src := base
		for i := 0; i < len(c.edit); i += 2 {
			if !strings.Contains(src, c.edit[i]) {
				t.Fatalf("%s: no %q", name, c.edit[i])
			}
			src = strings.Replace(src, c.edit[i], c.edit[i+1], 1)
		}
		var got []string
		for _, x := range compare.Sets(before, load(t, src)) {
			mark := ""
			if x.Asks {
				mark = "! "
			}
			got = append(got, mark+string(x.Part)+" "+x.About+": "+x.Text)
		}
		all := strings.Join(got, "\n")
		for _, w := range c.want {
			if !strings.Contains("\n"+all, "\n"+w) {
				t.Errorf("%s: no %q in\n%s", name, w, all)
			}
		}
	}
	// The other way round, what was new is gone.
	var gone []string
	for _, x := range compare.Sets(load(t, base), load(t, strings.NewReplacer("  cups: {ask: [cups]}\n", "", "[milk, cups]", "[milk]", base[strings.Index(base, "  cups:\n"):strings.Index(base, "screens:\n")], "").Replace(base))) {
		gone = append(gone, string(x.Part)+" "+x.About)
	}
	if all := strings.Join(gone, "; "); !strings.Contains(all, "questions cups") || !strings.Contains(all, "claims cups") {
		t.Errorf("a question that is gone: %s", all)
	}
}
