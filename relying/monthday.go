package relying

import (
	"fmt"
	"time"
)

// MonthDay is a day without a year, such as a birthday.
type MonthDay struct {
	Month time.Month
	Day   int
}

// ParseMonthDay reads "--03-14" (ISO 8601:2000, 5.2.1.3 c); false if it is not
// a day that exists in some year.
func ParseMonthDay(s string) (MonthDay, bool) {
	if len(s) != len("--03-14") || s[:2] != "--" {
		return MonthDay{}, false
	}
	t, err := time.Parse("2006-01-02", "2000-"+s[2:]) // 2000 has a 29 February
	if err != nil {
		return MonthDay{}, false
	}
	return MonthDay{t.Month(), t.Day()}, true
}

// String writes the day as ParseMonthDay reads it.
func (d MonthDay) String() string { return fmt.Sprintf("--%02d-%02d", d.Month, d.Day) }

// In is the day in a year, at midnight in loc. 29 February is the 28th in a
// year that lacks it.
func (d MonthDay) In(year int, loc *time.Location) time.Time {
	t := time.Date(year, d.Month, d.Day, 0, 0, 0, 0, loc)
	if t.Month() != d.Month {
		t = t.AddDate(0, 0, -t.Day())
	}
	return t
}
