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

	holding chan struct{} // a customer has a code in hand, and waits for the end
	between int           // ends with a code in hand
	ends    int

	mu        sync.Mutex
	customers []*customer
	slowest   time.Duration // of all starts after the first
}

func newDrill(t *testing.T) *drill {
	p := newProvider(t, "")
	return &drill{provider: p, ledger: newLedger(t, p.path("ledger")), holding: make(chan struct{})}
}

func long() bool { return os.Getenv("PROFFER_DRILL") == "long" }

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
	return func() {
		cancel()
		all.Wait()
	}
}

// hold is where a customer is between code and token. If somebody waits for
// that, the provider ends here, and the site goes on with the next one.
func (d *drill) hold(ctx context.Context) {
	life, _ := d.now()
	select {
	case d.holding <- struct{}{}:
		if err := d.back(ctx, life); err != nil && ctx.Err() == nil {
			d.Error(err)
		}
	default:
	}
}

// round waits for something to lose, a new account every other time, then ends
// the provider: at a random moment, or exactly while a customer has a code in hand.
func (d *drill) round(how syscall.Signal, codeInHand bool) *os.ProcessState {
	d.Helper()
	what := ""
	if d.ends%2 == 0 {
		what = registered
	}
	acknowledged, end := d.ledger.after(what), time.After(60*time.Second)
	for waiting := true; waiting; {
		select {
		case <-acknowledged:
			waiting = false
		case <-time.After(100 * time.Millisecond):
			if d.Failed() {
				d.FailNow() // somebody of the crowd has said why
			}
		case <-end:
			d.Fatal("nothing was acknowledged")
		}
	}
	if codeInHand {
		select {
		case <-d.holding:
			d.between++
		case <-time.After(60 * time.Second):
			d.Fatal("nobody got a code")
		}
	} else {
		time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond)
	}
	d.ends++
	return d.end(how)
}

func (d *drill) again() {
	d.Helper()
	d.slowest = max(d.slowest, d.start())
}

// TestDrill_KillNine kills the provider while customers register and answer.
// What was acknowledged is there, once, and whole.
func TestDrill_KillNine(t *testing.T) {
	d := newDrill(t)
	d.start()
	stop := d.crowd(6)
	rounds := 20
	if long() {
		rounds = 60
	}
	for n := 0; n < rounds || d.ledger.count(answered) < 200 && n < 3*rounds; n++ {
		d.round(syscall.SIGKILL, n%4 == 3)
		d.again()
		if t.Failed() {
			break
		}
	}
	stop()
	d.verify("kills")
	if n := d.ledger.count(answered); n < 200 {
		t.Errorf("%d answers were acknowledged, want 200 to lose", n)
	}
	if d.between == 0 {
		t.Error("no kill came between code and token")
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
	if state := d.end(syscall.SIGTERM); !state.Success() {
		d.Errorf("the end: %v", state)
	}
	a := audit(d.TB, d.provider, d.ledger)
	report := fmt.Sprintf("acknowledged registrations %d, answers %d, exchanges %d, refreshes %d; %s %d, of them %d between code and token; lost %d, double %d, half %d; slowest start %d ms",
		a.accounts, a.answers, d.ledger.count(exchanged), d.ledger.count(refreshed), what, d.ends, d.between, lost+a.lost, double+a.double, a.half, d.slowest.Milliseconds())
	d.Log(report)
	fmt.Println(report)
}
