package proffer

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// A tourist walks through the whole provider: every form a customer can send is
// filled in, handed to at, then sent.
type tourist struct {
	*lab
	name, password string
	at             func(route string, f *form)                    // before a form is sent; may be nil
	watch          func(r *http.Response, body string)            // every answer; may be nil
	done           func(kopi, sole *site, atKopi, atSole *tokens) // what the brands hold; may be nil
}

// email is the tourist's address; the nth mail to it has the nth code.
func (t *tourist) email() string { return t.name + "@example.com" }

func (t *tourist) here(route string, f *form) *form {
	if t.at != nil {
		t.at(route, f)
	}
	return f
}

func (t *tourist) browser() *browser {
	b := t.lab.browser()
	if t.watch != nil {
		b.client.Transport = watching{b.client.Transport, t.watch}
	}
	return b
}

// watching hands every answer on before the browser sees it.
type watching struct {
	http.RoundTripper
	see func(r *http.Response, body string)
}

func (w watching) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	w.see(res, string(body))
	return res, nil
}

// with sets fields of a form that is not sent yet.
func (f *form) with(pairs ...string) *form {
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values.Set(pairs[i], pairs[i+1])
	}
	return f
}

// tour goes everywhere. It takes the lab's clock 19 months on.
func (l *lab) tour(t *tourist) {
	l.Helper()
	t.lab = l
	kopi, sole, b := l.site("kopi-web"), l.site("sole-web"), t.browser()
	email := t.email()

	// An account, by its code and by the link; the first code is replaced.
	carried := oauth2.SetAuthURLParam("carry_in", kopi.carry(`{"coffee_milk": "black"}`))
	p := b.open(kopi.authorize(create, carried)).at("/register")
	p = t.here("/register", p.form("/register").with("email", email, "password", t.password)).send().at("/verify")
	l.mailTo(email, 1)
	l.clock.Add(time.Minute)
	p = t.here("/verify/resend", p.form("/verify/resend")).send().at("/verify")
	t.here("/verify", p.form("/verify").with("code", l.code(email, 2)))
	p = b.open(linkOf(l.mailTo(email, 2).Text)).at("/confirm")
	p = t.here("/confirm", p.form("/confirm")).send().at("/carried")
	p = t.here("/carried", p.form("/carried").with("do", "nothing")).send().at("/ask/coffee")

	// Both brands.
	p = t.here("/ask/{screen}", p.form("/ask/coffee").with("q.coffee_milk", "oat", "do", "continue")).send().at("/ask/when")
	p = p.form("/ask/when").send("do", "skip").at("/ask/birthday")
	p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
	if p.left == nil { // a set whose answers are looked through at the end
		p = t.here("/check/{campaign}", p.at("/check/welcome").form("/check/welcome")).send()
	}
	atKopi := kopi.redeem(p.left)
	p = b.open(sole.authorize()).at("/terms")
	p = t.here("/terms", p.form("/terms").with("do", "agree")).send().at("/ask/size")
	for p = p.form("/ask/size").send("q.shoe_size", "42", "do", "continue"); strings.HasPrefix(p.url.Path, "/ask/"); {
		p = p.form(p.url.Path).send("do", "skip")
	}
	f := p.at("/share").form("/share").with("do", "share")
	f.values["claim"] = []string{"birthday", "email"}
	atSole := sole.redeem(t.here("/share", f).send().left)
	l.clock.Add(time.Minute)
	atKopi, atSole = kopi.refresh(atKopi), sole.refresh(atSole)
	if t.done != nil {
		t.done(kopi, sole, atKopi, atSole)
	}

	// The desk.
	b.open("/preferences").at("/preferences")
	p = b.open("/preferences/answers/coffee_milk/change?brand=kopi")
	p = t.here("/preferences/answers/{question}/change", p.form("/change?brand=kopi").with("q.coffee_milk", "black", "do", "continue")).send()
	p = t.here("/preferences/answers/{question}/remove", p.at("/answers").form("/coffee_milk/remove?brand=kopi")).send()
	t.here("/preferences/answers/{question}/undo", p.at("/answers").form("/undo?brand=kopi")).send().at("/answers")
	p = b.open("/preferences/sharing").at("/sharing")
	t.here("/preferences/sharing/{brand}/stop", p.form("/sole/stop?claim=birthday")).send().at("/sharing")

	// A forgotten password, much later, when answers have grown old.
	l.clock.Add(19 * 30 * 24 * time.Hour)
	b = t.browser()
	p = b.open("/preferences/answers").at("/login")
	t.here("/login/code", codeForm(p).with("email", email))
	p = b.open(attrOf(p, "a", "href", "/recover")).at("/recover")
	p = t.here("/recover", p.form("/recover").with("email", email)).send().at("/verify")
	p = p.form("/verify").send("code", l.code(email, 3)).at("/new-password")
	t.password += " again"
	p = t.here("/new-password", p.form("/new-password").with("password", t.password)).send()
	p = p.at("/preferences/answers", "Yes, still")
	t.here("/preferences/answers/{question}/still", p.form("/still?brand=sole")).send().at("/answers")

	// Out, in, out, and gone.
	p = b.open("/signout").at("/signout")
	t.here("/signout", p.form("/signout")).send().at("/signout")
	p = b.open("/preferences").at("/login")
	t.here("/login", p.form("/login").with("email", email, "password", t.password)).send().at("/preferences")
	p = b.open("/logout?client_id=kopi-web").at("/logout")
	t.here("/logout/confirm", p.form("/logout/confirm")).send()
	p = b.open("/preferences/delete").at("/login").form("/login").send("email", email, "password", t.password).at("/delete")
	t.here("/preferences/delete", p.form("/delete").with("password", t.password)).send().at("/signout", "deleted")
}

var linkIn = regexp.MustCompile(`https://\S+/confirm\?token=\S+`)

func linkOf(text string) string { return linkIn.FindString(text) }

// codeForm is the sign-in form as the button "email me a code" sends it.
func codeForm(p *shown) *form {
	p.Helper()
	f := p.form("/login")
	f.action = p.http.URL + attrOf(p, "button", "formaction", "/login/code")
	return f
}

// attrOf is the first attribute of an element of this kind that has part in it.
func attrOf(p *shown, tag, name, part string) (value string) {
	p.Helper()
	walkHTML(p.doc, func(n *html.Node) {
		if value == "" && n.Type == html.ElementNode && n.Data == tag && strings.Contains(attr(n, name), part) {
			value = attr(n, name)
		}
	})
	if value == "" {
		p.Fatalf("%s has no %s with %s in its %s", p.url.Path, tag, part, name)
	}
	return value
}

// once sends one request with the browser's cookies and headers of the test's
// own, and follows nothing. A nil form has no body.
func (b *browser) once(method, address string, values url.Values, head ...string) *shown {
	b.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.http.URL + address
	}
	r, err := http.NewRequestWithContext(b.Context(), method, address, nil)
	if values != nil {
		r, err = http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(values.Encode()))
	}
	if err != nil {
		b.Fatal(err)
	}
	if values != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	still := *b.client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return (&browser{b.lab, &still}).do(r)
}

// try posts a form as the browser would, and follows nothing.
func (f *form) try(values url.Values, head ...string) *shown {
	f.Helper()
	return f.once(http.MethodPost, f.action, values, head...)
}

// clone is a copy of values to change.
func clone(v url.Values) url.Values {
	c := url.Values{}
	for k, x := range v {
		c[k] = slices.Clone(x)
	}
	return c
}

// cookie returns what the browser holds under a short name, or "".
func (b *browser) cookie(name string) string {
	u, err := url.Parse(b.http.URL)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(u) {
		if strings.Contains(c.Name, "pf_"+name+"_") {
			return c.Value
		}
	}
	return ""
}

// drop makes the browser forget a cookie.
func (b *browser) drop(name string) {
	u, err := url.Parse(b.http.URL)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(u) {
		if strings.Contains(c.Name, "pf_"+name+"_") {
			b.client.Jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true}})
		}
	}
}

// quiet waits until no mail is under way: its worker writes too.
func (l *lab) quiet() {
	l.Helper()
	for range 500 {
		waits := false
		err := l.db.View(l.Context(), func(tx *store.Tx) (err error) {
			_, waits, err = outbox.NextDue(tx)
			return err
		})
		if err != nil {
			l.Fatal(err)
		}
		if !waits {
			time.Sleep(20 * time.Millisecond) // the last commit is seen before it is counted
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.Fatal("mail stays in the queue")
}

// unchanged fails the test if f writes anything. Mail must be quiet.
func (l *lab) unchanged(what string, f func()) {
	l.Helper()
	before := l.counts.Commits()
	f()
	if n := l.counts.Commits() - before; n != 0 {
		l.Errorf("%s: %d commits", what, n)
	}
}
