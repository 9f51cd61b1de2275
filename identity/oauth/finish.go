package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ory/fosite"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// Who is the customer a visit is finished for.
type Who struct {
	Account  store.ID
	Session  store.ID
	AuthTime time.Time
	ACR      string   // "" says nothing
	AMR      []string // RFC 8176
}

// A FinishedError says that a visit has brought its customer back already: its
// code was redeemed, or is dead. Its cause is the problem visit.finished.
type FinishedError struct {
	Client string
	Brand  string
}

func (e *FinishedError) Error() string { return "visit at client " + e.Client + " is finished already" }

// Unwrap lets a page say it without knowing this type.
func (e *FinishedError) Unwrap() error {
	return &problem.Problem{Code: "visit.finished", Status: http.StatusConflict}
}

// Gates asks the gates of a visit in a transaction: who the customer is, and the
// page of the first closed one, "" if all are open. When it knows the account it
// calls also, with the batch of what it reads. It may be called more than once.
type Gates func(tx *store.Tx, also func(b *store.Batch, account store.ID)) (who Who, page string, err error)

// Finish ends a visit. In one Update it asks the gates (page names the one that is
// closed), then writes the grant; to is where the browser goes: the brand's site
// with a code, or the page of our own that the visit ends at. A visit finished
// again gives the same code, until that is redeemed: then it is a *FinishedError.
func (p *Provider) Finish(ctx context.Context, v *web.Visit, gates Gates) (to, page string, err error) {
	q := requestOf(v)
	if q.End != "" {
		err = p.deps.DB.Update(ctx, func(tx *store.Tx) (err error) {
			_, page, err = gates(tx, func(*store.Batch, store.ID) {})
			return err
		})
		return p.deps.Site.Path(q.End), page, err
	}
	c := p.client(q.Client)
	if c == nil || !c.redirectsTo(q.Redirect) { // changed under way
		return "", "", &problem.Problem{Code: "client.redirect", Status: http.StatusBadRequest}
	}
	f := &finish{p: p, q: q, client: c, gates: gates, ring: p.ring.Load(), now: p.now(), sub: newSub()}
	// A first finish inserts, without reading what should not be there; only if
	// the grant is there already does a second Update read it.
	err = p.deps.DB.Update(ctx, f.first)
	if errors.Is(err, store.ErrNotUnique) {
		err = p.deps.DB.Update(ctx, f.again)
	}
	if err != nil {
		return "", "", fmt.Errorf("finish visit %s: %w", q.ID, err)
	}
	return f.to, f.page, nil
}

// A finish is what both of its Updates need, and their outcome.
type finish struct {
	p      *Provider
	q      *request
	client *Client
	gates  Gates
	ring   *ring
	now    time.Time
	sub    string // for an account that has no subject here yet

	who      Who
	to, page string
}

// ask asks the gates. If they are open it returns the wish for the subject.
func (f *finish) ask(tx *store.Tx) (subject *store.Wanted[Subject], err error) {
	f.to = ""
	f.who, f.page, err = f.gates(tx, func(b *store.Batch, account store.ID) {
		subject = subjects.Want(b, store.K(account, f.p.cfg.Issuer, f.client.sector()))
	})
	if err == nil && f.page == "" && subject == nil {
		err = errors.New("gates are open, for nobody")
	}
	return subject, err
}

// first issues the code of a new grant.
func (f *finish) first(tx *store.Tx) error {
	subject, err := f.ask(tx)
	if err != nil || f.page != "" {
		return err
	}
	return f.begin(tx, subject)
}

func (f *finish) begin(tx *store.Tx, subject *store.Wanted[Subject]) error {
	sub, err := f.subject(tx, f.who.Account, subject)
	if err != nil {
		return err
	}
	q := f.q
	g := &Grant{
		ID: grantID(f.p.cfg.Issuer, q.ID, f.who.Account), Issuer: f.p.cfg.Issuer, Account: f.who.Account,
		Client: f.client.ID, Brand: f.client.Brand, Subject: sub.Sub, Visit: q.ID, Began: f.now,
		Scopes: f.client.allowed(q.Scopes), Claims: q.Claims,
		Redirect: q.Redirect, Nonce: q.Nonce, Challenge: q.Challenge,
		CodeKey:   f.ring.active(algMAC, f.now).id,
		InIDToken: Handed{Set: sub.Handed[f.client.ID].IDToken}, InUserInfo: Handed{Set: sub.Handed[f.client.ID].UserInfo},
	}
	f.renew(g)
	return f.issue(tx, g, grants.Insert)
}

// again gives the same code once more: the back button, a second tab.
func (f *finish) again(tx *store.Tx) error {
	subject, err := f.ask(tx)
	if err != nil || f.page != "" {
		return err
	}
	g, err := grants.Get(tx, store.K(grantID(f.p.cfg.Issuer, f.q.ID, f.who.Account)))
	if errors.Is(err, store.ErrNotFound) {
		return f.begin(tx, subject) // what was not unique was the subject: two first visits at once
	}
	if err != nil {
		return err
	}
	if g.spent() {
		return &FinishedError{Client: f.client.ID, Brand: f.client.Brand}
	}
	f.renew(g)
	return f.issue(tx, g, grants.Put)
}

// renew writes the sign-in at hand into a grant, and gives its code its time.
func (f *finish) renew(g *Grant) {
	g.Session, g.AuthTime, g.ACR, g.AMR = f.who.Session, f.who.AuthTime, f.who.ACR, f.who.AMR
	g.CodeUntil = f.now.Add(f.p.cfg.CodeLife)
	// Kept for as long as the visit can come back, so that a late return meets
	// a notice and not a second code.
	g.Until = f.q.began().Add(f.p.cfg.VisitLife)
	if g.Until.Before(g.CodeUntil) {
		g.Until = g.CodeUntil
	}
	g.Until = g.Until.Add(time.Minute)
}

// issue lets fosite look at the request once more and make the code, and keeps
// the grant.
func (f *finish) issue(tx *store.Tx, g *Grant, keep func(*store.Tx, *Grant)) error {
	w := &work{p: f.p, tx: tx, ring: f.ring, now: f.now, client: f.client, grant: g, loaded: true}
	ctx := w.in(tx.Context())
	engine := f.p.engine
	ar, err := engine.NewAuthorizeRequest(ctx, f.q.synthetic(g))
	if err != nil {
		return engineTrouble(w, err)
	}
	ar.SetID(g.ID.String())
	for _, s := range g.Scopes {
		ar.GrantScope(s)
	}
	resp, err := engine.NewAuthorizeResponse(ctx, ar, newSession(g.Subject))
	if err != nil {
		return engineTrouble(w, err)
	}
	if !w.inserted {
		return errors.New("fosite made no code")
	}
	keep(tx, g)
	out := url.Values{"code": {resp.GetCode()}, "iss": {f.p.cfg.Issuer}} // RFC 9207, 2
	if f.q.State != "" {
		out.Set("state", f.q.State)
	}
	f.to = withQuery(f.q.Redirect, out)
	return nil
}

// synthetic is the request as fosite wants it. Its state is at least a
// character, since fosite insists; ours goes back to the brand's site untouched.
func (q *request) synthetic(g *Grant) *http.Request {
	form := url.Values{
		"client_id": {q.Client}, "response_type": {"code"}, "redirect_uri": {q.Redirect},
		"scope": {strings.Join(g.Scopes, " ")}, "state": {"-"},
	}
	if q.Challenge != "" {
		form.Set("code_challenge", q.Challenge)
		form.Set("code_challenge_method", "S256")
	}
	return &http.Request{Method: http.MethodGet, URL: new(url.URL), Header: http.Header{}, Form: form, PostForm: url.Values{}}
}

// engineTrouble is what fosite found wrong with a request that passed Begin: our
// mistake, or a client changed under way.
func engineTrouble(w *work, err error) error {
	if w.err != nil {
		return w.err
	}
	e := fosite.ErrorToRFC6749Error(err)
	return fmt.Errorf("fosite: %s: %s: %w", e.ErrorField, e.HintField, err)
}
