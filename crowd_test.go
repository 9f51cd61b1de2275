package proffer

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestCrowd has 32 customers at once, each at home, register on an empty store,
// answer, go to their site, come back and look: nobody is in another one's way.
// Only PostgreSQL could have anything to run again.
func TestCrowd(t *testing.T) {
	const people = 32
	// Nobody is to be asked to come back for want of a core: it is the store that
	// is looked at.
	l := newLab(t, labOptions{change: func(c *Config) { c.Passwords.AtOnce, c.Passwords.Argon2id.Time = people, 1 }})
	l.counts.Reset()
	var all sync.WaitGroup
	done := make(chan bool, people)
	for i := range people {
		all.Go(func() {
			kopi, b := l.site("kopi-web"), l.browser()
			from := http.DefaultTransport.(*http.Transport).Clone()
			from.TLSClientConfig = l.http.Client().Transport.(*http.Transport).TLSClientConfig
			from.DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(i+1))}}).DialContext
			b.client.Transport, b.client.Timeout = from, 2*time.Minute
			p := b.register(kopi, fmt.Sprintf("p%d@example.com", i), pass)
			p = p.at("/ask/coffee").form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue")
			for p.left == nil {
				p = p.form(p.url.Path).send("do", "skip")
			}
			tok := kopi.redeem(p.left)
			kopi.userinfo(tok.Token)
			tok = kopi.redeem(b.open(kopi.authorize()).left)
			if tok = kopi.refresh(tok); tok.claims["kopi_milk"] != "oat" {
				t.Errorf("customer %d: kopi_milk is %v", i, tok.claims["kopi_milk"])
			}
			if p := b.open("/preferences/answers"); p.status != http.StatusOK {
				t.Errorf("customer %d: /preferences/answers is %d", i, p.status)
			}
			done <- true
		})
	}
	all.Wait()
	t.Logf("%d flows, %d updates, %d retries", len(done), l.counts.Updates(), l.counts.Retries())
	if len(done) != people {
		t.Errorf("%d of %d flows came to their end", len(done), people)
	}
	if r := float64(l.counts.Retries()) / people; r >= 0.1 {
		t.Errorf("%.2f retries a flow, less than 0.1 are to be", r)
	}
}
