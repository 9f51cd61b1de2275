package identity

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
)

// masks are the random values of an answer.
var masks = []*regexp.Regexp{
	regexp.MustCompile(`v-[\w-]{22}`), regexp.MustCompile(`name="form_token" value="[\w-]+"`), regexp.MustCompile(`nonce-[A-Z2-7]+`),
	regexp.MustCompile(`nonce="[A-Z2-7]+"`), regexp.MustCompile(`(known|other)@example\.com`),
}

// faceOf is all that a stranger sees of an answer.
func faceOf(p *page) string {
	h := p.header.Clone()
	h.Del("Date")
	keys := make([]string, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	b.WriteString(http.StatusText(p.status) + "\n")
	for _, k := range keys {
		b.WriteString(k + ": " + strings.Join(h[k], " | ") + "\n")
	}
	b.WriteString(p.body)
	s := b.String()
	for _, m := range masks {
		s = m.ReplaceAllString(s, "…")
	}
	return s
}

// C01: with an account and without, register, sign-in, code, recovery and
// resend look the same, write as often, hash as often and send one mail.
func TestGauntlet_C01_Enumeration(t *testing.T) {
	type seen struct {
		faces         []string
		lengths       []int
		commits, made int
		mails         int
		cookies       int
	}
	for _, c := range []struct {
		name string
		do   func(b *browser, v *web.Visit, email string) []*page
	}{
		{"register", func(b *browser, v *web.Visit, email string) []*page {
			return []*page{b.post(b.at("/register", v), "/register", "email", email, "password", goodWords), b.at("/authorize", v), b.follow(v)}
		}},
		{"login, wrong password", func(b *browser, v *web.Visit, email string) []*page {
			return []*page{b.post(b.at("/login", v), "/login", "email", email, "password", "not the one"), b.at("/authorize", v)}
		}},
		{"login, impossible password", func(b *browser, v *web.Visit, email string) []*page {
			return []*page{b.post(b.at("/login", v), "/login", "email", email, "password", strings.Repeat("x", 200)), b.at("/authorize", v)}
		}},
		{"login, too often", func(b *browser, v *web.Visit, email string) (out []*page) {
			for range freeTries + 2 {
				out = append(out, b.post(b.at("/login", v), "/login", "email", email, "password", "not the one"))
			}
			return out
		}},
		{"code instead", func(b *browser, v *web.Visit, email string) []*page {
			return []*page{b.post(b.at("/login", v), "/login/code", "email", email), b.follow(v), b.post(b.follow(v), "/verify", "code", "abc")}
		}},
		{"recovery", func(b *browser, v *web.Visit, email string) []*page {
			return []*page{b.post(b.at("/recover", v), "/recover", "email", email), b.follow(v), b.at("/new-password", v)}
		}},
		{"resend", func(b *browser, v *web.Visit, email string) []*page {
			first := b.post(b.at("/recover", v), "/recover", "email", email)
			b.h.clock.Add(2 * time.Minute)
			return []*page{first, b.post(b.follow(v), "/verify/resend"), b.follow(v)}
		}},
		{"codes too often", func(b *browser, v *web.Visit, email string) (out []*page) {
			for range 12 {
				out = append(out, b.post(b.at("/recover", v), "/recover", "email", email))
			}
			return out
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			look := func(email string) seen {
				h := open(t) // the same clock, no limits of the other run
				h.seedOne("known@example.com", goodWords)
				b := h.browser()
				v := b.begin()
				h.count.Reset()
				before := h.hasher.made.Load()
				var s seen
				for _, p := range c.do(b, v, email) {
					face := faceOf(p)
					s.faces = append(s.faces, strings.ReplaceAll(face, h.server.URL, "https://id.example"))
					s.lengths = append(s.lengths, len(p.body))
					s.cookies += len(p.header.Values("Set-Cookie"))
				}
				s.commits, s.made, s.mails = h.count.Commits(), int(h.hasher.made.Load()-before), len(h.mails())
				return s
			}
			known, other := look("known@example.com"), look("other@example.com")
			for i := range known.faces {
				if known.faces[i] != other.faces[i] {
					t.Errorf("answer %d differs:\n%s\n----\n%s", i, known.faces[i], other.faces[i])
				}
				want(t, "length", other.lengths[i], known.lengths[i])
			}
			want(t, "commits", other.commits, known.commits)
			want(t, "hashes", other.made, known.made)
			want(t, "mails", other.mails, known.mails)
			want(t, "cookies", known.cookies+other.cookies, 0)
			if known.commits == 0 {
				t.Error("nothing was written at all")
			}
		})
	}
}

// R01: a mail scanner opens links, runs their scripts and keeps no cookies. It
// uses nothing up and signs nobody in, and a person's button still works.
func TestGauntlet_R01_LinkScanner(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	for _, c := range []struct{ path, post string }{{"/login", "/login/code"}, {"/recover", "/recover"}, {"/register", "/register"}} {
		b := h.browser()
		v := b.begin()
		b.post(b.at(c.path, v), c.post, "email", nok, "password", goodWords)
		mail := h.lastMail()
		link, code := linkIn.FindString(mail.Text), codeIn(t, mail)
		if link == "" {
			t.Fatalf("%s: no link in the mail:\n%s", c.post, mail.Text)
		}
		if strings.Contains(link, code) || strings.Contains(link, url.QueryEscape(nok)) {
			t.Error("the address of the link says the code or the mailbox")
		}
		scanner := h.browser()
		h.count.Reset()
		for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet} {
			r, err := http.NewRequestWithContext(t.Context(), method, link, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := scanner.do(r)
			want(t, "status", got.status, http.StatusOK)
			want(t, "cookies", len(got.header.Values("Set-Cookie")), 0)
			if strings.Contains(got.body, "<form") {
				t.Error("a form in a browser that the visit does not stand in")
			}
			if method == http.MethodGet && !strings.Contains(got.body, code) {
				t.Error("the code to type is not shown")
			}
		}
		// Not even with a form it makes up itself.
		token := url.Values{"token": {link[strings.Index(link, "token=")+6:]}, "visit": {v.Sealed}}
		if got := scanner.send("/confirm", token); got.status < 400 {
			t.Errorf("a form made up: %d", got.status)
		}
		want(t, "commits", h.count.Commits(), 0)

		page := b.get(link)
		if strings.Contains(page.body, ">"+code+"<") {
			t.Error("the code is shown where the button is")
		}
		want(t, "button", b.post(page, "/confirm").status, http.StatusSeeOther)
		if c.path == "/recover" {
			want(t, "page", b.follow(v).path, "/new-password")
			continue
		}
		want(t, "in", b.in(v), a.ID.String())
		want(t, "used link", b.get(link).status, http.StatusGone)
	}
}

// A link opened in a browser that stands in another visit does not sign it in.
func TestLinkOfAnotherVisit(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	m, victim := h.browser(), h.browser()
	vm, vv := m.begin(), victim.begin()
	m.post(m.at("/login", vm), "/login/code", "email", nok)
	link := linkIn.FindString(h.lastMail().Text)
	page := victim.get(link)
	if strings.Contains(page.body, "<form") {
		t.Error("a button for a stranger's window")
	}
	// A form token of the victim's own visit does not help either.
	victim.post(victim.at("/login", vv), "/login/code", "email", "other@example.com")
	form := victim.follow(vv)
	got := victim.post(form, "/confirm", "token", link[strings.Index(link, "token=")+6:])
	if got.status < 400 {
		t.Errorf("status %d", got.status)
	}
	want(t, "victim", victim.sessionCookie(), "")
	want(t, "stranger", m.in(vm), "")
	for _, token := range []string{"", "x", strings.Repeat("A", 67), link[strings.Index(link, "token=")+6:] + "A"} {
		want(t, "broken link", victim.get("/confirm?token="+token).status, http.StatusBadRequest)
	}
}

// I05: nothing that somebody typed, and no secret, reaches the log.
func TestGauntlet_I05_NothingSecretInTheLog(t *testing.T) {
	h := open(t)
	b := h.browser()
	v := b.begin()
	canary := "canary plum violin"
	b.post(b.at("/register", v), "/register", "email", "canary\r\n\x1b[31m\"@example.com", "password", canary)
	b.post(b.at("/register", v), "/register", "email", "canary@example.com", "password", canary)
	mail := h.lastMail()
	code := codeIn(t, mail)
	b.post(b.follow(v), "/verify", "code", "000000")
	b.post(b.follow(v), "/verify", "code", code)
	b.post(b.at("/login", v), "/login", "email", "canary@example.com", "password", canary+"\n")
	b.post(b.at("/login", v), "/login", "email", "canary@example.com", "password", canary)
	b.post(b.get("/preferences/delete"), "/preferences/delete", "password", "canary wrong")
	b.get("/confirm?token=canary")
	b.get(linkIn.FindString(mail.Text))
	secret := b.sessionCookie()
	log := h.logs.String()
	if log == "" {
		t.Fatal("nothing was logged at all")
	}
	for what, s := range map[string]string{"what was typed": "canary", "code": code, "cookie": secret, "hash": "$argon2id$", "control character": "\x1b"} {
		if strings.Contains(log, s) {
			t.Errorf("%s in the log:\n%s", what, log)
		}
	}
}

// S01, as far as it lives here: every form carries a token that no other visit
// and no other form has.
func TestFormTokens(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b, other := h.browser(), h.browser()
	v, vo := b.begin(), other.begin()
	foreign := other.at("/login", vo)
	for path, fields := range map[string]url.Values{
		"/login":         {"email": {nok}, "password": {goodWords}},
		"/login/code":    {"email": {nok}},
		"/register":      {"email": {nok}, "password": {goodWords}},
		"/recover":       {"email": {nok}},
		"/verify":        {"code": {"123456"}},
		"/verify/resend": {},
		"/confirm":       {"token": {"x"}},
		"/new-password":  {"password": {goodWords}},
	} {
		h.count.Reset()
		fields.Set("visit", v.Sealed)
		want(t, path+" without", b.send(path, fields).status, http.StatusForbidden)
		for _, m := range hiddenField.FindAllStringSubmatch(foreign.body, -1) {
			if m[1] == "form_token" {
				fields.Set("form_token", m[2])
			}
		}
		want(t, path+" with another's", b.send(path, fields).status, http.StatusForbidden)
		want(t, path+" commits", h.count.Commits(), 0)
	}
}
