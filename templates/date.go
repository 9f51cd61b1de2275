package templates

import (
	"fmt"
	"strings"
	"time"
)

// Dates are said in words, in the zone of the set. Years are CE.

// Date is a day: "3 May", or "3 May 2025" when that is not this year.
func (s *Set) Date(lang string, t time.Time) string {
	t = t.In(s.zone)
	args := []any{"day", t.Day(), "month", s.Say(lang, fmt.Sprintf("month.date.%d", t.Month())), "year", t.Year()}
	if t.Year() == s.now().In(s.zone).Year() {
		return s.Say(lang, "date.day", args...)
	}
	return s.Say(lang, "date.day_year", args...)
}

// Moment is a day and the time: "today, 09:12" or "3 May, 09:12".
func (s *Set) Moment(lang string, t time.Time) string {
	t = t.In(s.zone)
	now := s.now().In(s.zone)
	clock := t.Format("15:04")
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return s.Say(lang, "date.today", "time", clock)
	}
	return s.Say(lang, "date.moment", "date", s.Date(lang, t), "time", clock)
}

// MonthYear is a month: "March 2028".
func (s *Set) MonthYear(lang string, t time.Time) string {
	t = t.In(s.zone)
	return s.Say(lang, "date.month_year", "month", s.Say(lang, fmt.Sprintf("month.%d", t.Month())), "year", t.Year())
}

// A Day is a day of the calendar as customers say it, in the common era, or a
// whole month if Day is 0.
type Day struct{ Year, Month, Day int }

// Day is a day with its year, "24 November 2026", or a month with it. The year is
// counted as the language counts it, and named where that is not the common era.
func (s *Set) Day(lang string, d Day) string { return s.words.day(lang, d) }

func (w *Words) day(lang string, d Day) string {
	key := "date.full"
	if d.Day == 0 {
		key = "date.full_month"
	}
	month, err := w.text(lang, fmt.Sprintf("month.%d", d.Month), nil)
	if err == nil {
		var text string
		if text, err = w.text(lang, key, []any{"day", d.Day, "month", month, "year", YearIn(lang, d.Year)}); err == nil {
			return text
		}
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// YearIn is a year of the common era as a language counts it: Thai from the
// Buddha, 543 years ahead.
func YearIn(lang string, year int) int {
	if base, _, _ := strings.Cut(lang, "-"); base == "th" {
		return year + 543
	}
	return year
}

// DayMonth is a day of any year: "14 March". month is 1 to 12.
func (s *Set) DayMonth(lang string, month, day int) string {
	return s.Say(lang, "date.day_month", "day", day, "month", s.Say(lang, fmt.Sprintf("month.%d", month)))
}

// Duration is how long something takes or works, in its largest whole unit and
// never too short: "60 seconds", "2 minutes", "3 days". Up to a minute is said in
// seconds.
func (s *Set) Duration(lang string, d time.Duration) string { return duration(s.words, lang, d) }

func duration(w *Words, lang string, d time.Duration) string {
	key, unit := "duration.seconds", time.Second
	switch {
	case d > 48*time.Hour:
		key, unit = "duration.days", 24*time.Hour
	case d > 2*time.Hour:
		key, unit = "duration.hours", time.Hour
	case d > time.Minute:
		key, unit = "duration.minutes", time.Minute
	}
	n := max(1, int((d+unit-1)/unit))
	text, err := w.text(lang, key, []any{"count", n})
	if err != nil {
		return d.String()
	}
	return text
}
