package proffer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

var kopiToken, soleToken = admin.NewToken(), admin.NewToken()

// withTokens gives both brands a token.
func withTokens(cfg *Config) {
	for brand, token := range map[string]string{"kopi": kopiToken, "sole": soleToken} {
		cfg.Brands[brand].DeployTokens = []DeployToken{{Name: "ci", SHA256: bundle.Hash(admin.Sum(token)).String()}}
	}
}

// A told is an answer of the admin API.
type told struct {
	status int
	header http.Header
	body   string
}

func (a told) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

func (a told) problem(t testing.TB) admin.Problem {
	t.Helper()
	var p admin.Problem
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%d is %s", a.status, got)
	}
	a.into(t, &p)
	if p.Status != a.status || p.Title == "" {
		t.Errorf("%d: %+v", a.status, p)
	}
	return p
}

// call asks the admin API. body is sent as JSON, a string as it is.
func (l *lab) call(method, path, token, ifMatch string, body any) told {
	l.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			l.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(l.Context(), method, l.http.URL+path, in)
	if err != nil {
		l.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	res, err := l.http.Client().Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatal(err)
	}
	return told{res.StatusCode, res.Header, string(text)}
}

const kopiScreens, soleScreens = "/admin/v1/brands/kopi/screens", "/admin/v1/brands/sole/screens"

// set is a brand's set of the example with one text replaced.
func (l *lab) set(brand, old, new string) *bundle.Bundle {
	l.Helper()
	text, err := os.ReadFile("brands/" + brand + "/set.yaml")
	if err != nil {
		l.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		l.Fatalf("the set of %s has no %q", brand, old)
	}
	return bundle.Of("set.yaml", []byte(strings.Replace(string(text), old, new, 1)), nil)
}

func (l *lab) deploy(token, path, ifMatch string, d admin.Deploy) (out admin.Deployed) {
	l.Helper()
	a := l.call("PUT", path+"/in-force", token, ifMatch, d)
	if a.status != 200 {
		l.Fatalf("deploy: %d %s", a.status, a.body)
	}
	a.into(l, &out)
	return out
}

// question is what the first screen of a new customer's visit at Kopi asks.
func (l *lab) question(name string) *shown {
	l.Helper()
	return l.browser().register(l.site("kopi-web"), name+"@example.com", "a pass phrase of "+name).at("/ask/coffee")
}

const words0, words1, words2 = "How do you take your coffee?", "Your coffee?", "And your coffee?"

func TestDeploy(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	var list admin.List
	first := l.call("GET", kopiScreens, kopiToken, "", nil)
	if first.into(t, &list); list.InForce != 0 || list.Here != 0 || list.FileIs != "in force" || len(list.Versions) != 0 || first.header.Get("ETag") != `"0"` {
		t.Errorf("before the first deploy: %+v", list)
	}
	under := l.question("mali") // stands on the screen

	done := l.deploy(kopiToken, kopiScreens, `"0"`, admin.Deploy{Bundle: l.set("kopi", words0, words1), Message: "shorter"})
	if v := done.Version; !done.Changed || v.Number != 1 || v.By != "ci" || v.Message != "shorter" {
		t.Fatalf("deployed: %+v", v)
	}
	if p := l.question("nok"); !strings.Contains(p.text(), words1) {
		t.Errorf("a visit after the deploy: %s", p.text())
	}

	// The visit under way ends on the version it began with: page, form and record.
	if p := under.open(under.url.String()); !strings.Contains(p.text(), words0) {
		t.Errorf("the visit under way: %s", p.text())
	}
	if p := under.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue"); p.status != 200 || p.url.Path != "/ask/when" {
		t.Errorf("the form of the version before: %d %s", p.status, p.url)
	}

	again := l.deploy(kopiToken, kopiScreens, `"0"`, admin.Deploy{Bundle: l.set("kopi", words0, words1)})
	if again.Changed || again.Version.Number != 1 {
		t.Errorf("the same sent twice: %+v", again)
	}
	l.deploy(kopiToken, kopiScreens, `"1"`, admin.Deploy{Bundle: l.set("kopi", words0, words2)})
	back := l.deploy(kopiToken, kopiScreens, `"2"`, admin.Deploy{Version: 1, Message: "back"})
	if v := back.Version; v.Number != 3 || v.Back != 1 || v.Hash != done.Version.Hash {
		t.Errorf("rolled back: %+v", v)
	}
	if p := l.question("lek"); !strings.Contains(p.text(), words1) {
		t.Errorf("after going back: %s", p.text())
	}

	l.call("GET", kopiScreens, kopiToken, "", nil).into(t, &list)
	if list.InForce != 3 || list.Here != 3 || list.Why != "" || list.FileIs != "different" || len(list.Versions) != 3 || list.Versions[2].Message != "shorter" {
		t.Errorf("list: %+v", list)
	}
	for path, want := range map[string]string{"/1": words1, "/2": words2, "/in-force": words1, "/file": words0} {
		var s admin.Shown
		if l.call("GET", kopiScreens+path, kopiToken, "", nil).into(t, &s); s.Bundle == nil || !strings.Contains(string(s.Bundle.Set), want) {
			t.Errorf("show %s: %+v", path, s.Version)
		}
	}
	var events []string
	for range 500 {
		events = nil
		err := l.db.View(t.Context(), func(tx *store.Tx) error {
			list, err := outbox.BrandAfter(tx, 0, 0)
			for _, e := range list {
				events = append(events, e.Record.Type+" "+e.Record.Brand+" "+string(e.Record.Data))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 3 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(events) != 3 || !strings.HasPrefix(events[2], `screen_set.deployed kopi {"version":3,`) || !strings.Contains(events[2], `"by":"ci","message":"back","back_to":1`) {
		t.Errorf("events: %q", events)
	}
	// A new start finds what is in force, not the file.
	other := newLab(t, labOptions{on: l, change: withTokens})
	if p := other.question("som"); !strings.Contains(p.text(), words1) {
		t.Errorf("after a start: %s", p.text())
	}
	if logs := other.logs.String(); !strings.Contains(logs, "the file of the screen set is not in force") {
		t.Error("that the file is not in force is not said")
	}
}

// A visit that was begun to ask what its client lacks goes on with that, also when a
// set is deployed in the middle of it with no such campaign.
func TestDeploy_Wants(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens, set: map[string][2]string{"kopi": {"when: [registration, sign_in]\n    show: [coffee", "when: [missing_claim]\n    show: [coffee"}}})
	under := l.question("mali")
	l.deploy(kopiToken, kopiScreens, `"0"`, admin.Deploy{Bundle: l.set("kopi", words0, words1)})
	under.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
}

// What is broken never takes effect, and is told with its place.
func TestDeploy_Refused(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	for name, c := range map[string]struct {
		bundle *bundle.Bundle
		want   []string
	}{
		"unknown key":     {l.set("kopi", "    kind: single ", "    kinds: single "), []string{`"file":"set.yaml","line":22,`, `did you mean \"kind\"?`}},
		"no YAML":         {bundle.Of("set.yaml", []byte("a: [\n"), nil), []string{`"line":`}},
		"empty":           {bundle.Of("set.yaml", nil, nil), []string{`"message":`}},
		"a claim is gone": {l.set("kopi", "  coffee_when:", "  coffee_hour:"), []string{"coffee_when"}},
	} {
		a := l.call("PUT", kopiScreens+"/in-force", kopiToken, `"0"`, admin.Deploy{Bundle: c.bundle})
		p := a.problem(t)
		if a.status != 422 || p.Code != "findings" || len(p.Findings) == 0 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		for _, w := range c.want {
			if !strings.Contains(a.body, w) {
				t.Errorf("%s: no %s in %s", name, w, a.body)
			}
		}
	}
	// What another brand builds on cannot be taken away, and who it is stays unsaid.
	a := l.call("PUT", kopiScreens+"/in-force", kopiToken, "*", admin.Deploy{Bundle: l.set("kopi", "    scope: person ", "    scope: brand ")})
	if a.status != 422 || !strings.Contains(a.body, "another brand of this provider") || strings.Contains(a.body, "sole") {
		t.Errorf("a shared question taken away: %d %s", a.status, a.body)
	}
	for name, c := range map[string]struct {
		ifMatch string
		body    any
		status  int
		code    string
	}{
		"no If-Match":     {"", admin.Deploy{Version: 1}, 428, "if_match"},
		"a word":          {"new", admin.Deploy{Version: 1}, 400, "if_match"},
		"weak":            {`W/"1"`, admin.Deploy{Version: 1}, 400, "if_match"},
		"nothing":         {"*", admin.Deploy{}, 400, "body"},
		"both":            {"*", admin.Deploy{Version: 1, Bundle: l.set("kopi", "", "")}, 400, "body"},
		"no such version": {"*", admin.Deploy{Version: 99}, 404, "version"},
		"before zero":     {"*", `{"version":-1}`, 400, "body"},
		"no JSON":         {"*", `{`, 400, "body"},
		"unknown key":     {"*", `{"version":1,"force":true}`, 400, "body"},
		"twice":           {"*", `{"version":1,"version":2}`, 400, "body"},
		"newer format":    {"*", `{"bundle":{"format":2,"name":"set.yaml","set":""}}`, 400, "body"},
		"long message":    {"*", admin.Deploy{Version: 1, Message: strings.Repeat("ก", 501)}, 400, "message"},
		"two lines":       {"*", admin.Deploy{Version: 1, Message: "a\nb"}, 400, "message"},
		"too large":       {"*", `{"message":"` + strings.Repeat("a", 20<<20) + `"}`, 413, "size"},
	} {
		a := l.call("PUT", kopiScreens+"/in-force", kopiToken, c.ifMatch, c.body)
		if p := a.problem(t); a.status != c.status || p.Code != c.code {
			t.Errorf("%s: %d %.200s", name, a.status, a.body)
		}
	}
	check := l.call("POST", kopiScreens+"/check", kopiToken, "", map[string]any{"bundle": l.set("kopi", "    kind: single ", "    kinds: single ")})
	if check.status != 200 || !strings.Contains(check.body, `did you mean`) {
		t.Errorf("check: %d %s", check.status, check.body)
	}
	if p := l.question("nok"); !strings.Contains(p.text(), words0) {
		t.Errorf("something took effect: %s", p.text())
	}
}

// Of two who deploy on what both saw, one is told that the other was first.
func TestDeploy_AtOnce(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	other := newLab(t, labOptions{on: l, change: withTokens})
	var all sync.WaitGroup
	answers := make([]told, 6)
	for i := range answers {
		at := []*lab{l, other}[i%2]
		b := l.set("kopi", words0, "Coffee "+string(rune('A'+i))+"?")
		all.Go(func() {
			answers[i] = at.call("PUT", kopiScreens+"/in-force", kopiToken, `"0"`, admin.Deploy{Bundle: b})
		})
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		switch a.status {
		case 200:
			won++
		case 412:
			if p := a.problem(t); p.InForce == nil || *p.InForce != 1 || !strings.Contains(p.Detail, "deploy again on top of it") {
				t.Errorf("moved: %+v", p)
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if won != 1 {
		t.Errorf("%d came through", won)
	}
}

// A server beside the one that deployed takes the set up by itself, and a visit
// that began there ends on its version here.
func TestDeploy_Replicas(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	l.deploy(kopiToken, kopiScreens, `"0"`, admin.Deploy{Bundle: l.set("kopi", words0, words1)})
	under := l.question("mali")
	l.deploy(kopiToken, kopiScreens, `"1"`, admin.Deploy{Bundle: l.set("kopi", words0, words2)})

	// One that was never there when version 1 was, under the same address.
	late, err := New(t.Context(), l.cfg, Options{DB: l.db, Mailer: l.mail, Now: l.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	early := l.server
	l.server = late
	if p := under.open(under.url.String()); !strings.Contains(p.text(), words1) {
		t.Errorf("at the other server: %s", p.text())
	}
	if p := under.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue"); p.url.Path != "/ask/when" {
		t.Errorf("answered at the other server: %d %s", p.status, p.url)
	}
	// What late deploys reaches early, which runs.
	l.deploy(kopiToken, kopiScreens, `"2"`, admin.Deploy{Version: 1})
	l.server = early
	began := time.Now()
	for {
		var list admin.List
		l.call("GET", kopiScreens, kopiToken, "", nil).into(t, &list)
		if list.Here == 3 {
			break
		}
		if list.Why != "this server has not taken it up yet" {
			t.Errorf("meanwhile: %+v", list)
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("not taken up: %+v", list)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if p := l.question("nok"); !strings.Contains(p.text(), words1) {
		t.Errorf("after it was taken up: %s", p.text())
	}
}

// A version that cannot be used, such as one of a newer Proffer, is passed over
// and said to be.
func TestDeploy_NotUsable(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	l.deploy(kopiToken, kopiScreens, `"0"`, admin.Deploy{Bundle: l.set("kopi", words0, words1)})
	newer := l.set("kopi", words0, words2)
	newer.Format = 2
	broken := l.set("kopi", "    kind: single ", "    kind: telepathy ")
	for i, b := range []*bundle.Bundle{newer, broken} {
		err := l.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := bundle.Put(tx, bundle.Deploy{Brand: "kopi", Bundle: b, Seen: map[string]int{"kopi": i + 1}, By: "newer", At: l.clock.Now(), Event: store.NewID()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.server.follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		var list admin.List
		l.call("GET", kopiScreens, kopiToken, "", nil).into(t, &list)
		why := []string{"made by a newer Proffer", "unknown kind"}[i]
		if list.InForce != i+2 || list.Here != 1 || !strings.Contains(list.Why, why) {
			t.Errorf("list: %+v", list)
		}
		if !strings.Contains(l.logs.String(), "cannot be used, an older one stands in for it") {
			t.Error("the log does not say so")
		}
		if err := l.server.Reload(t.Context(), l.cfg); err != nil {
			t.Errorf("a reload that changes nothing about it: %v", err)
		}
	}
	if p := l.question("nok"); !strings.Contains(p.text(), words1) {
		t.Errorf("in force: %s", p.text())
	}
	l.deploy(kopiToken, kopiScreens, `"3"`, admin.Deploy{Version: 1})
	if p := l.question("lek"); !strings.Contains(p.text(), words1) {
		t.Errorf("put right: %s", p.text())
	}
}

// A configuration that does not fit what was deployed is not taken, and says why.
func TestDeploy_Reload(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	l.deploy(kopiToken, kopiScreens, `"0"`, admin.Deploy{Bundle: l.set("kopi", words0, words1)})
	cfg := *l.cfg
	cfg.Languages = []string{"en"}
	if err := l.server.Reload(t.Context(), &cfg); err == nil {
		t.Error("a configuration with other languages was taken")
	}
	if err := l.server.Reload(t.Context(), l.cfg); err != nil {
		t.Fatal(err)
	}
	if p := l.question("nok"); !strings.Contains(p.text(), words1) {
		t.Errorf("a reload brought the file back: %s", p.text())
	}
}

// Every route of the admin API, each with who may not: A04.
func TestGauntlet_A04_DeployTokens(t *testing.T) {
	l := newLab(t, labOptions{change: withTokens})
	customer := l.question("nok").browser
	n := 0
	for _, rt := range l.server.now.Load().routes() {
		if rt.kind != byToken || rt.method == "" {
			continue
		}
		n++
		at := func(brand string) string {
			return strings.NewReplacer("{brand}", brand, "{version}", "in-force").Replace(rt.path)
		}
		for name, c := range map[string]struct {
			brand, token string
			status       int
		}{
			"no token":               {"kopi", "", 401},
			"wrong token":            {"kopi", admin.NewToken(), 401},
			"the sum in its place":   {"kopi", bundle.Hash(admin.Sum(kopiToken)).String(), 401},
			"part of the token":      {"kopi", kopiToken[:len(kopiToken)-1], 401},
			"with more behind it":    {"kopi", kopiToken + "x", 401},
			"wrong, of no brand":     {"nobody", admin.NewToken(), 401},
			"of a brand there isn't": {"nobody", kopiToken, 403},
		} {
			a := l.call(rt.method, at(c.brand), c.token, "*", `{}`)
			if p := a.problem(t); a.status != c.status || c.status == 401 && a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s, %s: %d %+v", rt.method, rt.path, name, a.status, p)
			}
			if a.header.Get("Cache-Control") != "no-store" || len(a.header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s %s, %s: %v", rt.method, rt.path, name, a.header)
			}
		}
		one, two := l.call(rt.method, at("sole"), kopiToken, "*", `{}`), l.call(rt.method, at("nobody"), kopiToken, "*", `{}`)
		if one.body != two.body {
			t.Errorf("%s %s tells brands that are from those that are not: %s, %s", rt.method, rt.path, one.body, two.body)
		}
		// A customer's cookie, a token in the address and a method in a header do nothing.
		r, err := http.NewRequestWithContext(t.Context(), rt.method, l.http.URL+at("kopi")+"?access_token="+url.QueryEscape(kopiToken), strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-HTTP-Method-Override", "GET")
		if p := customer.do(r); p.status != 401 {
			t.Errorf("%s %s with a cookie: %d", rt.method, rt.path, p.status)
		}
	}
	if n < 4 {
		t.Fatalf("%d routes", n)
	}
	for _, c := range []struct {
		method, path, token string
		status              int
	}{
		{"DELETE", kopiScreens, kopiToken, 404}, {"POST", kopiScreens + "/in-force", kopiToken, 404}, {"GET", kopiScreens + "/", kopiToken, 404},
		{"GET", "/admin/", kopiToken, 404}, {"GET", "/admin/", "", 401}, {"PATCH", kopiScreens, "", 401}, {"GET", kopiScreens + "/0", kopiToken, 404},
		{"GET", kopiScreens + "/7", kopiToken, 404}, {"GET", kopiScreens + "?before=x", kopiToken, 400},
	} {
		a := l.call(c.method, c.path, c.token, "", nil)
		if a.problem(t); a.status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
	if logs := l.logs.String(); strings.Contains(logs, kopiToken) || strings.Contains(logs, soleToken) {
		t.Error("a token stands in the log")
	}
	if a := l.call("GET", soleScreens, soleToken, "", nil); a.status != 200 {
		t.Errorf("the right token: %d", a.status)
	}
}

// What a deployer calls their set is no key to the findings in a file of the same name:
// the configuration has every brand's.
func TestGauntlet_A04_NameOfAnothersFile(t *testing.T) {
	l := newLab(t, labOptions{})
	all := []diag.Finding{
		{File: "config.yaml", Line: 9, Path: "brands.sole.clients.sole-web.claims.drink", Message: "names a claim of nobody"},
		{File: "config.yaml", Line: 3, Path: "brands.kopi.clients.kopi-web.claims.milk", Message: "of our own"},
		{File: "config.yaml", Line: 2, Path: "questions.milk", Message: "in the set"},
	}
	var said strings.Builder
	for _, f := range l.server.forBrand("kopi", "config.yaml", all) {
		fmt.Fprintln(&said, f)
	}
	if s := said.String(); strings.Contains(s, "sole") || strings.Contains(s, "of nobody") || !strings.Contains(s, "of our own (in the configuration") || !strings.Contains(s, "config.yaml:2") || !strings.Contains(s, "another brand of this provider") {
		t.Error(s)
	}
}
