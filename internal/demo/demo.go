// Package demo is `proffer demo`: the provider, two brand sites that are real
// OpenID clients of it, and a catcher for the mail it sends, in one process and
// on loopback only. It is for looking and for the browser tests. Start at Run.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/demo/mailbox"
	"github.com/proffer-id/proffer/internal/watch"
	"github.com/proffer-id/proffer/store"
)

// Options says where the demo lives and what it is handed from outside.
type Options struct {
	Data  string // folder of everything it keeps; made if it is not there
	Port  int    // of the provider; the shops and the mail take the three after it
	Fresh bool   // forget what an earlier run kept in Data

	// Open opens the store that a configuration names.
	Open func(context.Context, *proffer.Config) (*store.DB, error)

	Out io.Writer    // what a person reads in the terminal
	Log *slog.Logger // what the provider and the shops log
	Now func() time.Time
}

// Run runs the demo until ctx ends, which is no error. When everything answers
// it writes one line to Out that begins with "ready " and goes on as JSON.
func Run(ctx context.Context, o Options) error {
	ports, err := listen(o.Port)
	if err != nil {
		return err
	}
	defer ports.close()
	data, err := openData(o.Data, o.Fresh)
	if err != nil {
		return err
	}
	defer data.close()

	cfg, err := load(data.config(), ports)
	if err != nil {
		return err
	}
	db, err := o.Open(ctx, cfg)
	if err != nil {
		return err
	}
	err = run(ctx, o, cfg, db, ports, data)
	return errors.Join(err, db.Close())
}

// run is Run with everything opened.
func run(ctx context.Context, o Options, cfg *proffer.Config, db *store.DB, ports *ports, data *data) error {
	mail, err := mailbox.New(o.Log)
	if err != nil {
		return err
	}
	provider, err := proffer.New(ctx, cfg, proffer.Options{DB: db, Mailer: mail, Log: o.Log, Now: o.Now})
	if err != nil {
		return err
	}
	servers := newServers(o.Log)
	servers.serve(ports.provider, provider)
	servers.serve(ports.mail, mail)

	// The work behind the pages ends after the pages do.
	behind, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	worked := make(chan error, 1)
	go func() { worked <- provider.Run(behind) }()

	reload := &reloader{o, data, ports, provider, watch.New(cfg.Read())} // before anybody reads that a change is seen
	err = openShops(ctx, o, cfg, ports, servers)
	if err == nil {
		err = welcome(ctx, o, ports, data)
	}
	if err == nil {
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			reload.run(behind)
		}()
		select {
		case <-ctx.Done():
		case err = <-servers.failed:
		case err = <-worked:
			worked <- nil // for the end
			err = fmt.Errorf("the provider stopped: %w", err)
		}
		defer func() { <-watched }()
	}
	if e := servers.stop(context.WithoutCancel(ctx)); err == nil {
		err = e
	}
	end()
	if e := <-worked; err == nil {
		err = e
	}
	return err
}
