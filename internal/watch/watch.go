// Package watch sees when files change, or when SIGHUP says that they did. It
// does not know what is in them. Start at Files.
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

// Files looks at files every so often until ctx ends. When one of them has
// changed, and all have stood still from one look to the next, so that none is
// taken half written, it calls changed; on SIGHUP at once. What changed returns
// is looked at from then on; nothing: the same files. A change that comes while
// changed runs is seen at the next look.
func Files(ctx context.Context, every time.Duration, files []string, changed func(context.Context) []string) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	look(ctx, every, hangup, files, changed)
}

func look(ctx context.Context, every time.Duration, hangup <-chan os.Signal, files []string, changed func(context.Context) []string) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	seen, moving := stamps(files, nil), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			seen = stamps(files, nil)
		case <-tick.C:
			now := stamps(files, nil)
			still := maps.Equal(now, seen)
			if seen = now; !still {
				moving = true
			}
			if !still || !moving {
				continue
			}
		}
		moving = false
		if next := changed(ctx); len(next) > 0 {
			files = next
			seen = stamps(files, seen) // as they were before they were read
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
