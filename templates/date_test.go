package templates

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	bangkok := time.FixedZone("+07", 7*3600)
	s := newSet(t, Options{Now: noon, Zone: bangkok})
	at := func(y int, m time.Month, d, h int) time.Time { return time.Date(y, m, d, h, 4, 0, 0, time.UTC) }
	for _, c := range []struct{ got, want string }{
		{s.Date("en", at(2026, 5, 3, 0)), "3 May"},
		{s.Date("th", at(2026, 5, 3, 0)), "3 พ.ค."},
		{s.Date("en", at(2025, 5, 3, 0)), "3 May 2025"},
		{s.Date("th", at(2025, 5, 3, 0)), "3 พ.ค. 2025"},
		{s.Date("en", at(2025, 12, 31, 18)), "1 January"},      // in Bangkok it is next year already
		{s.Moment("en", at(2026, 11, 22, 18)), "today, 01:04"}, // and today
		{s.Moment("en", at(2026, 11, 22, 2)), "22 November, 09:04"},
		{s.Moment("th", at(2026, 11, 23, 2)), "วันนี้ 09:04"},
		{s.MonthYear("en", at(2028, 3, 1, 0)), "March 2028"},
		{s.MonthYear("th", at(2028, 3, 1, 0)), "มีนาคม 2028"},
		{s.DayMonth("en", 3, 14), "14 March"},
		{s.DayMonth("th", 3, 14), "14 มีนาคม"},
		{s.Duration("en", time.Second), "1 second"},
		{s.Duration("en", time.Minute), "60 seconds"},
		{s.Duration("en", 0), "1 second"},
		{s.Duration("en", 61*time.Second), "2 minutes"},
		{s.Duration("en", 10*time.Minute), "10 minutes"},
		{s.Duration("en", 3*time.Minute+time.Second), "4 minutes"},
		{s.Duration("en", 90*time.Minute), "90 minutes"},
		{s.Duration("en", 24*time.Hour), "24 hours"},
		{s.Duration("en", 30*24*time.Hour), "30 days"},
		{s.Date("ar", at(2026, 5, 3, 0)), "3 مايو"},
		{s.Date("ar", at(2025, 5, 3, 0)), "3 مايو 2025"},
		{s.Moment("ar", at(2026, 11, 23, 2)), "اليوم، 09:04"},
		{s.MonthYear("ar", at(2028, 3, 1, 0)), "مارس 2028"},
		{s.Day("ar", Day{2026, 11, 24}), "24 نوفمبر 2026"},
		{s.Duration("ar", 2*time.Minute), "دقيقتين"},
		{s.Duration("ar", 10*time.Minute), "10 دقائق"},
		{s.Duration("ar", 11*time.Minute), "11 دقيقة"},
		{s.Duration("ar", 30*24*time.Hour), "30 يومًا"},
		{s.Duration("th", 10*time.Minute), "10 นาที"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
