// Package oauth is the protocol: OAuth 2.0 and OpenID Connect on top of fosite,
// whose types never leave it. It knows subjects and clients, visits, grants,
// tokens and keys, but no people: who somebody is and what may leave is handed
// in by functions. Start at Provider; then authorize.go, finish.go and token.go
// follow one sign-in from the brand's site and back.
package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ory/fosite"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// Config is the protocol's part of the configuration. Issuer is needed; every
// zero duration means its default.
type Config struct {
	Issuer  string // as in tokens and metadata, byte for byte
	Clients []Client

	VisitLife    time.Duration // a visit may take this long; default 2h
	CodeLife     time.Duration // default 60s, and no more than 10m (RFC 6749, 4.1.2)
	AccessLife   time.Duration // default 10m
	IDTokenLife  time.Duration // default 10m
	RefreshIdle  time.Duration // a refresh token unused for this long is over; default 30d
	RefreshTotal time.Duration // a grant is over after this long in any case; default 180d
	Grace        time.Duration // a used refresh token gives the same successor for this long; default 20s, negative: never
	KeyLife      time.Duration // a key signs for this long, then its successor; default 90d

	Scopes    []string // beyond openid and offline_access: for the metadata
	Claims    []string // names that may stand in ID token or UserInfo: for the metadata
	ACRValues []string // what acr_values may ask for: for the metadata
	Locales   []string // languages of the pages: for the metadata
}

// Deps is what the protocol needs of the rest. All are needed but Edition.
type Deps struct {
	DB   *store.DB
	Now  func() time.Time
	Log  *slog.Logger
	Site *web.Site

	// Facts puts into b what the facts of an account need, as far as a client may
	// know them. They are read along with the grant, in the Update of the token
	// endpoint and for UserInfo.
	Facts func(b *store.Batch, account store.ID, c *Client) Facts
	// Released hears that what a grant hands over has changed, in the same
	// Update, and where it was handed over: both sets are sorted.
	Released func(tx *store.Tx, g *Grant, use Use, before, now []string) error
	// CarryIn keeps answers that a client of a brand hands over until a visit may
	// use them, and gives a handle for them. The error is a *CarryProblem where the
	// client can put it right.
	CarryIn func(ctx context.Context, brand string, answers Answers) (handle string, err error)
	// Edition names the screen set that a brand has now, for visits to carry; "" for
	// none. Nil: no brand has one.
	Edition func(brand string) string
	// Trouble shows a page where a redirect cannot be trusted.
	Trouble func(w http.ResponseWriter, r *http.Request, p *problem.Problem)
}

// A Provider answers the protocol's endpoints for one issuer. It is safe for
// use by many at once.
type Provider struct {
	cfg  Config
	deps Deps

	engine  *fosite.Fosite
	seal    *sealer
	sidKey  []byte
	clients *registry
	ring    atomic.Pointer[ring]

	rereadMu sync.Mutex // one reread of the keys at a time
	reread   time.Time  // when an unknown key id last caused one
}

// New checks the configuration, makes the first keys if there are none, and
// reads them.
func New(ctx context.Context, cfg Config, deps Deps) (*Provider, error) {
	if cfg.Issuer == "" {
		return nil, errors.New("issuer is missing")
	}
	for _, d := range []struct {
		v       *time.Duration
		initial time.Duration
	}{
		{&cfg.VisitLife, 2 * time.Hour}, {&cfg.CodeLife, time.Minute}, {&cfg.AccessLife, 10 * time.Minute},
		{&cfg.IDTokenLife, 10 * time.Minute}, {&cfg.RefreshIdle, 30 * 24 * time.Hour}, {&cfg.RefreshTotal, 180 * 24 * time.Hour},
		{&cfg.Grace, 20 * time.Second}, {&cfg.KeyLife, 90 * 24 * time.Hour},
	} {
		if *d.v == 0 {
			*d.v = d.initial
		}
	}
	cfg.Grace = max(cfg.Grace, 0)
	if cfg.CodeLife > 10*time.Minute {
		return nil, fmt.Errorf("a code may live 10m at most, not %s", cfg.CodeLife)
	}
	seal, err := newSealer(deps.DB.Secret("visit"), cfg.Issuer)
	if err != nil {
		return nil, err
	}
	p := &Provider{cfg: cfg, deps: deps, seal: seal, sidKey: deps.DB.Secret("sid")}
	p.engine = p.newEngine()
	if p.clients, err = newRegistry(cfg.Clients); err != nil {
		return nil, err
	}
	if err := p.rotate(ctx); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return p, nil
}

// now is the one reading of the clock of an operation.
func (p *Provider) now() time.Time { return p.deps.Now().UTC() }
