package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/proffer-id/proffer"
)

// serveCommand is `proffer serve`: the provider alone, as in production.
type serveCommand struct {
	Config    string `required:"" placeholder:"FILE" help:"The configuration."`
	Log       string `default:"text" enum:"text,json" help:"How the log is written: text or json."`
	Verbose   bool   `short:"v" help:"Log what is only of use when looking for a fault."`
	TestClock string `name:"test-clock" placeholder:"FILE" help:"File that holds how far the clock is moved, such as 14d or -5m. Refused unless the issuer is on localhost."`
}

// Run serves until SIGINT or SIGTERM: then no new connection is taken, requests
// under way get 10 seconds to end, and a second signal ends at once.
func (c *serveCommand) Run(s streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	cfg, found := proffer.Inspect(c.Config)
	fmt.Fprint(s.err, found) // without the lines around: passwords for tests may stand there
	if n := found.Errors(); n > 0 {
		return fmt.Errorf("%s in %s; nothing was started", count(n, "problem"), c.Config)
	}
	log := c.logger(s)
	now, err := newClock(c.TestClock, cfg.Issuer)
	if err != nil {
		return err
	}
	made, err := cfg.MakeSecrets()
	if err != nil {
		return err
	}
	for _, file := range made {
		log.Info("client secret made", "file", file)
	}
	db, err := openStore(ctx, cfg, log, now)
	if err != nil {
		return err
	}
	server, err := proffer.New(ctx, cfg, proffer.Options{DB: db, Log: log, Now: now})
	if err == nil {
		err = c.serve(ctx, server, newHealth(db, log, server), cfg, log)
	}
	return errors.Join(err, db.Close())
}

// serve listens, works and reloads until ctx ends or one of them fails.
func (c *serveCommand) serve(ctx context.Context, server *proffer.Server, pages http.Handler, cfg *proffer.Config, log *slog.Logger) error {
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	if cfg.TLS.Cert != "" {
		pair, err := newKeyPair(cfg.Path(cfg.TLS.Cert), cfg.Path(cfg.TLS.Key), log)
		if err != nil {
			listener.Close()
			return err
		}
		listener = tls.NewListener(listener, &tls.Config{
			GetCertificate: pair.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		})
	}
	reload := newReloader(c.Config, server, cfg, log)
	front := newHTTPServer(pages, log)
	behind, end := context.WithCancel(context.WithoutCancel(ctx)) // the work behind the pages ends after them
	defer end()
	served, worked, watched := make(chan error, 1), make(chan error, 1), make(chan struct{})
	go func() { served <- front.Serve(listener) }()
	go func() { worked <- server.Run(behind) }()
	go func() {
		defer close(watched)
		reload.run(behind)
	}()
	settle(cfg)
	log.Info("ready", "issuer", cfg.Issuer, "listen", listener.Addr().String())

	select {
	case <-ctx.Done():
		log.Info("stopping")
	case err = <-served:
		err = fmt.Errorf("serve: %w", err)
	case e := <-worked:
		worked <- e // for the end
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if e := front.Shutdown(grace); e != nil {
		front.Close()
		err = errors.Join(err, fmt.Errorf("stop: %w", e))
	}
	end()
	<-watched
	return errors.Join(err, <-worked)
}

// newHTTPServer bounds what one connection may cost: slow senders and readers are
// cut off, and headers are small.
func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler, // which bounds the bodies
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func (c *serveCommand) logger(s streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if c.Verbose {
		options.Level = slog.LevelDebug
	}
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(s.err, options))
	}
	return slog.New(slog.NewTextHandler(s.err, options))
}
