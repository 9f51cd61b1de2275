package compare_test

import (
	"strings"
	"testing"

	"github.com/proffer-id/proffer/screens/compare"
)

// What is worked out is told with what changes for customers and which claim it is.
func TestSetsDerived(t *testing.T) {
	const none = "screens:\n"
	const some = `derived:
  thirst: {name: Thirst, purpose: shelf, sum: {cups: value}, claim: thirst_points}
  kind: {name: What you like, purpose: shelf, match: [{if: {answer: milk, is: black}, is: plain}], else: mellow, words: {plain: Plain, mellow: Mellow}}
screens:
`
	plain := strings.Replace(base, none, some, 1)
	guarded := strings.Replace(plain, "cooldown: 30d", "cooldown: 30d, who: {answer: kind, is: plain}", 1)
	for _, x := range []struct {
		name          string
		before, after string
		want          []string // all there is, by how it begins
	}{
		{"nothing", guarded, guarded, nil},
		{"new", base, plain, []string{
			`meaning thirst: is new, and worked out from answers: the sum of cups. Whoever gave them all finds it on their page of answers as "Thirst"`,
			`meaning kind: is new, and worked out from answers: plain if milk is black; else mellow. `,
			"claims thirst: can be given as the claim thirst_points, to clients whose policy names it, while each answer behind it may be",
			"claims kind: can be given as the claim kind,",
		}},
		{"gone", plain, base, []string{
			"meaning thirst: is no longer worked out from answers, which stay", "meaning kind: is no longer worked out",
			"claims thirst: the claim thirst_points is no longer given", "claims kind: the claim kind is no longer given",
		}},
		{"another way", guarded, strings.Replace(guarded, "{answer: milk, is: black}", "{answer: cups, at_least: 4}", 1), []string{
			"meaning kind: is worked out anew, at once and for everybody: plain if cups at least 4; else mellow in place of plain if milk is black; else mellow. Whoever has not answered cups has none any more. It no longer takes an answer to milk",
			"claims kind: the claim kind is worked out the new way from then on",
			"campaigns kind: decides who sees campaign welcome, and is worked out anew",
		}},
		{"claim", plain, strings.Replace(plain, "thirst_points", "points", 1), []string{"claims thirst: is given as the claim points in place of thirst_points"}},
		{"words", plain, strings.NewReplacer("mellow: Mellow", "mellow: Soft", "name: Thirst", "name: Your thirst").Replace(plain), []string{
			`words thirst: name (en): "Your thirst" in place of "Thirst"`, `words kind: value mellow (en): "Soft" in place of "Mellow"`,
		}},
		{"purpose", plain, strings.NewReplacer("shelf: {text", "taste: {text: know your taste}\n  shelf: {text", "purpose: shelf, sum", "purpose: taste, sum", "    purpose: shelf\n    min: 0", "    purpose: taste\n    min: 0").Replace(plain), []string{
			"purposes cups: is asked for taste in place of shelf", "purposes thirst: is used for taste in place of shelf: a site gets it from customers who agreed to that", "purposes taste: is new",
		}},
		{"special", plain, strings.NewReplacer(
			"name: What you like,", "name: What you like, sensitivity: special,", "name: Milk", "name: Milk\n    sensitivity: special", "  welcome: {when: [registration]", "  welcome: {when: [sign_in]",
		).Replace(plain), []string{
			"meaning milk: no longer offers", "purposes milk: is special data", "purposes kind: is special data: a site gets it from customers who agreed to its purpose explicitly", "! campaigns welcome: when",
		}},
	} {
		var got []string
		for _, c := range compare.Sets(load(t, x.before), load(t, x.after)) {
			mark := ""
			if c.Asks {
				mark = "! "
			}
			got = append(got, mark+string(c.Part)+" "+c.About+": "+c.Text)
		}
		all := strings.Join(got, "\n")
		if len(got) != len(x.want) {
			t.Errorf("%s: %d changes, want %d:\n%s", x.name, len(got), len(x.want), all)
		}
		for i, w := range x.want {
			if i >= len(got) || !strings.HasPrefix(got[i], w) {
				t.Errorf("%s: no %q in its place in\n%s", x.name, w, all)
			}
		}
	}
}
