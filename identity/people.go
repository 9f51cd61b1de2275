// Package identity answers who somebody is: accounts, passwords, mailed codes,
// sessions, limits on guessing, and the pages for them. It knows nothing of
// OAuth, clients or questions; what it needs of other rooms the root hands it in
// Deps. Start at People, then login.go, register.go and verify.go.
package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// Config is what an operator may set. The zero value of each field is its
// default.
type Config struct {
	Idle     time.Duration // a session is over after this long unused; default 14 days
	Total    time.Duration // and after this long in any case; default 30 days
	CodeLife time.Duration // a mailed code works for this long; default 10 minutes
	MinChars int           // code points of a password; default 8
	Argon2   Argon2        // cost of a password hash
	AtOnce   int           // password hashes at the same time; default GOMAXPROCS
	Queue    int           // waiting for one of them, beyond which people are told to come back; default 64
	Limits   Limits
}

// Terms are a brand's current terms. Version 0: the brand has none.
type Terms struct {
	Version int
	Changes []string // three lines at most, in the language asked for
	Whole   string   // address
}

// Deps is what identity needs of others. DB, Now, Log, Site, Mails and Visit are
// needed; a nil function is a thing that this provider does not have.
type Deps struct {
	DB    *store.DB
	Now   func() time.Time
	Log   *slog.Logger
	Site  *web.Site
	Mails *templates.Set // mails, and the words of messages

	Visit  func(*http.Request) (*web.Visit, error)                                      // opens visit= with the browser's flow cookie
	Begin  func(w http.ResponseWriter, r *http.Request, end string) (*web.Visit, error) // a visit that ends at a page of our own
	Refuse func(w http.ResponseWriter, r *http.Request, v *web.Visit, code, description string) error

	Brand func(id, lang string) templates.Brand // for mails
	Terms func(brand, lang string) Terms
	Desk  func(r *http.Request, current string) []templates.Section // the list of /preferences; current is a path of ours

	IsSubject func(tx *store.Tx, v *web.Visit, account store.ID) (bool, error) // the id_token_hint of the visit names the account; true if there was none
	SignedOut func(tx *store.Tx, session store.ID) error                       // the session is over
	Revoke    func(tx *store.Tx, account store.ID) error                       // every grant: the password was reset
	Forget    func(tx *store.Tx, account store.ID) error                       // all rooms delete what they keep; this one's Forget included
	Wake      func()                                                           // mail was queued
}

// People is the room. It is safe for use by many at once.
type People struct {
	cfg     Config
	deps    Deps
	hasher  *hasher
	common  *common
	cookies *cookies
	keys    keys
}

// keys are what this room derives from the master key, each for one use.
type keys struct {
	email []byte // address -> key of its account
	code  []byte // visit and code -> what is stored of a code
	guess []byte // what a guess is about -> key of its record
	link  []byte // seals the code in a mailed link
}

// New checks that nothing needed is missing and makes the room.
func New(cfg Config, deps Deps) (*People, error) {
	if deps.DB == nil || deps.Now == nil || deps.Log == nil || deps.Site == nil || deps.Mails == nil || deps.Visit == nil {
		return nil, errors.New("identity: DB, Now, Log, Site, Mails and Visit are needed")
	}
	if deps.Terms != nil && deps.Refuse == nil {
		return nil, errors.New("identity: who may have terms needs Refuse, for those who do not accept them")
	}
	cfg = cfg.withDefaults()
	if cfg.Total < cfg.Idle {
		return nil, fmt.Errorf("identity: sessions end after %s in all, before %s unused", cfg.Total, cfg.Idle)
	}
	h, err := newHasher(cfg.Argon2, cfg.AtOnce, cfg.Queue)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &People{
		cfg: cfg, deps: deps, hasher: h, common: newCommon(), cookies: &cookies{site: deps.Site, total: cfg.Total},
		keys: keys{
			email: deps.DB.Secret("email"), code: deps.DB.Secret("code"),
			guess: deps.DB.Secret("guess"), link: deps.DB.Secret("link"),
		},
	}, nil
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&c.Idle, 14*24*time.Hour)
	set(&c.Total, max(30*24*time.Hour, c.Idle))
	set(&c.CodeLife, 10*time.Minute)
	if c.MinChars == 0 {
		c.MinChars = 8
	}
	c.Argon2 = c.Argon2.withDefaults()
	c.Limits = c.Limits.withDefaults()
	return c
}

// wake tells whoever sends mail that there is some.
func (p *People) wake() {
	if p.deps.Wake != nil {
		p.deps.Wake()
	}
}

// now is the clock, in UTC and without what a record would not keep.
func (p *People) now() time.Time { return p.deps.Now().UTC().Round(0) }

// view and update shorten the two transactions.
func (p *People) view(ctx context.Context, fn func(*store.Tx) error) error {
	return p.deps.DB.View(ctx, fn)
}

func (p *People) update(ctx context.Context, fn func(*store.Tx) error) error {
	return p.deps.DB.Update(ctx, fn)
}
