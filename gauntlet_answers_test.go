package proffer

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestGauntlet_Z01_SecondWall: a claim with a meaning of its own is not written
// by an answer, even where the configuration's check was got round.
func TestGauntlet_Z01_SecondWall(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	first := kopi.redeem(p.left)
	rules := l.server.now.Load().clients["kopi-web"].rules
	var ru *rule
	for i := range rules {
		if rules[i].claim == "coffee_milk" {
			ru = &rules[i]
		}
	}
	if ru == nil || ru.alias != "kopi_milk" || first.claims["kopi_milk"] != "oat" {
		t.Fatalf("coffee_milk has no alias: %v", first.claims)
	}
	tok, good := first, *ru
	for _, name := range []string{
		"sub", "iss", "aud", "azp", "exp", "iat", "nbf", "auth_time", "nonce", "acr", "amr", "at_hash", "c_hash", "sid", "jti", "email_verified", "phone_number_verified",
		"SUB", "Sub", "Email_Verified", "__proto__", "constructor", "_claim_names", "_claim_sources", "cnf", "events", "client_id", "scope", "zp_more", "act", "may_act",
	} {
		for _, as := range []struct {
			how string
			bad rule
		}{
			{"alias", rule{claim: good.claim, alias: name, scope: good.scope}},
			{"standard claim", rule{claim: name, scope: "openid"}},
		} {
			*ru = good
			ru.claim, ru.alias, ru.scope = as.bad.claim, as.bad.alias, as.bad.scope
			l.clock.Add(time.Minute)
			raw, err := kopi.tryRefresh(tok)
			if err != nil {
				t.Fatalf("%s %s: %v", as.how, name, err)
			}
			tok = kopi.verify(raw, "")
			for where, claims := range map[string]map[string]any{"ID token": tok.claims, "UserInfo": tok.info} {
				if claims[name] == "oat" || claims["sub"] != first.claims["sub"] {
					t.Errorf("%s: %s %s: %v, subject %v", where, as.how, name, claims[name], claims["sub"])
				}
			}
		}
	}
}

// TestGauntlet_Z06_AnswersOverHTTP: an answer that was not offered, or not in
// this way or not now, is refused with a page that says so; nothing is stored.
func TestGauntlet_Z06_AnswersOverHTTP(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	l.quiet()
	forge := func(what string, f *form, change func(v url.Values), want ...int) {
		t.Helper()
		v := clone(f.values)
		change(v)
		l.unchanged(what, func() {
			got := f.try(v)
			for _, status := range want {
				if got.status == status {
					if len(got.text()) < 40 {
						t.Errorf("%s: nothing is said", what)
					}
					return
				}
			}
			t.Errorf("%s: %d at %v, want %v\n%s", what, got.status, got.left, want, got.text())
		})
	}
	set := func(pairs ...string) func(url.Values) {
		return func(v url.Values) {
			for i := 0; i+1 < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
		}
	}
	many := func(field string, n int) func(url.Values) {
		return func(v url.Values) {
			for range n {
				v.Add(field, "morning")
			}
		}
	}
	coffee := p.form("/ask/coffee").with("do", "continue")
	for _, value := range []string{"", "poison", "OAT", "oat ", "oat\x00", "oat,black", `["oat"]`, "other", "other:x", "0", "-1", "NaN", "1e309", "true", "null", "__proto__", strings.Repeat("oat", 9000)} {
		want := http.StatusUnprocessableEntity
		if strings.Contains(value, "\x00") {
			want = http.StatusBadRequest // no text at all
		}
		forge(strconv.Quote(value[:min(len(value), 20)]), coffee, set("q.coffee_milk", value), want)
	}
	forge("two of one", coffee, func(v url.Values) { v["q.coffee_milk"] = []string{"oat", "black"} }, 422)
	forge("another question's field", coffee, set("q.birthday.day", "14", "q.birthday.month", "3"), 422)
	forge("an unknown button", coffee, set("q.coffee_milk", "oat", "do", "grant"), 422)
	forge("a button that is not here", coffee, set("do", "yes"), 422)
	forge("an old version", coffee, set("q.coffee_milk", "oat", "version", strings.Repeat("0", 64)), 403, 409)
	forge("no version", coffee, func(v url.Values) { v.Set("q.coffee_milk", "oat"); v.Del("version") }, 403, 409)
	forge("shown at another time", coffee, set("q.coffee_milk", "oat", "asked", "1"), 403)
	for _, later := range []string{"when", "birthday", "home", "notes", "size", "nothing", "..%2fcoffee"} {
		f := *coffee
		f.action = strings.Replace(f.action, "/ask/coffee", "/ask/"+later, 1)
		forge("screen "+later, &f, set("q.coffee_milk", "oat"), 403, 404, 409, 422)
	}
	f := *coffee
	f.action = l.http.URL + "/preferences/answers/coffee_milk/change?brand=kopi"
	forge("the desk's form", &f, set("q.coffee_milk", "oat"), 303, 403, 404, 409) // 303: back to the desk, there is no such answer

	p = coffee.send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
	when := p.form("/ask/when").with("do", "continue")
	forge("100,000 choices", when, many("q.coffee_when", 100_000), 413)
	forge("1,000 choices", when, many("q.coffee_when", 1_000), 413, 422)
	forge("one too many", when, many("q.coffee_when", 4), 422)
	forge("one of them forged", when, func(v url.Values) { v["q.coffee_when"] = []string{"morning", "midnight"} }, 422)
	forge("the form of the screen before", coffee, set("q.coffee_milk", "poison"), 409, 422)
	p = when.send("q.coffee_when", "morning", "do", "continue").at("/ask/birthday")
	birthday := p.form("/ask/birthday").with("do", "continue")
	for _, date := range [][2]string{{"31", "2"}, {"30", "2"}, {"0", "3"}, {"32", "1"}, {"-1", "3"}, {"14", "13"}, {"14", "0"}, {"1e1", "3"}, {"14.0", "3"}, {"NaN", "NaN"}, {"", ""}, {"9999999999999999999999", "3"}, {"1", "three"}, {"0x0e", "3"}} {
		forge(fmt.Sprint(date), birthday, set("q.birthday.day", date[0], "q.birthday.month", date[1]), 422)
	}
	kopi.redeem(birthday.send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue").left)
	forge("after the visit", birthday, set("q.birthday.day", "31", "q.birthday.month", "2"), 409, 422)

	// A week later, the words of one's own.
	l.clock.Add(8 * 24 * time.Hour)
	p = b.open(kopi.authorize()).at("/ask/home")
	home := p.form("/ask/home").with("do", "continue")
	for _, value := range []string{"true", "1", "on", "maybe", "YES"} {
		forge(value, home, set("q.home_brew", value), 422)
	}
	p = home.send("q.home_brew", "yes", "do", "continue").at("/ask/notes")
	notes := p.form("/ask/notes").with("do", "continue")
	for what, words := range map[string]string{
		"81 characters": strings.Repeat("ญ", 81), "blanks": "   ", "a line break": "plum\nrum", "an override": "plum \u202emur", "an escape": "\x1b[31mplum", "60 KiB": strings.Repeat("plum ", 12000),
	} {
		forge(what, notes, set("q.roast_notes", words), 422)
	}
	forge("two texts", notes, func(v url.Values) { v["q.roast_notes"] = []string{"plum", "rum"} }, 422)
	forge("no text", notes, set("q.roast_notes", "plum \xff"), 400)
	kopi.redeem(notes.send("q.roast_notes", strings.Repeat("ญ", 80), "do", "continue").left)

	// A branch that was not taken: who does not make coffee at home.
	mint := l.browser()
	p = mint.register(kopi, "mint@example.com", pass).at("/ask/coffee").form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	l.clock.Add(8 * 24 * time.Hour)
	home = mint.open(kopi.authorize()).at("/ask/home").form("/ask/home")
	l.quiet()
	home.action = strings.Replace(home.action, "/ask/home", "/ask/notes", 1)
	forge("a branch not taken yet", home, set("q.roast_notes", "plum", "do", "continue"), 403, 409)
	home.action = strings.Replace(home.action, "/ask/notes", "/ask/home", 1)
	if p := home.send("q.home_brew", "no", "do", "continue"); p.left == nil {
		t.Errorf("asked on at %s", p.url)
	}
	home.action = strings.Replace(home.action, "/ask/home", "/ask/notes", 1)
	forge("a branch not taken", home, set("q.roast_notes", "plum", "do", "continue"), 403, 409)
}
