package proffer

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// Whatever a customer does, over visits to both brands: whatif says beforehand
// which pages the server shows, in which order, and which claims leave in the end.
// It writes nothing.
func TestWhatIfIsTheServer(t *testing.T) {
	pages := map[string]int{}
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 8))
			l := newLab(t, labOptions{})
			b, email := l.browser(), "nok@example.com"
			var account store.ID
			for n := range 7 {
				client := []string{"kopi-web", "sole-web"}[(int(seed)+n/2)%2]
				site := l.site(client)
				q := WhatIf{Client: client, At: l.clock.Now(), Locale: "en", File: "says.json"}
				acts := someActs(r, l.cfg.Catalogue(), site.brandOf(client), q.At)
				if n == 0 {
					acts["moment"], acts["email"] = "registration", email
				} else {
					q.DB, q.Account = l.db, account
				}
				var err error
				if q.Text, err = json.Marshal(acts); err != nil {
					t.Fatal(err)
				}
				var seen *Foreseen
				l.quiet()
				l.unchanged("whatif", func() { seen, err = l.cfg.Foresee(t.Context(), q) })
				if err != nil {
					t.Fatalf("%s: %v", q.Text, err)
				}
				var p *shown
				if n == 0 {
					p = b.register(site, email, pass)
				} else {
					p = b.open(site.authorize())
				}
				for _, step := range seen.Steps {
					pages[step.Page]++
					p = p.at(step.Path)
					p = l.play(p, site.brandOf(client), step)
				}
				if seen.Ends.As != "code" || p.left == nil {
					t.Fatalf("visit %d: ends %+v, the server stands at %s", n, seen.Ends, p.url)
				}
				got := site.redeem(p.left)
				sameClaims(t, fmt.Sprintf("visit %d, ID token", n), seen.IDToken, got.claims)
				sameClaims(t, fmt.Sprintf("visit %d, UserInfo", n), seen.UserInfo, got.info)
				if account.IsZero() {
					account = l.someone()
				}
				l.clock.Add(time.Duration(1+r.IntN(50*24)) * time.Hour)
				b = l.browser() // signed in at our own pages, which ask nothing
				b.open("/preferences").at("/login").form("/login").send("email", email, "password", pass).at("/preferences")
			}
		})
	}
	if pages["ask"] < 10 || pages["share"] < 3 || pages["terms"] < 2 {
		t.Errorf("seen %v: the test says little", pages)
	}
}

// someone is the account of the first event.
func (l *lab) someone() (id store.ID) {
	l.Helper()
	err := l.db.View(l.Context(), func(tx *store.Tx) error {
		list, err := outbox.After(tx, 0, 1)
		if err == nil && len(list) > 0 {
			id = list[0].Record.Account
		}
		return err
	})
	if err != nil || id.IsZero() {
		l.Fatalf("account %s, err %v", id, err)
	}
	return id
}

func (s *site) brandOf(client string) string {
	_, brand := s.cfg.Client(client)
	return brand
}

// someActs is what a customer may do at a brand.
func someActs(r *rand.Rand, def *catalogue.Catalogue, brand string, at time.Time) map[string]any {
	says := map[string]any{}
	for _, q := range def.Set(brand).Questions {
		switch r.IntN(5) {
		case 0:
			says[q.ID] = "skip"
		case 1:
			if q.Decline {
				says[q.ID] = "decline"
			}
		case 2, 3:
			if len(q.Options) > 0 && q.Kind.Name() != "boolean" {
				if v := catalogue.Word(q.Options[r.IntN(len(q.Options))].ID); q.AcceptsOn(v, at) {
					says[q.ID] = map[string]any{"value": v.Any()}
				}
			}
		}
	}
	acts := map[string]any{"says": says, "otherwise": []string{"skip", "answer", "answer"}[r.IntN(3)]}
	switch r.IntN(3) {
	case 0:
		acts["share"] = "all"
	case 1:
		acts["share"] = []string{"birthday"}
	}
	return acts
}

// play does on a page what a step says.
func (l *lab) play(p *shown, brand string, step Step) *shown {
	l.Helper()
	switch step.Page {
	case "terms":
		return p.form(step.Path).send("do", "agree")
	case "end":
		return p
	case "check":
		return p.form(step.Path).send()
	case "carried":
		f, do := p.form(step.Path), "nothing"
		for _, c := range step.Carried {
			if c.Kept {
				do = "keep"
				f.values.Add("answer", c.Question)
			}
		}
		return f.send("do", do)
	case "share":
		f, do := p.form(step.Path), "nothing"
		for _, c := range step.Shares {
			if c.Shared {
				do = "share"
				f.values.Add("claim", c.Claim)
			}
		}
		return f.send("do", do)
	}
	f, do := p.form(step.Path), ""
	for _, a := range step.Questions {
		if do == "" || a.Does == "answered" {
			do = map[string]string{"skipped": "skip", "declined": "decline", "unsure": "unsure", "answered": "continue"}[a.Does]
		}
	}
	if step.Still && do == "continue" { // "it has changed": the answer may be the same
		f = f.send("do", "changed").at(step.Path).form(step.Path)
	}
	for _, a := range step.Questions {
		if a.Does != "answered" {
			continue
		}
		var v catalogue.Value
		if !readValue(a.Value, &v) {
			l.Fatalf("%s: no value %v", a.Question, a.Value)
		}
		form := url.Values{}
		l.cfg.Catalogue().Set(brand).Question(a.Question).Fill(form, v, "en")
		for name, list := range form {
			f.values[name] = list
		}
	}
	return f.send("do", do)
}

// sameClaims compares what was foreseen with what came, but for what the protocol
// itself says.
func sameClaims(t testing.TB, where string, want *Handed, got map[string]any) {
	t.Helper()
	var foreseen map[string]any
	b, err := json.Marshal(want.Claims)
	if err == nil {
		err = json.Unmarshal(b, &foreseen)
	}
	if err != nil {
		t.Fatal(err)
	}
	came := map[string]any{}
	for name, v := range got {
		if !slices.Contains([]string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid", "jti", "zp_more", "azp"}, name) {
			came[name] = v
		}
	}
	if d := cmp.Diff(foreseen, came); d != "" {
		t.Errorf("%s (-foreseen +came): %s", where, d)
	}
	if more, _ := got["zp_more"].(bool); more != want.More {
		t.Errorf("%s: zp_more is %v, foreseen %v", where, more, want.More)
	}
}

// A closed gate ends a visit with prompt=none as the server ends it; a screen that
// may be skipped closes none.
func TestWhatIfSilent(t *testing.T) {
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for customer, want := range map[string]string{
		`{prompt: none, terms: 0}`:                                                 "interaction_required",
		`{prompt: none}`:                                                           "consent_required",
		`{prompt: none, releases: {email: refused}}`:                               "code",
		`{terms: 0, releases: {email: given}, says: {shoe_size: leave}}`:           "left",
		`{prompt: none, releases: {email: given}, answers: {birthday: "--03-14"}}`: "consent_required",
	} {
		seen, err := cfg.Foresee(t.Context(), WhatIf{Client: "sole-web", At: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), File: "c.yaml", Text: []byte(customer)})
		if err != nil {
			t.Errorf("%s: %v", customer, err)
			continue
		}
		if seen.Ends.As != want {
			t.Errorf("%s ends %+v, want %s", customer, seen.Ends, want)
		}
		if silent := strings.Contains(customer, "none"); silent && len(seen.Steps) > 0 {
			t.Errorf("%s shows %v", customer, seen.Steps)
		}
		if (seen.IDToken != nil) != (want == "code") {
			t.Errorf("%s: claims %v", customer, seen.IDToken)
		}
	}
}
