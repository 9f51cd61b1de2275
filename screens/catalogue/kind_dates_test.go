package catalogue

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// travel is a set with a question of each kind that knows the calendar or the map.
const travel = `purposes:
  trips: {text: {en: plan trips, th: วางแผนเที่ยว}}
questions:
  delivery: {kind: date, from: today, to: today+2mo%[1]s}
  born: {kind: date, to: today-18y, autocomplete: bday%[1]s}
  fixed: {kind: date, from: 2024-02-29, to: 2026-12-31%[1]s}
  any_day: {kind: date%[1]s}
  buy: {kind: year_month, from: today, to: today+2y%[1]s}
  since: {kind: year_month, from: 2020-03, to: 2026-11%[1]s}
  any_month: {kind: year_month%[1]s}
  home: {kind: country, first: [TH, MY], autocomplete: country%[1]s}
  branch: {kind: country, options: [SG, TH, MY]%[1]s}
screens:
  one: {ask: [delivery, born, fixed]}
  two: {ask: [any_day, buy, since]}
  three: {ask: [any_month, home, branch]}
campaigns:
  welcome: {when: [registration], show: [one, two, three]}
`

func travelSet(t testing.TB, old, new string) (*Set, *diag.Findings) {
	t.Helper()
	src := fmt.Sprintf(travel, ", ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: trips")
	if old != "" {
		if !strings.Contains(src, old) {
			t.Fatalf("%q is not in the set", old)
		}
		src = strings.Replace(src, old, new, 1)
	}
	var out diag.Findings
	return Load("travel.yaml", []byte(src), testOptions("kopi"), &out), &out
}

func goodTravel(t testing.TB) *Set {
	t.Helper()
	s, out := travelSet(t, "", "")
	if out.String() != "" {
		t.Fatal(out)
	}
	return s
}

// today is a leap day, in the afternoon.
var today = time.Date(2028, 2, 29, 15, 0, 0, 0, time.UTC)

func dmy(field, day, month, year string) string {
	return url.Values{field + ".day": {day}, field + ".month": {month}, field + ".year": {year}}.Encode()
}

func TestParseDates(t *testing.T) {
	s := goodTravel(t)
	for _, x := range []struct{ question, form, want string }{
		{"any_day", dmy("q.any_day", "24", "11", "2026"), "2026-11-24"},
		{"any_day", dmy("q.any_day", "24", "11", "2569"), "2026-11-24"}, // Buddhist
		{"any_day", dmy("q.any_day", " ๒๔ ", "11", "๒๕๖๙"), "2026-11-24"},
		{"any_day", dmy("q.any_day", "1", "1", "1900"), "1900-01-01"},
		{"any_day", dmy("q.any_day", "31", "12", "2299"), "2299-12-31"},
		{"any_day", dmy("q.any_day", "1", "1", "2443"), "1900-01-01"},
		{"any_day", dmy("q.any_day", "31", "12", "2842"), "2299-12-31"},
		{"any_day", dmy("q.any_day", "1", "1", "2300"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "2442"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "2843"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "1899"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "26"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "69"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "02026"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", "-202"), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "1", "1", ""), "q.any_day.year answer.year"},
		{"any_day", dmy("q.any_day", "29", "2", "2028"), "2028-02-29"},
		{"any_day", dmy("q.any_day", "29", "2", "2571"), "2028-02-29"},
		{"any_day", dmy("q.any_day", "29", "2", "2000"), "2000-02-29"},
		{"any_day", dmy("q.any_day", "29", "2", "1900"), "q.any_day.day answer.day"},
		{"any_day", dmy("q.any_day", "29", "2", "2027"), "q.any_day.day answer.day"},
		{"any_day", dmy("q.any_day", "31", "4", "2027"), "q.any_day.day answer.day"},
		{"any_day", dmy("q.any_day", "", "4", "2027"), "q.any_day.day answer.day"},
		{"any_day", dmy("q.any_day", "4", "", "2027"), "q.any_day.month answer.month"},
		{"any_day", dmy("q.any_day", "4", "13", "2027"), "q.any_day.month answer.month"},
		{"any_day", "", "q.any_day.day answer.date"},
		{"any_day", "q.any_day.day=1&q.any_day.day=2", "q.any_day.day answer.too_many"},
		{"any_day", "q.any_day=2026-11-24", "q.any_day.day answer.date"}, // one field is no form of ours

		{"fixed", dmy("q.fixed", "29", "2", "2024"), "2024-02-29"},
		{"fixed", dmy("q.fixed", "28", "2", "2024"), "q.fixed.day answer.date_early"},
		{"fixed", dmy("q.fixed", "31", "12", "2569"), "2026-12-31"},
		{"fixed", dmy("q.fixed", "1", "1", "2570"), "q.fixed.day answer.date_late"},

		{"delivery", dmy("q.delivery", "29", "2", "2028"), "2028-02-29"},
		{"delivery", dmy("q.delivery", "28", "2", "2028"), "q.delivery.day answer.date_early"},
		{"delivery", dmy("q.delivery", "1", "5", "2028"), "2028-05-01"}, // in the far east it is 1 March already
		{"delivery", dmy("q.delivery", "2", "5", "2028"), "q.delivery.day answer.date_late"},

		{"born", dmy("q.born", "1", "3", "2010"), "2010-03-01"},
		{"born", dmy("q.born", "2", "3", "2010"), "q.born.day answer.date_late"},
		{"born", dmy("q.born", "2", "3", "2500"), "1957-03-02"},

		{"any_month", "q.any_month.month=11&q.any_month.year=2569", "2026-11"},
		{"any_month", "q.any_month.month=11&q.any_month.year=2026&q.any_month.day=77", "2026-11"},
		{"any_month", "q.any_month.month=&q.any_month.year=2026", "q.any_month.month answer.month"},
		{"any_month", "q.any_month.month=1&q.any_month.year=", "q.any_month.year answer.year"},
		{"any_month", "", "q.any_month.month answer.month_year"},
		{"since", "q.since.month=3&q.since.year=2020", "2020-03"},
		{"since", "q.since.month=2&q.since.year=2020", "q.since.month answer.month_early"},
		{"since", "q.since.month=11&q.since.year=2026", "2026-11"},
		{"since", "q.since.month=12&q.since.year=2026", "q.since.month answer.month_late"},
		{"buy", "q.buy.month=2&q.buy.year=2028", "2028-02"}, // the month is not over
		{"buy", "q.buy.month=1&q.buy.year=2028", "q.buy.month answer.month_early"},
		{"buy", "q.buy.month=3&q.buy.year=2030", "2030-03"}, // in the far east it is March already
		{"buy", "q.buy.month=4&q.buy.year=2030", "q.buy.month answer.month_late"},

		{"home", "q.home=TH", "TH"},
		{"home", "q.home=", "q.home answer.country"},
		{"home", "", "q.home answer.country"},
		{"home", "q.home=th", "q.home answer.not_offered"},
		{"home", "q.home=UK", "q.home answer.not_offered"},
		{"home", "q.home=EU", "q.home answer.not_offered"},
		{"home", "q.home=Thailand", "q.home answer.not_offered"},
		{"home", "q.home=TH&q.home=MY", "q.home answer.too_many"},
		{"branch", "q.branch=SG", "SG"},
		{"branch", "q.branch=DE", "q.branch answer.not_offered"},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsedOn(t, s.Question(x.question), form, today); got != x.want {
			t.Errorf("%s %s: %s, want %s", x.question, x.form, got, x.want)
		}
	}
}

// parsedOn is the value in a claim, or the field and code of the problem.
func parsedOn(t *testing.T, q *Question, form url.Values, now time.Time) string {
	t.Helper()
	v, err := q.ParseOn(form, now)
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		if !v.IsZero() {
			t.Errorf("%s: a value beside the problem", q.ID)
		}
		return p.Field + " " + p.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	if !q.AcceptsOn(v, now) {
		t.Errorf("%s: what was read is not accepted", q.ID)
	}
	claim, ok := q.Release(v)
	if !ok {
		t.Errorf("%s: what was read is not released", q.ID)
	}
	return claim.(string)
}

// A bound that moves refuses no answer that was inside when it was given: the claim
// stays, but it is not confirmed as it stands.
func TestDatesOfLongAgo(t *testing.T) {
	s := goodTravel(t)
	for _, x := range []struct {
		question, value string
		still, now      bool
	}{
		{"delivery", "2020-01-01", true, false},
		{"delivery", "2028-03-15", true, true},
		{"delivery", "2028-02-30", false, false},
		{"buy", "2020-01", true, false},
		{"fixed", "2020-01-01", false, false}, // the definition itself has no room for it
		{"since", "2019-12", false, false},
		{"any_day", "1899-12-31", false, false},
		{"any_day", "2026-1-5", false, false},
		{"any_day", "2026-11", false, false},
		{"any_month", "2026-11-01", false, false},
		{"any_month", "2026-13", false, false},
		{"branch", "DE", false, false},
		{"home", "DE", true, true},
		{"home", "", false, false},
	} {
		q, v := s.Question(x.question), Word(x.value)
		if q.Accepts(v) != x.still || q.AcceptsOn(v, today) != x.now {
			t.Errorf("%s %s: %v and %v now", x.question, x.value, q.Accepts(v), q.AcceptsOn(v, today))
		}
	}
	for _, q := range s.Questions {
		for _, v := range []Value{{}, YesNo(true), Words([]string{"2026-11-24"}), Words([]string{"TH"})} {
			if q.Accepts(v) {
				t.Errorf("%s accepts a value of another form", q.ID)
			}
		}
	}
}

// What is written into a form is read from it again as the same, in either era.
func TestDatesRoundTrip(t *testing.T) {
	s := goodTravel(t)
	check := func(q *Question, v Value) {
		for _, lang := range []string{"en", "th", "th-TH"} {
			form := url.Values{}
			q.Fill(form, v, lang)
			if got, err := q.Parse(form); err != nil || !got.Equal(v) {
				t.Fatalf("%s in %s: %v is read as %v, %v", q.ID, lang, v.Any(), got.Any(), err)
			}
		}
	}
	for day := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() <= lastYear; day = day.AddDate(0, 0, 1) {
		if day.Day() == 1 {
			check(s.Question("any_month"), Word(day.Format(monthOnly)))
		}
		if day.Day() == 1 || day.Day() > 27 {
			check(s.Question("any_day"), Word(day.Format(time.DateOnly)))
		}
	}
	for _, code := range countries() {
		check(s.Question("home"), Word(code))
	}
}

func TestDatesShown(t *testing.T) {
	s := goodTravel(t)
	words, err := templates.New(templates.Options{Languages: []string{"en", "th"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ question, value, en, th string }{
		{"any_day", "2026-11-24", "24 November 2026", "24 พฤศจิกายน พ.ศ. 2569"},
		{"any_month", "2026-11", "November 2026", "พฤศจิกายน พ.ศ. 2569"},
		{"home", "TH", "Thailand", "ไทย"},
		{"home", "MK", "North Macedonia", "มาซิโดเนียเหนือ"},
		{"home", "XX", "", ""},
		{"fixed", "2027-01-01", "", ""},
	} {
		q := s.Question(x.question)
		if en, th := q.Show(Word(x.value), "en", words), q.Show(Word(x.value), "th", words); en != x.en || th != x.th {
			t.Errorf("%s: %q, %q", x.value, en, th)
		}
	}
	if got := s.Question("any_day").Show(Word("2026-11-24"), "en", nil); got != "2026-11-24" {
		t.Errorf("without words: %q", got)
	}
	// The sentence of a problem names the bound in the page's language.
	_, err = s.Question("fixed").Parse(url.Values{"q.fixed.day": {"1"}, "q.fixed.month": {"1"}, "q.fixed.year": {"2027"}})
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		t.Fatal(err)
	}
	if got := words.Say("th", p.Code, "date", p.Args["date"]); got != "ใส่วันที่ไม่เกิน 31 ธันวาคม พ.ศ. 2569" {
		t.Error(got)
	}
}

func TestCountries(t *testing.T) {
	codes := countries()
	if len(codes) != 249 || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != 249 {
		t.Errorf("%d codes, or not in order", len(codes))
	}
	for _, lang := range []string{"en", "th", "ar"} {
		names := countryNames(lang)
		seen := map[string]string{}
		for _, code := range codes {
			n := names[code]
			if n == "" || n == code || seen[n] != "" {
				t.Errorf("%s in %s: %q, also of %q", code, lang, n, seen[n])
			}
			seen[n] = code
		}
	}
	if countryNames("tlh") != nil || countryNames("nonsense language") != nil {
		t.Error("there are names in Klingon")
	}
	home := goodTravel(t).Question("home")
	list := func(lang string) (out []string) {
		for _, o := range home.offeredIn(lang) {
			out = append(out, o.ID)
		}
		return out
	}
	for _, x := range []struct{ lang, first, last, before, after string }{
		{"en", "TH MY AF AX AL", "ZW", "AX", "AL"}, // Åland stands under A
		{"th", "TH MY GR GL GU", "HT", "GR", "CA"}, // ก before ค; เฮติ is last, under ฮ
		{"th", "TH MY GR GL GU", "HT", "DE", "RU"},
	} {
		got := list(x.lang)
		if strings.Join(got[:5], " ") != x.first || got[len(got)-1] != x.last || slices.Index(got, x.before) > slices.Index(got, x.after) {
			t.Errorf("%s: %v", x.lang, got)
		}
		if len(got) != 249 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 249 {
			t.Errorf("%s: %d countries", x.lang, len(got))
		}
	}
	v := home.View("en", url.Values{}, "")
	if v.Top != 2 || slices.ContainsFunc(v.Options, func(o templates.Option) bool { return o.Checked }) {
		t.Error("a country is chosen that nobody chose")
	}
	if !cmp.Equal(list("th-TH"), list("th")) {
		t.Error("a region of a language has an order of its own")
	}
}

// Every mistake is said with its place, its reason and, where there is one, what
// was meant. Those a brand is likely to make are golden files of the whole
// configuration; here are the others.
func TestLoadDates(t *testing.T) {
	for _, x := range []struct{ old, new, want string }{
		{"from: today, to: today+2mo", "from: today+3mo, to: today+2mo", `from (today+3mo) is after to (today+2mo)`},
		{"from: today, to: today+2mo", "from: today, to: today-1d", `from (today) is after to (today-1d)`},
		{"from: 2024-02-29", "from: 2027-02-28", `from (2027-02-28) is after to (2026-12-31)`},
		{"from: 2024-02-29", "from: 2023-02-29", `not "2023-02-29"; did you mean "2023-02-28", the last of that month?`},
		{"from: 2024-02-29", "from: 29.2.2024", `did you mean "2024-02-29"?`},
		{"from: 2024-02-29", "from: 2567-02-09", `did you mean "2024-02-09"?`},
		{"from: 2024-02-29", "from: 2024-2-9", `did you mean "2024-02-09"?`},
		{"from: 2024-02-29", "from: 2024-02-29T00:00:00Z", `did you mean "2024-02-29"?`},
		{"from: 2024-02-29", "from: 1066-10-14", `not "1066-10-14"`},
		{"from: 2024-02-29", "from: tody", `did you mean "today"?`},
		{"from: 2024-02-29", "from: now", `did you mean "today"?`},
		{"from: 2024-02-29", "from: now+3d", `did you mean "today+3d"?`},
		{"from: 2024-02-29", "from: today + 3d", `did you mean "today+3d"?`},
		{"from: 2024-02-29", "from: today+3h", `not "today+3h"`},
		{"from: 2024-02-29", "from: today+", `not "today+"`},
		{"from: 2024-02-29", "from: today*3d", `not "today*3d"`},
		{"from: 2024-02-29", "from: today+never", `not "today+never"`},
		{"from: 2024-02-29", `from: ""`, `fixed.from: is empty`},
		{"from: 2024-02-29", "from: [2024-02-29]", `fixed.from: write a text here, not a list`},
		{"from: 2020-03", "from: 2020-03-01", `since.from: write a month of 1900 to 2299 such as 2026-11, or one counted from today: today, today+6mo, today-10y, not "2020-03-01"; did you mean "2020-03"?`},
		{"from: 2020-03", "from: 3/2563", `did you mean "2020-03"?`},
		{"from: 2020-03", "from: today-10d", `not "today-10d"`},
		{"from: 2020-03", "short: true, from: 2020-03", `since.short: says nothing for kind year_month`},
		{"kind: date, from: today", "kind: date, first: [TH], from: today", `delivery.first: says nothing for kind date`},
		{"kind: country, options", "kind: country, from: today, options", `branch.from: says nothing for kind country`},
		{"autocomplete: bday", "autocomplete: bdya", `did you mean "bday"?`},
		{"[SG, TH, MY]", "[SG]", `write 2 countries at least`},
		{"[SG, TH, MY]", "[SG, TH, TH]", `TH stands here twice`},
		{"[SG, TH, MY]", "[SG, th]", `did you mean "TH"?`},
		{"[SG, TH, MY]", "[SG, UK]", `did you mean "GB"?`},
		{"[SG, TH, MY]", "[SG, THA]", `did you mean "TH"?`},
		{"[SG, TH, MY]", "[SG, Thailand]", `did you mean "TH"?`},
		{"[SG, TH, MY]", "[SG, Malasia]", `did you mean "MY"?`},
		{"[SG, TH, MY]", "[SG, {id: TH}]", `write the code of a country alone`},
		{"options: [SG, TH, MY]", "options: [SG, TH, MY], first: [DE]", `DE is not among the options of this question`},
		{"autocomplete: country", "autocomplete: region", `a country is country or nothing`},
		{"screens:\n", "conditions:\n  x: {answer: any_day, is: 24.11.2026}\nscreens:\n", `any_day is a date: write it as "2026-11-24"; did you mean "2026-11-24"?`},
		{"screens:\n", "conditions:\n  x: {answer: any_day, is: today}\nscreens:\n", `any_day is a date: write it as "2026-11-24"`},
		{"screens:\n", "conditions:\n  x: {answer: fixed, is: 2030-01-01}\nscreens:\n", `fixed can never be 2030-01-01: it goes from 2024-02-29 to 2026-12-31`},
		{"screens:\n", "conditions:\n  x: {answer: any_month, is: 2026-11-24}\nscreens:\n", `did you mean "2026-11"?`},
		{"screens:\n", "conditions:\n  x: {answer: branch, any_of: [SG, sg]}\nscreens:\n", `"sg" is no country that branch offers; did you mean "SG"?`},
	} {
		_, out := travelSet(t, x.old, x.new)
		if got := out.String(); !strings.Contains(got, x.want) || !strings.Contains(got, "travel.yaml:") {
			t.Errorf("%s: want %q in\n%s", x.new, x.want, got)
		}
	}
	if _, out := travelSet(t, "screens:\n", "conditions:\n  x: {any: [{answer: any_day, is: 2026-11-24}, {answer: since, is: 2026-11}, {answer: home, any_of: [TH, DE]}]}\nscreens:\n"); strings.Contains(out.String(), "conditions.x.any") {
		t.Error(out)
	}
}

// A version changes with the bounds; that of a question without them is what it
// was before there were any.
func TestVersionOfDates(t *testing.T) {
	s := goodTravel(t)
	if s.Question("fixed").Version == s.Question("any_day").Version {
		t.Error("the bounds are not in the version")
	}
	a, b := *s.Question("fixed"), *s.Question("fixed")
	b.To = Bound{}
	if differs(&a, &b) != "to" {
		t.Errorf("differs in %q", differs(&a, &b))
	}
	if got := testCatalogue(t).Question("kopi", "birthday").Version; got != "e02095912d02" {
		t.Errorf("birthday has the version %s", got)
	}
}

func FuzzParseDate(f *testing.F) {
	q := goodTravel(f).Question("any_day")
	for _, x := range [][3]string{{"24", "11", "2026"}, {"29", "2", "2571"}, {"๑", "1", "๒๕๖๙"}, {"31", "4", "1900"}, {"", "", ""}, {"-1", "0", "99999"}} {
		f.Add(x[0], x[1], x[2])
	}
	f.Fuzz(func(t *testing.T, day, month, year string) {
		form := url.Values{"q.any_day.day": {day}, "q.any_day.month": {month}, "q.any_day.year": {year}}
		v, err := q.ParseOn(form, today)
		again(t, q, v, err)
	})
}

func FuzzParseYearMonth(f *testing.F) {
	q := goodTravel(f).Question("any_month")
	for _, x := range [][2]string{{"11", "2026"}, {"2", "2571"}, {"1", "๒๕๖๙"}, {"13", "1900"}, {"", ""}, {"0", "99999"}} {
		f.Add(x[0], x[1])
	}
	f.Fuzz(func(t *testing.T, month, year string) {
		v, err := q.ParseOn(url.Values{"q.any_month.month": {month}, "q.any_month.year": {year}}, today)
		again(t, q, v, err)
	})
}

func FuzzParseCountry(f *testing.F) {
	q := goodTravel(f).Question("home")
	for _, s := range []string{"TH", "th", "UK", "", "AA", "ไทย", "\xff", "T\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		v, err := q.ParseOn(url.Values{"q.home": {code}}, today)
		again(t, q, v, err)
	})
}

func FuzzBound(f *testing.F) {
	for _, s := range []string{"today", "today+30d", "today-18y", "2026-11-24", "2026-02-30", "2026-11", "24.11.2569", "now+3d", "today+1200mo"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, layout := range []string{time.DateOnly, monthOnly} {
			var out diag.Findings
			l := &loading{}
			b, ok := l.bound(diag.Root("x", &out), s, layout)
			if ok && (b.String() != s || out.Errors() > 0) || s != "" && !ok && out.Errors() != 1 {
				t.Errorf("%q: %v %v %s", s, b, ok, &out)
			}
			if _, on := b.on(today, 0); ok != on {
				t.Errorf("%q has no day", s)
			}
		}
	})
}

// again: a problem, or a value that is accepted, shown, and read from the form it
// fills as the same.
func again(t *testing.T, q *Question, v Value, err error) {
	t.Helper()
	if err != nil {
		if _, ok := errors.AsType[*problem.Problem](err); !ok || !v.IsZero() {
			t.Fatalf("%T %v", err, v.Any())
		}
		return
	}
	if !q.AcceptsOn(v, today) || q.Show(v, "th", slashes{}) == "" {
		t.Fatalf("%v is read, and not accepted or not shown", v.Any())
	}
	form := url.Values{}
	q.Fill(form, v, "th")
	if back, err := q.Parse(form); err != nil || !back.Equal(v) {
		t.Fatalf("%v is read again as %v", v.Any(), back.Any())
	}
}
