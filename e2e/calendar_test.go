package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// A brand asks for a day, a month and a country: each page is looked at in both
// languages, empty and with a problem, and the shop receives what was said.
func TestCalendarAndCountry(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "th"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			d, err := startDemo(binary, filepath.Join(dir, "data"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.stop() })
			set := filepath.Join(dir, "data", "brands", "kopi", "set.yaml")
			edit(t, filepath.Join(dir, "data", "config.yaml"), "          coffee_milk: {id_token: true}\n",
				"          coffee_milk: {id_token: true}\n          party: {id_token: true}\n          machine: {id_token: true}\n          home: {id_token: true}\n")
			edit(t, set, "show: [coffee, when, birthday]", "show: [party, machine, country]",
				"screens:\n", "screens:\n  party: {ask: [party]}\n  machine: {ask: [machine]}\n  country: {ask: [home]}\n",
				"questions:\n", calendarQuestions,
				"campaigns:\n", "campaigns:\n  rest: {when: [sign_in], who: {answers: {at_least: 90}}, show: [coffee, when, birthday]}\n")
			d.waitSaid(t, "Your change is in force.", 1) // the set; it names claims that the configuration has already

			p := chrome.Page(t, browser.Look{})
			email := address(t)
			register(t, p, d, d.Kopi, email)
			p.Look(browser.Look{Lang: lang})
			p.Reload()
			o := &tour{t: t, lang: lang, shots: os.Getenv("PROFFER_TEST_SHOTS"), p: p}
			year := map[string]string{"en": "2099", "th": "2642"}[lang]

			o.stop("ask-date")
			p.Fill("q.party.day", "30")
			p.Fill("q.party.month", "2")
			p.Fill("q.party.year", year)
			o.do("continue")
			o.stop("ask-date-problem")
			p.Fill("q.party.day", "28")
			p.Fill("q.party.year", "1999")
			o.do("continue")
			o.stop("ask-date-early")
			p.Fill("q.party.year", year)
			o.do("continue")

			o.stop("ask-year-month")
			p.Fill("q.machine.month", "11")
			p.Fill("q.machine.year", "26")
			o.do("continue")
			o.stop("ask-year-month-problem")
			p.Fill("q.machine.year", "2026")
			o.do("continue")

			o.stop("ask-country")
			o.do("continue")
			o.stop("ask-country-problem")
			p.Fill("q.home", "LA")
			o.do("continue")

			now := received(t, p).IDToken
			for key, want := range map[string]string{"party": "2099-02-28", "machine": "2026-11", "home": "LA"} {
				if got := zp(t, now)[key]; got != want {
					t.Errorf("%s is %v, want %s", key, got, want)
				}
			}
			p.Open(d.Provider + "/preferences/answers")
			p.See(map[string]string{"en": "28 February 2099", "th": "28 กุมภาพันธ์ พ.ศ. 2642"}[lang], map[string]string{"en": "Laos", "th": "ลาว"}[lang])
			o.stop("answers-dates")
			p.Open(d.Provider + "/preferences/answers/party/change?brand=kopi")
			o.stop("change-date")
		})
	}
}

// edit replaces texts of a file, given in pairs.
func edit(t *testing.T, file string, pairs ...string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %q", file, pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const calendarQuestions = `questions:
  party:
    kind: date
    from: today
    ask: {en: When is your next party?, th: งานเลี้ยงครั้งหน้าของคุณวันไหน, ar: متى حفلتك القادمة؟}
    name: {en: Next party, th: งานเลี้ยงครั้งหน้า, ar: الحفلة القادمة}
    why: {en: So the beans are roasted the day before., th: เพื่อคั่วเมล็ดให้ก่อนวันงานหนึ่งวัน, ar: لنحمّص البن في اليوم السابق.}
    purpose: personalise
  machine:
    kind: year_month
    to: 2026-12
    ask: {en: When do you plan to buy a coffee machine?, th: คุณวางแผนจะซื้อเครื่องชงเดือนไหน, ar: متى ستشتري آلة قهوة؟}
    name: {en: Coffee machine, th: เครื่องชงกาแฟ, ar: آلة القهوة}
    why: {en: So we show machines when you want to see them., th: เพื่อแสดงเครื่องชงเมื่อคุณอยากดู, ar: لنعرض الآلات حين يناسبك.}
    purpose: personalise
  home:
    kind: country
    first: [TH, MY, SG]
    autocomplete: country
    ask: {en: Which country do you live in?, th: คุณอยู่ประเทศไหน, ar: في أي بلد تقيم؟}
    name: {en: Country, th: ประเทศ, ar: البلد}
    why: {en: So we show what we can deliver to you., th: เพื่อแสดงสินค้าที่เราส่งถึงคุณได้, ar: لنعرض ما يمكن توصيله إليك.}
    purpose: personalise
`
