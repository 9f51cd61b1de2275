package screens_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

const day = 24 * time.Hour

func wantLedger(t *testing.T, g *ground, want ...string) {
	t.Helper()
	if got := g.ledger(); !slices.Equal(got, want) {
		t.Errorf("ledger\n %q, want\n %q", got, want)
	}
}

func TestAsk_WholeVisit(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	page := g.ask(v, "coffee")
	contains(t, page, "How do you take your coffee?", "So the shelf starts with coffee you'd order.", "Kopi Club gets this answer, nobody else.", "start your shelf with what you like", "Skip for now", "I'd rather not say", "Up to three short questions")
	g.say(v, "coffee", "q.coffee_milk", "oat", "do", "continue")
	g.wantDue(v, "/ask/when")
	g.say(v, "when", "do", "skip")
	g.wantDue(v, "/ask/birthday")
	contains(t, g.ask(v, "birthday"), "Kopi Club gets this answer. Other shops only if you say so.")
	g.say(v, "birthday", "q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
	g.wantDue(v, "") // three a visit
	wantLedger(t, g, "coffee_milk answered oat", "coffee_when skipped", "birthday answered --03-14")
	for claim, want := range map[string]consent.State{"coffee_milk": consent.Given, "coffee_when": "", "birthday": consent.Given} {
		if got := g.release("kopi", claim); got != want {
			t.Errorf("release of %s is %q, want %q", claim, got, want)
		}
	}
	if got := g.release("sole", "birthday"); got != "" {
		t.Errorf("release to another brand is %q", got)
	}
	want := []string{"kopi consent.given", "kopi answer.updated", "kopi answer.skipped", "kopi consent.given", "kopi answer.updated"}
	if got := g.events(); !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}

// An entry says all that is needed to prove it, and its words can be found.
func TestAsk_Provenance(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	shown := g.clock.Now()
	page := g.ask(v, "coffee")
	g.clock.Add(40 * time.Second)
	g.post("/ask/coffee", with(hidden(page), "q.coffee_milk", "oat", "do", "continue"))
	g.view(func(tx *store.Tx) error {
		list, err := screens.Ledger(tx, g.account)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d entries, %v", len(list), err)
		}
		a := list[0]
		if a.Brand != "kopi" || a.Visit != v.ID || a.Client != "kopi-web" || a.Campaign != "welcome" || a.Source != screens.SourceAsked || a.Locale != "en" || a.Consent.IsZero() || len(a.Salt) != 16 {
			t.Errorf("entry %+v", a)
		}
		if !a.Asked.Equal(shown) || a.At.Sub(a.Asked) != 40*time.Second {
			t.Errorf("asked %s, answered %s after", a.Asked.Sub(shown), a.At.Sub(a.Asked))
		}
		if want := a.At.AddDate(1, 0, 0); !a.Expires.Equal(want) {
			t.Errorf("expires %s after the answer, want a year", a.Expires.Sub(a.At))
		}
		words, err := screens.Wording(tx, a.Screen)
		if err != nil {
			return err
		}
		if !strings.Contains(string(words), "How do you take your coffee?") || !strings.Contains(string(words), "start your shelf with what you like") {
			t.Errorf("the words kept do not have question and purpose: %s", words)
		}
		chain, err := consent.Chain(tx, g.account, "kopi", "personalise")
		if err != nil || len(chain) != 2 || chain[0].State != consent.Requested || chain[1].State != consent.Given || chain[1].Screen != consent.Hash(a.Screen) {
			t.Errorf("chain %+v, %v", chain, err)
		}
		a.Value = catalogue.Value{}
		if a.Holds() {
			t.Error("the commitment holds for an entry that was changed")
		}
		return nil
	})
}

func TestAsk_SameValueTwiceChangesNothing(t *testing.T) {
	for name, pairs := range map[string][]string{
		"answered": {"q.coffee_milk", "oat", "do", "continue"},
		"skipped":  {"do", "skip"},
		"declined": {"do", "decline"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			v := g.visit("kopi")
			g.due(v)
			form := with(hidden(g.ask(v, "coffee")), pairs...)
			g.post("/ask/coffee", form)
			ledger, events, next := g.ledger(), g.events(), g.due(v)
			g.clock.Add(time.Minute)
			if w := g.post("/ask/coffee", form); w.Code != http.StatusSeeOther {
				t.Errorf("sent again: %d", w.Code)
			}
			if !slices.Equal(g.ledger(), ledger) || !slices.Equal(g.events(), events) {
				t.Errorf("sent again: ledger %q, events %q", g.ledger(), g.events())
			}
			if got := g.due(v); got != next {
				t.Errorf("sent again: %q is due, before %q", got, next)
			}
		})
	}
}

func TestAsk_BackAndChange(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	if page := g.ask(v, "coffee"); strings.Contains(page, `class="back"`) {
		t.Error("the first screen has a way back")
	}
	g.say(v, "coffee", "q.coffee_milk", "black", "do", "continue")
	g.wantDue(v, "/ask/birthday") // show_if keeps "when" out
	contains(t, g.ask(v, "birthday"), "/ask/coffee?visit="+v.Sealed)
	page := g.ask(v, "coffee")
	if !regexp.MustCompile(`value="black" checked`).MatchString(page) {
		t.Error("what was answered in this visit is not chosen")
	}
	g.say(v, "coffee", "q.coffee_milk", "oat", "do", "continue")
	g.wantDue(v, "/ask/when")
	wantLedger(t, g, "coffee_milk answered black", "coffee_milk answered oat")
	if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
		t.Errorf("profile %q", got)
	}
}

// Nothing is filled in but what was answered in this very visit.
func TestGauntlet_Z10_NothingChosenSkipOffered(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	for _, screen := range []string{"coffee", "when", "birthday"} {
		g.wantDue(v, "/ask/"+screen)
		page := g.ask(v, screen)
		if regexp.MustCompile(`<input[^>]* checked|<option[^>]* selected`).MatchString(page) {
			t.Errorf("%s: something is chosen", screen)
		}
		if !strings.Contains(page, `value="skip"`) || !strings.Contains(page, `value="decline"`) {
			t.Errorf("%s: a way out is missing", screen)
		}
		if strings.Index(page, `value="continue"`) > strings.Index(page, `value="skip"`) {
			t.Errorf("%s: Enter would skip", screen)
		}
		if screen == "coffee" {
			g.say(v, screen, "q.coffee_milk", "oat", "do", "continue")
		} else {
			g.say(v, screen, "do", "skip")
		}
	}
	g.wantDue(v, "")
}

func TestAsk_TwoTabsOfOneVisit(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	first, second := hidden(g.ask(v, "coffee")), hidden(g.ask(v, "coffee"))
	for _, form := range []url.Values{with(first, "q.coffee_milk", "oat"), with(second, "q.coffee_milk", "black")} {
		if w := g.post("/ask/coffee", form); w.Code != http.StatusSeeOther {
			t.Errorf("status %d", w.Code)
		}
		g.clock.Add(time.Second)
	}
	wantLedger(t, g, "coffee_milk answered oat", "coffee_milk answered black")
	if n := len(g.events()); n != 4 {
		t.Errorf("%d events", n)
	}
}

// reach begins a visit and answers what stands before a screen. What does not
// fit into one visit is answered in an earlier one, a cooldown ago.
func (g *ground) reach(brand, screen string) *web.Visit {
	g.t.Helper()
	answer := map[string][]string{
		"/ask/coffee": {"q.coffee_milk", "oat"}, "/ask/when": {"q.coffee_when", "morning"}, "/ask/birthday": {"q.birthday.day", "2", "q.birthday.month", "5"}, "/ask/home": {"q.home", "yes"},
	}
	v := g.visit(brand)
	for range 6 {
		page := g.due(v)
		switch page {
		case "/ask/" + screen:
			return v
		case "":
			g.clock.Add(31 * day)
			v = g.visit(brand)
			continue
		}
		g.say(v, strings.TrimPrefix(page, "/ask/"), answer[page]...)
	}
	g.t.Fatalf("screen %s is not reached", screen)
	return nil
}

// A page with several questions keeps what was typed, and stores all or nothing.
func TestAsk_SeveralQuestions(t *testing.T) {
	g := newGround(t)
	several := strings.Replace(kopiSet, "coffee: {ask: [coffee_milk]}", "coffee: {ask: [coffee_milk, home]}", 1)
	several = strings.Replace(several, "  home: {ask: [home]}\n", "", 1)
	several = strings.Replace(several, "birthday, home, taste]", "birthday, taste]", 1)
	g.define(joined(t, several, soleSet))
	v := g.visit("kopi")
	g.due(v)
	form := hidden(g.ask(v, "coffee"))
	w := g.post("/ask/coffee", with(form, "q.coffee_milk", "other", "q.coffee_milk.other", "with <b>butter", "q.home", "petrol", "do", "continue"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("status %d", w.Code)
	}
	contains(t, w.Body.String(), `value="other" checked`, `value="with <b>butter"`)
	wantLedger(t, g)
	g.say(v, "coffee", "q.coffee_milk", "other", "q.coffee_milk.other", "with butter", "q.home", "no", "do", "continue")
	wantLedger(t, g, "coffee_milk answered other:with butter", "home answered no")
	contains(t, g.ask(v, "coffee"), `value="other" checked`, `value="with butter"`, `value="no" checked`)
}

// The same form twenty times at once is one answer.
func TestAsk_ManyAtOnce(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	form := with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "oat", "do", "continue")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if w := g.post("/ask/coffee", form); w.Code != http.StatusSeeOther {
				t.Errorf("status %d", w.Code)
			}
		})
	}
	wg.Wait()
	wantLedger(t, g, "coffee_milk answered oat")
	if n := len(g.events()); n != 2 {
		t.Errorf("%d events", n)
	}
}

// The words that are recorded are those on the page that was sent, whatever
// language another tab has chosen since.
func TestAsk_LanguageOfThePage(t *testing.T) {
	g := newGround(t)
	read := func(name string) string {
		src, err := os.ReadFile("screentest/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(src)
	}
	g.define(joined(t, read("kopi.yaml"), read("sole.yaml"), "en", "th"))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	thai := g.get("/ask/coffee?lang=th&visit=" + v.Sealed).Body.String()
	contains(t, thai, "คุณดื่มกาแฟแบบไหน", "ใส่นมโอ๊ต")
	english := g.ask(v, "coffee")
	contains(t, english, "How do you take your coffee?", "A free drink for taking part")
	if w := g.post("/ask/coffee", with(hidden(thai), "q.coffee_milk", "oat")); w.Code != http.StatusSeeOther { // sent in English: no cookie, no lang
		t.Fatalf("status %d", w.Code)
	}
	g.view(func(tx *store.Tx) error {
		list, err := screens.Ledger(tx, g.account)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d entries, %v", len(list), err)
		}
		words, err := screens.Wording(tx, list[0].Screen)
		if list[0].Locale != "th" || list[0].Offer != "free_drink" || !strings.Contains(string(words), "คุณดื่มกาแฟแบบไหน") {
			t.Errorf("locale %s, offer %q, words %s", list[0].Locale, list[0].Offer, words)
		}
		return err
	})
}
