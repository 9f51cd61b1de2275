package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestDrill_Stop ends the provider under load as an operator does, three times
// at random and once with a code in hand: it ends well, and nothing that was
// acknowledged is lost.
func TestDrill_Stop(t *testing.T) {
	onBolt(t)
	newDrill(t, newProvider(t, "")).stops(4)
}

func (d *drill) stops(n int) {
	d.Helper()
	d.start()
	stop := d.crowd(6)
	for i := range n {
		d.round(func() {
			began := time.Now()
			if state := d.end(syscall.SIGTERM); !state.Success() {
				d.Errorf("SIGTERM under load: %v after %s", state, time.Since(began))
			}
			d.slowest = max(d.slowest, d.start())
		}, i == n-1)
	}
	stop()
	d.verify("stops")
}

// TestDrill_StopFinishes sends more sign-ins than there are hands for hashing,
// and SIGTERM while they wait: everyone gets in.
func TestDrill_StopFinishes(t *testing.T) {
	onBolt(t)
	const people = 16
	more := "accounts:\n"
	for i := range people {
		more += fmt.Sprintf("  - {email: p%d@example.com, password: %s}\n", i, drillPassword)
	}
	p := newProvider(t, more)
	l := newLedger(t, p.path("ledger"))
	p.start()
	var pages [people]*reply
	var all [people]*customer
	for i := range people {
		all[i] = newCustomer(p, l, fmt.Sprintf("p%d@example.com", i))
		// The server may close a connection at rest whenever it likes.
		all[i].client.Transport.(*http.Transport).DisableKeepAlives = true
		page, err := all[i].open(t.Context(), all[i].authorize(&signIn{client: "kopi-web"}))
		if err != nil {
			t.Fatal(err)
		}
		pages[i] = page
	}
	var sent, done sync.WaitGroup
	for i := range people {
		sent.Add(1)
		ctx := httptrace.WithClientTrace(context.WithoutCancel(t.Context()), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { sent.Done() },
		})
		done.Go(func() {
			action, form, err := pages[i].form("/login")
			if err != nil {
				t.Error(err)
				sent.Done()
				return
			}
			form.Set("email", all[i].email)
			form.Set("password", drillPassword)
			r, err := all[i].once(ctx, http.MethodPost, action, form, nil)
			if err := want(r, err, http.StatusSeeOther); err != nil {
				t.Errorf("%s: %v", all[i].email, err)
			}
		})
	}
	sent.Wait()
	time.Sleep(100 * time.Millisecond) // the last connection is taken from the listener's queue
	if state := p.end(syscall.SIGTERM); !state.Success() {
		t.Errorf("the end: %v", state)
	}
	done.Wait()
}
