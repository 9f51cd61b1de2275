// Package proffer is an embeddable customer identity provider with preference
// screens. New makes a Server from a checked configuration and an opened store;
// a Server is an http.Handler, and its Run does the work behind it.
//
// The walk of a visitor is the best way in: routes.go lists every path,
// authorize.go has the walk, gates.go what interrupts it, claims.go what may
// leave. Who somebody is stands in identity, what may be asked in screens.
package proffer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/deliver"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// A Mailer hands one message to whoever brings it to the customer.
type Mailer = deliver.Mailer

// A Message is one rendered mail.
type Message = deliver.Message

// Options are what a Server is handed beside its configuration. DB is needed.
type Options struct {
	DB     *store.DB        // opened with Tables
	Mailer Mailer           // nil: as Config.Mail says
	Log    *slog.Logger     // nil: nothing is logged
	Now    func() time.Time // the only clock; nil: time.Now
}

// Tables are all records of Proffer, for store.Open.
func Tables() []store.Table {
	return slices.Concat(outbox.Records, identity.Records, oauth.Records, screens.Records, consent.Records, bundle.Records)
}

// A Server answers for one issuer. It is an http.Handler for everything below
// the issuer's path, and safe for use by many at once. Several may stand in one
// process and on one store.
type Server struct {
	o      Options
	now    atomic.Pointer[rooms]
	shelf  *shelf
	sender *deliver.Mail

	reload   sync.Mutex
	reloaded chan struct{} // has room for one: Run takes up the new rooms
}

// New makes a Server. It checks cfg, publishes the screens, and makes the
// signing keys of a new store; it opens no port and no file but those that the
// configuration names. A screen set that was deployed stands over the file of
// the configuration; one that cannot be used is logged, and the newest that can
// is in force.
func New(ctx context.Context, cfg *Config, o Options) (*Server, error) {
	if o.DB == nil {
		return nil, errors.New("a store is needed: Options.DB")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, shelf: newShelf(), reloaded: make(chan struct{}, 1)}
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	s.sender = deliver.NewMail(o.DB, mailerInForce{s}, o.Now, o.Log)
	sets, err := s.setsInForce(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.sayWhatIsWrong(cfg, sets)
	rooms, err := newRooms(ctx, cfg, sets, s)
	if err != nil {
		return nil, err
	}
	s.now.Store(rooms)
	return s, nil
}

// mailerInForce hands mail to the mailer of the rooms in force, so that a new
// mail server takes no restart.
type mailerInForce struct{ s *Server }

func (f mailerInForce) Send(ctx context.Context, m Message) error {
	return f.s.now.Load().mailer.Send(ctx, m)
}

// answerWithin is how long a request may take, whatever the store is up to:
// then it is answered with 503. Nobody waits for longer.
const answerWithin = 20 * time.Second

// ServeHTTP answers a request of a browser or a client.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	s.now.Load().handler.ServeHTTP(w, r.WithContext(ctx))
}

// Metadata is for a host that has the Server below a path, as the issuer
// https://shop.example/id: RFC 8414, 3.1, looks for the metadata of the provider
// at the root of the host. The path stays the same across reloads. Handed to a
// mux as it is: mux.Handle(server.Metadata()).
func (s *Server) Metadata() (path string, h http.Handler) {
	return s.now.Load().oauth.MetadataPath(), s
}

// Reload puts another configuration in force, whole. On an error the old one
// stays. Visits under way go on with the new one, but end with the questions
// they began with; the issuer and the store cannot change. A configuration that
// does not fit the deployed screen sets is an error.
func (s *Server) Reload(ctx context.Context, cfg *Config) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	if err := cfg.Check(); err != nil {
		return err
	}
	if old := s.now.Load().cfg; cfg.Issuer != old.Issuer {
		return fmt.Errorf("issuer: it is %s and cannot become %s while running", old.Issuer, cfg.Issuer)
	}
	sets, err := s.setsInForce(ctx, cfg)
	if err != nil {
		return err
	}
	if err := sets.takes(cfg, s.now.Load().sets); err != nil {
		return err
	}
	s.sayWhatIsWrong(cfg, sets)
	rooms, err := newRooms(ctx, cfg, sets, s)
	if err != nil {
		return err
	}
	s.put(rooms)
	return nil
}

// put puts rooms in force. What visits under way began with goes on the shelf.
func (s *Server) put(next *rooms) {
	s.shelf.keep(s.now.Load(), next, s.o.Now())
	s.now.Store(next)
	select {
	case s.reloaded <- struct{}{}:
	default:
	}
}

// Run does the work behind the pages until ctx ends: it sends mail, sweeps what
// expired, rotates keys and takes up screen sets that others deploy. An error means that the store can no longer be
// trusted, and the process must stop.
func (s *Server) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	work := []func(context.Context) error{s.o.DB.Run, s.sender.Run, s.runKeys, s.followDeploys}
	failed := make(chan error, len(work))
	for _, f := range work {
		go func() { failed <- f(ctx) }()
	}
	var first error
	for range work {
		if err := <-failed; err != nil && !errors.Is(err, context.Canceled) && first == nil {
			first = err
		}
		if first != nil {
			stop()
		}
	}
	return first
}

// runKeys rotates the keys of the rooms in force.
func (s *Server) runKeys(ctx context.Context) error {
	for {
		inForce, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- s.now.Load().oauth.Run(inForce) }()
		select {
		case err := <-done:
			stop()
			return err
		case <-s.reloaded:
			stop()
			<-done
		}
	}
}
