package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/proffer-id/proffer/internal/watch"
)

// A keyPair is a certificate and its key in two files, read again when they
// change, so that a renewal needs no restart.
type keyPair struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamp  [2]watch.Stamp
	looked time.Time // by the clock of the machine: it only spaces out the looks
}

func newKeyPair(cert, key string, log *slog.Logger) (*keyPair, error) {
	k := &keyPair{cert: cert, key: key, log: log}
	k.stamp = [2]watch.Stamp{watch.StampOf(cert), watch.StampOf(key)}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	k.pair, k.looked = &pair, time.Now()
	return k, nil
}

// get returns the certificate in force. It looks at the files once a second at
// most, and keeps what it has while they do not fit together.
func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.looked) < time.Second {
		return k.pair, nil
	}
	k.looked = time.Now()
	now := [2]watch.Stamp{watch.StampOf(k.cert), watch.StampOf(k.key)}
	if now == k.stamp {
		return k.pair, nil
	}
	pair, err := tls.LoadX509KeyPair(k.cert, k.key)
	if err != nil {
		k.log.Error("new certificate not taken, the old one stays", "err", err)
		k.stamp = now
		return k.pair, nil
	}
	k.pair, k.stamp = &pair, now
	k.log.Info("new certificate taken", "file", k.cert)
	return k.pair, nil
}
