package main

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/proffer-id/proffer"
)

// prepareCommand is `proffer prepare`: it makes the store, or brings one of an
// older version to this one, and its keys, and ends. In PostgreSQL that is for
// the role that owns the tables, so that the one that serves needs no more than
// to read and write in them.
type prepareCommand struct {
	Config string `required:"" placeholder:"FILE" help:"The configuration."`
}

// Run does nothing to a store that is as it should be.
func (c *prepareCommand) Run(s streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, found := proffer.Inspect(c.Config)
	fmt.Fprint(s.err, found)
	if n := found.Errors(); n > 0 {
		return fmt.Errorf("%s in %s; nothing was done", count(n, "problem"), c.Config)
	}
	log := (&serveCommand{Log: "text"}).logger(s)
	now, err := newClock("", cfg.Issuer)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, cfg, log, now)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "the store is ready:", cfg.Store)
	return nil
}
