package shop

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/proffer-id/proffer/relying"
)

// A Customer is what the shop knows of whoever looks at a page.
type Customer struct {
	SignedIn bool
	Answers  relying.Answers
	Email    string // "" if not shared
	Today    time.Time
}

// A Front is the shop's front page between its header and its footer.
type Front struct {
	Heading []string // a line each
	Lead    string   // may be ""
	Art     string   // picture beside it
	First   Shelf    // what the customer sees first
	Rest    *Shelf   // the rest; nil if all stands first
}

// A Shelf is a row of products under a heading.
type Shelf struct {
	Heading  string
	Products []Product
}

// A Product is one thing on a shelf.
type Product struct {
	Name, Price, Picture string
	Tag                  string // why it stands here, or ""
}

// A Row is one thing the site knows, or does not.
type Row struct {
	Name, Value string
	Known       bool // the value was shared; otherwise it says "not shared"

	key string // of the answer, "" for other claims
}

// view is what home.html shows.
type view struct {
	Brand     Brand
	Issuer    string
	SignedIn  bool
	Says      string
	Front     Front
	Rows      []Row
	Token     []Line // the parts of the ID token worth a first look
	WholeID   []Line
	IDFrom    string // when the ID token was issued
	Info      []Line // UserInfo
	InfoFrom  string
	Behind    bool   // UserInfo says something else than the ID token
	Change    string // the provider's preferences
	Paper     string // a heading of a small page; "" is the front page
	PaperText []string
}

// getHome shows the shop. Each time it asks the provider anew, so that what a
// customer changed a moment ago shows at once.
func (s *Shop) getHome(w http.ResponseWriter, r *http.Request) {
	v := view{Says: sayings[r.URL.Query().Get("state")]}
	c := s.session(r)
	if c != nil {
		err := s.look(r.Context(), c)
		switch {
		case errors.Is(err, relying.ErrSignedOut):
			s.end(w, r)
			v.Says, c = sayings["ended"], nil
		case err != nil:
			s.o.Log.Warn("userinfo failed", "brand", s.o.Brand.ID, "err", err)
			v.Says = "We could not ask what you share at the moment. This is what we last heard."
		}
	}
	s.fill(&v, c)
	s.write(w, r, http.StatusOK, v)
}

// fill sets what the page shows of the customer.
func (s *Shop) fill(v *view, c *session) {
	now := s.o.Now()
	v.Brand, v.Issuer = s.o.Brand, s.o.Issuer
	v.Change = s.o.Issuer + "/preferences?" + url.Values{"client_id": {s.o.ID}}.Encode()
	who := Customer{Today: now}
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		who.SignedIn, v.SignedIn = true, true
		who.Answers = c.tokens.ID.Answers
		if c.info != nil {
			who.Answers = who.Answers.Then(c.info.Answers)
			who.Email = c.info.Email
			v.Info, v.InfoFrom = lines(c.info.Payload), clock(c.heard, now)
			v.Behind = behind(c.tokens.ID.Answers, c.info.Answers)
		}
		v.Token = firstLook(c.tokens.ID.Payload)
		v.WholeID, v.IDFrom = lines(c.tokens.ID.Payload), clock(c.tokens.ID.Issued, now)
	}
	v.Front = s.o.Brand.front(who)
	if v.SignedIn {
		v.Rows = append(s.o.Brand.rows(who), others(s.o.Brand.rows(who), who.Answers)...)
	}
}

// behind tells whether the ID token says something that is no longer so. What
// it was never to say, for size or policy, does not count.
func behind(token, info relying.Answers) bool {
	if !token.Known() || !info.Known() {
		return false
	}
	for _, key := range token.Keys() {
		was, _ := token.Raw(key)
		is, ok := info.Raw(key)
		if !ok || !bytes.Equal(was, is) {
			return true
		}
	}
	return token.Complete() && len(info.Keys()) > len(token.Keys())
}

// clock writes a time of today.
func clock(t, now time.Time) string {
	return t.In(now.Location()).Format("15:04:05")
}

func (s *Shop) write(w http.ResponseWriter, r *http.Request, status int, v view) {
	var page bytes.Buffer
	if err := s.home.Execute(&page, v); err != nil {
		s.o.Log.Error("page failed", "brand", s.o.Brand.ID, "err", err)
		http.Error(w, "This page is broken. Try again in a minute.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(page.Bytes())
	}
}

// getPaper shows the small print that the provider's pages link to.
func (s *Shop) getPaper(w http.ResponseWriter, r *http.Request) {
	paper := papers[r.URL.Path]
	v := view{Paper: paper.heading, PaperText: paper.text}
	s.fill(&v, s.session(r))
	s.write(w, r, http.StatusOK, v)
}

// papers are the small print of both shops, which sell nothing.
var papers = map[string]struct {
	heading string
	text    []string
}{
	"/terms": {"Terms", []string{
		"This shop is part of a demonstration. Nothing in it is for sale, and nothing you press here costs anything.",
		"An account opens with an email address that is yours. You can delete it at any time under My preferences.",
	}},
	"/privacy": {"Privacy notice", []string{
		"What you tell this shop stays on this computer, in the folder the demonstration was started with.",
		"The shop sees what you agreed to share with it, and nothing else. Under My preferences you see what that is, and can change it.",
	}},
	"/help": {"Help", []string{
		"Mail that the demonstration sends never leaves this computer. The terminal that started it says where to read it.",
		"To start over, stop the demonstration and start it again with --fresh.",
	}},
}
