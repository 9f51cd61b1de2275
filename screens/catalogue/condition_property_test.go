package catalogue_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
)

// grown are random conditions about testdata's kopi, as a set's writer writes
// them, with those made of them that a law speaks of.
type grown struct {
	screentest.Chance
	yaml strings.Builder
	made []tree
}

// A tree is one condition and what it is made of.
type tree struct {
	name string
	ops  map[string]bool // that stand in it
}

func newGrown(t *testing.T, seed uint64) *grown {
	return &grown{Chance: screentest.Chance{Rand: rand.New(rand.NewPCG(seed, 2)), Set: screentest.Catalogue(t).Set("kopi")}}
}

// add writes a condition down under a new name.
func (g *grown) add(yaml string, ops map[string]bool) tree {
	t := tree{fmt.Sprintf("c%d", len(g.made)), ops}
	fmt.Fprintf(&g.yaml, "  %s: %s\n", t.name, yaml)
	g.made = append(g.made, t)
	return t
}

// load compiles all that was added, in the set that it speaks of.
func (g *grown) load(t *testing.T) *catalogue.Set {
	t.Helper()
	var out diag.Findings
	src := strings.Replace(screentest.File(t, "kopi.yaml"), "\nconditions:\n", "\nconditions:\n"+g.yaml.String(), 1)
	set := catalogue.Load("kopi.yaml", []byte(src), screentest.Options("kopi"), &out)
	if set.Condition("c0") == nil || out.Err() != nil {
		t.Fatal("kopi.yaml with conditions:\n", out.String())
	}
	return set
}

// condition is the YAML of one.
func (g *grown) condition(depth int, ops map[string]bool) string {
	if depth > 0 && g.IntN(3) > 0 {
		key := []string{"all", "any", "not"}[g.IntN(3)]
		ops[key] = true
		if key == "not" {
			return "{not: " + g.condition(depth-1, ops) + "}"
		}
		var parts []string
		for range 1 + g.IntN(3) {
			parts = append(parts, g.condition(depth-1, ops))
		}
		return "{" + key + ": [" + strings.Join(parts, ", ") + "]}"
	}
	q := g.Set.Questions[g.IntN(len(g.Set.Questions))]
	leaf := func(op, yaml string) string { ops[op] = true; return "{" + yaml + "}" }
	answer := "answer: " + q.ID + ", "
	switch g.IntN(10) {
	case 0, 1, 2:
		if q.Kind.Name() == "text" {
			return leaf("answered", answer+"answered: true")
		}
		return leaf("is", answer+"is: "+g.written(q))
	case 3:
		return leaf("answered", answer+"answered: "+fmt.Sprint(g.IntN(2) == 0))
	case 4:
		return leaf("declined", answer+"declined: true")
	case 5:
		return leaf("older_than", fmt.Sprintf("%solder_than: %dd", answer, 1+g.IntN(400)))
	case 6:
		return leaf("consent", "consent: gift")
	case 7:
		return leaf("client", "client: [kopi-web, kopi-app]")
	case 8:
		return leaf("answers", fmt.Sprintf("answers: {at_least: %d, at_most: %d}", g.IntN(3), 2+g.IntN(3)))
	}
	return leaf("moment", "moment: sign_in")
}

func (g *grown) written(q *catalogue.Question) string {
	switch x := g.Value(q).Any().(type) {
	case []string:
		return x[0]
	default:
		return fmt.Sprintf("'%v'", x)
	}
}

// Whatever the state: a condition always has the same one value, De Morgan's law
// holds, and nothing counts that the condition does not read.
func TestConditionProperties(t *testing.T) {
	g := newGrown(t, 1)
	type law struct{ c, d, left, right tree }
	var laws []law
	for range 700 {
		ops := map[string]bool{}
		c := g.add(g.condition(3, ops), ops)
		d := g.add(g.condition(2, ops), ops)
		left := g.add(fmt.Sprintf("{not: {all: [%s, %s]}}", c.name, d.name), ops)
		laws = append(laws, law{c, d, left, g.add(fmt.Sprintf("{any: [{not: %s}, {not: %s}]}", c.name, d.name), ops)})
	}
	set := g.load(t)
	seen := map[catalogue.Truth]int{}
	for _, x := range laws {
		for range 8 {
			s, v := g.State(), g.Facts()
			c := set.Condition(x.c.name)
			got := c.Eval(s, v, screentest.Start)
			seen[got]++
			if got < catalogue.False || got > catalogue.True {
				t.Fatalf("%s is %d", c, got)
			}
			if again := c.Eval(s, v, screentest.Start); again != got {
				t.Fatalf("%s is %s, then %s", c, got, again)
			}
			left, right := set.Condition(x.left.name), set.Condition(x.right.name)
			if a, b := left.Eval(s, v, screentest.Start), right.Eval(s, v, screentest.Start); a != b {
				t.Fatalf("%s is %s, %s is %s", left, a, right, b)
			}
			if x.c.ops["answers"] { // a count reads all
				continue
			}
			for _, q := range set.Questions {
				if !slices.Contains(c.Reads(), q.ID) {
					s.Answers[q.ID] = g.Standing(q)
				}
			}
			if after := c.Eval(s, v, screentest.Start); after != got {
				t.Fatalf("%s reads %q, and changed from %s to %s with another answer", c, c.Reads(), got, after)
			}
		}
	}
	for _, truth := range []catalogue.Truth{catalogue.True, catalogue.False, catalogue.Unknown} {
		if seen[truth] < 200 {
			t.Errorf("%s came %d times only: the test says little", truth, seen[truth])
		}
	}
}

// More knowledge never turns true to false or false to true: it can only settle
// what was unknown. (Of is and older_than; whether something was answered is always known.)
func TestConditionKnowledgeOnlySettles(t *testing.T) {
	g := newGrown(t, 3)
	for range 2000 {
		ops := map[string]bool{}
		if yaml := g.condition(4, ops); only(ops, "all", "any", "not", "is", "older_than") {
			g.add(yaml, ops)
		}
	}
	set := g.load(t)
	if len(g.made) < 200 {
		t.Fatalf("%d conditions only", len(g.made))
	}
	for _, x := range g.made {
		for range 4 {
			s, c := g.State(), set.Condition(x.name)
			q := set.Questions[g.IntN(len(set.Questions))]
			less := catalogue.State{Answers: maps.Clone(s.Answers)}
			delete(less.Answers, q.ID)
			before, after := c.Eval(less, catalogue.Facts{}, screentest.Start), c.Eval(s, catalogue.Facts{}, screentest.Start)
			if before != catalogue.Unknown && after != before {
				t.Fatalf("%s was %s without an answer to %s, and is %s with it", c, before, q.ID, after)
			}
		}
	}
}

func only(ops map[string]bool, allowed ...string) bool {
	for op := range ops {
		if !slices.Contains(allowed, op) {
			return false
		}
	}
	return true
}
