package catalogue_test

import (
	"strings"
	"testing"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
)

// There is one evaluator: a trace says what Eval says, each of its parts says why,
// and the parts come to the whole.
func TestExplainIsEval(t *testing.T) {
	g := newGrown(t, 3)
	for range 400 {
		g.add(g.condition(3, map[string]bool{}), map[string]bool{})
	}
	set := g.load(t)
	var check func(c *catalogue.Condition, x *catalogue.Trace, told catalogue.Told)
	check = func(c *catalogue.Condition, x *catalogue.Trace, told catalogue.Told) {
		if told.Truth != x.Truth.String() {
			t.Fatalf("%s is %s, told as %s", x.Condition, x.Truth, told.Truth)
		}
		if len(x.Parts) == 0 {
			if x.Because == "" || told.Why == "" || strings.Contains(told.Why, "nothing is known") {
				t.Fatalf("%s: nothing says why it is %s: %q", x.Condition, x.Truth, told.Why)
			}
			return
		}
		all, some := catalogue.True, catalogue.False
		for i := range x.Parts {
			check(x.Parts[i].Condition, &x.Parts[i], told.Parts[i])
			all, some = all.And(x.Parts[i].Truth), some.Or(x.Parts[i].Truth)
		}
		if want := map[string]catalogue.Truth{"all": all, "any": some, "not": all.Not()}[told.Condition]; want != x.Truth {
			t.Fatalf("%s: its parts come to %s, it is %s", x.Condition, want, x.Truth)
		}
	}
	for _, made := range g.made {
		c := set.Condition(made.name)
		for range 8 {
			s, v := g.State(), g.Facts()
			x := c.Explain(s, v, screentest.Start)
			if is := c.Eval(s, v, screentest.Start); is != x.Truth {
				t.Fatalf("%s is %s, explained as %s", c, is, x.Truth)
			}
			check(c, &x, catalogue.Telling{Set: set, Lang: "en", Facts: v, Now: screentest.Start}.Tell(&x))
			if at := c.Changes(s, v, screentest.Start); !at.IsZero() {
				if !at.After(screentest.Start) || c.Eval(s, v, at) == x.Truth {
					t.Fatalf("%s is said to change at %s, and does not", c, at)
				}
			}
		}
	}
}
