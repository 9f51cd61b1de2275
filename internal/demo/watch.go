package demo

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/proffer-id/proffer"
)

// A watch takes a changed configuration over, and says so where the person who
// changed it is looking. A broken one stays out.
type watch struct {
	o        Options
	data     *data
	ports    *ports
	provider *proffer.Server

	files []string // looked at
	seen  map[string]stamp
}

// stamp tells one state of a file from another.
type stamp struct {
	size     int64
	modified time.Time
}

func newWatch(o Options, d *data, cfg *proffer.Config, ports *ports, provider *proffer.Server) *watch {
	w := &watch{o: o, data: d, ports: ports, provider: provider, files: cfg.Read()}
	w.seen = w.look()
	return w
}

func (w *watch) look() map[string]stamp {
	seen := make(map[string]stamp, len(w.files))
	for _, f := range w.files {
		if info, err := os.Stat(f); err == nil {
			seen[f] = stamp{info.Size(), info.ModTime()}
		}
	}
	return seen
}

// run looks twice a second until ctx ends. A file is taken when it has stood
// still from one look to the next, so that none is read half written.
func (w *watch) run(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	moving := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			moving = false
			w.reload(ctx)
		case <-tick.C:
			now := w.look()
			if !maps.Equal(now, w.seen) {
				w.seen, moving = now, true
			} else if moving {
				moving = false
				w.reload(ctx)
			}
		}
	}
}

// reload puts the changed configuration in force, or says why not.
func (w *watch) reload(ctx context.Context) {
	err := w.take(ctx)
	at := w.o.Now().Local().Format(time.TimeOnly)
	if err != nil {
		fmt.Fprintf(w.o.Out, "%s  Not taken, what was in force stays in force:\n%v\n", at, err)
		return
	}
	fmt.Fprintf(w.o.Out, "%s  Your change is in force.\n", at)
}

func (w *watch) take(ctx context.Context) error {
	cfg, found := proffer.Inspect(w.data.config())
	if files := cfg.Read(); len(files) > 0 {
		w.files = files
		w.seen = w.look()
	}
	if err := found.Err(); err != nil {
		return err
	}
	if err := complete(cfg, w.ports); err != nil {
		return err
	}
	return w.provider.Reload(ctx, cfg)
}
