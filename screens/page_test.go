package screens_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
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
	contains(t, page, "How do you take your coffee?", "So the shelf starts with coffee you'd order.", "Kopi Club gets this answer, nobody else.", "start your shelf with what you like", "Skip for now", "I'd rather not say", "Up to 3 short questions")
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
		a.Value = screens.Value{}
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

func TestAsk_LeaveHalfWayAndGoOn(t *testing.T) {
	g := newGround(t)
	first := g.visit("kopi")
	g.wantDue(first, "/ask/coffee")
	g.say(first, "coffee", "q.coffee_milk", "oat", "do", "continue")
	g.wantDue(first, "/ask/when") // and the tab is closed
	g.clock.Add(time.Hour)
	g.wantDue(g.visit("kopi"), "/ask/when")
	wantLedger(t, g, "coffee_milk answered oat")
}

func TestAsk_ClosedTabStartsTheCooldown(t *testing.T) {
	g := newGround(t)
	g.wantDue(g.visit("kopi"), "/ask/coffee") // shown, and the tab is closed
	g.clock.Add(29 * day)
	g.wantDue(g.visit("kopi"), "")
	g.clock.Add(2 * day)
	g.wantDue(g.visit("kopi"), "/ask/coffee")
}

func TestAsk_Lifetime(t *testing.T) {
	g := newGround(t)
	for range 3 {
		v := g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		g.wantDue(v, "/ask/coffee") // looking twice is one offer
		g.say(v, "coffee", "do", "skip")
		g.clock.Add(31 * day)
	}
	g.wantDue(g.visit("kopi"), "")
}

func TestAsk_NoteOfferedWritesOnceAVisit(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	var first, second *screens.Offered
	g.view(func(tx *store.Tx) (err error) { _, first, err = g.asking.Due(tx, v, g.who()); return err })
	if err := g.asking.NoteOffered(t.Context(), v, g.who(), first); err != nil {
		t.Fatal(err)
	}
	g.clock.Add(29 * day)
	if err := g.asking.NoteOffered(t.Context(), v, g.who(), first); err != nil { // from a second tab that looked at the same time
		t.Fatal(err)
	}
	g.view(func(tx *store.Tx) (err error) { _, second, err = g.asking.Due(tx, v, g.who()); return err })
	if err := g.asking.NoteOffered(t.Context(), v, g.who(), second); err != nil {
		t.Fatal(err)
	}
	g.clock.Add(2 * day)
	g.wantDue(g.visit("kopi"), "/ask/coffee") // the cooldown counts from the first
}

func TestAsk_SkipWaitsDeclineStops(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "coffee", "do", "skip")
	g.wantDue(v, "/ask/birthday")
	g.say(v, "birthday", "do", "decline")
	g.wantDue(v, "/ask/home")
	g.say(v, "home", "q.home", "no", "do", "continue")
	if got := g.release("kopi", "birthday"); got != "" {
		t.Errorf("declining released %q", got)
	}
	g.clock.Add(31 * day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/coffee") // skipped: asked again
	g.say(v, "coffee", "q.coffee_milk", "black", "do", "continue")
	g.wantDue(v, "/ask/taste") // declined: not asked again
}

func TestAsk_PromptNone(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	v.Prompt = []string{"none"}
	g.wantDue(v, "")
	own := g.visit("kopi")
	own.End = "/preferences"
	g.wantDue(own, "")
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

// A tab of an older visit cannot write over what a newer one asked.
func TestAsk_TabOfAnotherVisit(t *testing.T) {
	g := newGround(t)
	old := g.visit("kopi")
	g.due(old)
	form := with(hidden(g.ask(old, "coffee")), "q.coffee_milk", "oat")
	g.say(old, "coffee", "q.coffee_milk", "black", "do", "continue")
	other := g.visit("kopi")
	page := g.get("/ask/coffee?visit=" + other.Sealed)
	if page.Code != http.StatusSeeOther {
		t.Errorf("a screen that is not open: %d", page.Code)
	}
	form.Set("visit", other.Sealed)
	if w := g.post("/ask/coffee", form); w.Code != http.StatusConflict {
		t.Errorf("its form: %d", w.Code)
	}
	wantLedger(t, g, "coffee_milk answered black")
}

func TestAsk_NothingChosen(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	for _, do := range []string{"continue", ""} {
		w := g.post("/ask/coffee", with(hidden(g.ask(v, "coffee")), "do", do))
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("do=%q: status %d", do, w.Code)
		}
		contains(t, w.Body.String(), "There is a problem", "Choose one, or skip this question")
	}
	wantLedger(t, g)
}

func TestGauntlet_Z06_AnswerTampering(t *testing.T) {
	ten := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, "q.coffee_when", fmt.Sprintf("o%d", i))
		}
		return out
	}
	type attack struct {
		screen string // that is due
		path   string // posted to; "": the same
		form   []string
		status int
		keeps  string // on the page that comes back
	}
	for name, a := range map[string]attack{
		"option not in the list":       {"coffee", "", []string{"q.coffee_milk", "gold"}, 422, ""},
		"two options of one":           {"coffee", "", []string{"q.coffee_milk", "oat", "q.coffee_milk", "black"}, 422, ""},
		"option in another case":       {"coffee", "", []string{"q.coffee_milk", "OAT"}, 422, ""},
		"other without words":          {"coffee", "", []string{"q.coffee_milk", "other"}, 422, ""},
		"other, too long":              {"coffee", "", []string{"q.coffee_milk", "other", "q.coffee_milk.other", strings.Repeat("x", 5000)}, 422, ""},
		"stored form of other":         {"coffee", "", []string{"q.coffee_milk", "other:gold"}, 422, ""},
		"one not in the list of many":  {"when", "", []string{"q.coffee_when", "morning", "q.coffee_when", "never"}, 422, `value="morning" checked`},
		"more than may be chosen":      {"when", "", []string{"q.coffee_when", "morning", "q.coffee_when", "afternoon", "q.coffee_when", "evening"}, 422, `value="evening" checked`},
		"199 options":                  {"when", "", ten(190), 422, ""},
		"more values than a form has":  {"when", "", ten(500), 413, ""},
		"day out of range":             {"birthday", "", []string{"q.birthday.day", "31", "q.birthday.month", "2"}, 422, `value="31"`},
		"day not a number":             {"birthday", "", []string{"q.birthday.day", "1e309", "q.birthday.month", "2"}, 422, ""},
		"day NaN":                      {"birthday", "", []string{"q.birthday.day", "NaN", "q.birthday.month", "NaN"}, 422, ""},
		"month out of range":           {"birthday", "", []string{"q.birthday.day", "1", "q.birthday.month", "13"}, 422, ""},
		"month negative":               {"birthday", "", []string{"q.birthday.day", "-1", "q.birthday.month", "-1"}, 422, ""},
		"a text for yes or no":         {"home", "", []string{"q.home", "true"}, 422, ""},
		"text over the limit":          {"taste", "", []string{"q.taste", strings.Repeat("å", 21)}, 422, strings.Repeat("å", 21)},
		"text with control characters": {"taste", "", []string{"q.taste", "a\x1b[31mb"}, 422, ""},
		"text of spaces":               {"taste", "", []string{"q.taste", "   "}, 422, ""},
		"another question's field":     {"coffee", "", []string{"q.birthday.day", "1", "q.birthday.month", "1"}, 422, ""},
		"an unknown button":            {"coffee", "", []string{"q.coffee_milk", "oat", "do", "steal"}, 422, ""},
		"confirm what was never said":  {"coffee", "", []string{"do", "yes"}, 422, ""},
		"step not reachable yet":       {"coffee", "birthday", []string{"q.birthday.day", "1", "q.birthday.month", "1"}, 409, "This question is not open now"},
		"screen of another brand":      {"coffee", "size", []string{"q.shoe_size", "42"}, 409, "This question is not open now"},
		"no such screen":               {"coffee", "nothing", []string{"q.coffee_milk", "oat"}, 409, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			v := g.reach("kopi", a.screen)
			before := g.ledger()
			form := with(hidden(g.ask(v, a.screen)), a.form...)
			path := a.path
			if path == "" {
				path = a.screen
			}
			w := g.post("/ask/"+path, form)
			if w.Code != a.status {
				t.Errorf("status %d, want %d", w.Code, a.status)
			}
			contains(t, w.Body.String(), a.keeps)
			if after := g.ledger(); !slices.Equal(before, after) {
				t.Errorf("stored %q", after[len(before):])
			}
			g.wantDue(v, "/ask/"+a.screen)
		})
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

// A form whose token is right, for a screen that is no longer or not yet open.
func TestAsk_NotOpenNow(t *testing.T) {
	g := newGround(t)
	v := g.reach("kopi", "birthday")
	form := with(hidden(g.ask(v, "birthday")), "q.birthday.day", "1", "q.birthday.month", "1")
	g.say(v, "birthday", "q.birthday.day", "2", "q.birthday.month", "2")
	g.clock.Add(4 * time.Hour) // the visit's record of what it decided has gone
	before := g.ledger()
	w := g.post("/ask/birthday", form)
	if w.Code != http.StatusConflict {
		t.Errorf("status %d", w.Code)
	}
	contains(t, w.Body.String(), "This question is not open now", "/authorize?visit="+v.Sealed)
	if !slices.Equal(g.ledger(), before) {
		t.Error("something was stored")
	}
}

func TestAsk_StaleForm(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	form := with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "oat")
	changed := strings.Replace(kopiSet, "start your shelf with what you like", "sell your data", 1)
	if err := g.asking.Reload(t.Context(), catalogue(t, changed, soleSet)); err != nil {
		t.Fatal(err)
	}
	w := g.post("/ask/coffee", form)
	if w.Code != http.StatusConflict {
		t.Errorf("status %d", w.Code)
	}
	contains(t, w.Body.String(), "This question changed while you were away.", "sell your data")
	wantLedger(t, g)
	if got := g.release("kopi", "coffee_milk"); got != "" {
		t.Errorf("release %q", got)
	}
	if w := g.post("/ask/coffee", with(hidden(w.Body.String()), "q.coffee_milk", "oat")); w.Code != http.StatusSeeOther {
		t.Errorf("sent anew: %d", w.Code)
	}
	wantLedger(t, g, "coffee_milk answered oat")
}

func TestGauntlet_Z04_TamperedScreenVersion(t *testing.T) {
	for name, change := range map[string]func(url.Values){
		"another hash":    func(f url.Values) { f.Set("version", strings.Repeat("ab", 32)) },
		"no hash":         func(f url.Values) { f.Del("version") },
		"another time":    func(f url.Values) { f.Set("asked", "1") },
		"no token":        func(f url.Values) { f.Del("form_token") },
		"a made-up token": func(f url.Values) { f.Set("form_token", "AAAAAAAAAAAAAAAAAAAAAA") },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			v := g.visit("kopi")
			g.due(v)
			form := with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "oat")
			change(form)
			if w := g.post("/ask/coffee", form); w.Code != http.StatusForbidden {
				t.Errorf("status %d", w.Code)
			}
			wantLedger(t, g)
			if got := g.release("kopi", "coffee_milk"); got != "" {
				t.Errorf("release %q", got)
			}
		})
	}
}

func TestAsk_NobodySignedIn(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	form := with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "oat")
	g.signedIn = false
	if w := g.get("/ask/coffee?visit=" + v.Sealed); w.Code != http.StatusSeeOther {
		t.Errorf("GET: %d", w.Code)
	}
	if w := g.post("/ask/coffee", form); w.Code != http.StatusSeeOther {
		t.Errorf("POST: %d", w.Code)
	}
	if w := g.get("/ask/coffee?visit=none"); w.Code != http.StatusBadRequest {
		t.Errorf("no visit: %d", w.Code)
	}
	wantLedger(t, g)
}

func TestStill(t *testing.T) {
	start := func(t *testing.T) (*ground, *web.Visit) {
		g := newGround(t)
		v := g.visit("kopi")
		g.due(v)
		g.say(v, "coffee", "q.coffee_milk", "oat")
		g.clock.Add(366 * day)
		v = g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		contains(t, g.ask(v, "coffee"), "Coffee: still Oat milk?", "Yes, still Oat milk", "It changed", "14 March")
		return g, v
	}
	t.Run("yes", func(t *testing.T) {
		g, v := start(t)
		g.say(v, "coffee", "do", "yes")
		wantLedger(t, g, "coffee_milk answered oat", "coffee_milk answered oat")
		if next := g.due(v); next == "/ask/coffee" {
			t.Error("asked once more")
		}
	})
	t.Run("changed", func(t *testing.T) {
		g, v := start(t)
		w := g.post("/ask/coffee", with(hidden(g.ask(v, "coffee")), "do", "changed"))
		to := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/ask/coffee?") {
			t.Fatalf("%d to %q", w.Code, to)
		}
		page := g.get(to).Body.String()
		contains(t, page, "How do you take your coffee?")
		if strings.Contains(page, " checked") {
			t.Error("the old answer is chosen")
		}
		if w := g.post("/ask/coffee", with(hidden(page), "q.coffee_milk", "black", "do", "continue")); w.Code != http.StatusSeeOther {
			t.Fatalf("status %d", w.Code)
		}
		wantLedger(t, g, "coffee_milk answered oat", "coffee_milk answered black")
	})
	t.Run("skip", func(t *testing.T) {
		g, v := start(t)
		g.say(v, "coffee", "do", "skip")
		if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
			t.Errorf("profile %q", got)
		}
		if next := g.due(v); next == "/ask/coffee" {
			t.Error("asked once more")
		}
	})
}

// One brand never learns what another asked, and a person-wide answer is not
// asked twice.
func TestBrandsApart(t *testing.T) {
	g := newGround(t)
	v := g.reach("kopi", "birthday")
	g.say(v, "birthday", "q.birthday.day", "14", "q.birthday.month", "3")
	at := g.visit("sole")
	g.wantDue(at, "/ask/size")
	g.view(func(tx *store.Tx) error {
		words, err := g.asking.Words(tx, g.account, "sole", "en", []string{"coffee_milk", "birthday"})
		if _, ok := words["coffee_milk"]; ok {
			t.Error("a brand's own answer is described to another brand")
		}
		return err
	})
	g.say(at, "size", "q.shoe_size", "42")
	g.wantDue(at, "") // the birthday is known; it is for /share to ask
	if got := g.release("sole", "birthday"); got != "" {
		t.Errorf("release %q", got)
	}
	if got := g.release("kopi", "shoe_size"); got != "" {
		t.Errorf("release %q", got)
	}
}

// A skip at one brand puts nothing off at another.
func TestBrandsApart_Skip(t *testing.T) {
	g := newGround(t)
	v := g.reach("kopi", "birthday")
	g.say(v, "birthday", "do", "skip")
	at := g.visit("sole")
	g.due(at)
	g.say(at, "size", "q.shoe_size", "42")
	g.wantDue(at, "/ask/birthday")
	g.say(at, "birthday", "q.birthday.day", "1", "q.birthday.month", "1")
	if got := g.profile("sole", "birthday"); got != "answered --01-01" {
		t.Errorf("profile %q", got)
	}
}

// Everything of an account goes, and nothing of another one.
func TestForget(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "coffee", "q.coffee_milk", "oat")
	g.update(func(tx *store.Tx) error { return screens.Forget(tx, g.account) })
	wantLedger(t, g)
	if got := g.profile("kopi", "coffee_milk"); got != "" {
		t.Errorf("profile %q", got)
	}
}
