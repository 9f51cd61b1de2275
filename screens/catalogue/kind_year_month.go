package catalogue

import (
	"net/url"
	"strconv"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// yearMonth is a month of a year, kept as ISO 8601 has it: "2026-11". Within the
// room it is the first day of that month.
type yearMonth struct{}

// monthOnly is the layout of a kept month.
const monthOnly = "2006-01"

func (yearMonth) Name() string { return "year_month" }

func (yearMonth) keys() []string { return []string{"from", "to"} }

func (k yearMonth) parse(q *Question, form url.Values, field string) (Value, error) {
	v, err := monthIn(form, field)
	if err == nil {
		err = q.within(k, v, k.at(field), time.Time{})
	}
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

// monthIn reads a month of a form, whichever it is.
func monthIn(form url.Values, field string) (Value, error) {
	typed, err := typedDate(form, field, "month", "year")
	if err != nil {
		return Value{}, err
	}
	if typed == [3]string{} {
		return Value{}, problem.At(field+".month", "answer.month_year")
	}
	year, month, err := monthOf(typed[1], typed[0], field)
	if err != nil {
		return Value{}, err
	}
	return Word(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Format(monthOnly)), nil
}

func (k yearMonth) accepts(q *Question, v Value) bool { return q.within(k, v, "", time.Time{}) == nil }

func (k yearMonth) show(_ *Question, v Value, lang string, say Dates) string {
	day, _ := k.read(v)
	if say == nil {
		return v.text
	}
	return say.Day(lang, k.shown(day))
}

// fill writes the parts into a form, the year as the language counts it.
func (k yearMonth) fill(q *Question, form url.Values, v Value, lang string) {
	if day, ok := k.read(v); ok {
		form.Set(q.Field()+".month", strconv.Itoa(int(day.Month())))
		form.Set(q.Field()+".year", strconv.Itoa(templates.YearIn(lang, day.Year())))
	}
}

func (yearMonth) load(q *Question, raw *rawQuestion, l *loading) {
	l.bounds(q, raw, monthOnly)
}

func (k yearMonth) want(q *Question, at diag.Node) (Value, bool) {
	return wantDay(q, k, at, monthOnly, "a month", "2026-11")
}

func (yearMonth) read(v Value) (time.Time, bool) { return dayIn(v, monthOnly) }

func (yearMonth) at(field string) string { return field + ".month" }

func (yearMonth) outside() (early, late string) { return "answer.month_early", "answer.month_late" }

func (yearMonth) shown(day time.Time) templates.Day {
	return templates.Day{Year: day.Year(), Month: int(day.Month())}
}

func (yearMonth) floor(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}
