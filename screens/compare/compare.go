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
	if before.AgeQuestion != "" && after.AgeQuestion != "" && before.AgeQuestion != after.AgeQuestion {
		d.say(Campaigns, after.AgeQuestion, true, "tells how old a customer is, in place of %s", before.AgeQuestion)
	}
	d.derived(before, after)
	d.purposes(before, after)
	d.campaigns(before, after)
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

func (d *differ) questions(before, after *catalogue.Set) {
	old, gone := by(before.Questions, func(q *catalogue.Question) string { return q.ID })
	for _, q := range after.Questions {
		was := old[q.ID]
		shown := campaignsOf(after, q.ID)
		switch {
		case was == nil && len(shown) == 0:
			d.say(Questions, q.ID, false, "is new, and no campaign asks it")
		case was == nil:
			d.say(Questions, q.ID, true, "is new: %s, asked by %s", first(q.Ask, after), strings.Join(shown, ", "))
		default:
			if len(campaignsOf(before, q.ID)) == 0 && len(shown) > 0 {
				d.say(Questions, q.ID, true, "was not asked, and now is by %s", strings.Join(shown, ", "))
			} else if len(campaignsOf(before, q.ID)) > 0 && len(shown) == 0 {
				d.say(Questions, q.ID, false, "is no longer asked by any campaign; its answers stay and are given as before")
			}
			d.question(was, q, after)
		}
		if was == nil && q.Kind != nil {
			d.say(Claims, q.ID, false, "can be given as the claim %s, to clients whose policy names it", q.Claim)
		}
	}
	now, _ := by(after.Questions, func(q *catalogue.Question) string { return q.ID })
	for _, id := range gone {
		if now[id] == nil {
			d.say(Questions, id, false, "is gone; its answers are kept, shown to the customers who gave them, and come back with it")
			if old[id].Kind != nil {
				d.say(Claims, id, false, "the claim %s is no longer given", old[id].Claim)
			}
		}
	}
}

// question compares two definitions of one question.
func (d *differ) question(was, q *catalogue.Question, after *catalogue.Set) {
	id := q.ID
	if was.Kind != nil && q.Kind != nil {
		d.means(was, q)
		if was.Claim != q.Claim {
			d.say(Claims, id, false, "is given as the claim %s in place of %s", q.Claim, was.Claim)
		}
	}
	for _, t := range []struct {
		name     string
		was, now catalogue.Text
	}{{"ask", was.Ask, q.Ask}, {"name", was.Name, q.Name}, {"hint", was.Hint, q.Hint}, {"why", was.Why, q.Why}, {"unit", was.Unit, q.Unit}} {
		d.text(id, t.name, t.was, t.now)
	}
	for _, o := range q.Options {
		if old := was.Option(o.ID); old != nil {
			d.text(id, "option "+o.ID, old.Label, o.Label)
			d.text(id, "hint of option "+o.ID, old.Hint, o.Hint)
		}
	}
	if was.Purpose != q.Purpose {
		d.say(Purposes, id, false, "is asked for %s in place of %s; answers given for the one are not given to a site for the other until customers agree to it", q.Purpose, was.Purpose)
	}
	if was.MinAge != q.MinAge {
		d.say(Claims, id, false, "is asked of and given for %s in place of %s", ages(q.MinAge), ages(was.MinAge))
	}
	if was.Decline != q.Decline {
		d.say(Meaning, id, false, "%s", map[bool]string{true: `can be answered with "I'd rather not say"`, false: `no longer offers "I'd rather not say"`}[q.Decline])
	}
	if was.Fresh != q.Fresh {
		d.say(Campaigns, id, true, "new answers are confirmed again after %s in place of %s", orNever(q.Fresh.String()), orNever(was.Fresh.String()))
	}
}

// means compares what an answer can be.
func (d *differ) means(was, q *catalogue.Question) {
	id := q.ID
	if was.Kind.Name() != q.Kind.Name() {
		d.say(Meaning, id, true, "is a %s in place of a %s: earlier answers are kept, and whoever gave one that it cannot have any more is asked anew; until then it is not given to a site. To ask everybody anew, give the question a new id", q.Kind.Name(), was.Kind.Name())
		return
	}
	if was.Scope != q.Scope {
		d.say(Meaning, id, true, "belongs to the %s in place of the %s: customers are asked again", q.Scope, was.Scope)
	}
	for _, o := range was.Options {
		if q.Option(o.ID) == nil {
			d.say(Meaning, id, true, "the option %s is gone: whoever chose it is asked anew, and until then it is not given to a site; retired: true would keep it", o.ID)
		}
	}
	for _, o := range q.Options {
		if was.Option(o.ID) == nil {
			d.say(Meaning, id, false, "has the new option %s; earlier answers stay", o.ID)
		}
	}
	for _, b := range []struct {
		name, was, now string
		wider          bool // every earlier answer is still one that it can have
	}{
		{"at_least", fmt.Sprint(was.AtLeast), fmt.Sprint(q.AtLeast), q.AtLeast < was.AtLeast},
		{"at_most", fmt.Sprint(was.AtMost), fmt.Sprint(q.AtMost), q.AtMost == 0 || was.AtMost != 0 && q.AtMost > was.AtMost},
		{"limit", fmt.Sprint(was.Limit), fmt.Sprint(q.Limit), q.Limit > was.Limit},
		{"min", was.Min.String(), q.Min.String(), q.Min < was.Min && q.Step == was.Step && (was.Min-q.Min)%max(1, q.Step) == 0},
		{"max", was.Max.String(), q.Max.String(), q.Max > was.Max},
		{"step", was.Step.String(), q.Step.String(), q.Step > 0 && was.Step%q.Step == 0 && q.Min == was.Min},
		{"system", system(was), system(q), false},
		{"the first size", was.Sizes.First(), q.Sizes.First(), false}, {"the last size", was.Sizes.Last(), q.Sizes.Last(), false},
		{"from", was.From.String(), q.From.String(), q.From.IsZero()}, {"to", was.To.String(), q.To.String(), q.To.IsZero()},
	} {
		if b.was == b.now {
			continue
		}
		stays := "earlier answers stay as they are"
		if !b.wider {
			stays = "earlier answers stay as they are, but for those that it cannot have any more: they are asked anew"
		}
		d.say(Meaning, id, !b.wider, "%s is %s in place of %s; %s. If they would mean something else now, give the question a new id", b.name, orNothing(b.now), orNothing(b.was), stays)
	}
}

func system(q *catalogue.Question) string {
	if q.Sizes == nil {
		return ""
	}
	return q.Sizes.System
}

// text compares words, language by language.
func (d *differ) text(about, name string, was, now catalogue.Text) {
	langs := map[string]bool{}
	for l := range was {
		langs[l] = true
	}
	for l := range now {
		langs[l] = true
	}
	for _, l := range slices.Sorted(maps.Keys(langs)) {
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
	for _, p := range after.Purposes {
		was := before.Purpose(p.ID)
		if was == nil {
			d.say(Purposes, p.ID, false, "is new: %s", first(p.Text, after))
			continue
		}
		for _, l := range slices.Sorted(maps.Keys(p.Text)) {
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
		if after.Purpose(p.ID) == nil {
			d.say(Purposes, p.ID, false, "is gone: what was agreed to for it is no longer used")
		}
	}
}

func (d *differ) campaigns(before, after *catalogue.Set) {
	for _, c := range after.Campaigns {
		was := before.Campaign(c.ID)
		if was == nil {
			d.say(Campaigns, c.ID, true, "is new: %s, for %s, shows %s", triggers(c), audience(c), strings.Join(c.Show, ", "))
			continue
		}
		for _, b := range []struct {
			name, was, now string
		}{
			{"when", triggers(was), triggers(c)}, {"who", audience(was), audience(c)},
			{"shows", strings.Join(was.Show, ", "), strings.Join(c.Show, ", ")},
			{"questions in a visit", fmt.Sprint(was.AtMost), fmt.Sprint(c.AtMost)},
			{"offered in all", fmt.Sprint(was.Lifetime), fmt.Sprint(c.Lifetime)},
			{"cooldown", orNever(was.Cooldown.String()), orNever(c.Cooldown.String())},
			{"snooze", orNothing(was.Snooze.String()), orNothing(c.Snooze.String())},
			{"stops after a decline", yes(was.StopAfterDecline), yes(c.StopAfterDecline)},
			{"blocking", yes(was.Blocking), yes(c.Blocking)},
			{"priority", fmt.Sprint(was.Priority), fmt.Sprint(c.Priority)},
			{"offer", orNothing(was.Offer), orNothing(c.Offer)},
		} {
			if b.was != b.now {
				d.say(Campaigns, c.ID, false, "%s: %s in place of %s", b.name, b.now, b.was)
			}
		}
	}
	for _, c := range before.Campaigns {
		if after.Campaign(c.ID) == nil {
			d.say(Campaigns, c.ID, false, "is gone")
		}
	}
	for _, s := range after.Screens {
		was := before.Screen(s.ID)
		if was == nil {
			continue
		}
		if a, b := strings.Join(was.Ask, ", "), strings.Join(s.Ask, ", "); a != b {
			d.say(Campaigns, s.ID, false, "the screen asks %s in place of %s", b, a)
		}
		if a, b := condition(was.ShowIf), condition(s.ShowIf); a != b {
			d.say(Campaigns, s.ID, false, "the screen is shown to %s in place of %s", b, a)
		}
	}
}

// campaignsOf are the campaigns of a set that ask a question.
func campaignsOf(s *catalogue.Set, question string) []string {
	var out []string
	for _, c := range s.Campaigns {
		if slices.ContainsFunc(s.ScreensOf(c), func(x *catalogue.Screen) bool { return slices.Contains(x.Ask, question) }) {
			out = append(out, c.ID)
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
