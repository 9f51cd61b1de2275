package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A provider is the binary as a process of its own, with all it keeps in one
// folder, or in a database. It may die and come back; those who talk to it can
// tell. With replicas it is what those of one database look like from outside.
type provider struct {
	testing.TB
	dir, issuer string
	mail        *postbox
	binary      string   // "" is this test's own, which starts main
	listen      string   // address
	log         string   // file
	env         []string // more of its environment
	database    string   // URL for those who look at it afterwards; "": a file
	shaky       bool     // its database may go away: 503 says "try again"
	replicas    []*provider
	busy        atomic.Int64 // 503s that customers met
	late        atomic.Int64 // answers they had no patience for

	mu      sync.Mutex
	cmd     *exec.Cmd
	life    int           // counted up at each end
	ready   chan struct{} // closed while it answers
	secrets map[string]string
}

// newProvider writes a configuration into a folder; more is added to it.
func newProvider(t testing.TB, more string) *provider {
	t.Helper()
	address := "127.0.0.1:" + freePort(t)
	p := &provider{TB: t, dir: t.TempDir(), issuer: "http://" + address, listen: address, mail: newPostbox(t)}
	p.log = p.path("server.log")
	p.begin(t)
	for name, text := range map[string]string{
		"config.yaml": fmt.Sprintf(drillConfig, p.issuer, address, p.mail.address) + more,
		"set.yaml":    drillSet,
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// newProviderOn is newProvider on a database, reached by the URL through.
func newProviderOn(t testing.TB, more, database, through string) *provider {
	t.Helper()
	p := newProvider(t, more)
	p.database, p.shaky, p.env = database, true, []string{"PROFFER_STORE=" + through}
	return p
}

// newReplicas are n processes on one database. A connection to the issuer's
// address is carried on to any of them that takes it.
func newReplicas(t testing.TB, n int, database string) *provider {
	t.Helper()
	p := newProviderOn(t, "", database, database)
	for i := range n {
		address := "127.0.0.1:" + freePort(t)
		r := &provider{TB: t, dir: p.dir, issuer: p.issuer, mail: p.mail, listen: address, log: p.path(fmt.Sprintf("server%d.log", i+1))}
		r.env = append(slices.Clone(p.env), "PROFFER_LISTEN="+address)
		r.begin(t)
		p.replicas = append(p.replicas, r)
	}
	newFront(t, p)
	return p
}

// begin makes a provider ready for its first start, and sees to its end.
func (p *provider) begin(t testing.TB) {
	p.ready, p.secrets = make(chan struct{}), map[string]string{}
	t.Cleanup(func() {
		if life, ready := p.now(); len(p.replicas) == 0 && answers(ready) {
			p.cmd.Process.Kill()
			p.gone(life)
		}
		if t.Failed() {
			log, _ := os.ReadFile(p.log)
			t.Logf("the log ends with\n%s", log[max(0, len(log)-1500):])
		}
	})
}

// processes are those that make up the provider.
func (p *provider) processes() []*provider {
	if len(p.replicas) > 0 {
		return p.replicas
	}
	return []*provider{p}
}

const drillConfig = `issuer: %s
listen: %s
mail: {smtp: "smtp://%s", from: no-reply@localhost}
guessing: {client: -1, requests: -1}
brands:
  kopi:
    name: Kopi Club
    controller: {name: Kopi Club Co., contact: privacy@kopi.example}
    site: http://localhost:8081/
    screen_set: set.yaml
    clients:
      kopi-web:
        secret_file: data/kopi-web.secret
        redirect_uris: ["http://localhost:8081/callback"]
        id_token_alg: ES256
        grants: [authorization_code, refresh_token]
        scopes: [openid, zp, offline_access]
        claims: {note: {id_token: true}, milk: {id_token: true}, birthday: {}}
      kopi-rsa:
        secret_file: data/kopi-rsa.secret
        redirect_uris: ["http://localhost:8081/callback"]
        id_token_alg: RS256
        grants: [authorization_code, refresh_token]
        scopes: [openid, zp, offline_access]
        claims: {note: {id_token: true}, milk: {id_token: true}, birthday: {}}
`

// The question note takes any words, so that each answer can be told from all
// others.
const drillSet = `purposes:
  personalise: {text: start your shelf with what you like, basis: consent, keep: 18mo}
questions:
  note: {kind: text, scope: brand, ask: What do you taste?, name: Note, why: So we know., purpose: personalise, limit: 80, fresh: 18mo}
  milk:
    kind: single
    scope: brand
    ask: How do you take it?
    name: Milk
    why: So we know.
    purpose: personalise
    fresh: 18mo
    options: [{id: black, label: Black}, {id: oat, label: Oat}]
  birthday: {kind: month_day, scope: person, claim: birthday, ask: When is your birthday?, name: Birthday, why: So we know., purpose: personalise, fresh: never}
screens:
  note: {ask: [note]}
  milk: {ask: [milk]}
  birthday: {ask: [birthday]}
campaigns:
  welcome: {when: [registration, sign_in], show: [note, milk, birthday], at_most: 3, cooldown: 30d, lifetime: 6, priority: 10}
`

func (p *provider) path(name string) string { return filepath.Join(p.dir, name) }

// start runs the binary, as often as it is not running, and waits until it
// answers; it returns after how long.
func (p *provider) start() (took time.Duration) {
	p.Helper()
	if len(p.replicas) > 0 {
		var all sync.WaitGroup
		times := make([]time.Duration, len(p.replicas))
		for i, r := range p.replicas {
			if _, ready := r.now(); !answers(ready) {
				all.Go(func() { times[i] = r.start() })
			}
		}
		all.Wait()
		return slices.Max(times)
	}
	cmd := exec.Command(p.program(), "serve", "--config", p.path("config.yaml"))
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PROFFER_") }) // they are settings
	cmd.Env = append(cmd.Env, p.env...)
	log, err := os.OpenFile(p.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		p.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	gone := make(chan struct{})
	p.mu.Lock()
	p.cmd = cmd
	p.mu.Unlock()
	go func() { // who talks to it hears of its end, however it comes
		cmd.Wait()
		p.mu.Lock()
		p.life++
		if answers(p.ready) {
			p.ready = make(chan struct{})
		}
		p.mu.Unlock()
		close(gone)
	}()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for {
		r, err := client.Get("http://" + p.listen + "/healthz")
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		select {
		case <-gone:
			p.Errorf("the provider ended at its start: %v", cmd.ProcessState)
			return time.Since(began)
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(began) > 30*time.Second {
			p.Errorf("the provider does not answer: %v", err)
			return time.Since(began)
		}
	}
	took = time.Since(began)
	p.mu.Lock()
	close(p.ready)
	p.mu.Unlock()
	return took
}

func answers(ready <-chan struct{}) bool {
	select {
	case <-ready:
		return true
	default:
		return false
	}
}

// program is the path of the binary. That of the test runs main when it is
// called proffer.
func (p *provider) program() string {
	if p.binary != "" {
		return p.binary
	}
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, p.path("proffer"))
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		p.Fatal(err)
	}
	return p.path("proffer")
}

// end sends the process a signal and waits until it is gone. Of replicas it ends
// any one.
func (p *provider) end(s syscall.Signal) *os.ProcessState {
	p.Helper()
	if len(p.replicas) > 0 {
		return p.replicas[rand.IntN(len(p.replicas))].end(s)
	}
	p.mu.Lock()
	cmd, life := p.cmd, p.life
	p.mu.Unlock()
	if err := cmd.Process.Signal(s); err != nil {
		p.Fatal(err)
	}
	p.gone(life)
	return cmd.ProcessState
}

// gone waits until a life is over.
func (p *provider) gone(life int) {
	p.Helper()
	for end := time.Now().Add(60 * time.Second); p.lives() == life; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			p.Fatal("the provider does not end")
		}
	}
}

func (p *provider) lives() int {
	life, _ := p.now()
	return life
}

// now returns which life it is in, and a channel that is closed while it answers.
// Replicas answer while one of them does.
func (p *provider) now() (life int, ready <-chan struct{}) {
	for _, r := range p.replicas {
		l, c := r.now()
		life += l
		if ready == nil || answers(c) {
			ready = c
		}
	}
	if ready != nil {
		return life, ready
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life, p.ready
}

var errDied = errors.New("the connection was lost although nobody ended the provider")

// back waits, after a connection was lost, until the provider is in a later life
// and answers.
func (p *provider) back(ctx context.Context, life int) error {
	end := time.After(20 * time.Second)
	for {
		now, ready := p.now()
		if now > life {
			select {
			case <-ready:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			case <-end:
				return errors.New("the provider does not come back")
			case <-time.After(50 * time.Millisecond): // or died again
				continue
			}
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		case <-end:
			return errDied
		}
	}
}

// secret is what a client of the brand proves itself with.
func (p *provider) secret(client string) string {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secrets[client] == "" {
		b, err := os.ReadFile(p.path("data/" + client + ".secret"))
		if err != nil {
			p.Fatal(err)
		}
		p.secrets[client] = strings.TrimSpace(string(b))
	}
	return p.secrets[client]
}
