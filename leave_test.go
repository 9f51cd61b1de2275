package proffer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
)

// Every claim leaves or is withheld, for one named reason: the whole formula, as
// the token endpoint, UserInfo and whatif call it.
func TestLeave(t *testing.T) {
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	answered := func(v catalogue.Value) *screens.Current {
		return &screens.Current{Brand: "kopi", State: catalogue.Answered, Value: v, At: now.AddDate(0, -1, 0), Seq: 7}
	}
	given := consent.Release{State: consent.Given}
	agreed := consent.Consent{State: consent.Renewed}
	all := func() *known {
		return &known{
			profile:  map[string]*screens.Current{"coffee_milk": answered(catalogue.Word("oat")), "coffee_when": answered(catalogue.Words([]string{"morning"}))},
			releases: map[string]consent.Release{"coffee_milk": given, "coffee_when": given},
			consents: map[string]consent.Consent{"personalise": agreed},
		}
	}
	zp := []string{"openid", "zp"}
	for _, x := range []struct {
		name   string
		scopes []string
		names  []string
		policy func(c *Client)
		change func(k *known)
		want   Reason // of coffee_milk; "": it leaves
	}{
		{"all as it should be", zp, nil, nil, nil, ""},
		{"by the claims parameter", []string{"openid"}, []string{"coffee_milk"}, nil, nil, ""},
		{"by its alias", []string{"openid"}, []string{"kopi_milk"}, nil, nil, ""},
		{"withheld by policy", zp, nil, func(c *Client) { c.Claims["coffee_milk"].As = "withheld" }, nil, ByPolicy},
		{"not asked for", []string{"openid"}, []string{"coffee_when"}, nil, nil, NotRequested},
		{"no answer", zp, nil, nil, func(k *known) { delete(k.profile, "coffee_milk") }, NoAnswer},
		{"only skipped", zp, nil, nil, func(k *known) { k.profile["coffee_milk"] = &screens.Current{Skipped: now} }, NoAnswer},
		{"declined", zp, nil, nil, func(k *known) { k.profile["coffee_milk"].State = catalogue.Declined }, Declined},
		{"taken back", zp, nil, nil, func(k *known) { k.profile["coffee_milk"].State = catalogue.Withdrawn }, Removed},
		{"runs out this moment", zp, nil, nil, func(k *known) { k.profile["coffee_milk"].Expires = now }, Stale},
		{"runs out in a second", zp, nil, nil, func(k *known) { k.profile["coffee_milk"].Expires = now.Add(time.Second) }, ""},
		{"not offered any more", zp, nil, nil, func(k *known) { k.profile["coffee_milk"].Value = catalogue.Word("soya") }, NotOffered},
		{"never agreed", zp, nil, nil, func(k *known) { delete(k.releases, "coffee_milk") }, NotAgreed},
		{"refused", zp, nil, nil, func(k *known) { k.releases["coffee_milk"] = consent.Release{State: consent.Refused} }, Refused},
		{"stopped", zp, nil, nil, func(k *known) { k.releases["coffee_milk"] = consent.Release{State: consent.Withdrawn} }, Stopped},
		{"purpose not agreed to", zp, nil, nil, func(k *known) { k.consents["personalise"] = consent.Consent{State: consent.Withdrawn} }, NoConsent},
		{"not on the list of ID tokens", zp, nil, func(c *Client) { c.Claims["coffee_milk"].IDToken = false }, nil, UserInfoOnly},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := *cfg.Brands["kopi"].Clients["kopi-web"]
			c.Claims = maps.Clone(c.Claims)
			for name, p := range c.Claims {
				q := *p
				c.Claims[name] = &q
			}
			if x.policy != nil {
				x.policy(&c)
			}
			k := all()
			if x.change != nil {
				x.change(k)
			}
			list := rules("kopi", &c, cfg.Catalogue())
			got := leave(list, ask{use: oauth.IDToken, brand: "kopi", scopes: x.scopes, names: x.names}, k, now)
			if Reason(got.Withheld["coffee_milk"]) != x.want {
				t.Errorf("withheld: %q, want %q", got.Withheld["coffee_milk"], x.want)
			}
			answers, _ := got.Values["zp"].(map[string]any)
			if _, has := answers["coffee_milk"]; has != (x.want == "") {
				t.Errorf("zp is %v", answers)
			}
			if got.Values["kopi_milk"] != answers["coffee_milk"] {
				t.Errorf("alias %v, zp %v", got.Values["kopi_milk"], answers)
			}
			for i := range list { // nothing is lost without a reason
				name := list[i].claim
				if _, has := answers[name]; has == (got.Withheld[name] != "") {
					t.Errorf("%s is handed over: %v, withheld: %q", name, has, got.Withheld[name])
				}
			}
			again := leave(list, ask{use: oauth.IDToken, brand: "kopi", scopes: x.scopes, names: x.names}, k, now)
			if d := cmp.Diff(got, again); d != "" {
				t.Errorf("not the same twice: %s", d)
			}
		})
	}
}

// An ID token that is full leaves the rest to UserInfo, and says so.
func TestLeaveRoom(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	k := &known{profile: map[string]*screens.Current{}, releases: map[string]consent.Release{}}
	var list []rule
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := *cfg.Catalogue().Question("kopi", "roast_notes")
	text.Limit = 500
	for i := range 9 {
		id := fmt.Sprint("t", i)
		list = append(list, rule{id: id, claim: id, question: &text, policy: &ClaimPolicy{IDToken: true}, scope: "zp", inToken: true})
		k.profile[id] = &screens.Current{State: catalogue.Answered, Value: catalogue.Word(strings.Repeat("x", 400))}
		k.releases[id] = consent.Release{State: consent.Given}
	}
	token := leave(list, ask{use: oauth.IDToken, scopes: []string{"zp"}}, k, now)
	if n := jsonSize(token.Values); n > idTokenRoom || len(token.Set) != 4 || !token.More || token.Withheld["t8"] != string(NoRoom) {
		t.Errorf("%d bytes, %v, more %v, withheld %v", n, token.Set, token.More, token.Withheld)
	}
	info := leave(list, ask{use: oauth.UserInfo, scopes: []string{"zp"}}, k, now)
	if len(info.Set) != 9 || info.More || len(info.Withheld) != 0 || !slices.IsSorted(info.Set) {
		t.Errorf("UserInfo: %v, more %v, withheld %v", info.Set, info.More, info.Withheld)
	}
}

// The answer to a question with a min_age leaves only while the customer is known to
// be so old, by what the brand may know.
func TestLeave_Young(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wine := *cfg.Catalogue().Question("kopi", "coffee_milk")
	wine.ID, wine.MinAge = "wine", 16
	set := &catalogue.Set{Brand: "kopi", AgeQuestion: "born"}
	list := []rule{{id: "wine", claim: "wine", question: &wine, set: set, scope: answersClaim, policy: &ClaimPolicy{}, inToken: true}}
	for _, x := range []struct {
		name string
		born *screens.Current
		ages consent.State // how the brand stands with the age
		want Reason
	}{
		{"not known", nil, "", Young},
		{"declined", &screens.Current{Brand: "kopi", Scope: "kopi", State: catalogue.Declined}, "", Young},
		{"younger", &screens.Current{Brand: "kopi", Scope: "kopi", State: catalogue.Answered, Value: catalogue.Word("2010-11-25")}, "", Young},
		{"ran out", &screens.Current{Brand: "kopi", Scope: "kopi", State: catalogue.Answered, Value: catalogue.Word("1980-01-01"), Expires: now}, "", Young},
		{"told to another brand", &screens.Current{Brand: "sole", State: catalogue.Answered, Value: catalogue.Word("1980-01-01")}, "", Young},
		{"and shared with this one", &screens.Current{Brand: "sole", State: catalogue.Answered, Value: catalogue.Word("1980-01-01")}, consent.Given, ""},
		{"on the birthday", &screens.Current{Brand: "kopi", Scope: "kopi", State: catalogue.Answered, Value: catalogue.Word("2010-11-24")}, "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			k := &known{
				profile:  map[string]*screens.Current{"wine": {Brand: "kopi", Scope: "kopi", State: catalogue.Answered, Value: catalogue.Word("oat"), Seq: 3}},
				releases: map[string]consent.Release{"wine": {State: consent.Given}},
			}
			if x.born != nil {
				k.profile["born"] = x.born
			}
			if x.ages != "" {
				k.releases["born"] = consent.Release{State: x.ages}
			}
			got := leave(list, ask{use: oauth.UserInfo, brand: "kopi", scopes: []string{"zp"}}, k, now)
			if why := Reason(got.Withheld["wine"]); why != x.want {
				t.Errorf("withheld: %q, want %q", why, x.want)
			}
		})
	}
}
