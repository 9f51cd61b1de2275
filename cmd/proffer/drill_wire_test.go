package main

import (
	"net"
	"sync"
	"testing"
	"time"
)

// A wire stands between a provider and its database, and breaks in the ways that
// networks do.
type wire struct {
	to       string
	listener net.Listener

	mu    sync.Mutex
	pairs map[*pair]bool
	pause time.Duration // before each piece goes on
	stuck chan struct{} // closed, or nil, while pieces go through
	shut  bool          // new connections are closed at once
}

// A pair is one connection through the wire.
type pair struct {
	near, far *net.TCPConn // to the provider, to the database
	last      bool         // what the provider sends next is the last that gets through
	mute      bool         // nothing gets through any more, and nobody is told
}

func newWire(t testing.TB, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{to: to, listener: listener, pairs: map[*pair]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(near.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		w.stick(false)
		w.cut()
		all.Wait()
	})
	return w
}

func (w *wire) address() string { return w.listener.Addr().String() }

// carry carries both ways until one side is closed.
func (w *wire) carry(near *net.TCPConn) {
	defer near.Close()
	w.mu.Lock()
	shut := w.shut
	w.mu.Unlock()
	if shut {
		return
	}
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer far.Close()
	p := &pair{near: near, far: far.(*net.TCPConn)}
	w.mu.Lock()
	w.pairs[p] = true
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.pairs, p)
		w.mu.Unlock()
	}()
	done := make(chan struct{}, 2)
	go func() { w.pump(p, p.far, p.near, true); done <- struct{}{} }()
	go func() { w.pump(p, p.near, p.far, false); done <- struct{}{} }()
	<-done
	near.Close()
	far.Close()
	<-done
}

// pump carries one way.
func (w *wire) pump(p *pair, to, from *net.TCPConn, out bool) {
	piece := make([]byte, 64<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 {
			w.mu.Lock()
			pause, stuck, last, mute := w.pause, w.stuck, out && p.last, p.mute
			w.mu.Unlock()
			if mute {
				continue
			}
			if stuck != nil {
				<-stuck
			}
			time.Sleep(pause)
			if _, err := to.Write(piece[:n]); err != nil {
				return
			}
			if last {
				p.near.Close()                     // what comes back is not heard any more
				time.Sleep(200 * time.Millisecond) // and the database gets to do it
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// each does something to every connection there is.
func (w *wire) each(f func(*pair)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.pairs {
		f(p)
	}
}

// cut resets every connection.
func (w *wire) cut() {
	w.each(func(p *pair) {
		p.near.SetLinger(0)
		p.near.Close()
		p.far.Close()
	})
}

// cutAfter lets every connection carry one more message to the database, and
// loses the answer: nobody at the provider can tell what became of a commit.
func (w *wire) cutAfter() { w.each(func(p *pair) { p.last = true }) }

// mute makes every connection silent for good, as one to a machine that lost its
// power. New ones get through, as to the machine that took its place.
func (w *wire) mute() { w.each(func(p *pair) { p.mute = true }) }

// half closes every connection in one direction, so that the provider hears the
// end of it while the database does not.
func (w *wire) half() { w.each(func(p *pair) { p.near.CloseWrite() }) }

// stick stops everything on its way, or lets it go on.
func (w *wire) stick(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case on && w.stuck == nil:
		w.stuck = make(chan struct{})
	case !on && w.stuck != nil:
		close(w.stuck)
		w.stuck = nil
	}
}

// slow makes every piece wait.
func (w *wire) slow(pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pause = pause
}

// block closes new connections at once, or no more.
func (w *wire) block(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = on
}
