package oauth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/proffer-id/proffer/store"
)

// What keys are for.
const (
	algMAC   = "HS256" // codes, access and refresh tokens: read by us alone
	algRS256 = "RS256" // ID tokens, unless the client asks for ES256
	algES256 = "ES256"
)

// A ring is the keys as of one reading, oldest first. It is not changed.
type ring struct {
	keys []*ringKey
	byID map[string]*ringKey
}

type ringKey struct {
	id, alg string
	from    time.Time
	until   time.Time // its successor's from; zero if it has none
	mac     []byte
	signer  jose.Signer
	public  jose.JSONWebKey
}

// active returns the key in use at now: the newest that has begun, or, with a
// clock set back before all of them, the oldest.
func (g *ring) active(alg string, now time.Time) *ringKey {
	var found *ringKey
	for _, k := range g.keys {
		if k.alg == alg && (found == nil || !k.from.After(now)) {
			found = k
		}
	}
	return found
}

// find returns a key by its id and kind, or nil.
func (g *ring) find(alg, id string) *ringKey {
	if k := g.byID[id]; k != nil && k.alg == alg {
		return k
	}
	return nil
}

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

// newRing parses keys, so that nothing can fail once an answer is committed.
func newRing(have []*Key) (*ring, error) {
	have = slices.Clone(have)
	slices.SortFunc(have, compareKeys)
	g := &ring{byID: make(map[string]*ringKey, len(have))}
	last := map[string]*ringKey{}
	for _, k := range have {
		r := &ringKey{id: k.ID, alg: k.Alg, from: k.From}
		if before := last[k.Alg]; before != nil {
			before.until = k.From
		}
		last[k.Alg] = r
		if k.Alg == algMAC {
			r.mac = k.Bytes
		} else {
			private, err := x509.ParsePKCS8PrivateKey(k.Bytes)
			if err != nil {
				return nil, fmt.Errorf("key %s: %w", k.ID, err)
			}
			alg := jose.SignatureAlgorithm(k.Alg)
			key := jose.JSONWebKey{Key: private, KeyID: k.ID, Algorithm: k.Alg, Use: "sig"}
			r.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
			if err != nil {
				return nil, fmt.Errorf("key %s: %w", k.ID, err)
			}
			r.public = key.Public()
		}
		g.keys, g.byID[k.ID] = append(g.keys, r), r
	}
	return g, nil
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

// mac is HMAC-SHA256, cut to 192 bits, over parts that cannot run together.
func mac(key []byte, parts ...string) []byte {
	m := hmac.New(sha256.New, key)
	for _, s := range parts {
		m.Write(strconv.AppendInt(nil, int64(len(s)), 10))
		m.Write([]byte{':'})
		m.Write([]byte(s))
	}
	return m.Sum(nil)[:24]
}

// JWKS handles GET /jwks: the keys that sign, will sign, and have signed what is
// still good (RFC 7517).
func (p *Provider) JWKS(w http.ResponseWriter, r *http.Request) {
	now := p.now()
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range p.ring.Load().keys {
		if k.alg != algMAC && p.published(k, now) {
			set.Keys = append(set.Keys, k.public)
		}
	}
	p.writePublic(w, r, set, min(time.Hour, p.lead()/2))
}

// writePublic answers with JSON that anybody may read and keep for a while.
func (p *Provider) writePublic(w http.ResponseWriter, r *http.Request, v any, age time.Duration) {
	body, err := json.Marshal(v)
	if err != nil {
		p.deps.Log.ErrorContext(r.Context(), "answer not made", "path", r.URL.Path, "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(age/time.Second)))
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
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
