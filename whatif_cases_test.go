package proffer

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/store"
)

// A visitTried is one visit that is foreseen and then taken.
type visitTried struct {
	link string         // path of a link that begins it; "": the site does
	ask  string         // campaign that the site asks for by name
	acts map[string]any // what the customer does in it
	made map[string]any // who they are by then, told to whatif in place of the store; nil: not told
	want string         // pages, in order
}

// Each way in which a visit may begin and go on: whatif says beforehand what the
// server then does, of a customer of the store and of one made up alike.
func TestWhatIfCases(t *testing.T) {
	skips := map[string]any{}
	for name, c := range map[string]struct {
		kopi   [2]string // old and new in the set of Kopi Club
		change func(k *Client)
		visits []visitTried
	}{
		"carried in, one kept": {visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "carried": map[string]any{"coffee_milk": "oat", "birthday": "--03-14"}, "keep": []string{"coffee_milk"}}, want: "/carried /ask/when /ask/birthday"},
			{acts: map[string]any{"carried": map[string]any{"coffee_milk": "black"}}, made: map[string]any{"answers": map[string]any{"coffee_milk": "oat"}}, want: "/ask/when /ask/birthday"},
		}},
		"carried in, all kept": {visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "carried": map[string]any{"coffee_milk": "oat", "birthday": "--03-14"}, "keep": "all"}, want: "/carried /ask/when"},
		}},
		"carried in, nothing kept": {visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "carried": map[string]any{"coffee_when": []string{"morning"}}}, want: "/carried /ask/coffee /ask/when /ask/birthday"},
		}},
		"asked for by name": {
			kopi: [2]string{"    when: [registration, sign_in]\n    show: [coffee", "    when: [ask]\n    show: [coffee"}, change: func(k *Client) { k.Ask = []string{"welcome"} },
			visits: []visitTried{
				{acts: map[string]any{"moment": "registration"}, want: ""},
				{ask: "welcome", acts: map[string]any{"says": map[string]any{"coffee_milk": "fresh"}}, made: skips, want: "/ask/coffee /ask/when /ask/birthday"},
			},
		},
		"asked for by name, in vain": {
			kopi: [2]string{"    when: [registration, sign_in]\n    show: [coffee", "    when: [ask]\n    show: [coffee"},
			visits: []visitTried{
				{acts: map[string]any{"moment": "registration"}, want: ""},
				{ask: "welcome", acts: map[string]any{}, made: skips, want: ""},
			},
		},
		"a link": {kopi: [2]string{"    when: [registration, sign_in]\n    show: [coffee", "    when: [link]\n    show: [coffee"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration"}, want: ""},
			{link: "welcome", acts: map[string]any{"says": map[string]any{"coffee_milk": "fresh", "birthday": "decline"}}, made: skips, want: "/ask/coffee /ask/when /ask/birthday /ask"},
			{link: "welcome", acts: map[string]any{}, want: "/ask/when /ask"},
		}},
		"a link of nothing": {visits: []visitTried{
			{acts: map[string]any{"moment": "registration"}, want: "/ask/coffee /ask/when /ask/birthday"},
			{link: "home_coffee", acts: map[string]any{}, made: map[string]any{"terms": 0}, want: "/ask/home_coffee"},
		}},
		"the third sign-in": {kopi: [2]string{"    when: [registration, sign_in]\n    show: [coffee", "    when: [{sign_in: 3}]\n    show: [coffee"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration"}, want: ""},
			{acts: map[string]any{}, made: map[string]any{"sign_ins": 1}, want: ""},
			{acts: map[string]any{}, made: map[string]any{"sign_ins": 2}, want: "/ask/coffee /ask/when /ask/birthday"},
		}},
		"not sure": {kopi: [2]string{"    kind: single                        # one of the options\n", "    kind: single\n    unsure: true\n"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "says": map[string]any{"coffee_milk": "unsure"}, "otherwise": "unsure"}, want: "/ask/coffee /ask/when /ask/birthday"},
			{acts: map[string]any{}, made: map[string]any{
				"answers":   map[string]any{"coffee_milk": map[string]any{"unsure": "{then}"}, "coffee_when": map[string]any{"skipped": "{then}"}, "birthday": map[string]any{"skipped": "{then}"}},
				"campaigns": map[string]any{"welcome": map[string]any{"offered": "{then}", "asked": []string{"coffee_milk", "coffee_when", "birthday"}, "skipped": true}},
			}, want: "/ask/when /ask/birthday"},
		}},
		"several on a screen": {kopi: [2]string{"  coffee: {ask: [coffee_milk]}\n", "  coffee: {ask: [coffee_milk, birthday]}\n"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "says": map[string]any{"birthday": "--12-31"}}, want: "/ask/coffee /ask/when"},
		}},
		"several on a screen, one made up": {kopi: [2]string{"  coffee: {ask: [coffee_milk]}\n", "  coffee: {ask: [coffee_milk, birthday, coffee_when]}\n"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "says": map[string]any{"coffee_when": "skip", "birthday": "--12-31"}, "otherwise": "answer"}, want: "/ask/coffee"},
		}},
		"several on a screen, all declined": {kopi: [2]string{"  coffee: {ask: [coffee_milk]}\n", "  coffee: {ask: [coffee_milk, birthday]}\n"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "otherwise": "decline"}, want: "/ask/coffee /ask/when"},
		}},
		"looked through": {kopi: [2]string{"    show: [coffee, when, birthday]\n", "    check: true\n    show: [coffee, when, birthday]\n"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "says": map[string]any{"coffee_milk": "oat"}}, want: "/ask/coffee /ask/when /ask/birthday /check/welcome"},
		}},
		"does it still hold": {kopi: [2]string{"    fresh: 18mo                         # then we ask whether it is still true", "    fresh: 30d"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "says": map[string]any{"coffee_milk": "oat"}, "otherwise": "decline"}, want: "/ask/coffee /ask/when /ask/birthday"},
			{acts: map[string]any{"says": map[string]any{"coffee_milk": "black"}}, want: "/ask/coffee"},
		}},
		"an experiment": {kopi: [2]string{"    show: [coffee, when, birthday]\n", "    arms: {all: 50, short: {share: 50, show: [birthday]}}\n    show: [coffee, when, birthday]\n"}, visits: []visitTried{
			{acts: map[string]any{"moment": "registration", "otherwise": "answer"}, made: map[string]any{"account": "{account}"}, want: "{arm}"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := labOptions{change: func(cfg *Config) {
				k, _ := cfg.Client("kopi-web")
				if c.change != nil {
					c.change(k)
				}
			}}
			if c.kopi[0] != "" {
				o.set = map[string][2]string{"kopi": c.kopi}
			}
			l := newLab(t, o)
			b := l.browser()
			for n, v := range c.visits {
				l.try(b, v, n)
				l.clock.Add(31 * 24 * time.Hour)
				b = l.browser()
				b.open("/preferences").at("/login").form("/login").send("email", "nok@example.com", "password", pass).at("/preferences")
			}
		})
	}
}

// try foresees a visit to Kopi Club and takes it. The first one registers.
func (l *lab) try(b *browser, v visitTried, n int) {
	l.Helper()
	where, site := fmt.Sprintf("visit %d", n), l.site("kopi-web")
	acts := maps.Clone(v.acts)
	if v.link != "" {
		acts["link"] = v.link
	}
	if v.ask != "" {
		acts["ask"] = v.ask
	}
	begin := func() *shown {
		var opts []oauth2.AuthCodeOption
		if c, ok := v.acts["carried"]; ok {
			opts = append(opts, oauth2.SetAuthURLParam("carry_in", site.carry(l.json(c))))
		}
		if v.ask != "" {
			opts = append(opts, oauth2.SetAuthURLParam("ask", v.ask))
		}
		switch {
		case n == 0:
			return b.register(site, "nok@example.com", pass, opts...)
		case v.link != "":
			return b.open(l.issuer() + "/ask/" + v.link + "?brand=kopi")
		}
		return b.open(site.authorize(opts...))
	}
	q := WhatIf{Client: "kopi-web", At: l.clock.Now(), Locale: "en", File: "acts.json", Text: []byte(l.json(acts))}
	if n > 0 {
		q.DB, q.Account = l.db, l.someone()
	}
	var p *shown
	if n == 0 { // chance needs the account
		p = begin()
	}
	seen := l.foresee(q)
	if v.made != nil {
		made := maps.Clone(acts)
		maps.Copy(made, v.made)
		text := strings.ReplaceAll(l.json(made), "{then}", q.At.Add(-31*24*time.Hour).Format(time.RFC3339))
		if strings.Contains(text, "{account}") {
			text = strings.ReplaceAll(text, "{account}", l.someone().String())
		}
		as := q
		as.DB, as.Account, as.Text = nil, store.ID{}, []byte(text)
		told := l.foresee(as)
		if n == 0 {
			seen = told
		}
		if d := cmp.Diff(paths(seen), paths(told)); d != "" {
			l.Errorf("%s (-of the store +made up): %s", where, d)
		}
	}
	want := v.want
	if want == "{arm}" {
		if want = map[string]string{"all": "/ask/coffee /ask/when /ask/birthday", "short": "/ask/birthday"}[seen.Looked[0].Arm]; want == "" {
			l.Fatalf("no arm: %+v", seen.Looked)
		}
	}
	if got := strings.Join(paths(seen), " "); got != want {
		l.Errorf("%s shows %q, want %q", where, got, want)
	}
	if p == nil {
		p = begin()
	}
	for _, step := range seen.Steps {
		p = l.play(p.at(step.Path), "kopi", step)
	}
	if v.link != "" {
		if seen.Ends.As != "end" || seen.IDToken != nil || p.left != nil {
			l.Errorf("%s ends %+v, at %s", where, seen.Ends, p.url)
		}
		return
	}
	if seen.Ends.As != "code" || p.left == nil {
		l.Fatalf("%s ends %+v, the server stands at %s", where, seen.Ends, p.url)
	}
	got := site.redeem(p.left)
	sameClaims(l, where+", ID token", seen.IDToken, got.claims)
	sameClaims(l, where+", UserInfo", seen.UserInfo, got.info)
}

func paths(f *Foreseen) []string {
	out := []string{}
	for _, s := range f.Steps {
		out = append(out, s.Path)
	}
	return out
}

func (l *lab) json(v any) string {
	l.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		l.Fatal(err)
	}
	return string(b)
}

func (l *lab) foresee(q WhatIf) (f *Foreseen) {
	l.Helper()
	l.quiet()
	var err error
	l.unchanged("whatif", func() { f, err = l.cfg.Foresee(l.Context(), q) })
	if err != nil {
		l.Fatalf("%s: %v", q.Text, err)
	}
	return f
}
