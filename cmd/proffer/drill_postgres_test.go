package main

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"
)

// TestDrill_Postgres has providers on a PostgreSQL that waits for its disk, under
// load, and everything that can go wrong between them: the provider is killed,
// one of two replicas is, the database crashes, its sessions are ended, the
// network breaks. The provider that is not killed goes on by itself. What was
// acknowledged is there, once, and whole.
func TestDrill_Postgres(t *testing.T) {
	if !long() && os.Getenv("PROFFER_TEST_POSTGRES") == "" {
		t.Skip("PROFFER_TEST_POSTGRES is not set: it is part of the tests on PostgreSQL")
	}
	s := newPGServer(t)
	databases := map[string]string{}
	for _, name := range []string{"kill", "stop", "replicas", "sessions", "network"} {
		databases[name] = s.database(name)
	}
	// Each part has a database of its own, and spends most of its time waiting: for
	// the disk, for who was killed to come back, for a moment to break something.
	part := func(name string, drill func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drill(t)
		})
	}
	part("Restart", func(t *testing.T) {
		own := newPGServer(t) // whose end is nobody else's
		url := own.database("restart")
		d := newDrill(t, newProviderOn(t, "", url, url))
		d.faults("restarts of the database", rounds(12, 32), rounds(2, 30), own.crash, time.Duration(rounds(1, 3))*time.Second)
		own.noSecrets(d.log)
	})
	part("Network", func(t *testing.T) {
		direct := databases["network"]
		w := newWire(t, s.address())
		u, err := url.Parse(direct)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = w.address()
		d := newDrill(t, newProviderOn(t, "", direct, u.String()))
		var n int
		d.faults("breaks of the network", 12, rounds(6, 60), func() {
			w.trouble(n)
			n++
		}, 0)
	})
	part("KillNine", func(t *testing.T) {
		url := databases["kill"]
		d := newDrill(t, newProviderOn(t, "", url, url))
		d.killNine(rounds(6, 50), rounds(40, 200))
		s.noSecrets(d.log)
	})
	part("Stop", func(t *testing.T) {
		url := databases["stop"]
		newDrill(t, newProviderOn(t, "", url, url)).stops(rounds(1, 4))
	})
	part("Replicas", func(t *testing.T) {
		newDrill(t, newReplicas(t, 2, databases["replicas"])).killNine(rounds(5, 50), rounds(40, 200))
	})
	part("Sessions", func(t *testing.T) {
		url := databases["sessions"]
		d := newDrill(t, newProviderOn(t, "", url, url))
		d.faults("ends of all sessions", 12, rounds(4, 100), func() { s.kick("sessions") }, 0)
	})
}

// trouble does to a wire one of the things that happen to it.
func (w *wire) trouble(n int) {
	switch n % 6 {
	case 0:
		w.cutAfter()
	case 1:
		w.cut()
	case 2:
		w.half()
	case 3: // nobody gets through for a while
		w.block(true)
		w.cut()
		time.Sleep(time.Duration(500+rand.IntN(1500)) * time.Millisecond)
		w.block(false)
	case 4: // silence, for once longer than anybody has patience
		w.slow(time.Duration(20+rand.IntN(80)) * time.Millisecond)
		time.Sleep(500 * time.Millisecond)
		w.slow(0)
		w.stick(true)
		time.Sleep(time.Duration(500+rand.IntN(6000)) * time.Millisecond)
		w.stick(false)
	case 5:
		w.mute()
	}
}

// faults has so many customers while something happens to the database again and
// again, with a pause in between. The provider is not touched: it does not end,
// says by /readyz when it cannot work, and recovers.
func (d *drill) faults(what string, customers, n int, fault func(), pause time.Duration) {
	d.Helper()
	d.start()
	stop := d.crowd(customers)
	watched := d.watchReadiness()
	for i := 0; i < n && !d.Failed(); i++ {
		d.round(fault, i%4 == 3)
		if d.Failed() {
			break
		}
		took := d.progress("")
		d.Logf("fault %d, then nothing was acknowledged for %d ms", i, took.Milliseconds())
		d.recovery = max(d.recovery, took)
		time.Sleep(pause)
	}
	stop()
	down := watched()
	if lives := d.lives(); lives > 0 {
		d.Errorf("the provider ended %d times", lives)
	}
	d.verify(what)
	d.Logf("%d times not ready", down)
	if pause > 0 && down == 0 {
		d.Error("it was ready all the time, also without a database")
	}
	if n, least := d.ledger.count(answered), rounds(3, 100); n < least {
		d.Errorf("%d answers were acknowledged, want %d to lose", n, least)
	}
}

// watchReadiness asks whether the provider is ready until stop is called, which
// returns how often it ceased to be.
func (d *drill) watchReadiness() (stop func() int) {
	end := make(chan struct{})
	var all sync.WaitGroup
	ceased := 0
	all.Go(func() {
		client := http.Client{Timeout: 10 * time.Second}
		was := true
		for {
			select {
			case <-end:
				return
			case <-time.After(50 * time.Millisecond):
			}
			r, err := client.Get("http://" + d.listen + "/readyz")
			if err != nil {
				continue // it is about to be said by others
			}
			r.Body.Close()
			is := r.StatusCode == http.StatusOK
			if was && !is {
				ceased++
			}
			was = is
		}
	})
	stop = sync.OnceValue(func() int {
		close(end)
		all.Wait()
		return ceased
	})
	d.Cleanup(func() { stop() })
	return stop
}
