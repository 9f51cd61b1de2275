package screens_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

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
	g.define(joined(t, changed, soleSet))
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

// A store that fails stores nothing, and says so.
func TestAsk_StoreAway(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	form := with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "oat")
	g.failer.Updates(1)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ask/coffee", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
	wantLedger(t, g)
	if w := g.post("/ask/coffee", form); w.Code != http.StatusSeeOther {
		t.Errorf("sent again: %d", w.Code)
	}
	wantLedger(t, g, "coffee_milk answered oat")
}

func TestGauntlet_X01_MarkupInAnswers(t *testing.T) {
	for _, words := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'-alert(1)-'`, `</title><svg/onload=alert(1)>`, `{{.}} ${7*7}`, `javascript:alert(1)`,
	} {
		g := newGround(t)
		v := g.visit("kopi")
		g.due(v)
		g.say(v, "coffee", "q.coffee_milk", "other", "q.coffee_milk.other", words)
		for _, page := range []string{
			g.ask(v, "coffee"), g.get("/preferences/answers").Body.String(), g.get("/preferences/answers/coffee_milk/change?brand=kopi").Body.String(),
		} {
			if strings.ContainsAny(words, "<>") && strings.Contains(page, words) {
				t.Errorf("%s stands on a page as it is", words)
			}
			contains(t, page, words)
		}
	}
}
