package diag_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

func TestDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"0s": 0, "20s": 20 * time.Second, "90m": 90 * time.Minute, "1h30m": 90 * time.Minute,
		"30d": 720 * time.Hour, "2w": 336 * time.Hour, "250ms": 250 * time.Millisecond,
	} {
		var d diag.Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || d.D() != want {
			t.Errorf("%s: %v, %v", in, d.D(), err)
		}
		var again diag.Duration
		if err := again.UnmarshalText([]byte(d.String())); err != nil || again != d {
			t.Errorf("%s is written %s and read as %v, %v", in, d, again.D(), err)
		}
	}
	for _, in := range []string{"", "30", "d", "-3d", "1.5h", "1m1h", "3h3h", "30 d", "never", "99999999999999999999s", "9999999w", "3d "} {
		var d diag.Duration
		if err := d.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is read as %v", in, d)
		}
	}
}

func TestPeriod(t *testing.T) {
	at := func(s string) time.Time {
		x, err := time.Parse(time.DateTime, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct{ period, from, to string }{
		{"18mo", "2026-03-03 10:00:00", "2027-09-03 10:00:00"},
		{"1mo", "2026-01-31 10:00:00", "2026-02-28 10:00:00"},
		{"1y", "2028-02-29 00:00:00", "2029-02-28 00:00:00"},
		{"1y6mo2w1d12h", "2026-01-01 00:00:00", "2027-07-16 12:00:00"},
		{"30d", "2026-02-01 00:00:00", "2026-03-03 00:00:00"},
	} {
		var p diag.Period
		if err := p.UnmarshalText([]byte(c.period)); err != nil {
			t.Fatal(err)
		}
		if got := p.After(at(c.from)); !got.Equal(at(c.to)) {
			t.Errorf("%s after %s is %s", c.period, c.from, got)
		}
		if !p.Before(at(c.from)).Before(at(c.from)) {
			t.Errorf("%s before %s is %s", c.period, c.from, p.Before(at(c.from)))
		}
		var again diag.Period
		if err := again.UnmarshalText([]byte(p.String())); err != nil || again != p {
			t.Errorf("%s is written %s", c.period, p)
		}
	}
	var never diag.Period
	if err := never.UnmarshalText([]byte("never")); err != nil || !never.After(time.Now()).IsZero() || never.String() != "never" || never.IsZero() {
		t.Errorf("never: %v", never)
	}
	for _, in := range []string{"", "0d", "1", "18m6mo", "month", "-1y", "101y", "1d1y", "1e3d", "99999999999999999999d"} {
		var p diag.Period
		if err := p.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is read as %v", in, p)
		}
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]diag.Size{"0B": 0, "2KB": 2000, "64KiB": 65536, "19MiB": 19 << 20, "1GiB": 1 << 30} {
		var s diag.Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s != want {
			t.Errorf("%s: %d, %v", in, s, err)
		}
		if s.String() != in {
			t.Errorf("%s is written %s", in, s)
		}
	}
	for _, in := range []string{"", "12", "-1KB", "1.5MB", "1kb", "99999999999GiB", "KB"} {
		var s diag.Size
		if err := s.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is read as %d", in, s)
		}
	}
}

func TestTextCheck(t *testing.T) {
	for _, c := range []struct{ name, src, langs, want string }{
		{"whole", "name: {en: Coffee, th: กาแฟ}", "en,th", ""},
		{"plain, one language", "name: Coffee", "en", ""},
		{"plain, two", "name: Coffee", "en,th", "f:1:7: name: write it in each language: {en: …, th: …}\n"},
		{"missing", "name: {en: Coffee}", "en,th", "f:1:7: name: has no th; every text stands in en, th\n"},
		{"not there", "open: true", "en,th", "f:1:1: name: is missing; write it in en, th\n"},
		{"empty words", "name: {en: \" \", th: x}", "en,th", "f:1:12: name.en: has no words\n"},
		{"unknown language", "name: {en: a, ht: b, th: c}", "en,th", "f:1:15: name.ht: language \"ht\" is not configured\n"},
		{"mistyped language", "name: {en: a, th-tha: b, th-TH: c}", "en,th-TH", "f:1:15: name.th-tha: language \"th-tha\" is not configured; did you mean \"th-TH\"?\n"},
		{"tag", "name: 'a <b>bold</b> word'", "en", "f:1:7: name: has HTML in it (<b); texts are shown as they are written, so write plain words\n"},
		{"entity", "name: 'Tom &amp; Co'", "en", "f:1:7: name: has HTML in it (&amp;); texts are shown as they are written, so write plain words\n"},
		{"numeric entity", "name: 'x &#60;script'", "en", "f:1:7: name: has HTML in it (&#60;); texts are shown as they are written, so write plain words\n"},
		{"comment", "name: 'a <!-- b'", "en", "f:1:7: name: has HTML in it (<!); texts are shown as they are written, so write plain words\n"},
		{"no HTML", "name: 'I <3 Q&A; 1 < 2 & 3 > 2'", "en", ""},
		{"line break", `name: "a\nb"`, "en", "f:1:7: name: has a line break or a control character; write plain words on one line\n"},
		{"turned around", `name: "a\u202Eb"`, "en", "f:1:7: name: has a line break or a control character; write plain words on one line\n"},
		{"too long", "name: " + strings.Repeat("x", 2001), "en", "f:1:7: name: has 2001 characters; 2000 are the most\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var into shop
			var out diag.Findings
			at := diag.Decode("f", []byte(c.src), &into, &out)
			into.Name.Check(at.Field("name"), strings.Split(c.langs, ","), true)
			if got := out.String(); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	names := []string{"coffee_milk", "coffee_when", "birthday", "drinks", "is", "any_of"}
	for in, want := range map[string]string{
		"drink": "drinks", "cofee_milk": "coffee_milk", "coffe_wehn": "coffee_when", "coffeeMilk": "coffee_milk", "coffee-milk": "coffee_milk",
		"BIRTHDAY": "birthday", "birhtday": "birthday", "zebra": "", "": "", "it": "", strings.Repeat("x", 100): "",
	} {
		if got := diag.Suggest(in, names); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	got := diag.DidYouMean("drink", names, func(n string) string { return "kopi.yaml:12" })
	if got != `; did you mean "drinks"? (kopi.yaml:12)` {
		t.Error(got)
	}
}

// What a period can be, the pattern has; and nothing else but "", and amounts that
// are too large or none.
func TestPeriodPattern(t *testing.T) {
	pattern := regexp.MustCompile(diag.PeriodPattern)
	for _, s := range []string{"never", "12h", "30d", "18mo", "1y", "1y6mo2w3d4h5m6s", "20s", "1m", "mo", "30", "30 d", "-3d", "3d1y", "1d2d", "Never", "2weeks", "1.5y"} {
		var p diag.Period
		if got, want := pattern.MatchString(s), p.UnmarshalText([]byte(s)) == nil; got != want {
			t.Errorf("%q: pattern %t, read %t", s, got, want)
		}
	}
}
