package screens_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/consent"
)

const datesSet = `
purposes:
  party: {text: {en: plan your party, th: วางแผนงานเลี้ยง}, keep: 36mo}
questions:
  party:
    kind: date
    from: today
    fresh: 30d
    ask: {en: When is your next party?, th: งานเลี้ยงครั้งหน้าวันไหน}
    name: {en: Next party, th: งานเลี้ยงครั้งหน้า}
    why: {en: To roast in time., th: เพื่อคั่วให้ทัน}
    purpose: party
  machine:
    kind: year_month
    fresh: 30d
    ask: {en: When do you plan to buy?, th: จะซื้อเดือนไหน}
    name: {en: Machine, th: เครื่องชง}
    why: {en: To be ready., th: เพื่อเตรียมไว้}
    purpose: party
  home:
    kind: country
    first: [TH]
    ask: {en: Which country do you live in?, th: คุณอยู่ประเทศไหน}
    name: {en: Country, th: ประเทศ}
    why: {en: To deliver., th: เพื่อจัดส่ง}
    purpose: party
screens:
  party: {ask: [party], show_if: {any: [{answer: home, is: LA}, {answer: machine, is: 2099-11}]}}
  machine: {ask: [machine]}
  home: {ask: [home]}
campaigns:
  welcome: {when: [registration, sign_in], show: [home, machine, party], at_most: 3, cooldown: 30d, lifetime: 9}
`

// A day, a month and a country, through all that a question goes through: asked,
// refused, read by a condition, answered, released, listed, changed, confirmed.
func TestAsk_DatesAndCountry(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, datesSet, datesSet, "en", "th"))
	v := g.visit("kopi")

	g.wantDue(v, "/ask/home")
	page := g.ask(v, "home")
	contains(t, page, "Choose a country", `<option value="TH">Thailand</option>`, "<hr>", "Skip for now", "I'd rather not say")
	if strings.Contains(page, " selected") {
		t.Error("a country is chosen that nobody chose")
	}
	w := g.post("/ask/home", with(hidden(page), "q.home", "", "do", "continue"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no country: %d", w.Code)
	}
	contains(t, w.Body.String(), `<a href="#q.home">Choose a country</a>`, `aria-describedby="q.home-problem"`)
	g.say(v, "home", "q.home", "LA", "do", "continue")
	g.wantDue(v, "/ask/machine")
	g.say(v, "machine", "q.machine.month", "11", "q.machine.year", "2642", "do", "continue")
	g.wantDue(v, "/ask/party")
	g.say(v, "party", "q.party.day", "28", "q.party.month", "2", "q.party.year", "2099", "do", "continue")
	wantLedger(t, g, "home answered LA", "machine answered 2099-11", "party answered 2099-02-28")
	for _, claim := range []string{"home", "machine", "party"} {
		if got := g.release("kopi", claim); got != consent.Given {
			t.Errorf("release of %s is %q", claim, got)
		}
	}

	contains(t, g.get("/preferences/answers").Body.String(), "28 February 2099", "November 2099", "Laos")
	contains(t, g.get("/preferences/answers?lang=th").Body.String(), "28 กุมภาพันธ์ พ.ศ. 2642", "พฤศจิกายน พ.ศ. 2642", "ลาว")

	const path = "/preferences/answers/party/change?brand=kopi"
	page = g.get(path).Body.String()
	contains(t, page, `value="28"`, `<option value="2" selected>February</option>`, `value="2099"`)
	contains(t, g.get(path+"&lang=th").Body.String(), `value="2642"`)
	form := hidden(page)
	w = g.post(path, with(form, "q.party.day", "1", "q.party.month", "1", "q.party.year", "2001", "do", "continue"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a day before today: %d", w.Code)
	}
	contains(t, w.Body.String(), "or a later date", `href="#q.party"`, `value="2001"`)
	soon := g.clock.Now().AddDate(0, 0, 10)
	if w := g.post(path, with(form, "q.party.day", strconv.Itoa(soon.Day()), "q.party.month", strconv.Itoa(int(soon.Month())), "q.party.year", strconv.Itoa(soon.Year()+543), "do", "continue")); w.Code != http.StatusSeeOther {
		t.Errorf("another day: %d", w.Code)
	}
	wantLedger(t, g, "home answered LA", "machine answered 2099-11", "party answered 2099-02-28", "party answered "+soon.Format(time.DateOnly))

	g.clock.Add(40 * day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/machine")
	contains(t, g.ask(v, "machine"), "still November 2099?", "Yes, still November 2099")
	g.say(v, "machine", "do", "yes")
	g.wantDue(v, "/ask/party")
	page = g.ask(v, "party") // the party is over: it is not confirmed, but asked anew
	if strings.Contains(page, "still") || !strings.Contains(page, `name="q.party.year"`) {
		t.Error("a day that has passed is to be confirmed")
	}
	w = g.post("/ask/party", with(hidden(page), "do", "yes"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a day that has passed is confirmed: %d", w.Code)
	}
	g.say(v, "party", "do", "skip")
}
