package diag

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Duration is a length of time: "20s", "10m", "12h", "30d", "2w", "1h30m". A day
// is 24 hours. Months differ in length, so they are no Duration; see Period.
type Duration time.Duration

const day = 24 * time.Hour

// D is the duration in the standard library's type.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String is the shortest way to write the duration.
func (d Duration) String() string {
	t := time.Duration(d)
	switch {
	case t != 0 && t%(7*day) == 0:
		return fmt.Sprintf("%dw", t/(7*day))
	case t != 0 && t%day == 0:
		return fmt.Sprintf("%dd", t/day)
	}
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration; the error says how to write one.
func (d *Duration) UnmarshalText(b []byte) error {
	parts, err := units(string(b), "ms", "s", "m", "h", "d", "w")
	if err != nil {
		if rest, ok := strings.CutSuffix(string(b), "mo"); ok && digits(rest) {
			return fmt.Errorf("months differ in length; write %s in days, such as 30d", b)
		}
		return fmt.Errorf("write a length of time such as 20s, 10m, 12h or 30d, not %q", cut(string(b), 40))
	}
	t, ok := span(parts)
	if !ok {
		return fmt.Errorf("%s is too long a time", cut(string(b), 40))
	}
	*d = Duration(t)
	return nil
}

// A Period is a length on the calendar: "18mo", "1y", "30d", "2w", "20s", "never".
// Its zero value is not set.
type Period struct {
	Months, Days int
	Time         time.Duration // hours, minutes, seconds
	Never        bool          // without end
}

// PeriodPattern is a regular expression of how a Period is written; "" matches too
// and is none.
const PeriodPattern = `^(never|([0-9]+y)?([0-9]+mo)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$`

// After is the moment a period after t; zero if the period is Never or not set.
// A month after 31 January is the last day of February.
func (p Period) After(t time.Time) time.Time {
	if p.Never || p.IsZero() {
		return time.Time{}
	}
	return months(t, p.Months).AddDate(0, 0, p.Days).Add(p.Time)
}

// Before is the moment a period before t; zero if the period is Never or not set.
func (p Period) Before(t time.Time) time.Time {
	if p.Never || p.IsZero() {
		return time.Time{}
	}
	return months(t, -p.Months).AddDate(0, 0, -p.Days).Add(-p.Time)
}

func months(t time.Time, n int) time.Time {
	u := t.AddDate(0, n, 0)
	if u.Day() != t.Day() { // the month is shorter, and AddDate ran into the next
		u = u.AddDate(0, 0, -u.Day())
	}
	return u
}

// IsZero says whether the period is not set.
func (p Period) IsZero() bool { return p == Period{} }

// String is the shortest way to write the period; "" if it is not set.
func (p Period) String() string {
	if p.Never {
		return "never"
	}
	var b strings.Builder
	switch {
	case p.Months != 0 && p.Months%12 == 0:
		fmt.Fprintf(&b, "%dy", p.Months/12)
	case p.Months != 0:
		fmt.Fprintf(&b, "%dmo", p.Months)
	}
	if p.Days != 0 {
		fmt.Fprintf(&b, "%dd", p.Days)
	}
	if p.Time != 0 {
		b.WriteString(Duration(p.Time).String())
	}
	return b.String()
}

// MarshalText writes what UnmarshalText reads.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a period; the error says how to write one.
func (p *Period) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*p = Period{Never: true}
		return nil
	}
	parts, err := units(string(b), "s", "m", "h", "d", "w", "mo", "y")
	if err != nil {
		return fmt.Errorf("write a period such as 12h, 30d, 18mo, 1y or never, not %q", cut(string(b), 40))
	}
	var out Period
	for _, x := range parts {
		if x.n > 100_000 {
			return fmt.Errorf("%s is too long a period", cut(string(b), 40))
		}
		switch x.unit {
		case "y":
			out.Months += 12 * int(x.n)
		case "mo":
			out.Months += int(x.n)
		case "w":
			out.Days += 7 * int(x.n)
		case "d":
			out.Days += int(x.n)
		default:
			t, ok := span([]unit{x})
			if !ok {
				return fmt.Errorf("%s is too long a period", cut(string(b), 40))
			}
			out.Time += t
		}
	}
	if out.Months > 1200 || out.Days > 36500 {
		return fmt.Errorf("%s is longer than a hundred years; write never", cut(string(b), 40))
	}
	if out.IsZero() {
		return errors.New("write a period longer than nothing, or leave the key out")
	}
	*p = out
	return nil
}

type unit struct {
	n    int64
	unit string
}

// units reads numbers with units, the larger units first, each once.
func units(s string, known ...string) ([]unit, error) {
	var out []unit
	last := len(known)
	for rest := s; rest != ""; {
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 {
			return nil, errors.New("no number with a unit")
		}
		n, err := strconv.ParseInt(rest[:i], 10, 64)
		if err != nil {
			return nil, err
		}
		rest = rest[i:]
		j := strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' })
		if j < 0 {
			j = len(rest)
		}
		at := -1
		for k, u := range known {
			if u == rest[:j] {
				at = k
			}
		}
		if at < 0 || at >= last {
			return nil, errors.New("unknown unit")
		}
		out, last, rest = append(out, unit{n, known[at]}), at, rest[j:]
	}
	if len(out) == 0 {
		return nil, errors.New("empty")
	}
	return out, nil
}

// span adds units up; ok is false past a hundred years.
func span(parts []unit) (total time.Duration, ok bool) {
	for _, x := range parts {
		var of time.Duration
		switch x.unit {
		case "ms":
			of = time.Millisecond
		case "s":
			of = time.Second
		case "m":
			of = time.Minute
		case "h":
			of = time.Hour
		case "d":
			of = day
		case "w":
			of = 7 * day
		}
		if x.n > int64(36500*day/of) {
			return 0, false
		}
		total += time.Duration(x.n) * of
	}
	return total, total <= 36500*day
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
