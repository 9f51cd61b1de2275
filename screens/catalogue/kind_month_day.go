package catalogue

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

// monthDay is a day of the year without the year, kept as ISO 8601 has it
// (extended format, year left out): "--03-14". 29 February is a day like another.
type monthDay struct{}

func (monthDay) Name() string { return "month_day" }

func (monthDay) keys() []string { return nil }

func (monthDay) parse(_ *Question, form url.Values, field string) (Value, error) {
	dayText, err := only(form, field+".day")
	if err != nil {
		return Value{}, err
	}
	monthText, err := only(form, field+".month")
	if err != nil {
		return Value{}, err
	}
	dayText, monthText = strings.TrimSpace(dayText), strings.TrimSpace(monthText)
	if dayText == "" && monthText == "" {
		return Value{}, problem.At(field+".day", "answer.none")
	}
	month, ok := number(monthText)
	if !ok || month < 1 || month > 12 {
		return Value{}, problem.At(field+".month", "answer.month")
	}
	day, ok := number(dayText)
	if !ok || day < 1 || day > daysIn(month) {
		return Value{}, problem.At(field+".day", "answer.day").With("max", daysIn(month))
	}
	return MonthDay(month, day), nil
}

// MonthDay makes the value of a day of the year. It checks nothing.
func MonthDay(month, day int) Value { return Word(fmt.Sprintf("--%02d-%02d", month, day)) }

// MonthDay takes the value of a day of the year apart; ok is false if it is none.
func (v Value) MonthDay() (month, day int, ok bool) {
	s := v.text
	if v.form != formText || len(s) != 7 || s[:2] != "--" || s[4] != '-' {
		return 0, 0, false
	}
	for _, i := range []int{2, 3, 5, 6} {
		if s[i] < '0' || s[i] > '9' {
			return 0, 0, false
		}
	}
	month, _ = strconv.Atoi(s[2:4])
	day, _ = strconv.Atoi(s[5:])
	return month, day, month >= 1 && month <= 12 && day >= 1 && day <= daysIn(month)
}

func (monthDay) accepts(_ *Question, v Value) bool {
	_, _, ok := v.MonthDay()
	return ok
}

func (monthDay) show(_ *Question, v Value, lang string, say Dates) string {
	month, day, _ := v.MonthDay()
	if say == nil {
		return v.text
	}
	return say.DayMonth(lang, month, day)
}

// fill writes the day and the month into a form.
func (monthDay) fill(q *Question, form url.Values, v Value, _ string) {
	if month, day, ok := v.MonthDay(); ok {
		form.Set(q.Field()+".month", strconv.Itoa(month))
		form.Set(q.Field()+".day", strconv.Itoa(day))
	}
}

func (monthDay) load(_ *Question, raw *rawQuestion, l *loading) {
}

func (monthDay) want(q *Question, at diag.Node) (Value, bool) {
	s, _ := at.Scalar()
	v := Word(s)
	if _, _, ok := v.MonthDay(); !ok {
		at.Errorf("%s is a day of the year: write it as \"--03-14\"", q.ID)
		return Value{}, false
	}
	return v, true
}

// daysIn is how many days a month can have.
func daysIn(month int) int {
	switch month {
	case 2:
		return 29
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// number reads one or two digits of any script: people type the ones on their keyboard.
func number(s string) (int, bool) {
	n, count := 0, 0
	for _, r := range s {
		d, ok := digit(r)
		if !ok || count == 2 {
			return 0, false
		}
		n, count = 10*n+d, count+1
	}
	return n, count > 0
}

// digit is the value of a decimal digit. Unicode keeps each script's ten digits
// side by side, zero first.
func digit(r rune) (int, bool) {
	if r >= '0' && r <= '9' {
		return int(r - '0'), true
	}
	for _, zero := range []rune{'\u0660', '\u06F0', '\u0966', '\u0E50', '\uFF10'} { // Arabic, Persian, Devanagari, Thai, full width
		if r >= zero && r <= zero+9 && unicode.IsDigit(r) {
			return int(r - zero), true
		}
	}
	return 0, false
}
