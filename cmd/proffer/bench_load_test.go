//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/http/cookiejar"
	"os"
	"sync"
	"testing"
	"time"
)

var benchClients = map[string]string{"ES256": "kopi-web", "RS256": "kopi-rsa"}

// during lets customers go on for a while.
func during(d time.Duration) func(int) bool {
	end := time.Now().Add(d)
	return func(int) bool { return time.Now().Before(end) }
}

// times lets each do something so many times.
func times(n int) func(int) bool { return func(done int) bool { return done < n } }

// run has the first customers of a side do something as long as more says, one
// after the other each, and adds a round to t, if there is one. It returns how
// often they did. Nothing that fails is left out: it fails the benchmark.
func (m *measured) run(b *testing.B, s *side, atOnce int, more func(done int) bool, t *outcome, f func(i int, c *customer) error) (done int) {
	b.Helper()
	var mu sync.Mutex
	failed := 0
	database := s.database(b)
	before, began := cpu(b, s.pid()), time.Now()
	var all sync.WaitGroup
	for i, c := range s.people[:atOnce] {
		all.Go(func() {
			mine := 0
			var err error
			for err == nil && more(mine) { // after an error not: what comes next may need it
				err = f(i, c)
				mine++
			}
			mu.Lock()
			defer mu.Unlock()
			done += mine
			if err == nil {
				return
			}
			if failed++; failed == 1 { // the others are the same, mostly
				b.Errorf("%s, %d at once: %s: %v", s.name, atOnce, c.email, err)
			}
		})
	}
	all.Wait()
	took, used := time.Since(began), cpu(b, s.pid())-before
	database = s.database(b) - database
	if t == nil {
		return done
	}
	t.done += done
	t.failed += failed
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(done) }
	t.server = append(t.server, ms(used))
	t.database = append(t.database, ms(database))
	t.rate = append(t.rate, float64(done)/took.Seconds())
	return done
}

// rounds measures the machine, and again after each turn of all sides.
func (m *measured) rounds(b *testing.B, sides []*side, rows []*row, turn func(s *side)) {
	b.Helper()
	for _, r := range rows {
		fmt.Fprintf(os.Stderr, "%4.0f s  %d at once: %s %s\n", time.Since(m.began).Seconds(), r.atOnce, r.what, r.alg)
	}
	m.measure(b)
	for range benchRounds {
		for _, s := range sides {
			turn(s)
		}
		m.measure(b)
		n := len(m.argon2id)
		hash := (m.argon2id[n-2] + m.argon2id[n-1]) / 2
		for _, r := range rows {
			for _, s := range sides {
				t := &r.on[s.number]
				t.hash = append(t.hash, hash)
			}
		}
	}
}

// visits has customers come back.
func (m *measured) visits(b *testing.B, sides []*side, alg string, atOnce int) {
	client := benchClients[alg]
	visit := func(_ int, c *customer) error { return c.comeBack(b.Context(), client) }
	r := m.row("returning visit", alg, atOnce)
	var all [len(benchStores)]int
	for _, s := range sides {
		s.again(b)
		all[s.number] = m.run(b, s, atOnce, during(benchRound/2), nil, visit) // to warm up
	}
	m.rounds(b, sides, []*row{r}, func(s *side) {
		all[s.number] += m.run(b, s, atOnce, during(benchRound), &r.on[s.number], visit)
	})
	for _, s := range sides {
		l := &m.life[s.number]
		l.loaded = append(l.loaded, anonymous(b, s.pid()))
		counts := s.again(b)
		for name := range counts {
			counts[name] /= float64(all[s.number])
		}
		r.on[s.number].counts = counts
	}
}

// requests measures what each request costs by itself.
func (m *measured) requests(b *testing.B, sides []*side, alg string, atOnce int) {
	client, each := benchClients[alg], times(benchRequests/atOnce)
	authorize, exchange := m.row("authorize", alg, atOnce), m.row("exchange", alg, atOnce)
	info, refresh := m.row("UserInfo", alg, atOnce), m.row("refresh", alg, atOnce)
	turn := func(s *side, a, e, u, r *outcome) {
		signIns, codes := make([][]*signIn, atOnce), make([][]string, atOnce)
		held := make([][]*tokens, atOnce)
		m.run(b, s, atOnce, each, a, func(i int, c *customer) error {
			one := &signIn{client: client}
			code, err := c.code(b.Context(), one)
			signIns[i], codes[i] = append(signIns[i], one), append(codes[i], code)
			return err
		})
		m.run(b, s, atOnce, each, e, func(i int, c *customer) error {
			n := len(held[i])
			if n == len(codes[i]) {
				return errors.New("no code is left")
			}
			t, _, err := c.exchange(b.Context(), signIns[i][n], codes[i][n])
			if err == nil && t == nil {
				err = errors.New("a fresh code is refused")
			}
			held[i] = append(held[i], t)
			return err
		})
		if b.Failed() {
			b.FailNow()
		}
		m.run(b, s, atOnce, each, u, func(i int, c *customer) error { return c.info(b.Context(), held[i][0]) })
		renewed := make([]int, atOnce)
		m.run(b, s, atOnce, each, r, func(i int, c *customer) error {
			old := held[i][renewed[i]]
			renewed[i]++
			t, _, err := c.token(b.Context(), client, map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh}})
			if err == nil && t == nil {
				err = errors.New("a fresh refresh token is refused")
			}
			return err
		})
	}
	for _, s := range sides {
		turn(s, nil, nil, nil, nil) // to warm up
	}
	m.rounds(b, sides, []*row{authorize, exchange, info, refresh}, func(s *side) {
		n := s.number
		turn(s, &authorize.on[n], &exchange.on[n], &info.on[n], &refresh.on[n])
	})
}

// signIns has customers type their password in a browser that knows nothing:
// authorize, the page with the form, the form, and authorize again to the code.
func (m *measured) signIns(b *testing.B, sides []*side, atOnce int) {
	signIn := func(_ int, c *customer) error {
		c.client.Jar, _ = cookiejar.New(nil)
		s := &signIn{client: "kopi-web"}
		page, err := c.open(b.Context(), c.authorize(s))
		if err != nil {
			return err
		}
		if page, err = c.signIn(b.Context(), page); err != nil {
			return err
		}
		if page.to == nil || page.to.Query().Get("code") == "" {
			return fmt.Errorf("no code: %s", page)
		}
		return nil
	}
	r := m.row("password sign-in", "", atOnce)
	for _, s := range sides {
		m.run(b, s, atOnce, during(benchRound/2), nil, signIn) // to warm up
	}
	m.rounds(b, sides, []*row{r}, func(s *side) {
		m.run(b, s, atOnce, during(benchRound), &r.on[s.number], signIn)
	})
}

// registrations has new customers come, with a code in the mail and three
// answers, as far as their first tokens.
func (m *measured) registrations(b *testing.B, sides []*side, atOnce int) {
	var mu sync.Mutex
	came := 0
	r := m.row("registration", "ES256", atOnce)
	m.rounds(b, sides, []*row{r}, func(s *side) {
		m.run(b, s, atOnce, during(benchRound), &r.on[s.number], func(int, *customer) error {
			mu.Lock()
			came++
			one := newCustomer(s.p, s.l, fmt.Sprintf("new%d@example.com", came))
			mu.Unlock()
			defer one.client.CloseIdleConnections()
			return one.register(b.Context())
		})
	})
}
