package catalogue

import (
	"net/url"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// A Kind is how a question is answered: single, multi, text, boolean and so on;
// kindNames has them all. Each has its own kind_<name>.go.
type Kind interface {
	// Name as written in a set; also the name of the template part.
	Name() string
	// parse reads a form. The error is a *problem.Problem.
	parse(q *Question, form url.Values, field string) (Value, error)
	// accepts says whether the question can have the value now.
	accepts(q *Question, v Value) bool
	// show is an accepted value in words.
	show(q *Question, v Value, lang string, say Dates) string
	// keys are those of a definition that say something for the kind, beside those of
	// every question: see everyKey.
	keys() []string
	// load checks the keys of a definition that concern the kind, and sets q from them.
	load(q *Question, raw *rawQuestion, set *loading)
	// want is the value a condition compares with; ok is false if it was reported.
	want(q *Question, at diag.Node) (v Value, ok bool)
}

// A parted kind has answers of several parts, of which conditions read one.
type parted interface {
	partNames(q *Question) []string
	wantPart(q *Question, part string, at diag.Node) (v Value, ok bool)
}

// A drawn kind says itself how the page shows it, beyond what all kinds have.
type drawn interface {
	draw(q *Question, v *templates.Question, form url.Values, lang string)
}

// Dates says days in words. templates.Set does, in the words of its languages.
type Dates interface {
	DayMonth(lang string, month, day int) string // of any year: "14 March"
	Day(lang string, d templates.Day) string     // "24 November 2026", or of a month alone "November 2026"
}

// A filler is a kind whose form has other fields than the question's own, to be
// filled in with a value.
type filler interface {
	fill(q *Question, form url.Values, v Value, lang string)
}

// kindNames are the names of all kinds, as the set's writer may choose them.
func kindNames() []string {
	return []string{"single", "multi", "pictures", "rank",
		"text", "number", "scale", "boolean", "month_day",
		"date", "year_month", "country", "size", "plan", "consent"}
}

func kindOf(name string) Kind {
	switch name {
	case "single":
		return single{}
	case "multi":
		return multi{}
	case "pictures":
		return pictures{}
	case "rank":
		return rank{}
	case "text":
		return text{}
	case "number":
		return numeric{}
	case "scale":
		return scale{}
	case "boolean":
		return boolean{}
	case "month_day":
		return monthDay{}
	case "date":
		return date{}
	case "year_month":
		return yearMonth{}
	case "country":
		return country{}
	case "size":
		return size{}
	case "plan":
		return plan{}
	case "consent":
		return consenting{}
	}
	return nil
}

// Field is the form field of a question: "q.coffee_milk". single has the option's
// id there, multi one value an option, text the words, number what was typed, scale
// the point, boolean "yes" or "no". What is typed beside "other" stands in
// Field.other; month_day has Field.day and Field.month, date Field.year too,
// year_month Field.month and Field.year; country the code; size "uk:42", a notation
// and the canonical size; plan has Field.what,
// Field.when or Field.month and Field.year, and Field.sure; rank has Field.1 and
// on, an option each; consent Field with a channel each, and see Agree.
func (q *Question) Field() string { return "q." + q.ID }

// Parse reads the answer from a form, and nothing of the form but the question's
// own fields. The error is a *problem.Problem at one of them, or of a plan a
// problem.List: answer.none, answer.too_many (count), answer.too_few (count),
// answer.not_offered, answer.other_empty, answer.rank.none, answer.rank.gap
// (place), answer.rank.twice (option), answer.too_long
// (count), answer.characters, answer.number and what begins with it (min, max and
// others), answer.day (max), answer.month, answer.year, answer.date,
// answer.month_year, answer.country, answer.size, answer.plan.what, .words, .when and .sure, or for a day outside of bounds that stand
// those of ParseOn.
func (q *Question) Parse(form url.Values) (Value, error) { return q.Kind.parse(q, form, q.Field()) }

// Accepts says whether a value is one the question can have now: of its kind,
// offered, within its limits.
func (q *Question) Accepts(v Value) bool { return q.Kind.accepts(q, v) }

// Show is the value in words, for pages. "" if the question cannot have it (any
// more). Without say a day is shown as it is kept.
func (q *Question) Show(v Value, lang string, say Dates) string {
	if !q.Accepts(v) {
		return ""
	}
	return q.Kind.show(q, v, lang, say)
}

// Release is the value as it leaves in a claim: string, []string, float64, bool or an
// object of these; of a size the canonical one alone. ok is false if the question
// cannot have this value (any more).
func (q *Question) Release(v Value) (value any, ok bool) {
	if !q.Accepts(v) {
		return nil, false
	}
	return v.canonical().Any(), true
}

// only is the one value of a form field; more than one is no form of ours.
func only(form url.Values, field string) (string, error) {
	switch list := form[field]; len(list) {
	case 0:
		return "", nil
	case 1:
		return list[0], nil
	}
	return "", problem.At(field, "answer.too_many").With("count", 1)
}
