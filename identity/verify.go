package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/templates"
)

// resendWait is how long somebody waits before they can ask for another code.
const resendWait = time.Minute

// waiting returns what the visit waits for, or nil.
func (p *People) waiting(tx *store.Tx, visit store.ID) (*Pending, error) {
	q, err := pendings.Get(tx, store.K(visit))
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("what visit %s waits for: %w", visit, err)
	}
	if !p.now().Before(q.Until) {
		return nil, nil
	}
	return q, nil
}

// seeWaiting is waiting in a View of its own.
func (p *People) seeWaiting(ctx context.Context, visit store.ID) (q *Pending, err error) {
	err = p.view(ctx, func(tx *store.Tx) error {
		q, err = p.waiting(tx, visit)
		return err
	})
	return q, err
}

// GetVerify handles GET /verify: the page for a mailed code. A visit that waits
// for none goes back to the walk.
func (p *People) GetVerify(w http.ResponseWriter, r *http.Request) error {
	v, err := p.deps.Visit(r)
	if err != nil {
		return err
	}
	q, err := p.seeWaiting(r.Context(), v.ID)
	if err != nil {
		return err
	}
	if q == nil || !q.Proven.IsZero() {
		return p.verifyUnproven(w, r, v)
	}
	view := p.verifyView(r, v, q)
	if q.Resent > 0 && view.Wait > 0 {
		view.Notice = &templates.Notice{Kind: "done", Text: p.deps.Mails.Say(view.Lang, "verify.sent", "wait", p.deps.Mails.Duration(view.Lang, view.Wait))}
		view.Wait = 0 // the notice says it
	}
	return p.deps.Site.Write(w, r, http.StatusOK, view)
}

func (p *People) verifyView(r *http.Request, v *web.Visit, q *Pending) *templates.Verify {
	another := map[Kind]string{forRegistration: "/register", forSignIn: "/login", forRecovery: "/recover"}[q.Kind]
	view := &templates.Verify{
		Page: p.formPage(r, v, "/verify", "verify"), Email: q.Email, Works: p.cfg.CodeLife,
		Resend: p.in("/verify/resend", v), Another: p.in(another, v),
	}
	if wait := q.Sent.Add(resendWait).Sub(p.now()); wait > 0 {
		view.Wait = (wait + time.Second - 1).Truncate(time.Second)
	}
	return view
}

// PostVerify handles POST /verify and returns to the walk.
func (p *People) PostVerify(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "verify")
	if err != nil {
		return err
	}
	code, err := typedCode(form.Get("code"))
	if err == nil {
		return p.proceed(w, r, v, code)
	}
	q, seeErr := p.seeWaiting(r.Context(), v.ID)
	if seeErr != nil {
		return seeErr
	}
	if q == nil {
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	}
	return p.again(w, r, p.verifyView(r, v, q), err)
}

// proceed tries a code and answers: with the cookie of the session that began,
// with the page again, or just by going on where there was nothing to prove, as
// when the form was sent twice.
func (p *People) proceed(w http.ResponseWriter, r *http.Request, v *web.Visit, code string) error {
	in := p.arriving(r, v, byCode)
	got, err := p.prove(r.Context(), in, code)
	if err != nil {
		return err
	}
	switch got.outcome {
	case entered:
		return p.enter(w, r, v, in)
	case proven, nothing:
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	}
	view := p.verifyView(r, v, got.pending)
	return p.again(w, r, view, problem.At("code", string(got.outcome)).With("brand", view.Brand.Name))
}

// An outcome of trying a code. Those with a dot are what the page says.
type outcome string

const (
	nothing outcome = ""        // the visit waits for no code
	entered outcome = "entered" // a session began
	proven  outcome = "proven"  // of a recovery: now a new password
	wrong   outcome = "code.wrong"
	expired outcome = "code.expired"
	usedUp  outcome = "code.used_up"
	blocked outcome = "account.blocked"
)

// A proof is what trying a code came to.
type proof struct {
	outcome outcome
	pending *Pending
}

// prove tries a code that was typed, or came with a mailed link. Reading,
// counting and using it up are one transaction, so many at once get no more
// tries than one after the other, and a right code is used once.
func (p *People) prove(ctx context.Context, in *arrival, code string) (proof, error) {
	now := p.now()
	created := event(store.ID{}, "", "account.created", now)
	var got proof
	join := false // somebody else proved the same new address first: then it is theirs already
	for range 2 {
		err := p.update(ctx, func(tx *store.Tx) (err error) {
			got, err = p.tryCode(tx, in, code, created, join)
			return err
		})
		if errors.Is(err, store.ErrNotUnique) && !join {
			join = true
			continue
		}
		if err != nil {
			return proof{}, fmt.Errorf("prove in visit %s: %w", in.s.Visit, err)
		}
		break
	}
	if got.outcome == entered {
		// The owner was here: wrong passwords of others no longer keep them out.
		if err := p.forgive(ctx, got.pending.Address); err != nil {
			return proof{}, err
		}
	}
	return got, nil
}

func (p *People) tryCode(tx *store.Tx, in *arrival, code string, created *outbox.Event, join bool) (proof, error) {
	q, err := p.waiting(tx, in.s.Visit)
	if err != nil || q == nil || !q.Proven.IsZero() {
		return proof{}, err
	}
	now := in.s.AuthTime
	switch {
	case !now.Before(q.Works):
		return proof{expired, q}, nil
	case q.Tries >= codeTries:
		return proof{usedUp, q}, nil
	case !p.codeIs(q, code):
		t := *q
		t.Tries++
		pendings.Put(tx, &t)
		if t.Tries >= codeTries {
			return proof{usedUp, &t}, nil
		}
		return proof{wrong, &t}, nil
	}
	if q.Kind == forRegistration && !q.Known && !join {
		return proof{entered, q}, p.birth(tx, in, q, created)
	}
	a, err := p.ownerOf(tx, q, join)
	if err != nil {
		return proof{}, err
	}
	if a == nil || a.State != Active {
		return proof{blocked, q}, nil
	}
	if q.Kind == forRecovery {
		t := *q
		t.Proven, t.Works = now, now
		// The page for the new password does not stay open as long as the visit:
		// the next one at a shared machine would find it.
		if end := now.Add(p.cfg.CodeLife); end.Before(t.Until) {
			t.Until = end
		}
		pendings.Put(tx, &t)
		return proof{proven, &t}, nil
	}
	if a.Verified.IsZero() {
		b := *a
		b.Verified = now
		accounts.Put(tx, &b)
	}
	pendings.Delete(tx, store.K(q.Visit))
	return proof{entered, q}, in.begin(tx, a.ID, false)
}

// birth makes the account that a registration was for, and its session.
func (p *People) birth(tx *store.Tx, in *arrival, q *Pending, created *outbox.Event) error {
	now := in.s.AuthTime
	a := &Account{
		ID: q.Account, Email: q.Email, Address: q.Address, Password: q.Password,
		Created: now, Verified: now, Changed: now, Lang: q.Lang,
	}
	if q.Terms > 0 {
		a.Terms = map[string]Agreement{q.Brand: {Version: q.Terms, At: q.Sent, Visit: q.Visit}}
	}
	tx.KeepKey(a.ID)
	accounts.Insert(tx, a)
	pendings.Delete(tx, store.K(q.Visit))
	e := *created
	e.Account, e.Brand = a.ID, q.Brand
	outbox.Append(tx, &e)
	return in.begin(tx, a.ID, true)
}

// ownerOf returns the account that a proven address belongs to, or nil.
func (p *People) ownerOf(tx *store.Tx, q *Pending, join bool) (*Account, error) {
	if q.Known {
		a, err := accounts.Get(tx, store.K(q.Account))
		if gone(err) {
			return nil, nil
		}
		return a, err
	}
	if join {
		return byAddress(tx, q.Address)
	}
	return nil, nil
}

// PostResend handles POST /verify/resend: a new code, the old one no longer
// works. Who asks too soon just sees the page, which says how long to wait.
func (p *People) PostResend(w http.ResponseWriter, r *http.Request) error {
	v, _, err := p.posted(w, r, "verify")
	if err != nil {
		return err
	}
	q, err := p.seeWaiting(r.Context(), v.ID)
	if err != nil {
		return err
	}
	if q == nil {
		if q, err = p.unproven(r, v); err != nil {
			return err
		}
	}
	if q != nil && q.Proven.IsZero() && !p.now().Before(q.Sent.Add(resendWait)) {
		if err := p.resend(r, v, q); err != nil {
			return p.again(w, r, p.verifyView(r, v, q), err)
		}
	}
	p.deps.Site.Redirect(w, r, p.in("/verify", v))
	return nil
}

func (p *People) resend(r *http.Request, v *web.Visit, q *Pending) error {
	if err := p.askCode(r.Context(), q.Address, p.deps.Site.ClientAddr(r)); err != nil {
		return err
	}
	addr, err := parseAddress(q.Email)
	if err != nil {
		return fmt.Errorf("address of visit %s: %w", v.ID, err)
	}
	return p.sendCode(r.Context(), codeRequest{
		kind: q.Kind, visit: v, address: addr, password: q.Password, lang: p.deps.Site.Lang(r, v),
		device: deviceOf(r), terms: q.Terms, before: q,
	})
}

// unproven is what the visit of somebody signed in with an address that was
// never proven waits for: a code that nobody sent yet. It is nil for all others.
func (p *People) unproven(r *http.Request, v *web.Visit) (*Pending, error) {
	_, a, err := p.seeSession(r)
	if err != nil || a == nil || !a.Verified.IsZero() {
		return nil, err
	}
	return &Pending{Visit: v.ID, Account: a.ID, Known: true, Kind: forSignIn, Email: a.Email, Address: a.Address, Resent: -1}, nil
}

// verifyUnproven shows the page of gate 3 before a code was asked for.
func (p *People) verifyUnproven(w http.ResponseWriter, r *http.Request, v *web.Visit) error {
	q, err := p.unproven(r, v)
	if err != nil {
		return err
	}
	if q == nil {
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	}
	return p.deps.Site.Write(w, r, http.StatusOK, p.verifyView(r, v, q))
}
