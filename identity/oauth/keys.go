package oauth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
)

// lead is how long a key is published before it is used: longer than anybody
// may cache the set.
func (p *Provider) lead() time.Duration { return min(24*time.Hour, p.cfg.KeyLife/4) }

// published says whether a key stands in the JWKS: until the last ID token it
// signed has run out.
func (p *Provider) published(k *ringKey, now time.Time) bool {
	return k.until.IsZero() || now.Before(k.until.Add(p.cfg.IDTokenLife+p.lead()))
}

// over says whether a key may go: nothing made with it is good any more, not
// even as a hint.
func (p *Provider) over(k *ringKey, now time.Time) bool {
	return !k.until.IsZero() && now.After(k.until.Add(p.cfg.RefreshTotal+p.cfg.VisitLife+p.cfg.IDTokenLife+p.lead()))
}

// rotate makes the keys that are missing or soon needed, deletes those that are
// over, and reads them. Two replicas may do it at once: a successor is made only
// if the newest key is still the one it follows.
func (p *Provider) rotate(ctx context.Context) error {
	now := p.now()
	have, err := p.readKeys(ctx)
	if err != nil {
		return err
	}
	var made []*Key
	after := map[string]string{} // alg -> id of the key the new one follows
	for _, alg := range []string{algMAC, algRS256, algES256} {
		newest := newestOf(have, alg)
		from := now
		if newest != nil {
			due := newest.From.Add(p.cfg.KeyLife)
			if now.Before(due.Add(-p.lead())) {
				continue
			}
			if from = due; from.Before(now.Add(p.lead())) {
				from = now.Add(p.lead())
			}
			after[alg] = newest.ID
		}
		k, err := makeKey(p.cfg.Issuer, alg, from)
		if err != nil {
			return err
		}
		made = append(made, k)
	}
	ring, err := newRing(have)
	if err != nil {
		return err
	}
	var gone []string
	for _, k := range ring.keys {
		if p.over(k, now) {
			gone = append(gone, k.id)
		}
	}
	if len(made)+len(gone) > 0 {
		err = p.deps.DB.Update(ctx, func(tx *store.Tx) error {
			have, err := keys.List(tx, store.Range{Prefix: store.K(p.cfg.Issuer)})
			if err != nil {
				return err
			}
			for _, k := range made {
				if newest := newestOf(have, k.Alg); newest == nil || newest.ID == after[k.Alg] {
					keys.Insert(tx, k)
				}
			}
			for _, id := range gone {
				keys.Delete(tx, store.K(p.cfg.Issuer, id))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return p.loadKeys(ctx)
}

func (p *Provider) readKeys(ctx context.Context) (have []*Key, err error) {
	err = p.deps.DB.View(ctx, func(tx *store.Tx) (err error) {
		have, err = keys.List(tx, store.Range{Prefix: store.K(p.cfg.Issuer)})
		return err
	})
	return have, err
}

// loadKeys puts the stored keys in force.
func (p *Provider) loadKeys(ctx context.Context) error {
	have, err := p.readKeys(ctx)
	if err != nil {
		return err
	}
	ring, err := newRing(have)
	if err != nil {
		return err
	}
	p.ring.Store(ring)
	return nil
}

// newestOf compares the id too, so that replicas that made their first key in
// the same moment agree.
func newestOf(have []*Key, alg string) *Key {
	var newest *Key
	for _, k := range have {
		if k.Alg == alg && (newest == nil || compareKeys(k, newest) > 0) {
			newest = k
		}
	}
	return newest
}

func compareKeys(a, b *Key) int {
	if c := a.From.Compare(b.From); c != 0 {
		return c
	}
	return slices.Compare([]byte(a.ID), []byte(b.ID))
}

// makeKey is slow for RS256: never inside an Update.
func makeKey(issuer, alg string, from time.Time) (*Key, error) {
	k := &Key{Issuer: issuer, ID: rand.Text()[:10], Alg: alg, From: from}
	var private crypto.PrivateKey
	var err error
	switch alg {
	case algMAC:
		k.Bytes = make([]byte, 32)
		rand.Read(k.Bytes)
		return k, nil
	case algRS256:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case algES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		err = errors.New("unknown algorithm")
	}
	if err != nil {
		return nil, fmt.Errorf("make key %s: %w", alg, err)
	}
	k.Bytes, err = x509.MarshalPKCS8PrivateKey(private)
	return k, err
}

// macKey returns a MAC key by its id. A key that another replica has made since
// the last reading is looked for, but not more often than every few seconds:
// anybody can make up an id.
func (p *Provider) macKey(ctx context.Context, id string) *ringKey {
	if k := p.ring.Load().find(algMAC, id); k != nil {
		return k
	}
	p.rereadMu.Lock()
	defer p.rereadMu.Unlock()
	if k := p.ring.Load().find(algMAC, id); k != nil {
		return k
	}
	now := p.now()
	if since := now.Sub(p.reread); since >= 0 && since < 5*time.Second {
		return nil
	}
	p.reread = now
	if err := p.loadKeys(ctx); err != nil {
		p.deps.Log.WarnContext(ctx, "keys not read", "err", err)
	}
	return p.ring.Load().find(algMAC, id)
}

// Run makes successors of keys in time and reads those of other replicas, every
// minute until ctx ends. A store that is away is logged and tried again.
func (p *Provider) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := p.rotate(ctx); err != nil && ctx.Err() == nil {
				p.deps.Log.WarnContext(ctx, "keys not rotated", "err", err)
			}
		}
	}
}
