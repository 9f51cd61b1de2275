package main

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

// newFront listens where customers look for the provider and carries each
// connection to one of the replicas, as a balancer does that knows nothing of
// HTTP. When a replica dies, so do the connections to it.
func newFront(t testing.TB, p *provider) {
	t.Helper()
	listener, err := net.Listen("tcp", strings.TrimPrefix(p.issuer, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	open := map[net.Conn]bool{}
	var mu sync.Mutex
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[near] = true
			mu.Unlock()
			all.Go(func() {
				frontCarry(near, p.replicas)
				mu.Lock()
				delete(open, near)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
}

func frontCarry(near net.Conn, replicas []*provider) {
	defer near.Close()
	first := rand.IntN(len(replicas))
	for i := range replicas {
		far, err := net.Dial("tcp", replicas[(first+i)%len(replicas)].listen)
		if err != nil {
			continue
		}
		done := make(chan struct{}, 2)
		go func() { io.Copy(far, near); done <- struct{}{} }()
		go func() { io.Copy(near, far); done <- struct{}{} }()
		<-done
		near.Close()
		far.Close()
		<-done
		return
	}
}
