package oauth

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// A hint is what an ID token of ours says that somebody shows us again.
type hint struct {
	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub"`
	Audience json.RawMessage `json:"aud"`
	SID      string          `json:"sid"`

	client string // of the audience
}

// readHint verifies an id_token_hint. It may have expired (OpenID Connect Core
// 1.0, 3.1.2.1) and its key may have been replaced; but the key is looked up by
// kid among ours, of the algorithm that key is for, and nowhere else (RFC 8725,
// 3.1): no "none", no key from the header.
func (p *Provider) readHint(text string) (*hint, error) {
	if len(text) > 16<<10 {
		return nil, errors.New("hint is too large")
	}
	sig, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{algRS256, algES256})
	if err != nil {
		return nil, fmt.Errorf("hint: %w", err)
	}
	if len(sig.Signatures) != 1 {
		return nil, errors.New("hint: not signed once")
	}
	head := sig.Signatures[0].Protected
	k := p.ring.Load().find(head.Algorithm, head.KeyID)
	if k == nil {
		return nil, errors.New("hint: unknown key")
	}
	body, err := sig.Verify(k.public)
	if err != nil {
		return nil, fmt.Errorf("hint: %w", err)
	}
	h := new(hint)
	if err := json.Unmarshal(body, h); err != nil {
		return nil, fmt.Errorf("hint: %w", err)
	}
	if h.Issuer != p.cfg.Issuer || h.Subject == "" {
		return nil, errors.New("hint: of another issuer")
	}
	if json.Unmarshal(h.Audience, &h.client) != nil {
		return nil, errors.New("hint: audience cannot be read")
	}
	return h, nil
}
