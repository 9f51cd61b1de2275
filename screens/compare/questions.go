package compare

import (
	"fmt"
	"strings"

	"github.com/proffer-id/proffer/screens/catalogue"
)

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
	now, ids := by(after.Questions, func(q *catalogue.Question) string { return q.ID })
	d.order(Words, after.Brand, "customers find their answers in another order", gone, ids)
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
	for _, t := range []struct {
		name     string
		was, now catalogue.Text
	}{{"low", was.Labels.Low, q.Labels.Low}, {"middle", was.Labels.Middle, q.Labels.Middle}, {"high", was.Labels.High, q.Labels.High}} {
		d.text(id, "label of the "+t.name+" point", t.was, t.now)
	}
	d.looks(was, q)
	if was.Purpose != q.Purpose {
		d.say(Purposes, id, false, "is asked for %s in place of %s; answers given for the one are not given to a site for the other until customers agree to it", q.Purpose, was.Purpose)
	}
	if was.MinAge != q.MinAge {
		d.say(Claims, id, false, "is asked of and given for %s in place of %s", ages(q.MinAge), ages(was.MinAge))
	}
	for _, b := range []struct {
		part     Part
		was, now bool
		yes, no  string
	}{
		{Meaning, was.Decline, q.Decline, `can be answered with "I'd rather not say"`, `no longer offers "I'd rather not say"; who said so is not asked`},
		{Meaning, was.Unsure, q.Unsure, `can be answered with "I'm not sure", and is then asked again later`, `no longer offers "I'm not sure"`},
		{Purposes, was.Special, q.Special, "is special data: its page asks for an explicit agreement, and a site gets the answers of those who gave it", "is no longer special data: its page asks for no explicit agreement"},
		{Questions, was.Shared, q.Shared, "is the question that another brand's set defines: one answer for both, in the words of that set", "is the brand's own, and no longer the one that another brand's set defines"},
	} {
		if b.was != b.now {
			d.say(b.part, id, false, "%s", map[bool]string{true: b.yes, false: b.no}[b.now])
		}
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
	d.options(id, "option", was.Options, q.Options)
	if was.Plan != nil && q.Plan != nil {
		d.options(id, "time", was.Plan.When, q.Plan.When)
		d.options(id, "word for how sure", was.Plan.Sure, q.Plan.Sure)
		if was.Plan.Words != q.Plan.Words {
			d.say(Meaning, id, true, "%s; whoever gave an answer that it cannot have any more is asked anew", map[bool]string{true: "what is planned is told in the customer's own words", false: "what is planned is one of its options"}[q.Plan.Words])
		}
		if (was.Plan.When == nil) != (q.Plan.When == nil) {
			d.say(Meaning, id, true, "%s; whoever gave an answer that it cannot have any more is asked anew", map[bool]string{true: "the time of a plan is a month", false: "the time of a plan is one of its own"}[q.Plan.When == nil])
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

// age compares which question tells how old a customer is.
func (d *differ) age(before, after *catalogue.Set) {
	switch a, b := before.AgeQuestion, after.AgeQuestion; {
	case a == b:
	case a == "":
		d.say(Campaigns, b, true, "tells how old a customer is; questions for those who are old enough hang on it")
	case b == "":
		d.say(Campaigns, a, false, "no longer tells how old a customer is")
	default:
		d.say(Campaigns, b, true, "tells how old a customer is, in place of %s", a)
	}
}

// looks compares how the page of a question looks, beside its words.
func (d *differ) looks(was, q *catalogue.Question) {
	for _, b := range []struct{ name, was, now string }{
		{"options are listed", listed(was), listed(q)},
		{"field", lines(was.Long), lines(q.Long)},
		{"browsers may fill in", orNothing(was.Autocomplete), orNothing(q.Autocomplete)},
		{"options stand", grid(was.Short), grid(q.Short)},
		{"countries on top of the list", fmt.Sprint(was.First), fmt.Sprint(q.First)},
		{"notations of sizes", notations(was), notations(q)},
	} {
		if b.was != b.now {
			d.say(Words, q.ID, false, "%s: %s in place of %s", b.name, b.now, b.was)
		}
	}
}

func listed(q *catalogue.Question) string {
	return map[string]string{"fixed": "as written", "alphabetical": "by the alphabet", "shuffled": "shuffled, for each visit"}[q.Order()]
}

func lines(long bool) string { return map[bool]string{true: "several lines", false: "one line"}[long] }

func grid(short bool) string {
	return map[bool]string{true: "side by side", false: "one below the other"}[short]
}

func notations(q *catalogue.Question) string {
	if q.Sizes == nil {
		return "none"
	}
	return strings.Join(q.Sizes.Notations, ", ")
}
