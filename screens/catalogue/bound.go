package catalogue

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// The years an answer can lie in, of the common era. They are few enough that no
// year can be read in two ways: a Buddhist year is 543 ahead, so that those of these
// years (2443 to 2842) begin where these have ended.
const (
	firstYear = 1900
	lastYear  = 2299
	buddhist  = 543
)

// A Bound is one end of what a date or month may be: a day that stands, or one
// that moves with today. The zero value is no bound.
type Bound struct {
	fixed time.Time   // midnight UTC; zero if the bound moves
	moves bool        // counts from today
	ahead diag.Period // of today
	back  diag.Period // before today
	text  string      // as written
}

// IsZero says whether there is no bound.
func (b Bound) IsZero() bool { return b.text == "" }

// String is the bound as a set writes it: "2026-11-24", "2026-11", "today-18y".
func (b Bound) String() string { return b.text }

// A day begins first at UTC+14 and ends last at UTC-12. Where a customer is, is
// not known; so what is today anywhere is today.
const (
	earliest = -12 * time.Hour
	latest   = +14 * time.Hour
)

// on is the bound's day, on a day that begins from now by skew. ok is false if
// there is no bound, or if it moves and now is not known.
func (b Bound) on(now time.Time, skew time.Duration) (day time.Time, ok bool) {
	switch {
	case b.IsZero() || b.moves && now.IsZero():
		return time.Time{}, false
	case !b.moves:
		return b.fixed, true
	}
	y, m, d := now.UTC().Add(skew).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch {
	case !b.ahead.IsZero():
		return b.ahead.After(today), true
	case !b.back.IsZero():
		return b.back.Before(today), true
	}
	return today, true
}

// A dated kind has a first and a last answer that the passing of time moves.
type dated interface {
	Kind
	// read takes an accepted value's day; the first of its month where it has none.
	read(v Value) (time.Time, bool)
	// early and late name the sentences that refuse a day outside; shown is the bound in one.
	outside() (early, late string)
	shown(day time.Time) templates.Day
	// at is the form field that a problem of the whole answer concerns.
	at(field string) string
	// floor is the first day of the unit the kind counts in.
	floor(day time.Time) time.Time
}

// within says what is wrong with a value's day on the day that is now; with the
// zero time only bounds that stand are looked at.
func (q *Question) within(k dated, v Value, field string, now time.Time) error {
	day, ok := k.read(v)
	if !ok {
		return problem.At(field, "answer.not_offered")
	}
	early, late := k.outside()
	if from, ok := q.From.on(now, earliest); ok && day.Before(k.floor(from)) {
		return problem.At(field, early).With("date", k.shown(from))
	}
	if to, ok := q.To.on(now, latest); ok && day.After(to) {
		return problem.At(field, late).With("date", k.shown(to))
	}
	return nil
}

// ParseOn is Parse on the day that is now: of a date it also refuses what lies
// outside of bounds that move with today: answer.date_early, answer.date_late,
// answer.month_early and answer.month_late (date).
func (q *Question) ParseOn(form url.Values, now time.Time) (Value, error) {
	v, err := q.Parse(form)
	if k, ok := q.Kind.(dated); ok && err == nil {
		err = q.within(k, v, k.at(q.Field()), now)
	}
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

// AcceptsOn says whether the value could be answered on the day that is now. What
// was answered earlier still stands when a bound has moved past it or an option
// was retired: see Accepts.
func (q *Question) AcceptsOn(v Value, now time.Time) bool {
	if !q.Accepts(v) || q.retired(v) {
		return false
	}
	k, ok := q.Kind.(dated)
	return !ok || q.within(k, v, "", now) == nil
}

// bounds reads from and to of a definition.
func (l *loading) bounds(q *Question, raw *rawQuestion, layout string) {
	from, ok := l.bound(raw.At.Field("from"), raw.From, layout)
	to, ok2 := l.bound(raw.At.Field("to"), raw.To, layout)
	q.From, q.To = from, to
	if !ok || !ok2 || from.moves != to.moves {
		return
	}
	some := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	a, isA := from.on(some, 0)
	b, isB := to.on(some, 0)
	if isA && isB && a.After(b) {
		raw.At.Field("from").Errorf("from (%s) is after to (%s): nothing could be answered; did you mean them the other way round?", from, to)
	}
}

// bound reads one bound; ok is false if it was reported or is not there.
func (l *loading) bound(in diag.Node, s, layout string) (b Bound, ok bool) {
	if s == "" {
		if _, written := in.Scalar(); written && in.Set() {
			in.Errorf("is empty; %s, or leave the key out", boundForm(layout))
		}
		return Bound{}, false
	}
	if day, err := time.Parse(layout, s); err == nil && day.Year() >= firstYear && day.Year() <= lastYear {
		return Bound{fixed: day, text: s}, true
	}
	if rest, is := strings.CutPrefix(s, "today"); is {
		b = Bound{moves: true, text: s}
		if rest == "" {
			return b, true
		}
		var p diag.Period
		if err := p.UnmarshalText([]byte(rest[1:])); err == nil && !p.Never && p.Time == 0 && (layout == time.DateOnly || p.Days == 0) {
			switch rest[0] {
			case '+':
				b.ahead = p
				return b, true
			case '-':
				b.back = p
				return b, true
			}
		}
	}
	in.Errorf("%s, not %q%s", boundForm(layout), clip(s), meantBound(s, layout))
	return Bound{}, false
}

func boundForm(layout string) string {
	if layout == time.DateOnly {
		return "write a day of 1900 to 2299 such as 2026-11-24, or one counted from today: today, today+30d, today-18y"
	}
	return "write a month of 1900 to 2299 such as 2026-11, or one counted from today: today, today+6mo, today-10y"
}

// meantBound is what was probably meant: the same day as ISO 8601 and the common
// era have it, or today without a slip of the finger.
func meantBound(s, layout string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	layouts := []string{time.DateOnly, "2006-1-2", "2006/1/2", "2006.1.2", "2.1.2006", "2/1/2006", "2-1-2006", "20060102", time.RFC3339}
	if layout != time.DateOnly {
		layouts = append([]string{layout, "2006-1", "2006/1", "1/2006", "1.2006", "1-2006", "200601"}, layouts...)
	}
	for _, from := range layouts {
		day, err := time.Parse(from, strings.ToUpper(s))
		if err != nil {
			continue
		}
		if y := day.Year(); y >= firstYear+buddhist && y <= lastYear+buddhist {
			day = time.Date(y-buddhist, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
		}
		if day.Year() < firstYear || day.Year() > lastYear {
			return ""
		}
		return fmt.Sprintf("; did you mean %q?", day.Format(layout))
	}
	if y, m, ok := lastOfMonth(s); ok && layout == time.DateOnly {
		last := time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC)
		return fmt.Sprintf("; did you mean %q, the last of that month?", last.Format(layout))
	}
	if i := strings.IndexAny(s, "+-"); i > 0 && (diag.Suggest(s[:i], []string{"today"}) != "" || s[:i] == "now" || s[:i] == "today") {
		var p diag.Period
		if p.UnmarshalText([]byte(s[i+1:])) == nil && !p.Never && p.Time == 0 && (layout == time.DateOnly || p.Days == 0) {
			return fmt.Sprintf("; did you mean %q?", "today"+s[i:])
		}
		return ""
	}
	if s == "now" {
		return "; did you mean \"today\"?"
	}
	return diag.DidYouMean(s, []string{"today"}, nil)
}

// lastOfMonth says whether s is a day that its month is too short for.
func lastOfMonth(s string) (year, month int, ok bool) {
	p := strings.Split(s, "-")
	if len(p) != 3 || len(p[2]) != 2 {
		return 0, 0, false
	}
	first, err := time.Parse("2006-01", p[0]+"-"+p[1])
	day, err2 := strconv.Atoi(p[2])
	if err != nil || err2 != nil || day < 29 || day > 31 || first.Year() < firstYear || first.Year() > lastYear {
		return 0, 0, false
	}
	return first.Year(), int(first.Month()), true
}
