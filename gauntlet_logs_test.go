package proffer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// TestGauntlet_I05_SecretsInLogs: after a tour with everything logged there is,
// no password, code, token, cookie, address, name or answer stands in the log.
func TestGauntlet_I05_SecretsInLogs(t *testing.T) {
	l := newLab(t, labOptions{})
	canaries := map[string]string{ // to what it is
		"canary": "password", "zebulon": "address", "condensed": "answer", "oat": "answer", "--03-14": "answer", "af0ifjsldkj": "state",
		"$argon2id$": "hash", "BEGIN ": "key",
	}
	note := func(what string, secrets ...string) {
		for _, s := range secrets {
			if len(s) >= 5 { // shorter ones occur by chance
				canaries[s] = what
			}
		}
	}
	for _, client := range []string{"kopi-web", "sole-web"} {
		k, _ := l.cfg.Client(client)
		note("client secret", string(k.Secrets[0]))
	}
	zebulon := &tourist{name: "zebulon", password: "canary plum violin",
		watch: func(r *http.Response, _ string) {
			for _, c := range r.Cookies() {
				if !strings.Contains(c.Name, "pf_b_") && !strings.Contains(c.Name, "pf_l_") { // the brand, the language
					note("cookie "+c.Name, c.Value)
				}
			}
			if to, err := r.Location(); err == nil {
				note("code", to.Query().Get("code"))
				note("visit", to.Query().Get("visit"), to.Query().Get("posted"))
			}
		},
		at: func(_ string, f *form) {
			note("form token", f.values.Get("form_token"))
			note("link", f.values.Get("token"))
		},
		done: func(kopi, sole *site, atKopi, atSole *tokens) {
			for _, tok := range []*tokens{atKopi, atSole} {
				note("token", tok.AccessToken, tok.RefreshToken, tok.raw, strings.Split(tok.raw, ".")[2])
				note("subject", fmt.Sprint(tok.claims["sub"]))
			}
			note("verifier", kopi.verifier, sole.verifier)
			note("nonce", kopi.nonce, sole.nonce)
		},
	}
	l.tour(zebulon)
	for _, m := range l.mail.all() {
		note("mailed code", sixDigits.FindString(m.Text))
		note("mailed link", linkOf(m.Text))
	}
	if len(canaries) < 50 {
		t.Fatalf("only %d canaries", len(canaries))
	}
	log := l.logs.String()
	if strings.Count(log, "\n") < 10 {
		t.Fatalf("next to nothing was logged:\n%s", log)
	}
	for line := range strings.Lines(log) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		delete(entry, "time") // its fractions look like a code, now and then
		rest, err := json.Marshal(entry)
		if err != nil {
			t.Fatal(err)
		}
		for secret, what := range canaries {
			if strings.Contains(string(rest), secret) {
				t.Errorf("%s %q in the log: %s", what, secret, rest)
			}
		}
	}
}

// TestGauntlet_I05_OneLineAnEvent: whatever is sent in whatever field, the log
// has whole lines of JSON, with nothing that a terminal acts on, and no value
// that was typed into a field.
func TestGauntlet_I05_OneLineAnEvent(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi := l.site("kopi-web")
	const canary = "canaryplum"
	odd := []string{canary + "\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}", canary + "\x1b[2J\x1b[31m", canary + `","level":"ERROR","x":"`, canary + "\u2028\u0085\u202e", canary + "\x00\xff"}
	b := l.browser()
	login := b.open(kopi.authorize()).at("/login")
	for _, value := range odd {
		for _, rt := range l.server.now.Load().routes() {
			path := rt.path
			for _, name := range []string{"{screen}", "{question}", "{brand}", "{$}"} {
				path = strings.ReplaceAll(path, name, "x")
			}
			if rt.method == http.MethodGet {
				b.once(http.MethodGet, path+"?"+url.Values{"visit": {value}, "token": {value}, "client_id": {value}, "question": {value}}.Encode(), nil,
					"User-Agent", "x "+strings.Map(printable, value), "Referer", "https://"+canary+".example/", "Accept-Language", strings.Map(printable, value))
				continue
			}
			for _, visit := range []string{value, login.form("/login").values.Get("visit")} {
				v := url.Values{"visit": {visit}, "form_token": {login.form("/login").values.Get("form_token")}}
				for _, name := range []string{"email", "password", "code", "token", "do", "version", "asked", "shown", "claim", "q.coffee_milk", "q.roast_notes",
					"grant_type", "refresh_token", "code_verifier", "client_id", "client_secret", "redirect_uri", "state", "nonce", "scope", "id_token_hint", "post_logout_redirect_uri", value} {
					v.Set(name, value)
				}
				b.once(http.MethodPost, path, v, "Authorization", "Bearer "+canary)
			}
		}
		for _, name := range []string{"state", "nonce", "scope", "prompt", "login_hint", "ui_locales", "id_token_hint", "claims", "redirect_uri", "client_id", "response_mode", "request"} {
			b.once(http.MethodGet, kopi.authorize(oauth2.SetAuthURLParam(name, value)), nil)
		}
		stranger := l.browser()
		p := stranger.open(kopi.authorize())
		p.form("/login").send("email", value, "password", value)
		stranger.open(attrOf(p, "a", "href", "/register")).form("/register").send("email", canary+"@example.com", "password", canary+" lantern "+value)
	}
	l.fails.Views(1) // an error that is ours
	b.open("/preferences?brand=" + canary)
	l.fails.Updates(1)
	b.open(kopi.authorize()).form("/login").send("email", canary+"@example.com", "password", canary)
	l.clock.Add(time.Hour)

	lines := 0
	for line := range strings.Lines(l.logs.String()) {
		lines++
		var entry struct{ Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Msg == "" || entry.Msg == "forged" {
			t.Fatalf("no line of ours, %v: %q", err, line)
		}
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == '\u2028' || r == '\u202e' }) {
			t.Errorf("control characters in the log: %q", line)
		}
		if strings.Contains(line, canary) {
			t.Errorf("what was sent is in the log: %s", line)
		}
	}
	if lines < 100 {
		t.Errorf("only %d lines were logged", lines)
	}
}

// printable is for headers, which Go's client would not send otherwise.
func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return '?'
	}
	return r
}
