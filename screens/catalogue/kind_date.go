package catalogue

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// date is a day of the calendar, kept as RFC 3339 has a full-date: "2026-11-24".
// The year may be typed in the common or in the Buddhist era; see yearOf.
type date struct{}

func (date) Name() string { return "date" }

func (date) keys() []string { return []string{"autocomplete", "from", "to"} }

func (k date) parse(q *Question, form url.Values, field string) (Value, error) {
	typed, err := typedDate(form, field, "day", "month", "year")
	if err != nil {
		return Value{}, err
	}
	if typed == [3]string{} {
		return Value{}, problem.At(field+".day", "answer.date")
	}
	year, month, err := monthOf(typed[2], typed[1], field)
	if err != nil {
		return Value{}, err
	}
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	day, ok := number(typed[0])
	if !ok || day < 1 || day > last {
		return Value{}, problem.At(field+".day", "answer.day").With("max", last)
	}
	v := Word(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	if err := q.within(k, v, k.at(field), time.Time{}); err != nil {
		return Value{}, err
	}
	return v, nil
}

func (k date) accepts(q *Question, v Value) bool { return q.within(k, v, "", time.Time{}) == nil }

func (k date) show(_ *Question, v Value, lang string, say Dates) string {
	day, _ := k.read(v)
	if say == nil {
		return v.text
	}
	return say.Day(lang, k.shown(day))
}

// fill writes the parts into a form, the year as the language counts it.
func (k date) fill(q *Question, form url.Values, v Value, lang string) {
	if day, ok := k.read(v); ok {
		d := k.shown(day)
		form.Set(q.Field()+".day", strconv.Itoa(d.Day))
		form.Set(q.Field()+".month", strconv.Itoa(d.Month))
		form.Set(q.Field()+".year", strconv.Itoa(templates.YearIn(lang, d.Year)))
	}
}

func (date) load(q *Question, raw *rawQuestion, l *loading) {
	l.bounds(q, raw, time.DateOnly)
	q.Autocomplete = raw.Autocomplete
	if q.Autocomplete != "" && q.Autocomplete != "bday" && q.Autocomplete != "off" {
		raw.At.Field("autocomplete").Errorf("a date is bday or nothing to a browser, not %q%s", clip(q.Autocomplete), diag.DidYouMean(q.Autocomplete, []string{"bday", "off"}, nil))
	}
}

func (k date) want(q *Question, at diag.Node) (Value, bool) {
	return wantDay(q, k, at, time.DateOnly, "a date", "2026-11-24")
}

func (date) read(v Value) (time.Time, bool) { return dayIn(v, time.DateOnly) }

func (date) at(field string) string { return field + ".day" }

func (date) outside() (early, late string) { return "answer.date_early", "answer.date_late" }

func (date) shown(day time.Time) templates.Day {
	return templates.Day{Year: day.Year(), Month: int(day.Month()), Day: day.Day()}
}

func (date) floor(day time.Time) time.Time { return day }

// dayIn reads a kept day; false if it is none, or in no year that can be answered.
func dayIn(v Value, layout string) (time.Time, bool) {
	if v.form != formText {
		return time.Time{}, false
	}
	day, err := time.Parse(layout, v.text)
	return day, err == nil && day.Year() >= firstYear && day.Year() <= lastYear
}

// wantDay reads the day or month that a condition compares with.
func wantDay(q *Question, k dated, at diag.Node, layout, what, such string) (Value, bool) {
	s, _ := at.Scalar()
	v := Word(s)
	if _, ok := k.read(v); !ok {
		at.Errorf("%s is %s: write it as %q%s", q.ID, what, such, meantDay(s, layout))
		return Value{}, false
	}
	if !q.Accepts(v) {
		at.Errorf("%s can never be %s: it goes from %s to %s", q.ID, s, orNone(q.From), orNone(q.To))
		return Value{}, false
	}
	return v, true
}

func orNone(b Bound) string {
	if b.IsZero() {
		return "any time"
	}
	return b.String()
}

// meantDay is the day that was probably meant; a condition knows no today.
func meantDay(s, layout string) string {
	if m := meantBound(s, layout); !strings.Contains(m, "today") {
		return m
	}
	return ""
}

// typedDate takes the parts of a date from a form, without blanks around them.
func typedDate(form url.Values, field string, parts ...string) (typed [3]string, err error) {
	for i, part := range parts {
		s, err := only(form, field+"."+part)
		if err != nil {
			return typed, err
		}
		typed[i] = strings.TrimSpace(s)
	}
	return typed, nil
}

// monthOf reads the typed year and month.
func monthOf(yearText, monthText, field string) (int, time.Month, error) {
	month, ok := number(monthText)
	if !ok || month < 1 || month > 12 {
		return 0, 0, problem.At(field+".month", "answer.month")
	}
	year, ok := yearOf(yearText)
	if !ok {
		return 0, 0, problem.At(field+".year", "answer.year")
	}
	return year, time.Month(month), nil
}

// yearOf reads a year of four digits of any script, in the common era or the
// Buddhist one: which of the two, the number itself says.
func yearOf(s string) (int, bool) {
	year, count := 0, 0
	for _, r := range s {
		d, ok := digit(r)
		if !ok || count == 4 {
			return 0, false
		}
		year, count = 10*year+d, count+1
	}
	if year >= firstYear+buddhist {
		year -= buddhist
	}
	return year, count == 4 && year >= firstYear && year <= lastYear
}
