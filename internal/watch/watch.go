// Package watch sees when files change, or when SIGHUP says that they did. It
// does not know what is in them. Start at New.
package watch

import (
	"context"
	"maps"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// A Stamp tells one state of a file from another. The zero Stamp is that of a
// file that is not there.
type Stamp struct {
	size     int64
	modified time.Time
}

// StampOf looks at a file.
func StampOf(path string) Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}
	}
	return Stamp{info.Size(), info.ModTime()}
}

// A Watch sees when files change. Run ends it.
type Watch struct {
	hangup chan os.Signal
	files  []string
	seen   map[string]Stamp
}

// New takes a first look at files, and SIGHUP from then on: what comes between
// New and Run is not lost.
func New(files []string) *Watch {
	w := &Watch{hangup: make(chan os.Signal, 1), files: files, seen: stamps(files, nil)}
	signal.Notify(w.hangup, syscall.SIGHUP)
	return w
}

// Run looks every so often until ctx ends. When a file has changed, and all have
// stood still from one look to the next, so that none is taken half written, it
// calls changed; on SIGHUP at once. What changed returns is looked at from then
// on; nothing: the same files. A change that comes while changed runs is seen
// at the next look.
func (w *Watch) Run(ctx context.Context, every time.Duration, changed func(context.Context) []string) {
	defer signal.Stop(w.hangup)
	tick := time.NewTicker(every)
	defer tick.Stop()
	moving := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.hangup:
			w.seen = stamps(w.files, nil)
		case <-tick.C:
			now := stamps(w.files, nil)
			still := maps.Equal(now, w.seen)
			if w.seen = now; !still {
				moving = true
			}
			if !still || !moving {
				continue
			}
		}
		moving = false
		if files := changed(ctx); len(files) > 0 {
			w.files, w.seen = files, stamps(files, w.seen) // as they were before they were read
		}
	}
}

// stamps are those of files; what is known already is not looked at again.
func stamps(files []string, known map[string]Stamp) map[string]Stamp {
	all := make(map[string]Stamp, len(files))
	for _, f := range files {
		s, ok := known[f]
		if !ok {
			s = StampOf(f)
		}
		all[f] = s
	}
	return all
}
