package proffer

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

// A bench is a customer of Kopi Club who is signed in and has answered three
// questions, and a server that is asked without a network: what is measured is
// Proffer and its store. cmd/proffer measures the whole process.
type bench struct {
	*lab
	server  *Server
	site    *site
	cookies string
}

func newBench(b *testing.B, set func(string) string) *bench {
	b.Helper()
	shell := &lab{TB: b, clock: storetest.NewClock(), mail: new(catcher)}
	shell.clock.Set(time.Now().UTC().Truncate(time.Second))
	shell.counts = storetest.Count(storetest.NewPlace(b).Open(b))
	var err error
	shell.db, err = store.Open(b.Context(), shell.counts, Tables(), store.Options{Now: shell.clock.Now, Keys: storetest.Keys(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { shell.db.Close() })
	l := newLab(b, labOptions{on: shell, kopi: set})
	kopi, browser := l.site("kopi-web"), l.browser()
	p := browser.register(kopi, "nok@example.com", pass)
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("q.coffee_when", "morning", "do", "continue").at("/ask/birthday")
	p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
	kopi.redeem(p.left)
	root, err := url.Parse(l.http.URL)
	if err != nil {
		b.Fatal(err)
	}
	var cookies []string
	for _, c := range browser.client.Jar.Cookies(root) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	server, err := New(b.Context(), l.cfg, Options{DB: l.db, Mailer: l.mail, Log: slog.New(slog.DiscardHandler), Now: l.clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	return &bench{lab: l, server: server, site: kopi, cookies: strings.Join(cookies, "; ")}
}

// ask sends one request past the network.
func (x *bench) ask(method, target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Accept-Language", "en-GB,en;q=0.7,th;q=0.3")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	x.server.ServeHTTP(w, r)
	return w
}

// code is the first request of a returning visit, a browser's.
func (x *bench) code() string {
	w := x.ask("GET", x.site.authorize(), nil, "Cookie", x.cookies)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		x.Fatalf("no code: %d %s %s", w.Code, w.Header(), w.Body)
	}
	return to.Query().Get("code")
}

// exchange is the second, the site's.
func (x *bench) exchange(code string) *oauth2.Token {
	return x.token(url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {x.site.oauth.RedirectURL}, "code_verifier": {x.site.verifier},
	})
}

func (x *bench) refresh(t *oauth2.Token) *oauth2.Token {
	return x.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.RefreshToken}})
}

func (x *bench) token(form url.Values) *oauth2.Token {
	form.Set("client_id", x.site.oauth.ClientID)
	form.Set("client_secret", x.site.oauth.ClientSecret)
	w := x.ask("POST", x.site.oauth.Endpoint.TokenURL, form)
	t := new(oauth2.Token)
	if err := json.Unmarshal(w.Body.Bytes(), t); err != nil || t.AccessToken == "" || t.RefreshToken == "" {
		x.Fatalf("no tokens: %d %s", w.Code, w.Body)
	}
	return t
}

// info is the third.
func (x *bench) info(t *oauth2.Token) {
	w := x.ask("GET", x.issuer()+"/userinfo", nil, "Authorization", "Bearer "+t.AccessToken)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"coffee_milk":"oat"`) {
		x.Fatalf("no answers: %d %s", w.Code, w.Body)
	}
}

// measure runs f and reports its CPU time, that of the system included, and its
// round trips to the store.
func (x *bench) measure(b *testing.B, f func()) {
	b.ReportAllocs()
	f() // to warm up
	reads, commits, before := x.counts.Reads(), x.counts.Commits(), cpuTime(b)
	for b.Loop() {
		f()
	}
	n := float64(b.N)
	b.ReportMetric(float64(cpuTime(b)-before)/float64(time.Microsecond)/n, "cpu-µs/op")
	b.ReportMetric(float64(x.counts.Reads()-reads)/n, "reads/op")
	b.ReportMetric(float64(x.counts.Commits()-commits)/n, "commits/op")
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkVisit is a returning visit and each of its requests, and what a site
// does later: refresh.
func BenchmarkVisit(b *testing.B) {
	x := newBench(b, nil)
	b.Run("visit", func(b *testing.B) { x.measure(b, func() { x.info(x.exchange(x.code())) }) })
	b.Run("authorize", func(b *testing.B) { x.measure(b, func() { x.code() }) })
	t := x.exchange(x.code())
	b.Run("UserInfo", func(b *testing.B) { x.measure(b, func() { x.info(t) }) })
	b.Run("refresh", func(b *testing.B) { x.measure(b, func() { t = x.refresh(t) }) })
}

// BenchmarkVisitSizes reports what a returning visit costs with a set of 500 questions,
// 100 campaigns and three languages as a part of what it costs with the example's own:
// visits to one and the other in turns, so that a busy machine disturbs both. To some
// campaigns their time has not come, others are for other customers.
func BenchmarkVisitSizes(b *testing.B) {
	small, large := newBench(b, nil), newBench(b, enlarge)
	visit := func(x *bench) time.Duration {
		began := cpuTime(b)
		x.info(x.exchange(x.code()))
		return cpuTime(b) - began
	}
	visit(small)
	visit(large)
	var of [2]time.Duration
	for b.Loop() {
		of[0] += visit(small)
		of[1] += visit(large)
	}
	b.ReportMetric(float64(of[0].Microseconds())/float64(b.N), "small-cpu-µs/op")
	b.ReportMetric(float64(of[1])/float64(of[0]), "large/small")
}

// enlarge adds to a set until it has 500 questions and 100 campaigns.
func enlarge(src string) string {
	var questions, screens, campaigns strings.Builder
	for i := range 500 - strings.Count(src, "\n    kind: ") {
		fmt.Fprintf(&questions, "  q%d:\n    kind: single\n    scope: brand\n    ask: {en: What about %[1]d?, th: แล้ว %[1]d ล่ะ, ar: ماذا عن %[1]d؟}\n", i)
		fmt.Fprintf(&questions, "    name: {en: About %d, th: เรื่อง %[1]d, ar: حول %[1]d}\n    why: {en: So that we know., th: จะได้รู้, ar: لكي نعرف.}\n", i)
		questions.WriteString("    purpose: personalise\n    options:\n")
		for o := range 4 {
			fmt.Fprintf(&questions, "      - {id: o%d, label: {en: Choice %[1]d, th: ตัวเลือก %[1]d, ar: خيار %[1]d}}\n", o)
		}
		fmt.Fprintf(&screens, "  s%d: {ask: [q%[1]d]}\n", i)
	}
	n := strings.Count(questions.String(), "\n    kind: ")
	for i := range 97 {
		who := "{answer: coffee_milk, is: black}"
		if i%2 == 1 {
			who = "{between: [2020-01-01, 2020-12-31]}"
		}
		fmt.Fprintf(&campaigns, "  c%d:\n    when: [sign_in]\n    who: %s\n    show: [", i, who)
		for s := i * n / 97; s < (i+1)*n/97; s++ {
			fmt.Fprintf(&campaigns, "s%d, ", s)
		}
		campaigns.WriteString("]\n")
	}
	for section, more := range map[string]string{"\nquestions:\n": questions.String(), "\nscreens:\n": screens.String(), "\ncampaigns:\n": campaigns.String()} {
		if !strings.Contains(src, section) {
			panic("the example's set has no" + section)
		}
		src = strings.Replace(src, section, section+more, 1)
	}
	return src
}

// BenchmarkSignIn is a sign-in by password, from the site to the site.
func BenchmarkSignIn(b *testing.B) {
	x := newBench(b, nil)
	browsers := 0
	x.measure(b, func() {
		browsers++
		p := x.browser().signIn(x.site, "nok@example.com", pass)
		if p.left == nil || p.left.Query().Get("code") == "" {
			b.Fatal(fmt.Sprint("no code: ", p.text()))
		}
	})
}
