package main

import (
	"context"
	"debug/buildinfo"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var report = flag.String("report", "", "file that BenchmarkProvider writes what it measured to")

const (
	benchPeople = 32
	benchRounds = 5
	benchRound  = 1500 * time.Millisecond
)

// BenchmarkProvider measures the released binary as a process of its own, over
// HTTP, on the disk of the temporary folder: what one returning visit costs
// (authorize, exchange of the code, UserInfo, for a customer who is signed in
// and has answered), how many there are in a second, and how large and quick to
// start the process is. It is one long run and takes about two minutes.
func BenchmarkProvider(b *testing.B) {
	m := &measured{TB: b, steps: map[string]samples{}, busy: "unknown"}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.busy, _, _ = strings.Cut(string(text), " ")
	}
	binary := filepath.Join(b.TempDir(), "proffer")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	for b.Loop() {
		m.size(b, binary)
		m.starts(b, binary)
		for _, alg := range []string{"ES256", "RS256"} {
			m.visits(b, binary, alg)
		}
	}
	text := m.String()
	fmt.Println(text)
	if *report != "" {
		if err := os.MkdirAll(filepath.Dir(*report), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(*report, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// measured is all that one run found out.
type measured struct {
	testing.TB
	machine

	bytes   int64
	modules []string
	system  string
	busy    string // load average before anything was done

	first        float64 // ms to the first answer, with keys and store to be made
	start        samples // ms, with a store that is there
	idle, loaded samples // MiB

	loads []*load
	steps map[string]samples // µs of CPU for one request, by its name
}

// A load is what came of so many customers at once.
type load struct {
	alg    string
	atOnce int
	cost   samples // µs of the provider's CPU for a visit
	rate   samples // visits in a second
	shared float64 // updates that shared a sync
}

func (m *measured) size(b *testing.B, binary string) {
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	built, err := buildinfo.ReadFile(binary)
	if err != nil {
		b.Fatal(err)
	}
	m.bytes, m.modules = info.Size(), nil
	for _, d := range built.Deps {
		m.modules = append(m.modules, d.Path)
	}
	m.system = built.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH
}

func (m *measured) starts(b *testing.B, binary string) {
	p := newProvider(b, "")
	p.binary = binary
	m.first = p.start().Seconds() * 1000
	for range 9 {
		p.end(syscall.SIGTERM)
		m.start = append(m.start, p.start().Seconds()*1000)
		time.Sleep(time.Second) // nothing to do
		m.idle = append(m.idle, anonymous(b, p.cmd.Process.Pid))
	}
	p.end(syscall.SIGTERM)
}

func (m *measured) visits(b *testing.B, binary, alg string) {
	more := "accounts:\n"
	for i := range benchPeople {
		more += fmt.Sprintf("  - {email: p%d@example.com, password: %s}\n", i, drillPassword)
	}
	p := newProvider(b, more)
	p.binary = binary
	p.start()
	l := newLedger(b, p.path("ledger"))
	client := map[string]string{"ES256": "kopi-web", "RS256": "kopi-rsa"}[alg]
	var people []*customer
	for i := range benchPeople {
		c := newCustomer(p, l, fmt.Sprintf("p%d@example.com", i))
		if err := c.settle(b.Context(), client); err != nil {
			b.Fatal(err)
		}
		people = append(people, c)
	}
	for _, atOnce := range []int{1, 8, 32} {
		p.end(syscall.SIGTERM) // the store says how many syncs there were when it is closed
		p.start()
		one := &load{alg: alg, atOnce: atOnce}
		m.run(b, p, people[:atOnce], client, benchRound/2, nil) // to warm up
		for range benchRounds {
			m.run(b, p, people[:atOnce], client, benchRound, one)
			m.measure(b, p.dir)
		}
		if atOnce == 8 {
			m.step(b, p, people[:atOnce], client, alg)
		}
		m.loaded = append(m.loaded, anonymous(b, p.cmd.Process.Pid))
		p.end(syscall.SIGTERM)
		one.shared = sharing(b, p)
		p.start()
		m.loads = append(m.loads, one)
	}
	p.end(syscall.SIGTERM)
}

// run has customers come back, one visit after the other each, for a while.
func (m *measured) run(b *testing.B, p *provider, people []*customer, client string, d time.Duration, one *load) {
	b.Helper()
	var visits atomic.Int64
	pid := p.cmd.Process.Pid
	before, began := cpu(b, pid), time.Now()
	var all sync.WaitGroup
	for _, c := range people {
		all.Go(func() {
			for time.Since(began) < d && !b.Failed() {
				if err := c.comeBack(b.Context(), client); err != nil {
					b.Error(err)
					return
				}
				visits.Add(1)
			}
		})
	}
	all.Wait()
	took, used, n := time.Since(began), cpu(b, pid)-before, float64(visits.Load())
	if b.Failed() {
		b.FailNow()
	}
	if one != nil {
		one.cost = append(one.cost, float64(used.Microseconds())/n)
		one.rate = append(one.rate, n/took.Seconds())
	}
}

// step measures what each request of a visit costs by itself.
func (m *measured) step(b *testing.B, p *provider, people []*customer, client, alg string) {
	const each = 60
	for range benchRounds {
		signIns, codes := make([][]*signIn, len(people)), make([][]string, len(people))
		held := make([][]*tokens, len(people))
		m.all(b, p, people, each, "authorize", func(i int, c *customer) error {
			s := &signIn{client: client}
			code, err := c.code(b.Context(), s)
			signIns[i], codes[i] = append(signIns[i], s), append(codes[i], code)
			return err
		})
		m.all(b, p, people, each, "exchange, "+alg, func(i int, c *customer) error {
			n := len(held[i])
			t, _, err := c.exchange(b.Context(), signIns[i][n], codes[i][n])
			held[i] = append(held[i], t)
			return err
		})
		m.all(b, p, people, each, "UserInfo", func(i int, c *customer) error { return c.info(b.Context(), held[i][0]) })
		done := make([]int, len(people))
		m.all(b, p, people, each, "refresh, "+alg, func(i int, c *customer) error {
			t := held[i][done[i]]
			done[i]++
			_, _, err := c.token(b.Context(), client, map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}})
			return err
		})
	}
}

func (m *measured) all(b *testing.B, p *provider, people []*customer, each int, name string, f func(int, *customer) error) {
	b.Helper()
	before := cpu(b, p.cmd.Process.Pid)
	var all sync.WaitGroup
	for i, c := range people {
		all.Go(func() {
			for range each {
				if err := f(i, c); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	used := cpu(b, p.cmd.Process.Pid) - before
	m.steps[name] = append(m.steps[name], float64(used.Microseconds())/float64(each*len(people)))
}

var closed = regexp.MustCompile(`msg="store closed" updates=(\d+) syncs=(\d+)`)

// sharing is how many updates shared a sync in the life that has ended.
func sharing(b *testing.B, p *provider) float64 {
	b.Helper()
	text, err := os.ReadFile(p.path("server.log"))
	if err != nil {
		b.Fatal(err)
	}
	all := closed.FindAllStringSubmatch(string(text), -1)
	if len(all) == 0 {
		b.Fatal("the log does not say how many syncs there were")
	}
	last := all[len(all)-1]
	updates, _ := strconv.ParseFloat(last[1], 64)
	syncs, _ := strconv.ParseFloat(last[2], 64)
	return updates / syncs
}

// settle signs a customer in by password and has them answer what they are asked.
func (c *customer) settle(ctx context.Context, client string) error {
	s := &signIn{client: client}
	page, err := c.open(ctx, c.authorize(s))
	if err != nil {
		return err
	}
	if page, err = c.signIn(ctx, page); err != nil {
		return err
	}
	for _, question := range []string{"note", "milk", "birthday"} {
		if page, err = c.answer(ctx, page, question); err != nil {
			return err
		}
	}
	return c.arrive(ctx, s, page)
}

// comeBack is one returning visit, as the brand's site and the browser make it.
func (c *customer) comeBack(ctx context.Context, client string) error {
	s := &signIn{client: client}
	code, err := c.code(ctx, s)
	if err != nil {
		return err
	}
	t, _, err := c.exchange(ctx, s, code)
	if err != nil {
		return err
	}
	if t == nil {
		return fmt.Errorf("a fresh code is refused")
	}
	return c.info(ctx, t)
}

func (c *customer) code(ctx context.Context, s *signIn) (string, error) {
	r, err := c.open(ctx, c.authorize(s))
	if err != nil {
		return "", err
	}
	if r.to == nil || r.to.Query().Get("code") == "" {
		return "", fmt.Errorf("no code: %s", r)
	}
	return r.to.Query().Get("code"), nil
}

func (c *customer) info(ctx context.Context, t *tokens) error {
	r, err := c.do(ctx, http.MethodGet, c.p.issuer+"/userinfo", nil, "Authorization", "Bearer "+t.Access)
	if err := want(r, err, http.StatusOK); err != nil {
		return err
	}
	if !strings.Contains(string(r.body), `"milk":"oat"`) {
		return fmt.Errorf("UserInfo without the answers: %s", r)
	}
	return nil
}
