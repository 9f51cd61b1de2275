package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A drill is a provider under load that is ended again and again, and a ledger
// of what it acknowledged.
type drill struct {
	*provider
	ledger *ledger

	holding chan chan struct{} // a customer has a code in hand, and waits until that is closed
	between int                // faults with a code in hand
	ends    int                // faults

	mu        sync.Mutex
	customers []*customer
	slowest   time.Duration // of all starts after the first
	recovery  time.Duration // from the end of a fault to the next thing acknowledged, at most
}

func newDrill(t testing.TB, p *provider) *drill {
	return &drill{provider: p, ledger: newLedger(t, p.path("ledger")), holding: make(chan chan struct{})}
}

// long says whether the drills are to take their time.
func long() bool { return os.Getenv("PROFFER_TEST_DRILL") == "long" }

// rounds is how many there are of a drill, in the short form and in the long one.
func rounds(short, all int) int {
	if long() {
		return all
	}
	return short
}

// onBolt skips a drill on a file in the short run of tests on PostgreSQL, which
// has those below TestDrill_Postgres instead.
func onBolt(t *testing.T) {
	if !long() && os.Getenv("PROFFER_TEST_POSTGRES") != "" {
		t.Skip("it is about the store in a file, and PROFFER_TEST_POSTGRES is set")
	}
}

// crowd has n people at once register, answer, come back and change their minds,
// until stop is called. Half of them soon make room for somebody new.
func (d *drill) crowd(n int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for life := 0; ctx.Err() == nil; life++ {
				c := newCustomer(d.provider, d.ledger, fmt.Sprintf("p%d.%d@example.com", i, life))
				c.held = d.hold
				d.mu.Lock()
				d.customers = append(d.customers, c)
				d.mu.Unlock()
				if err := c.live(ctx, 4+60*(i%2)); err != nil && ctx.Err() == nil {
					d.Errorf("%s: %v", c.email, err)
					return
				}
			}
		})
	}
	stop = func() {
		cancel()
		all.Wait()
	}
	d.Cleanup(stop)
	return stop
}

// hold is where a customer is between code and token. If somebody waits for
// that, something happens to the provider here, and the site goes on afterwards.
func (d *drill) hold(ctx context.Context) {
	over := make(chan struct{})
	select {
	case d.holding <- over:
	default:
		return
	}
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// round waits for something to lose, a new account every other time, then lets
// the fault happen: at a random moment, or exactly while a customer has a code in
// hand.
func (d *drill) round(fault func(), codeInHand bool) {
	d.Helper()
	what := ""
	if d.ends%2 == 0 {
		what = registered
	}
	d.progress(what)
	if codeInHand {
		select {
		case over := <-d.holding:
			defer close(over)
			d.between++
		case <-time.After(60 * time.Second):
			d.Fatal("nobody got a code")
		}
	} else {
		time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond)
	}
	d.ends++
	fault()
}

// progress waits until something is acknowledged, and returns after how long.
func (d *drill) progress(what string) time.Duration {
	d.Helper()
	began, acknowledged, end := time.Now(), d.ledger.after(what), time.After(60*time.Second)
	for {
		select {
		case <-acknowledged:
			return time.Since(began)
		case <-time.After(100 * time.Millisecond):
			if d.Failed() {
				d.FailNow() // somebody of the crowd has said why
			}
		case <-end:
			d.Fatal("nothing was acknowledged")
		}
	}
}

// kill ends the provider, or one of its replicas, and starts it again.
func (d *drill) kill() {
	d.Helper()
	d.end(syscall.SIGKILL)
	d.slowest = max(d.slowest, d.start())
}

// TestDrill_KillNine kills the provider while customers register and answer.
// What was acknowledged is there, once, and whole.
func TestDrill_KillNine(t *testing.T) {
	onBolt(t)
	newDrill(t, newProvider(t, "")).killNine(rounds(20, 50), 200)
}

// killNine kills it so often, and more often until so many answers were
// acknowledged.
func (d *drill) killNine(kills, answers int) {
	d.Helper()
	d.start()
	stop := d.crowd(6)
	for n := 0; (n < kills || d.ledger.count(answered) < answers && n < 3*kills) && !d.Failed(); n++ {
		d.round(d.kill, n%4 == 3)
	}
	stop()
	d.verify("kills")
	if n := d.ledger.count(answered); n < answers {
		d.Errorf("%d answers were acknowledged, want %d to lose", n, answers)
	}
	if d.between == 0 {
		d.Error("no kill came between code and token")
	}
}

// verify looks at what there is after the last end: first as customers and
// brands see it, then in the store.
func (d *drill) verify(what string) {
	d.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	known := map[string]bool{}
	for _, one := range d.ledger.read() {
		known[one.Email] = known[one.Email] || one.What == registered
	}
	double, lost, signedIn := 0, 0, 0
	for _, c := range d.customers {
		if !known[c.email] {
			continue
		}
		// The session that was acknowledged is still one.
		page, err := c.open(ctx, d.issuer+"/preferences/answers")
		if err != nil || page.status != 200 || !strings.HasSuffix(page.url.Path, "/preferences/answers") {
			lost++
			d.Errorf("%s (%d notes) is no longer signed in: %v %v", c.email, c.notes, err, page)
		}
		if err := c.refresh(ctx); err != nil {
			lost++
			d.Errorf("%s: %v", c.email, err)
		}
		if c.tokens != nil { // its code was used, and is good for nothing any more
			t, _, err := c.exchange(ctx, &signIn{client: c.tokens.client}, c.tokens.code)
			if err != nil || t != nil {
				double++
				d.Errorf("%s: a code was good twice: %v", c.email, err)
			}
		}
		if signedIn < 8 { // by password, which takes long
			signedIn++
			fresh := newCustomer(d.provider, d.ledger, c.email)
			err := errors.New("the page is not /login")
			if page, e := fresh.open(ctx, fresh.authorize(&signIn{client: "kopi-web"})); e != nil || strings.HasSuffix(page.url.Path, "/login") {
				if err = e; err == nil {
					_, err = fresh.signIn(ctx, page)
				}
			}
			if err != nil {
				lost++
				d.Errorf("%s cannot sign in: %v", c.email, err)
			}
		}
	}
	for _, p := range d.processes() {
		if state := p.end(syscall.SIGTERM); !state.Success() {
			d.Errorf("the end: %v", state)
		}
	}
	a := audit(d.TB, d.provider, d.ledger)
	report := fmt.Sprintf("%s: acknowledged registrations %d, answers %d, exchanges %d, refreshes %d; %s %d, of them %d between code and token; lost %d, double %d, half %d",
		d.Name(), a.accounts, a.answers, d.ledger.count(exchanged), d.ledger.count(refreshed), what, d.ends, d.between, lost+a.lost, double+a.double, a.half)
	if d.slowest > 0 {
		report += fmt.Sprintf("; slowest start %d ms", d.slowest.Milliseconds())
	}
	if d.shaky {
		report += fmt.Sprintf("; asked to come back %d times, no answer in 30 s %d times", d.busy.Load(), d.late.Load())
	}
	if d.recovery > 0 {
		report += fmt.Sprintf("; slowest recovery %d ms", d.recovery.Milliseconds())
	}
	d.Log(report)
	fmt.Println(report)
}
