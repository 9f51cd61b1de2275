package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/watch"
)

// A reloader takes a changed configuration over, and says so where the person
// who changed it is looking. A broken one stays out.
type reloader struct {
	o        Options
	data     *data
	ports    *ports
	provider *proffer.Server
	files    *watch.Watch
}

// run looks twice a second until ctx ends: somebody is waiting to see it.
func (r *reloader) run(ctx context.Context) { r.files.Run(ctx, 500*time.Millisecond, r.reload) }

// reload puts the changed configuration in force, or says why not. It returns
// the files it read.
func (r *reloader) reload(ctx context.Context) []string {
	cfg, found := proffer.Inspect(r.data.config())
	err := found.Err()
	if err == nil {
		err = complete(cfg, r.ports)
	}
	if err == nil {
		err = r.provider.Reload(ctx, cfg)
	}
	at := r.o.Now().Local().Format(time.TimeOnly)
	if err != nil {
		fmt.Fprintf(r.o.Out, "%s  Not taken, what was in force stays in force:\n%v\n", at, err)
	} else {
		fmt.Fprintf(r.o.Out, "%s  Your change is in force.\n", at)
	}
	return cfg.Read()
}
