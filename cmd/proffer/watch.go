package main

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/proffer-id/proffer"
)

// A watch loads the configuration again when one of its files changes or SIGHUP
// comes. What is broken is reported, and what is in force stays in force.
type watch struct {
	file   string
	server *proffer.Server
	log    *slog.Logger

	cfg    *proffer.Config // in force
	files  []string        // looked at: those of cfg, or of the last broken attempt
	stamps map[string]stamp
}

func newWatch(file string, server *proffer.Server, cfg *proffer.Config, log *slog.Logger) *watch {
	w := &watch{file: file, server: server, cfg: cfg, log: log, files: cfg.Read()}
	w.stamps = w.look()
	return w
}

// run watches until ctx ends.
func (w *watch) run(ctx context.Context) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	changed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			w.stamps = w.look()
			w.reload(ctx)
			changed = false
		case <-tick.C:
			now := w.look()
			if !maps.Equal(now, w.stamps) {
				w.stamps, changed = now, true // and see whether it is still being written
			} else if changed {
				changed = false
				w.reload(ctx)
			}
		}
	}
}

func (w *watch) look() map[string]stamp {
	stamps := make(map[string]stamp, len(w.files))
	for _, f := range w.files {
		stamps[f] = stampOf(f)
	}
	return stamps
}

func (w *watch) reload(ctx context.Context) {
	cfg, found := proffer.Inspect(w.file)
	if files := cfg.Read(); len(files) > 0 {
		w.files = files
		w.stamps = w.look()
	}
	for _, f := range found.All() {
		w.log.Warn("configuration", "finding", f.String())
	}
	if n := found.Errors(); n > 0 {
		w.log.Error("new configuration not taken, the old one stays in force", "file", w.file, "problems", n)
		return
	}
	if _, err := cfg.MakeSecrets(); err != nil {
		w.log.Error("new configuration not taken, the old one stays in force", "file", w.file, "err", err)
		return
	}
	if err := w.server.Reload(ctx, cfg); err != nil {
		w.log.Error("new configuration not taken, the old one stays in force", "file", w.file, "err", err)
		return
	}
	if cfg.Listen != w.cfg.Listen || cfg.Store != w.cfg.Store || cfg.Keys != w.cfg.Keys || cfg.TLS != w.cfg.TLS {
		w.log.Warn("listen, store, keys and tls take a restart", "file", w.file)
	}
	w.cfg = cfg
	w.log.Info("new configuration taken", "file", w.file)
}
