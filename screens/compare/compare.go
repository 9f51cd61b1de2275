// Package compare says in words what a changed screen set changes for customers
// and for the brand's sites. It knows two sets and nothing else. Start at Sets.
package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// A Part is what a change is about.
type Part string

// The parts, in the order in which they are told.
const (
	Questions Part = "questions" // new, and no longer asked
	Meaning   Part = "meaning"   // what an answer can be and means
	Words     Part = "words"     // what customers read
	Purposes  Part = "purposes"  // what they agree to
	Claims    Part = "claims"    // what the brand's sites get
	Campaigns Part = "campaigns" // who is asked, when and how often
)

// Parts are all of them.
func Parts() []Part { return []Part{Questions, Meaning, Words, Purposes, Claims, Campaigns} }

// Heading is the part in words.
func (p Part) Heading() string {
	return map[Part]string{
		Questions: "What is asked", Meaning: "What an answer means", Words: "Words that customers read",
		Purposes: "What customers agree to", Claims: "What the brand's sites get", Campaigns: "Who is asked, when and how often",
	}[p]
}

// A Change is one thing that becomes different.
type Change struct {
	Part  Part   `json:"part"`
	About string `json:"about"` // id of the question, derived value, purpose or campaign
	Text  string `json:"text"`  // what changes, in a sentence
	Asks  bool   `json:"asks"`  // customers will be asked something that they were not, or again
}

// Sets compares two sets of one brand. Nothing changed: nothing comes back.
func Sets(before, after *catalogue.Set) []Change {
	d := &differ{}
	d.questions(before, after)
	d.age(before, after)
	d.derived(before, after)
	d.purposes(before, after)
	d.campaigns(before, after)
	d.screens(before, after)
	d.offers(before, after)
	order := Parts()
	slices.SortStableFunc(d.out, func(a, b Change) int { return slices.Index(order, a.Part) - slices.Index(order, b.Part) })
	return d.out
}

type differ struct{ out []Change }

func (d *differ) say(p Part, about string, asks bool, format string, args ...any) {
	d.out = append(d.out, Change{p, about, fmt.Sprintf(format, args...), asks})
}

// by finds entries by id, with the ids in order.
func by[T any](list []*T, id func(*T) string) (map[string]*T, []string) {
	of := map[string]*T{}
	var ids []string
	for _, x := range list {
		of[id(x)] = x
		ids = append(ids, id(x))
	}
	return of, ids
}

// text compares words, language by language.
func (d *differ) text(about, name string, was, now catalogue.Text) {
	for _, l := range slices.Sorted(maps.Keys(union(was, now))) {
		switch a, b := was[l], now[l]; {
		case a == b:
		case a == "":
			d.say(Words, about, false, "%s (%s) is new: %q", name, l, b)
		case b == "":
			d.say(Words, about, false, "%s (%s) is gone: %q", name, l, a)
		default:
			d.say(Words, about, false, "%s (%s): %q in place of %q", name, l, b, a)
		}
	}
}

func (d *differ) purposes(before, after *catalogue.Set) {
	old, _ := by(before.Purposes, func(p *catalogue.Purpose) string { return p.ID })
	now, _ := by(after.Purposes, func(p *catalogue.Purpose) string { return p.ID })
	for _, p := range after.Purposes {
		was := old[p.ID]
		if was == nil {
			d.say(Purposes, p.ID, false, "is new: %s", first(p.Text, after))
			continue
		}
		for _, l := range slices.Sorted(maps.Keys(union(was.Text, p.Text))) {
			if was.Text[l] != p.Text[l] {
				d.say(Purposes, p.ID, false, "text (%s): %q in place of %q; who agreed before agreed to the words before. If it means something else now, give it a new id", l, p.Text[l], was.Text[l])
			}
		}
		if was.Basis != p.Basis {
			d.say(Purposes, p.ID, false, "rests on %s in place of %s", p.Basis, was.Basis)
		}
		if was.Keep != p.Keep {
			d.say(Purposes, p.ID, false, "new answers are kept for %s in place of %s", orNever(p.Keep.String()), orNever(was.Keep.String()))
		}
	}
	for _, p := range before.Purposes {
		if now[p.ID] == nil {
			d.say(Purposes, p.ID, false, "is gone: what was agreed to for it is no longer used")
		}
	}
}

// campaignsOf are the campaigns of a set that ask a question.
func campaignsOf(s *catalogue.Set, question string) []string {
	var out []string
	for _, c := range s.Campaigns {
		if slices.Contains(asks(s, c), question) {
			out = append(out, c.ID)
		}
	}
	return out
}

// asks are the questions of a campaign, in all its arms.
func asks(s *catalogue.Set, c *catalogue.Campaign) []string {
	show := slices.Clone(c.Show)
	for _, a := range c.Arms {
		show = append(show, a.Show...)
	}
	screens, _ := by(s.Screens, func(x *catalogue.Screen) string { return x.ID })
	var out []string
	for _, id := range show {
		if x := screens[id]; x != nil {
			out = append(out, x.Ask...)
		}
	}
	return out
}

// order says that what is there before and after comes in another order.
func (d *differ) order(p Part, about, what string, was, now []string) {
	both := func(list, other []string) (out []string) {
		for _, id := range list {
			if slices.Contains(other, id) {
				out = append(out, id)
			}
		}
		return out
	}
	if a, b := both(was, now), both(now, was); !slices.Equal(a, b) {
		d.say(p, about, false, "%s: %s in place of %s", what, strings.Join(b, ", "), strings.Join(a, ", "))
	}
}

// union has the keys of both.
func union[V any](a, b map[string]V) map[string]bool {
	out := map[string]bool{}
	for _, m := range []map[string]V{a, b} {
		for k := range m {
			out[k] = true
		}
	}
	return out
}

func ages(least int) string {
	if least == 0 {
		return "everybody"
	}
	return fmt.Sprintf("those known to be %d at least", least)
}

func triggers(c *catalogue.Campaign) string {
	var out []string
	for _, t := range c.When {
		out = append(out, t.String())
	}
	return strings.Join(out, ", ")
}

func audience(c *catalogue.Campaign) string { return condition(c.Who) }

func condition(c *catalogue.Condition) string {
	if c == nil {
		return "everybody"
	}
	return c.String()
}

func first(t catalogue.Text, s *catalogue.Set) string {
	if len(s.Languages) > 0 {
		return fmt.Sprintf("%q", t.In(s.Languages[0]))
	}
	return fmt.Sprintf("%q", t.In("en"))
}

func orNever(s string) string {
	if s == "" {
		return "never"
	}
	return s
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func yes(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }
