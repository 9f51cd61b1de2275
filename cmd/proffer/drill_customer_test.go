package main

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

const drillPassword = "velvet lantern orchard"

// A customer is one person with one browser, and the brand's site they come
// from. When a connection is lost they wait for the provider to come back and
// send the same once more, as a person does.
type customer struct {
	p      *provider
	l      *ledger
	email  string
	client *http.Client
	held   func(context.Context) // called with a code in hand, before it is exchanged

	notes  int     // given so far
	tokens *tokens // of the latest grant whose exchange was acknowledged
}

type tokens struct {
	client  string
	code    string // it came from
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Error   string `json:"error"`
}

func newCustomer(p *provider, l *ledger, email string) *customer {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &customer{p: p, l: l, email: email, client: &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// A reply is an answer that was read to its end.
type reply struct {
	url     *url.URL
	status  int
	to      *url.URL // of a redirect
	header  http.Header
	body    []byte
	again   bool // the connection was lost before, and the same was sent once more
	doc     *html.Node
	comment string // what was asked, for messages
}

func (r *reply) String() string {
	text := regexp.MustCompile(`(?s)<head.*</head>|<[^>]*>`).ReplaceAllString(string(r.body), " ")
	text = strings.Join(strings.Fields(text), " ")
	return fmt.Sprintf("%s: %d to %v, sent again %v: %s", r.comment, r.status, r.to, r.again, text[:min(len(text), 500)])
}

// do sends a request, again if need be, and reads one answer. It follows no
// redirect.
func (c *customer) do(ctx context.Context, method, address string, form url.Values, headers ...string) (*reply, error) {
	var again bool
	end := time.Now().Add(2 * time.Minute)
	for {
		life, ready := c.p.now()
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		r, err := c.once(ctx, method, address, form, headers)
		if err == nil && r.status == http.StatusServiceUnavailable && c.p.shaky && time.Now().Before(end) {
			// It may be done or not, and is asked for once more.
			if r.header.Get("Retry-After") == "" {
				return nil, fmt.Errorf("503 that does not say when to come back: %s", r)
			}
			c.p.busy.Add(1)
			again = true
			select {
			case <-time.After(time.Duration(100+rand.IntN(400)) * time.Millisecond):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			continue
		}
		if err == nil {
			r.again = again
			return r, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if c.p.shaky && os.IsTimeout(err) && time.Now().Before(end) {
			c.p.late.Add(1)
			c.client.CloseIdleConnections()
			again = true
			continue
		}
		if e := c.p.back(ctx, life); e != nil {
			return nil, fmt.Errorf("%s %s: %w: %w", method, address, e, err)
		}
		c.client.CloseIdleConnections()
		again = true
	}
}

func (c *customer) once(ctx context.Context, method, address string, form url.Values, headers []string) (*reply, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", c.p.issuer)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	r := &reply{url: res.Request.URL, status: res.StatusCode, header: res.Header, comment: method + " " + req.URL.Path}
	if r.body, err = io.ReadAll(res.Body); err != nil {
		return nil, err
	}
	if res.Header.Get("Location") != "" {
		if r.to, err = res.Location(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// open follows redirects to a page of the provider, or to the brand's site,
// which is not fetched.
func (c *customer) open(ctx context.Context, address string) (*reply, error) {
	for range 10 {
		r, err := c.do(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		if r.to == nil || !strings.HasPrefix(r.to.String(), c.p.issuer) {
			return r, nil
		}
		address = r.to.String()
	}
	return nil, fmt.Errorf("%s: the walk goes in a circle", address)
}

// form finds the form that goes to a path ending in suffix.
func (r *reply) form(suffix string) (action string, values url.Values, err error) {
	if r.doc == nil {
		if r.doc, err = html.Parse(bytes.NewReader(r.body)); err != nil {
			return "", nil, err
		}
	}
	for n := range r.doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		to, err := r.url.Parse(attribute(n, "action"))
		if err != nil || !strings.HasSuffix(to.Path, suffix) {
			continue
		}
		values := url.Values{}
		for in := range n.Descendants() {
			if in.Type == html.ElementNode && in.Data == "input" && attribute(in, "type") == "hidden" {
				values.Add(attribute(in, "name"), attribute(in, "value"))
			}
		}
		return to.String(), values, nil
	}
	return "", nil, fmt.Errorf("no form to …%s: %s", suffix, r)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// send posts the form of a page, and wants a redirect.
func (c *customer) send(ctx context.Context, page *reply, suffix string, pairs ...string) (*reply, error) {
	action, values, err := page.form(suffix)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return c.do(ctx, http.MethodPost, action, values)
}

func want(r *reply, err error, status int) error {
	if err != nil {
		return err
	}
	if r.status != status {
		return fmt.Errorf("want %d: %s", status, r)
	}
	return nil
}

// A sign-in that a brand's site begins.
type signIn struct {
	client, verifier, state string
}

func (c *customer) authorize(s *signIn, extra ...string) string {
	s.verifier, s.state = cryptorand.Text()+cryptorand.Text(), cryptorand.Text()
	sum := sha256.Sum256([]byte(s.verifier))
	q := url.Values{
		"client_id": {s.client}, "response_type": {"code"}, "redirect_uri": {"http://localhost:8081/callback"},
		"scope": {"openid zp offline_access"}, "state": {s.state}, "nonce": {cryptorand.Text()},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(extra); i += 2 {
		q.Set(extra[i], extra[i+1])
	}
	return c.p.issuer + "/authorize?" + q.Encode()
}

var errRefused = errors.New("refused")

// register takes a new customer from the brand's site to its page again: proven
// address, three answers, tokens.
func (c *customer) register(ctx context.Context) error {
	s := &signIn{client: "kopi-web"}
	page, err := c.open(ctx, c.authorize(s, "prompt", "create"))
	if err != nil {
		return err
	}
	c.l.try(deed{What: registered, Email: c.email})
	r, err := c.send(ctx, page, "/register", "email", c.email, "password", drillPassword)
	if err == nil && r.again && r.status == http.StatusTooManyRequests {
		return errRefused // the provider ended so often that the mailbox had its share of codes
	}
	if err := want(r, err, http.StatusSeeOther); err != nil {
		return err
	}
	if page, err = c.open(ctx, r.to.String()); err != nil {
		return err
	}
	if page, err = c.verify(ctx, page); err != nil {
		return err
	}
	for _, question := range []string{"note", "milk", "birthday"} {
		if !strings.HasSuffix(page.url.Path, "/ask/"+question) {
			return fmt.Errorf("want /ask/%s, stands at %s", question, page)
		}
		if page, err = c.answer(ctx, page, question); err != nil {
			return err
		}
	}
	return c.arrive(ctx, s, page)
}

// verify types the mailed code. The 303 is what acknowledges the account.
func (c *customer) verify(ctx context.Context, page *reply) (*reply, error) {
	r, err := c.prove(ctx, page)
	if err := want(r, err, http.StatusSeeOther); err != nil {
		return nil, err
	}
	if !r.again {
		c.l.saw(deed{What: registered, Email: c.email})
		return c.open(ctx, r.to.String())
	}
	walk := *r.to
	if page, err = c.open(ctx, walk.String()); err != nil {
		return nil, err
	}
	if strings.Contains(page.url.Path, "/ask/") {
		c.l.saw(deed{What: registered, Email: c.email})
		return page, nil
	}
	// The code was taken at first, and the cookie got lost with the connection.
	walk.Path = strings.TrimSuffix(walk.Path, "/authorize") + "/login"
	if page, err = c.open(ctx, walk.String()); err != nil {
		return nil, err
	}
	return c.signIn(ctx, page)
}

// prove sends the newest code. After a form that was sent twice, the one in the
// newest mail may not be the newest.
func (c *customer) prove(ctx context.Context, page *reply) (r *reply, err error) {
	var tried []string
	for range 5 {
		code, err := c.p.mail.newest(ctx, c.email, tried)
		if errors.Is(err, errNoMail) && (c.p.lives() > 0 || c.p.shaky) {
			// It was on its way when the provider ended, and is tried again after a while.
			return nil, errRefused
		}
		if err != nil {
			return nil, err
		}
		tried = append(tried, code)
		r, err = c.send(ctx, page, "/verify", "code", code)
		if err != nil || r.status != http.StatusUnprocessableEntity {
			return r, err
		}
	}
	return r, nil
}

func (c *customer) signIn(ctx context.Context, page *reply) (*reply, error) {
	r, err := c.send(ctx, page, "/login", "email", c.email, "password", drillPassword)
	if err == nil && r.again && r.status == http.StatusTooManyRequests {
		return nil, errRefused // each end counted as a wrong password
	}
	if err := want(r, err, http.StatusSeeOther); err != nil {
		return nil, err
	}
	c.l.saw(deed{What: registered, Email: c.email})
	return c.open(ctx, r.to.String())
}

// answer says something on a screen. Each note is said once in the whole drill.
func (c *customer) answer(ctx context.Context, page *reply, question string) (*reply, error) {
	d := deed{What: answered, Email: c.email, Question: question}
	pairs := []string{"do", "continue"}
	switch question {
	case "note":
		c.notes++
		d.Value = fmt.Sprintf("%s %d", c.email, c.notes)
		pairs = append(pairs, "q.note", d.Value)
	case "milk":
		d.Value = "oat"
		pairs = append(pairs, "q.milk", d.Value)
	case "birthday":
		d.Value = "--03-14"
		pairs = append(pairs, "q.birthday.day", "14", "q.birthday.month", "3")
	}
	c.l.try(d)
	r, err := c.send(ctx, page, page.url.Path, pairs...)
	if err := want(r, err, http.StatusSeeOther); err != nil {
		return nil, err
	}
	c.l.saw(d)
	return c.open(ctx, r.to.String())
}

// change gives the note anew under /preferences.
func (c *customer) change(ctx context.Context) error {
	page, err := c.open(ctx, c.p.issuer+"/preferences/answers/note/change?brand=kopi")
	if err := want(page, err, http.StatusOK); err != nil {
		return err
	}
	_, err = c.answer(ctx, page, "note")
	return err
}

// visit comes back to the brand's site, where nothing is asked any more.
func (c *customer) visit(ctx context.Context) error {
	s := &signIn{client: "kopi-web"}
	page, err := c.open(ctx, c.authorize(s))
	if err != nil {
		return err
	}
	return c.arrive(ctx, s, page)
}

// arrive has the brand's site exchange the code it was brought.
func (c *customer) arrive(ctx context.Context, s *signIn, r *reply) error {
	if r.to == nil || r.to.Query().Get("code") == "" || r.to.Query().Get("state") != s.state {
		return fmt.Errorf("no code: %s", r)
	}
	code := r.to.Query().Get("code")
	if c.held != nil {
		c.held(ctx)
	}
	t, again, err := c.exchange(ctx, s, code)
	if err != nil {
		return err
	}
	if t == nil {
		if !again {
			return errors.New("a code that was issued and never used is refused")
		}
		c.tokens = nil // used, and its tokens were lost with the connection
		return nil
	}
	d := deed{What: exchanged, Email: c.email, Value: code[len(code)-8:]}
	c.l.saw(d)
	c.tokens = t
	return nil
}

// exchange returns nil tokens if the code is refused as RFC 6749, 5.2 has it.
func (c *customer) exchange(ctx context.Context, s *signIn, code string) (t *tokens, again bool, err error) {
	t, again, err = c.token(ctx, s.client, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"http://localhost:8081/callback"}, "code_verifier": {s.verifier},
	})
	if t != nil {
		t.code, t.client = code, s.client
	}
	return t, again, err
}

func (c *customer) token(ctx context.Context, client string, form url.Values) (*tokens, bool, error) {
	basic := base64.StdEncoding.EncodeToString([]byte(client + ":" + c.p.secret(client)))
	r, err := c.do(ctx, http.MethodPost, c.p.issuer+"/token", form, "Authorization", "Basic "+basic)
	if err != nil {
		return nil, false, err
	}
	var t tokens
	if err := json.Unmarshal(r.body, &t); err != nil {
		return nil, false, fmt.Errorf("%w: %s", err, r)
	}
	switch {
	case r.status == http.StatusOK && t.Access != "" && t.ID != "":
		return &t, r.again, nil
	case r.status == http.StatusBadRequest && t.Error == "invalid_grant":
		return nil, r.again, nil
	}
	return nil, false, fmt.Errorf("tokens: %s", r)
}

// refresh renews the tokens. Sent again within the grace it succeeds as well.
func (c *customer) refresh(ctx context.Context) error {
	if c.tokens == nil {
		return nil
	}
	t, again, err := c.token(ctx, c.tokens.client, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {c.tokens.Refresh}})
	if err != nil {
		return err
	}
	if t == nil {
		return fmt.Errorf("a refresh token that was handed over is refused (sent again: %v)", again)
	}
	t.client, t.code = c.tokens.client, c.tokens.code
	c.tokens = t
	c.l.saw(deed{What: refreshed, Email: c.email, Value: t.Access[len(t.Access)-8:]})
	return nil
}

// look asks UserInfo, which has the note given last.
func (c *customer) look(ctx context.Context) error {
	if c.tokens == nil {
		return nil
	}
	r, err := c.do(ctx, http.MethodGet, c.p.issuer+"/userinfo", nil, "Authorization", "Bearer "+c.tokens.Access)
	if err := want(r, err, http.StatusOK); err != nil {
		return err
	}
	var info struct{ ZP struct{ Note string } }
	if err := json.Unmarshal(r.body, &info); err != nil {
		return fmt.Errorf("%w: %s", err, r)
	}
	if last := fmt.Sprintf("%s %d", c.email, c.notes); info.ZP.Note != last {
		return fmt.Errorf("UserInfo has the note %q, want %q", info.ZP.Note, last)
	}
	return nil
}

// live is a life as a customer: registration, then visits and changes of mind.
func (c *customer) live(ctx context.Context, changes int) error {
	if err := c.register(ctx); errors.Is(err, errRefused) {
		return nil
	} else if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	for _, step := range slices.Repeat([]func(context.Context) error{c.change, c.look, c.change, c.refresh, c.visit}, changes/2) {
		if ctx.Err() != nil {
			return nil
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
