package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/watch"
)

// A reloader loads the configuration again when one of its files changes or
// SIGHUP comes. What is broken is reported, and what is in force stays in force.
type reloader struct {
	file   string
	server *proffer.Server
	log    *slog.Logger

	cfg   *proffer.Config // in force
	files *watch.Watch
}

func newReloader(file string, server *proffer.Server, cfg *proffer.Config, log *slog.Logger) *reloader {
	return &reloader{file: file, server: server, log: log, cfg: cfg, files: watch.New(cfg.Read())}
}

// run watches until ctx ends.
func (r *reloader) run(ctx context.Context) { r.files.Run(ctx, time.Second, r.reload) }

// reload returns the files it read: those of the new configuration, or of the
// broken attempt.
func (r *reloader) reload(ctx context.Context) []string {
	cfg, found := proffer.Inspect(r.file)
	files := cfg.Read()
	for _, f := range found.All() {
		r.log.Warn("configuration", "finding", f.String())
	}
	if n := found.Errors(); n > 0 {
		r.log.Error("new configuration not taken, the old one stays in force", "file", r.file, "problems", n)
		return files
	}
	_, err := cfg.MakeSecrets()
	if err == nil {
		err = r.server.Reload(ctx, cfg)
	}
	if err != nil {
		r.log.Error("new configuration not taken, the old one stays in force", "file", r.file, "err", err)
		return files
	}
	if cfg.Listen != r.cfg.Listen || cfg.Store != r.cfg.Store || cfg.Keys != r.cfg.Keys || cfg.TLS != r.cfg.TLS {
		r.log.Warn("listen, store, keys and tls take a restart", "file", r.file)
	}
	r.cfg = cfg
	r.log.Info("new configuration taken", "file", r.file)
	return files
}
