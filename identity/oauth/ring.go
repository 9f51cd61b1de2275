package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"
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

// sign is the last step, after the commit: the key was parsed when it was read,
// so nothing of this can fail but the machine.
func (g *ring) sign(alg string, now time.Time, payload []byte) (string, error) {
	k := g.active(alg, now)
	if k == nil {
		return "", fmt.Errorf("no key for %s", alg)
	}
	sig, err := k.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign with key %s: %w", k.id, err)
	}
	return sig.CompactSerialize()
}
