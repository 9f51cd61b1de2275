package catalogue

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// plan is what somebody is going to buy, by when, and how sure they are: one
// answer of up to three parts. What it is about is one of the question's options, or
// the customer's own words, or nothing but the question itself.
type plan struct{}

// monthPlan is a plan whose when is a month of a year.
type monthPlan struct{ plan }

// A Plan is what a question of kind plan offers beside its options.
type Plan struct {
	Words bool      // what is written in the customer's own words
	When  []*Option // periods; nil: a month of a year
	Sure  []*Option // three to five
}

// The parts of a plan, in a claim and in conditions.
const (
	partWhat = "what" // an option's id or "other:" and words; own words where Plan.Words is set
	partWhen = "when" // a period's id, or a month: "2026-11"
	partSure = "sure" // the id of a word; absent where there is no plan
)

func (plan) Name() string { return "plan" }

func (plan) keys() []string {
	return []string{"options", "limit", "from", "to", "what", "when", "sure"}
}

func (plan) parse(q *Question, form url.Values, field string) (Value, error) {
	var bad problem.List
	parts := map[string]Value{}
	read := func(part string, v Value, err error) {
		if one, ok := err.(*problem.Problem); ok {
			bad = append(bad, one)
		}
		parts[part] = v
	}
	when, err := q.readWhen(form, field)
	if id, _ := when.Any().(string); err == nil && q.noPlan(id) {
		return Parts(map[string]Value{partWhen: when}), nil
	}
	if q.hasWhat() {
		v, err := q.readWhat(form, field+"."+partWhat)
		read(partWhat, v, err)
	}
	read(partWhen, when, err)
	sure, err := pick(q.Plan.Sure, form, field+"."+partSure, "answer.plan.sure")
	read(partSure, sure, err)
	switch len(bad) {
	case 0:
		return Parts(parts), nil
	case 1:
		return Value{}, bad[0]
	}
	return Value{}, bad
}

// hasWhat says whether the question asks what, beside by when and how sure.
func (q *Question) hasWhat() bool { return q.Plan.Words || len(q.Options) > 0 }

// noPlan says whether a period means that there is no plan.
func (q *Question) noPlan(when string) bool {
	return slices.ContainsFunc(q.Plan.When, func(o *Option) bool { return o.ID == when && o.NoPlan })
}

func (q *Question) readWhat(form url.Values, field string) (Value, error) {
	if q.Plan.Words {
		typed, err := only(form, field)
		if err == nil {
			typed, err = clean(typed, q.Limit, false, field)
		}
		if err == nil && typed == "" {
			err = problem.At(field, "answer.plan.words")
		}
		if err != nil {
			return Value{}, err
		}
		return Word(typed), nil
	}
	v, err := single{}.parse(q, form, field)
	if one, ok := err.(*problem.Problem); ok && one.Code == "answer.none" {
		err = problem.At(field, "answer.plan.what")
	}
	return v, err
}

func (q *Question) readWhen(form url.Values, field string) (Value, error) {
	if q.Plan.When == nil {
		return monthIn(form, field)
	}
	return pick(q.Plan.When, form, field+"."+partWhen, "answer.plan.when")
}

// pick is the one option a form names; none is the problem where it names nothing.
func pick(options []*Option, form url.Values, field, none string) (Value, error) {
	id, err := only(form, field)
	switch {
	case err != nil:
		return Value{}, err
	case id == "":
		return Value{}, problem.At(field, none)
	case !has(standingOf(options), id):
		return Value{}, problem.At(field, "answer.not_offered")
	}
	return Word(id), nil
}

func has(options []*Option, id string) bool {
	return find(options, func(o *Option) bool { return o.ID == id }) != nil
}

func (plan) accepts(q *Question, v Value) bool {
	if v.form != formParts {
		return false
	}
	what, when, sure := v.Part(partWhat), v.Part(partWhen), v.Part(partSure)
	switch {
	case when.form != formText:
		return false
	case q.noPlan(when.text):
		return len(v.parts) == 1
	case q.Plan.When == nil && q.within(monthPlan{}, v, "", time.Time{}) != nil:
		return false
	case q.Plan.When != nil && !has(q.Plan.When, when.text):
		return false
	case sure.form != formText || !has(q.Plan.Sure, sure.text):
		return false
	case !q.hasWhat():
		return len(v.parts) == 2
	case q.Plan.Words:
		return len(v.parts) == 3 && what.form == formText && isClean(what.text, q.Limit, false)
	}
	return len(v.parts) == 3 && single{}.accepts(q, what)
}

// planRetired says whether a part of an accepted plan is offered no more.
func (q *Question) planRetired(v Value) bool {
	for part, options := range map[string][]*Option{partWhat: q.Options, partWhen: q.Plan.When, partSure: q.Plan.Sure} {
		if has(options, optionOf(v.Part(part).text)) && !has(standingOf(options), optionOf(v.Part(part).text)) {
			return true
		}
	}
	return false
}

// show has the parts one after the other: "Espresso machine · Within a month · Quite sure".
func (plan) show(q *Question, v Value, lang string, say Dates) string {
	var said []string
	if what := v.Part(partWhat); q.Plan.Words && !what.IsZero() {
		said = append(said, what.text)
	} else if !what.IsZero() {
		said = append(said, label(q, what.text, lang))
	}
	when := v.Part(partWhen)
	if q.Plan.When == nil {
		said = append(said, yearMonth{}.show(q, when, lang, say))
	} else {
		said = append(said, worded(q.Plan.When, when.text, lang))
	}
	if sure := v.Part(partSure); !sure.IsZero() {
		said = append(said, worded(q.Plan.Sure, sure.text, lang))
	}
	return strings.Join(said, " · ")
}

func worded(options []*Option, id, lang string) string {
	return find(options, func(o *Option) bool { return o.ID == id }).Label.In(lang)
}

func (plan) draw(q *Question, v *templates.Question, form url.Values, lang string) {
	choice := func(part string, options []*Option) templates.Question {
		field := v.ID + "." + part
		one := templates.Question{ID: field, Part: part, Kind: "single", Text: form.Get(field + ".other"), Limit: q.Limit}
		for _, o := range standingOf(options) {
			one.Options = append(one.Options, templates.Option{
				Value: o.ID, Label: o.Label.In(lang), Hint: o.Hint.In(lang), Other: o.Other, Checked: slices.Contains(form[field], o.ID),
			})
		}
		return one
	}
	switch {
	case q.Plan.Words:
		field := v.ID + "." + partWhat
		v.Parts = append(v.Parts, templates.Question{ID: field, Part: partWhat, Kind: "text", Text: form.Get(field), Limit: q.Limit})
	case len(q.Options) > 0:
		v.Parts = append(v.Parts, choice(partWhat, q.offeredIn(lang)))
	}
	if q.Plan.When == nil {
		v.Parts = append(v.Parts, templates.Question{ID: v.ID, Part: partWhen, Kind: "year_month", Month: v.Month, Year: v.Year})
	} else {
		v.Parts = append(v.Parts, choice(partWhen, q.Plan.When))
	}
	v.Parts = append(v.Parts, choice(partSure, q.Plan.Sure))
}

func (plan) fill(q *Question, form url.Values, v Value, lang string) {
	field := q.Field()
	what, typed := strings.CutPrefix(v.Part(partWhat).text, otherPrefix)
	switch {
	case !typed || q.Plan.Words:
		form.Set(field+"."+partWhat, v.Part(partWhat).text)
	default:
		form.Set(field+"."+partWhat, "other")
		form.Set(field+"."+partWhat+".other", what)
	}
	if q.Plan.When == nil {
		yearMonth{}.fill(q, form, v.Part(partWhen), lang)
	} else {
		form.Set(field+"."+partWhen, v.Part(partWhen).text)
	}
	form.Set(field+"."+partSure, v.Part(partSure).text)
}

func (plan) load(q *Question, raw *rawQuestion, l *loading) {
	q.Plan = &Plan{}
	at := raw.At.Field("what")
	switch {
	case raw.What == "text" && len(raw.Options) > 0:
		at.Errorf("what is text or one of the options, not both; take one of them out")
	case raw.What == "text":
		q.Plan.Words = true
	case raw.What != "":
		at.Errorf("unknown what %q; write text for the customer's own words, options for choices, or leave both out where the question itself says what%s",
			clip(raw.What), diag.DidYouMean(raw.What, []string{"text"}, nil))
	}
	if len(raw.Options) > 0 {
		l.options(q, raw, 2)
	}
	if q.Plan.Words || q.Option("other") != nil {
		l.limit(q, raw)
	} else {
		l.refuseOne(raw, "limit", "only what is written in one's own words has a limit")
	}
	l.planWhen(q, raw)
	l.planSure(q, raw)
	if q.Fresh.IsZero() {
		raw.At.Field("fresh").Errorf("is missing: a plan runs out; write how long it holds, such as fresh: 3mo")
	}
}

func (l *loading) planWhen(q *Question, raw *rawQuestion) {
	at := raw.At.Field("when")
	switch {
	case raw.When.word == "month":
		q.Kind = monthPlan{}
		l.bounds(q, raw, monthOnly)
		if raw.From == "" {
			q.From = Bound{moves: true, text: "today"} // nobody plans for what is over
		}
		return
	case raw.When.word != "":
		at.Errorf("unknown when %q; write month, or a list of periods with an id and a label each%s", clip(raw.When.word), diag.DidYouMean(raw.When.word, []string{"month"}, nil))
		return
	case !at.Set():
		at.Errorf("is missing; write month, or a list of periods with an id and a label each")
		return
	}
	l.refuseOne(raw, "from", "only a plan with when: month has a first month")
	l.refuseOne(raw, "to", "only a plan with when: month has a last month")
	q.Plan.When = l.list(q, at, raw.When.options, 2, 6)
	left := 0
	for _, o := range q.Plan.When {
		if !o.NoPlan {
			left++
		}
	}
	if left == 0 && len(q.Plan.When) > 0 {
		at.Errorf("every period means that there is no plan; write one that is a plan")
	}
}

func (l *loading) planSure(q *Question, raw *rawQuestion) {
	at := raw.At.Field("sure")
	if !at.Set() {
		for _, id := range []string{"sure", "likely", "perhaps"} {
			q.Plan.Sure = append(q.Plan.Sure, &Option{ID: id, Label: l.builtin(raw.At, id)})
		}
		return
	}
	q.Plan.Sure = l.list(q, at, raw.Sure, 3, 5)
	for i, o := range q.Plan.Sure {
		if o.NoPlan {
			at.Index(i).Field("no_plan").Errorf("says nothing of how sure somebody is; it belongs to when")
		}
	}
}

// list reads options that are no question's own: so many of them, and none opens a text.
func (l *loading) list(q *Question, at diag.Node, raw []rawOption, least, most int) []*Option {
	part := &Question{ID: q.ID}
	l.optionsAt(part, at, raw, least)
	if len(part.Options) > most {
		at.Errorf("has %d; write %d at most", len(part.Options), most)
	}
	for i, o := range part.Options {
		if o.Other {
			at.Index(i).Errorf("one's own words belong to what; leave other out here")
		}
	}
	return part.Options
}

// rawWhen is a word or a list of options.
type rawWhen struct {
	word    string
	options []rawOption
}

// DecodeNode reads either.
func (w *rawWhen) DecodeNode(at diag.Node) {
	if s, ok := at.Scalar(); ok {
		w.word = s
		return
	}
	at.Decode(&w.options)
}

func (plan) want(q *Question, at diag.Node) (Value, bool) {
	at.Errorf("%s has parts; write of which one: answer: %s.%s", q.ID, q.ID, strings.Join(plan{}.partNames(q), ", "+q.ID+"."))
	return Value{}, false
}

// partNames are the parts that a condition can read.
func (plan) partNames(q *Question) []string {
	names := []string{partWhat, partWhen, partSure}
	if !q.hasWhat() || q.Plan.Words {
		return names[1:]
	}
	return names
}

func (plan) wantPart(q *Question, part string, at diag.Node) (Value, bool) {
	of := &Question{ID: q.ID + "." + part, Kind: single{}}
	switch part {
	case partWhat:
		of.Options = q.Options
	case partSure:
		of.Options = q.Plan.Sure
	case partWhen:
		if of.Options = q.Plan.When; of.Options == nil {
			of.Kind = yearMonth{}
		}
	}
	return of.Kind.want(of, at)
}

// What a month counts as; see yearMonth.
func (monthPlan) read(v Value) (time.Time, bool)    { return yearMonth{}.read(v.Part(partWhen)) }
func (monthPlan) at(field string) string            { return yearMonth{}.at(field) }
func (monthPlan) outside() (early, late string)     { return yearMonth{}.outside() }
func (monthPlan) shown(day time.Time) templates.Day { return yearMonth{}.shown(day) }
func (monthPlan) floor(day time.Time) time.Time     { return yearMonth{}.floor(day) }
