package proffer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/static"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/templates"
)

// rooms are everything built from one configuration. A reload builds them anew:
// nothing in them outlives it but what stands in the store.
type rooms struct {
	cfg       *Config
	db        *store.DB
	now       func() time.Time
	log       *slog.Logger
	site      *web.Site
	pages     *templates.Set
	files     *static.Files
	sets      *inForce // the brands' screen sets
	shelf     *shelf   // of the Server: sets that visits under way began with
	catalogue *catalogue.Catalogue
	clients   map[string]*client
	mailer    Mailer

	oauth    *oauth.Provider
	people   *identity.People
	asking   *screens.Asking
	consents *consent.Consents
	admin    *admin.Admin

	handler http.Handler
}

// client is one configured client with its rules resolved.
type client struct {
	brand string
	rules []rule
	email bool // one of the rules hands over the address
}

func newRooms(ctx context.Context, cfg *Config, sets *inForce, srv *Server) (*rooms, error) {
	s := &rooms{
		cfg: cfg, db: srv.o.DB, now: srv.o.Now, log: srv.o.Log,
		sets: sets, shelf: srv.shelf, catalogue: sets.catalogue,
	}
	var err error
	if s.mailer = srv.o.Mailer; s.mailer == nil {
		if s.mailer, err = cfg.mailer(); err != nil {
			return nil, err
		}
	}
	if err := s.face(s.db.Secret, s.account); err != nil {
		return nil, err
	}
	protocol, err := cfg.protocol()
	if err != nil {
		return nil, err
	}
	s.oauth, err = oauth.New(ctx, protocol, oauth.Deps{
		DB: s.db, Now: s.now, Log: s.log, Site: s.site,
		Facts: s.facts, Released: s.released, CarryIn: s.carryIn, Edition: s.sets.edition,
		Trouble: func(w http.ResponseWriter, r *http.Request, p *problem.Problem) { s.site.Trouble(w, r, nil, p) },
	})
	if err != nil {
		return nil, err
	}
	s.people, err = identity.New(cfg.identity(), identity.Deps{
		DB: s.db, Now: s.now, Log: s.log, Site: s.site, Mails: s.pages,
		Visit: s.visit, Refuse: s.refuse,
		Begin: func(w http.ResponseWriter, r *http.Request, end string) (*web.Visit, error) {
			return s.oauth.BeginOwn(w, r, end, s.site.Cookie(r, "b"))
		},
		Brand:     s.brand,
		Terms:     s.terms,
		Desk:      func(r *http.Request, current string) []templates.Section { return s.asking.Desk(r, nil, current) },
		IsSubject: s.oauth.IsSubject, SignedOut: s.oauth.RevokeSession, Revoke: s.oauth.RevokeAccount,
		Forget: s.forget, Wake: srv.sender.Wake,
	})
	if err != nil {
		return nil, err
	}
	s.asking = screens.New(screens.Deps{
		DB: s.db, Now: s.now, Site: s.site, Words: s.pages,
		Visit: s.visit, Respondent: s.respondent, Worked: s.worked, BrandName: s.brandName, BrandSite: s.brandSite, Edition: s.edition, Earlier: s.shelf.picture,
	}, screens.Define(s.catalogue, s.pages))
	if err := s.asking.Publish(ctx, s.asking.InForce()); err != nil {
		return nil, err
	}
	s.consents = consent.New(consent.Deps{
		DB: s.db, Now: s.now, Site: s.site, Words: s.pages,
		Visit: s.visit, Who: s.who,
		Candidates: s.candidates, Describe: s.describeAll, Worked: s.worked, Grants: s.received, BrandName: s.brandName,
		Desk: s.asking.Desk,
	})
	s.admin = admin.New(admin.Deps{
		Log: s.log, Tokens: cfg.tokens(),
		List: srv.listScreens, Show: srv.showScreens, Check: srv.checkScreens, Deploy: srv.deploy,
	})
	if err := s.people.Seed(ctx, cfg.seeds()); err != nil {
		return nil, fmt.Errorf("accounts of the configuration: %w", err)
	}
	s.handler = s.mux()
	return s, nil
}

// face makes what is seen of a provider: its files, its pages and its clients. It
// needs no store. account is who is signed in, for the footer.
func (s *rooms) face(secret func(label string) []byte, account func(r *http.Request) string) (err error) {
	if s.files, err = static.New(s.cfg.looks()); err != nil {
		return err
	}
	s.pages, err = templates.New(templates.Options{Languages: s.cfg.Languages, Overrides: s.cfg.Overrides(), Themes: s.files.Themes(), Now: s.now})
	if err != nil {
		return err
	}
	s.site, err = web.New(web.Config{
		Issuer: s.cfg.Issuer, Languages: s.cfg.Languages, Secret: secret, Pages: s.pages, Log: s.log, Proxies: s.cfg.TrustedProxies,
		Brand: s.brand, CSS: s.files.CSS, Account: account, Decorate: s.decorate,
	})
	if err != nil {
		return err
	}
	s.clients = map[string]*client{}
	for brand, b := range s.cfg.Brands {
		for id, c := range b.Clients {
			one := &client{brand: brand, rules: rules(brand, c, s.catalogue)}
			for _, ru := range one.rules {
				one.email = one.email || ru.id == "email"
			}
			s.clients[id] = one
		}
	}
	return nil
}

// brand is how a brand looks; Proffer itself where it is not known.
func (s *rooms) brand(id, lang string) templates.Brand {
	b, ok := s.cfg.Brands[id]
	if !ok {
		return templates.Brand{Name: "Proffer"}
	}
	out := templates.Brand{ID: id, Name: s.in(b.Name, lang), Tagline: s.in(b.Tagline, lang), Terms: s.in(b.Terms.URL, lang), Privacy: s.in(b.Privacy, lang)}
	if p := s.files.Mark(id); p != "" {
		out.Mark = s.site.Path(p)
	}
	if p := s.files.Panel(id); p != "" {
		out.Panel = s.site.Path(p)
	}
	return out
}

// in is a text in a language, or in the fallback.
func (s *rooms) in(t Text, lang string) string {
	if x, ok := t[lang]; ok {
		return x
	}
	return t[s.cfg.Languages[0]]
}

// brandName is what a brand is called; "" for one that is not configured.
func (s *rooms) brandName(brand, lang string) string {
	if b, ok := s.cfg.Brands[brand]; ok {
		return s.in(b.Name, lang)
	}
	return ""
}

func (s *rooms) brandSite(brand string) string {
	if b, ok := s.cfg.Brands[brand]; ok {
		return b.Site
	}
	return ""
}

func (s *rooms) purpose(brand, id string) *catalogue.Purpose {
	if set := s.catalogue.Set(brand); set != nil {
		return set.Purpose(id)
	}
	return nil
}

// decorate adds to a page what comes of the configuration. Leaving for the
// brand's site would lose a visit, so only pages outside one link there.
func (s *rooms) decorate(v *web.Visit, p *templates.Page) {
	if b, ok := s.cfg.Brands[p.Brand.ID]; ok && (v == nil || v.End != "") {
		p.Home = b.Site
	}
	client := ""
	if v != nil {
		client = v.Client
	}
	s.dress(p, client)
}

// dress adds what a page of a brand looks like and where it is explained; client is
// whom the customer came from, or "".
func (s *rooms) dress(p *templates.Page, client string) {
	p.Static = s.site.Path(s.files.Root())
	b, ok := s.cfg.Brands[p.Brand.ID]
	if !ok {
		return
	}
	if logo, dark := s.files.Logo(p.Brand.ID, client); logo != "" {
		p.Brand.Logo = s.site.Path(logo)
		if dark != "" {
			p.Brand.LogoDark = s.site.Path(dark)
		}
	}
	p.Privacy, p.Help = s.in(b.Privacy, p.Lang), s.in(b.Help, p.Lang)
}

// account is the address of who is signed in, for the footer.
func (s *rooms) account(r *http.Request) (email string) {
	err := s.db.View(r.Context(), func(tx *store.Tx) error {
		_, a, err := s.people.SignedIn(tx, r)
		if a != nil {
			email = a.Email
		}
		return err
	})
	if err != nil {
		s.log.WarnContext(r.Context(), "footer without account", "err", err)
		return ""
	}
	return email
}

// respondent is who may be asked, as the screens know them: see customer.
func (s *rooms) respondent(tx *store.Tx, r *http.Request) (screens.Respondent, bool, error) {
	a, err := s.customer(tx, r)
	if err != nil || a == nil {
		return screens.Respondent{}, false, err
	}
	who := screens.Respondent{Account: a.session.Account, Session: a.session.ID, Lang: s.site.Lang(r, a.visit)}
	if v := a.visit; v != nil {
		who.Registered = a.session.Registered && a.session.Visit == v.ID
		who.Wants = s.wants(v)
	}
	return who, true, nil
}

// who is who may be asked, as the consents know them: see customer.
func (s *rooms) who(tx *store.Tx, r *http.Request) (consent.Who, bool, error) {
	a, err := s.customer(tx, r)
	if err != nil || a == nil {
		return consent.Who{}, false, err
	}
	return consent.Who{Account: a.session.Account, Session: a.session.ID}, true, nil
}

// customer is who is signed in, and the visit of the request; that is nil on a page
// of our own. In a visit that has not let them in yet, they are nobody: the page
// sends them back to the walk.
func (s *rooms) customer(tx *store.Tx, r *http.Request) (*asked, error) {
	a := &asked{r: r}
	var err error
	if a.session, a.account, err = s.people.SignedIn(tx, r); err != nil || a.session == nil {
		return nil, err
	}
	v, err := s.oauth.Open(r)
	if err != nil { // none, or none any more: a page that needs one says so
		return a, nil
	}
	a.visit = v
	if in, err := s.entered(tx, a); err != nil || !in {
		return nil, err
	}
	return a, nil
}

// terms are a brand's terms as the gate asks for them.
func (s *rooms) terms(brand, lang string) identity.Terms {
	b, ok := s.cfg.Brands[brand]
	if !ok || b.Terms.Version == 0 {
		return identity.Terms{}
	}
	t := identity.Terms{Version: b.Terms.Version, Whole: s.in(b.Terms.URL, lang)}
	if change := s.in(b.Terms.Changes, lang); change != "" {
		t.Changes = []string{change}
	}
	return t
}

// released hears that what a grant hands over has changed: the release log and
// whoever listens to events are told in the same transaction.
func (s *rooms) released(tx *store.Tx, g *oauth.Grant, use oauth.Use, before, now []string) error {
	at, why := s.now().UTC(), "refresh"
	switch {
	case use == oauth.UserInfo:
		why = "userinfo"
	case g.Generation <= 1:
		why = "code"
	}
	consent.LogRelease(tx, &consent.Handed{
		Account: g.Account, Brand: g.Brand, Client: g.Client, Grant: g.ID, Before: before, Now: now, Why: why, At: at,
	})
	data, err := json.Marshal(map[string]any{"client": g.Client, "before": before, "now": now})
	if err != nil {
		return err
	}
	outbox.Append(tx, &outbox.Event{ID: store.NewID(), Account: g.Account, Brand: g.Brand, Type: "release.changed", At: at, Data: data})
	return nil
}

// carryIn keeps what a brand's site hands over of a visitor's answers.
func (s *rooms) carryIn(ctx context.Context, brand string, answers oauth.Answers) (string, error) {
	handle, err := s.asking.CarryIn(ctx, brand, answers)
	if bad, ok := errors.AsType[*screens.CarryError](err); ok {
		return "", &oauth.CarryProblem{Text: bad.Error()}
	}
	return handle, err
}

// forget deletes all that any room keeps of an account.
func (s *rooms) forget(tx *store.Tx, account store.ID) error {
	for _, f := range []func(*store.Tx, store.ID) error{
		s.oauth.Forget, screens.Forget, consent.Forget, s.people.Forget, outbox.Forget,
	} {
		if err := f(tx, account); err != nil {
			return err
		}
	}
	return nil
}
