package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// Passwords and addresses of the tests' customers. Each test has its own.
const password = "kettle orchid umbrella"

func address(t *testing.T) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(t.Name()))
	return name + "@example.com"
}

// register creates an account from a shop's front page, up to the first page
// after the code.
func register(t *testing.T, p *browser.Page, d *demo, shop, email string) {
	t.Helper()
	p.Open(shop)
	p.Press("Sign in or create an account")
	p.Press("Create an account")
	p.Fill("email", email)
	p.Fill("password", password)
	p.Press("Create account")
	p.See("Check your email", email)
	p.Fill("code", d.waitMail(t, email, 1).code(t))
	p.Press("Continue")
}

// claims are what a shop's page shows of what it received.
type claims struct {
	IDToken  map[string]any
	UserInfo map[string]any
}

// zp is the answers in a set of claims.
func zp(t *testing.T, claims map[string]any) map[string]any {
	t.Helper()
	answers, ok := claims["zp"].(map[string]any)
	if !ok {
		t.Fatalf("no zp in %v", claims)
	}
	return answers
}

// received reads the panel of the shop that is open.
func received(t *testing.T, p *browser.Page) claims {
	t.Helper()
	var c claims
	for selector, into := range map[string]*map[string]any{"#id-token": &c.IDToken, "#userinfo": &c.UserInfo} {
		if err := json.Unmarshal([]byte(p.Content(selector)), into); err != nil {
			t.Fatalf("%s: %v\n%s", selector, err, p.Content(selector))
		}
	}
	return c
}

// The main job, as a customer does it, with scripts and without.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	for _, look := range []browser.Look{{}, {NoScript: true, Width: 375}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			mainJob(t, chrome.Page(t, look))
		})
	}
}

func mainJob(t *testing.T, p *browser.Page) {
	email := address(t)

	// Register at Kopi Club, answer, skip, answer.
	register(t, p, shared, shared.Kopi, email)
	p.See("How do you take your coffee?", "Why we ask", "Kopi Club gets this answer, nobody else.")
	p.Tick("q.coffee_milk", "condensed")
	p.PressValue("do", "continue")
	p.See("When do you drink coffee?")
	p.PressValue("do", "skip")
	p.See("When is your birthday?")
	p.Fill("q.birthday.day", "14")
	p.Fill("q.birthday.month", "3")
	p.PressValue("do", "continue")

	// The shop knows, and shows that it does.
	p.See("Welcome back.", "Your kopi, with condensed milk.", "A free drink is waiting in the week of 14 March.",
		"Yours first", "condensed milk, as you like it", "What this site knows about you")
	kopi := received(t, p)
	for where, c := range map[string]map[string]any{"ID token": kopi.IDToken, "UserInfo": kopi.UserInfo} {
		if got := zp(t, c); got["coffee_milk"] != "condensed" || got["birthday"] != "--03-14" || got["coffee_when"] != nil {
			t.Errorf("%s: zp is %v", where, got)
		}
	}
	if strings.Contains(p.Content("#id-token")+p.Content("#userinfo"), email) {
		t.Error("Kopi Club has the address, which it never asked for")
	}

	// At Sole & Co the same account needs no password. It asks its own questions
	// and has to ask for what Kopi Club was told.
	p.Open(shared.Sole)
	p.DontSee("What this site knows")
	p.Press("Sign in or create an account")
	p.See("Our terms", "Sole & Co")
	p.PressValue("do", "agree")
	p.See("What is your shoe size?")
	p.Tick("q.shoe_size", "42")
	p.PressValue("do", "continue")
	p.See("Are you planning to buy shoes?")
	p.PressValue("do", "skip")
	p.See("What do you wear most?")
	p.Tick("q.style", "run")
	p.Tick("q.style", "trail")
	p.PressValue("do", "continue")
	p.See("Share with Sole & Co?", "14 March", email)
	p.DontSee("condensed", "Condensed")
	p.Tick("claim", "birthday")
	p.PressValue("do", "share")
	p.See("Six pairs in EU 42.", "Running and trail first.", "10% off is yours in the week of 14 March.")
	sole := received(t, p)
	for where, c := range map[string]map[string]any{"ID token": sole.IDToken, "UserInfo": sole.UserInfo} {
		got := zp(t, c)
		if got["shoe_size"] != "42" || got["birthday"] != "--03-14" {
			t.Errorf("%s: zp is %v", where, got)
		}
		if got["coffee_milk"] != nil || c["email"] != nil {
			t.Errorf("%s: Sole & Co has what it was never given: %v", where, c)
		}
	}
	if strings.Contains(p.Content("#id-token")+p.Content("#userinfo"), "condensed") {
		t.Error("Sole & Co has Kopi Club's answer somewhere")
	}
	disjoint(t, kopi, sole)

	// Change an answer, and see it without a new sign-in: in UserInfo at once, in
	// the ID token with the next refresh.
	p.Open(shared.Kopi)
	p.Press("Change my answers")
	p.Press("My answers")
	p.Press("Change Coffee")
	p.Tick("q.coffee_milk", "oat")
	p.PressValue("do", "continue")
	p.See("Oat milk")
	p.Open(shared.Kopi)
	p.See("Your coffee, with oat milk.", "You changed something since this token was made.")
	if got := received(t, p); zp(t, got.UserInfo)["coffee_milk"] != "oat" || zp(t, got.IDToken)["coffee_milk"] != "condensed" {
		t.Errorf("after the change: %v", got)
	}
	p.Press("Get a new token")
	p.DontSee("You changed something")
	if got := received(t, p); zp(t, got.IDToken)["coffee_milk"] != "oat" {
		t.Errorf("after the refresh: %v", got.IDToken)
	}

	// Stop sharing, and see it gone likewise.
	p.Press("Change my answers")
	p.Press("Who knows what")
	p.Press("Stop sharing Birthday with Sole & Co")
	p.See("Stopped.")
	p.Open(shared.Sole)
	p.DontSee("14 March")
	if got := received(t, p); zp(t, got.UserInfo)["birthday"] != nil || zp(t, got.IDToken)["birthday"] != "--03-14" {
		t.Errorf("after stopping: %v", got)
	}
	p.Press("Get a new token")
	if got := received(t, p); zp(t, got.IDToken)["birthday"] != nil {
		t.Errorf("after stopping and a refresh: %v", got.IDToken)
	}
	// Kopi Club, which asked, keeps it.
	p.Open(shared.Kopi)
	p.See("14 March")

	// Signing out of the shop leads back to the shop.
	p.Press("Sign out")
	if !strings.HasPrefix(p.URL(), shared.Kopi) {
		p.See("Sign out?")
		p.Press("Sign out")
	}
	p.DontSee("What this site knows")
}

// disjoint fails if the two brands received one value alike, but for what is
// the protocol's own and what the customer gave to both.
func disjoint(t *testing.T, a, b claims) {
	t.Helper()
	own := []string{"iss", "acr", "amr", "birthday", "locale"}
	values := func(c claims) map[string]string {
		out := map[string]string{}
		for _, claims := range []map[string]any{c.IDToken, c.UserInfo} {
			collect(out, "", claims, own)
		}
		return out
	}
	first, second := values(a), values(b)
	if len(first) < 4 || len(second) < 4 {
		t.Fatalf("too little to compare: %v, %v", first, second)
	}
	for v, at := range first {
		if other, ok := second[v]; ok {
			t.Errorf("both brands have %q, at %s and %s", v, at, other)
		}
	}
}

// collect gathers the strings in claims, with where they stand.
func collect(into map[string]string, at string, v any, skip []string) {
	switch v := v.(type) {
	case string:
		into[v] = at
	case []any:
		for _, e := range v {
			collect(into, at, e, skip)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !slices.Contains(skip, key) {
				collect(into, at+"/"+key, v[key], skip)
			}
		}
	}
}
