package proffer

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// chance is what differs between two answers that say the same: sealed texts,
// tokens, nonces, who typed.
var chance = []*regexp.Regexp{
	regexp.MustCompile(`(visit=|name="visit" value=")[\w%-]+`), regexp.MustCompile(`name="form_token" value="[\w-]+"`),
	regexp.MustCompile(`nonce[-="]+[A-Z2-7]{26}`), regexp.MustCompile(`(known|other)(@|%40)example\.com`),
	regexp.MustCompile(`__Host-pf_\w_[\w-]+=[\w-]+`),
}

// face is all that a stranger sees of an answer.
func face(p *shown) string {
	var lines []string
	for name, values := range p.header {
		if name != "Date" && name != "Content-Length" { // the length is compared by itself
			lines = append(lines, name+": "+strings.Join(values, " | "))
		}
	}
	slices.Sort(lines)
	s := fmt.Sprintf("%d\n%s\n\n%s", p.status, strings.Join(lines, "\n"), p.body)
	for _, c := range chance {
		s = c.ReplaceAllString(s, "…")
	}
	return s
}

// TestGauntlet_C01_Enumeration: with an account and without, every page that
// takes an address answers the same: status, headers, cookies, body, length,
// commits and mails.
func TestGauntlet_C01_Enumeration(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, owner := l.site("kopi-web"), l.browser()
	owner.register(kopi, "known@example.com", pass)
	for _, way := range []struct {
		name string
		send func(b *browser, email string) []*shown
	}{
		{"register", func(b *browser, email string) []*shown {
			f := b.open(kopi.authorize(oauth2.SetAuthURLParam("prompt", "create"))).form("/register").with("email", email, "password", pass)
			return []*shown{f.try(f.values), f.send(), b.open("/login")}
		}},
		{"sign in", func(b *browser, email string) (out []*shown) {
			f := b.open(kopi.authorize()).form("/login").with("email", email, "password", "not the password")
			for range 7 { // the last ones too often
				out = append(out, f.try(f.values))
			}
			return out
		}},
		{"code", func(b *browser, email string) []*shown {
			f := codeForm(b.open(kopi.authorize())).with("email", email)
			verify := f.send().at("/verify")
			return []*shown{f.try(f.values), verify, verify.form("/verify").send("code", "000"), verify.form("/resend").send()}
		}},
		{"recover", func(b *browser, email string) []*shown {
			p := b.open(kopi.authorize())
			f := b.open(attrOf(p, "a", "href", "/recover")).form("/recover").with("email", email)
			first := f.try(f.values)
			verify := b.open(first.left.String()).at("/verify")
			l.clock.Add(time.Minute)
			return []*shown{first, verify, verify.form("/resend").send(), b.open("/new-password?" + verify.url.RawQuery)}
		}},
	} {
		look := func(email string) (faces []string, lengths []int, commits, mails int) {
			l.quiet()
			l.clock.Add(25 * time.Hour)
			before, sent := l.counts.Commits(), len(l.mail.all())
			for _, p := range way.send(l.browser(), email) {
				faces, lengths = append(faces, face(p)), append(lengths, len(p.body))
			}
			l.quiet()
			return faces, lengths, l.counts.Commits() - before, len(l.mail.all()) - sent
		}
		known, knownLengths, knownCommits, knownMails := look("known@example.com")
		other, otherLengths, otherCommits, otherMails := look("other@example.com")
		for i := range known {
			if known[i] != other[i] {
				t.Errorf("%s: answer %d differs:\n%s\n----\n%s", way.name, i, known[i], other[i])
			}
		}
		// A sealed visit may differ by a few characters, since it is packed.
		for i := range knownLengths {
			if d := knownLengths[i] - otherLengths[i]; d < -64 || d > 64 {
				t.Errorf("%s: lengths %v and %v", way.name, knownLengths, otherLengths)
			}
		}
		if knownMails != otherMails {
			t.Errorf("%s: %d mails and %d", way.name, knownMails, otherMails)
		}
		if d := knownCommits - otherCommits; d != 0 && !(knownMails > 1 && (d == 2 || d == -2)) { // two mails may be sent in one round, which is two commits
			t.Errorf("%s: %d commits and %d", way.name, knownCommits, otherCommits)
		}
	}
}

// TestGauntlet_C07_LongAndOddPasswords: the whole password counts, whatever its
// letters; what is no text is refused.
func TestGauntlet_C07_LongAndOddPasswords(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, n := l.site("kopi-web"), 0
	register := func(password string) (email string, p *shown) {
		n++
		email = fmt.Sprintf("nok%d@example.com", n)
		password = strings.ReplaceAll(password, "ADDRESS", email)
		p = l.browser().open(kopi.authorize(oauth2.SetAuthURLParam("prompt", "create"))).form("/register").send("email", email, "password", password)
		if strings.HasSuffix(p.url.Path, "/verify") {
			p.form("/verify").send("code", l.code(email, 1)).at("/ask/coffee")
		}
		return email, p
	}
	opens := func(email, password string) bool {
		b := l.browser()
		b.open(kopi.authorize()).form("/login").send("email", email, "password", password)
		return b.cookie("s") != ""
	}
	long := strings.Repeat("velvet lantern ", 5)[:72] // all that bcrypt would read
	for _, c := range []struct {
		name, password string
		same           []string // open it
		not            []string // do not
	}{
		{"64 characters", "Ae7 " + strings.Repeat("ñandú ", 10), nil, nil},
		{"128 characters", strings.Repeat("harbour!", 16), nil, []string{strings.Repeat("harbour!", 15) + "harbour?", strings.Repeat("harbour!", 17)}},
		{"equal in 72 bytes", long + "one", nil, []string{long + "two", long}},
		{"composed or not", "café lantern orchard", []string{"cafe\u0301 lantern orchard"}, []string{"cafe lantern orchard"}},
		{"case and width", "Alpine Beach Cloud", nil, []string{"Ａlpine Beach Cloud", "alpine beach cloud", "Alpine Beach Cloud "}},
	} {
		email, p := register(c.password)
		if !strings.HasSuffix(p.url.Path, "/verify") {
			t.Errorf("%s: refused:\n%s", c.name, p.text())
			continue
		}
		for _, other := range c.not {
			if opens(email, other) {
				t.Errorf("%s: %q opens it", c.name, other)
			}
		}
		for _, same := range append(c.same, c.password) {
			if !opens(email, same) {
				t.Errorf("%s: %q does not open it", c.name, same)
			}
		}
	}
	for name, password := range map[string]string{
		"129 characters": strings.Repeat("x1 ", 43), "a NUL": "velvet\x00lantern orchard", "no UTF-8": "velvet \xff\xfe lantern", "a surrogate": "velvet \xed\xa0\x80 lantern",
		"1 MiB": strings.Repeat("velvet ", 150_000), "64 KiB": strings.Repeat("velvet ", 9_000), "seven": "lantern", "blanks": strings.Repeat(" ", 12), "the address": "ADDRESS",
	} {
		before := len(l.mail.all())
		if _, p := register(password); p.status < 400 || p.status >= 500 {
			t.Errorf("%s: %d at %s", name, p.status, p.url.Path)
		}
		if len(l.mail.all()) != before {
			t.Errorf("%s: a mail was sent", name)
		}
	}
}

// TestGauntlet_R01_LinkScanner: a scanner opens the links of every mail, before
// their reader does. Nothing is used up, nobody signed in.
func TestGauntlet_R01_LinkScanner(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, nth := l.site("kopi-web"), 0
	for _, ask := range []func(p *shown) *shown{
		func(p *shown) *shown {
			return p.open(attrOf(p, "a", "href", "/register")).form("/register").send("email", "nok@example.com", "password", pass)
		},
		func(p *shown) *shown { return codeForm(p).send("email", "nok@example.com") },
		func(p *shown) *shown {
			return p.open(attrOf(p, "a", "href", "/recover")).form("/recover").send("email", "nok@example.com")
		},
	} {
		b := l.browser()
		ask(b.open(kopi.authorize()).at("/login")).at("/verify")
		nth++
		m := l.mailTo("nok@example.com", nth)
		l.quiet()
		for _, link := range regexp.MustCompile(`https://[^\s"<]+`).FindAllString(m.Text+" "+m.HTML, -1) {
			scanner := l.browser()
			if !strings.HasPrefix(link, l.issuer()) {
				continue
			}
			l.unchanged(link, func() {
				for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet, http.MethodGet} {
					p := scanner.once(method, strings.ReplaceAll(link, "&amp;", "&"), nil)
					if p.status != http.StatusOK || scanner.cookie("s") != "" {
						t.Errorf("mail %d: %s %s: %d", nth, method, link, p.status)
					}
					if strings.Contains(p.body, "<form") {
						t.Errorf("mail %d: a form in a stranger's browser", nth)
					}
				}
				u, err := url.Parse(link)
				if err != nil {
					t.Fatal(err)
				}
				if p := scanner.once(http.MethodPost, "/confirm", u.Query()); p.status < 400 {
					t.Errorf("mail %d: a post without a form: %d", nth, p.status)
				}
			})
		}
		b.open(linkOf(m.Text)).at("/confirm").form("/confirm").send()
		if p := b.open(linkOf(m.Text)); nth < 3 && (b.cookie("s") == "" || p.status != http.StatusGone) {
			t.Errorf("mail %d: after the reader's button: session %q, the link again %d", nth, b.cookie("s"), p.status)
		}
	}
}

// TestGauntlet_R03_CodeBruteForce: many guesses at once get no more tries than
// one after the other, and no number of codes helps.
func TestGauntlet_R03_CodeBruteForce(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi := l.site("kopi-web")
	b := l.browser()
	codeForm(b.open(kopi.authorize())).send("email", "nok@example.com").at("/verify")
	l.mailTo("nok@example.com", 1) // no account: whatever is typed is wrong
	mint := l.browser()
	mint.register(kopi, "mint@example.com", pass)
	b = l.browser()
	p := codeForm(b.open(kopi.authorize())).send("email", "mint@example.com").at("/verify")
	f, code := p.form("/verify"), l.code("mint@example.com", 2)

	storm := func(n int, send func(i int) *shown) map[int]int {
		var wg sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for i := range n {
			wg.Go(func() {
				p := send(i)
				mu.Lock()
				defer mu.Unlock()
				statuses[p.status]++
			})
		}
		wg.Wait()
		return statuses
	}
	l.quiet()
	before := l.counts.Commits()
	guess := func(i int) *shown {
		v := clone(f.values)
		v.Set("code", fmt.Sprintf("%06d", (i*7919+1)%1_000_000))
		if v.Get("code") == code {
			v.Set("code", "999999")
		}
		return f.try(v)
	}
	if got := storm(40, guess); got[http.StatusUnprocessableEntity] != 40 {
		t.Errorf("guesses were answered %v", got)
	}
	if n := l.counts.Commits() - before; n > 5 {
		t.Errorf("%d guesses were counted at one code", n)
	}
	if got := f.send("code", code); got.status != http.StatusUnprocessableEntity || b.cookie("s") != "" {
		t.Errorf("the right code after 40 wrong ones: %d", got.status)
	}

	// New codes: ten an hour, whoever asks.
	codes := 0
	for range 14 {
		ask := codeForm(l.browser().open(kopi.authorize())).with("email", "mint@example.com")
		if got := ask.try(ask.values); got.status == http.StatusSeeOther {
			codes++
		} else if got.status != http.StatusTooManyRequests {
			t.Errorf("a code too many: %d", got.status)
		}
	}
	if codes != 8 { // the registration's and the first one count too
		t.Errorf("%d more codes within the hour, want 8", codes)
	}

	// Passwords: five, then one waits.
	login := l.browser().open(kopi.authorize()).form("/login").with("email", "mint@example.com")
	got := storm(24, func(i int) *shown {
		v := clone(login.values)
		v.Set("password", fmt.Sprint("wrong password ", i))
		return login.try(v)
	})
	// Of those five some may find too many waiting to be hashed.
	if tried := got[http.StatusUnprocessableEntity] + got[http.StatusServiceUnavailable]; tried != 5 || got[http.StatusTooManyRequests] != 19 {
		t.Errorf("passwords were answered %v", got)
	}
	if p := login.send("password", pass); p.status != http.StatusTooManyRequests {
		t.Errorf("the right password at once after them: %d", p.status)
	}
}
