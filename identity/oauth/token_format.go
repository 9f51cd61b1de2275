package oauth

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A token is no record: it is a prefix, the id of a key, the fields that lead to
// its grant, and a MAC of issuer, kind, key id and fields:
//
//	pfa_KEYID.FIELDS.MAC
//
// The MAC is checked before anything is looked up, so a forger never reaches
// the store, and a token of another issuer or kind is a forgery like any other.
type kind string

const (
	kindCode    kind = "pfc_" // grant
	kindAccess  kind = "pfa_" // grant, generation, expiry, scopes, client
	kindRefresh kind = "pfr_" // grant, generation
)

// size is the number of bytes of the fields, the client's name not counted.
func (k kind) size() int {
	switch k {
	case kindAccess:
		return 16 + 4 + 4 + 4
	case kindRefresh:
		return 16 + 4
	default:
		return 16
	}
}

// A token is one that has been read: its MAC was good.
type token struct {
	kind       kind
	key        string // id of the key
	grant      store.ID
	generation uint32
	expires    time.Time // access tokens only
	scopes     uint32    // access tokens only: bit i stands for the grant's scope i
	client     string    // access tokens only: whose they are, so that all it may know is read along with the grant
}

// maxScopes is how many scopes fit into a token.
const maxScopes = 32

// Strict: one token has one spelling.
var b64 = base64.RawURLEncoding.Strict()

// fields returns what the MAC covers and the grant is found by.
func (t *token) fields() []byte {
	b := make([]byte, 0, t.kind.size())
	b = append(b, t.grant[:]...)
	if t.kind == kindCode {
		return b
	}
	b = binary.BigEndian.AppendUint32(b, t.generation)
	if t.kind == kindAccess {
		b = binary.BigEndian.AppendUint32(b, uint32(t.expires.Unix()))
		b = binary.BigEndian.AppendUint32(b, t.scopes)
		b = append(b, t.client...)
	}
	return b
}

// write returns the token's text, made with key.
func (t *token) write(issuer string, key *ringKey) string {
	fields := t.fields()
	return string(t.kind) + key.id + "." + b64.EncodeToString(fields) + "." +
		b64.EncodeToString(mac(key.mac, issuer, string(t.kind), key.id, string(fields)))
}

// readToken returns a token of one kind, or nil for anything that we have not
// made, whatever is wrong with it.
func (p *Provider) readToken(ctx context.Context, k kind, text string) *token {
	rest, ok := strings.CutPrefix(text, string(k))
	if !ok || len(text) > 200 {
		return nil
	}
	parts := strings.Split(rest, ".")
	if len(parts) != 3 {
		return nil
	}
	fields, err := b64.DecodeString(parts[1])
	if err != nil || len(fields) < k.size() || len(fields) > k.size() && k != kindAccess {
		return nil
	}
	sum, err := b64.DecodeString(parts[2])
	if err != nil {
		return nil
	}
	key := p.macKey(ctx, parts[0])
	if key == nil || !hmac.Equal(sum, mac(key.mac, p.cfg.Issuer, string(k), key.id, string(fields))) {
		return nil
	}
	t := &token{kind: k, key: key.id, grant: store.ID(fields[:16])}
	if k != kindCode {
		t.generation = binary.BigEndian.Uint32(fields[16:])
	}
	if k == kindAccess {
		t.expires = time.Unix(int64(binary.BigEndian.Uint32(fields[20:])), 0).UTC()
		t.scopes = binary.BigEndian.Uint32(fields[24:])
		t.client = string(fields[28:])
	}
	return t
}

// mask returns the bits of those of all that stand in some.
func mask(all, some []string) (m uint32) {
	for i, s := range all {
		if slices.Contains(some, s) {
			m |= 1 << i
		}
	}
	return m
}

// unmask returns the scopes of all whose bits are set.
func unmask(all []string, m uint32) (some []string) {
	for i, s := range all {
		if m&(1<<i) != 0 {
			some = append(some, s)
		}
	}
	return some
}
