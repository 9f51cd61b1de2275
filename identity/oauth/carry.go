package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A brand's site may hand over what a visitor told it before there was an
// account: as a token that it signs, in a pushed request, or from server to server
// for a handle that it puts into the address. What comes of it is the rooms' to
// say; here it is made sure that nobody but the client has said it.

// Answers are what a client carries in: the value of each claim, as it would come
// back in an ID token.
type Answers map[string]json.RawMessage

// A CarryProblem is what is wrong with the answers of a client, for its developer.
type CarryProblem struct{ Text string }

func (p *CarryProblem) Error() string { return p.Text }

// carryType is the type of a token with answers (RFC 8725, 3.11): no other token
// that a client signs can be taken for one.
const carryType = "carry-in+jwt"

// carryLife is the longest that a token with answers may be good for.
const carryLife = 10 * time.Minute

// maxCarry is how large the answers may be.
const maxCarry = 16 << 10

// isToken tells a signed token from a handle.
func isToken(s string) bool { return strings.Count(s, ".") == 2 }

// readCarryIn verifies a token that a client signed: with a key of its own that
// stands in the configuration, for this provider, not long ago.
func (p *Provider) readCarryIn(c *Client, text string) (Answers, error) {
	wrong := func(format string, args ...any) error {
		return &CarryProblem{"carry_in: " + fmt.Sprintf(format, args...)}
	}
	if c.Public() || len(c.Keys) == 0 {
		return nil, wrong("this client has no keys to sign it with")
	}
	if len(text) > 2*maxCarry {
		return nil, wrong("is too large")
	}
	sig, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{algRS256, algES256})
	if err != nil || len(sig.Signatures) != 1 {
		return nil, wrong("is no JWT signed with ES256 or RS256")
	}
	head := sig.Signatures[0].Protected
	if t, _ := head.ExtraHeaders[jose.HeaderType].(string); !strings.EqualFold(t, carryType) {
		return nil, wrong("its typ must be %s", carryType)
	}
	var body []byte
	for _, k := range c.Keys {
		if head.KeyID != "" && k.KeyID != head.KeyID {
			continue
		}
		if body, err = sig.Verify(k.Key); err == nil {
			break
		}
	}
	if body == nil {
		return nil, wrong("is not signed with a key of this client")
	}
	var said struct {
		Issuer   string       `json:"iss"`
		Audience jwt.Audience `json:"aud"`
		Expires  *float64     `json:"exp"`
		Answers  Answers      `json:"answers"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, wrong("its claims cannot be read")
	}
	now := p.now()
	switch {
	case said.Issuer != c.ID:
		return nil, wrong("iss must be the client_id")
	case len(said.Audience) != 1 || said.Audience[0] != p.cfg.Issuer:
		return nil, wrong("aud must be %s", p.cfg.Issuer)
	case said.Expires == nil:
		return nil, wrong("exp is missing")
	}
	switch left := *said.Expires - float64(now.Unix()); { // in seconds: as a Duration, 1e308 of them would be none
	case left <= -time.Minute.Seconds(): // clocks differ
		return nil, wrong("has expired")
	case left > (carryLife + time.Minute).Seconds():
		return nil, wrong("exp may be 10 minutes ahead at most")
	case len(said.Answers) == 0:
		return nil, wrong("answers is empty")
	}
	return said.Answers, nil
}

// carryBody is what POST /carry-in answers.
type carryBody struct {
	CarryIn   string `json:"carry_in"`
	ExpiresIn int    `json:"expires_in"` // seconds
}

// CarryIn handles POST /carry-in: a client that authenticates with its secret (by
// header, RFC 6749, 2.3.1) sends {"answers": {claim: value}} and gets a handle for
// the carry_in of an authorization request.
func (p *Provider) CarryIn(w http.ResponseWriter, r *http.Request) {
	c, bad := p.authenticate(r, nil)
	if bad == nil && c.Public() {
		bad = invalidClient("")
	}
	if bad != nil {
		p.writeError(w, bad)
		return
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		p.writeError(w, badRequest("the body must be application/json"))
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCarry))
	if err != nil {
		p.writeError(w, &protocolError{http.StatusRequestEntityTooLarge, "invalid_request", "the body is too large"})
		return
	}
	var said struct {
		Answers Answers `json:"answers"`
	}
	if err := json.Unmarshal(b, &said); err != nil || len(said.Answers) == 0 {
		p.writeError(w, badRequest("the body must be a JSON object with answers: {claim: value}"))
		return
	}
	handle, err := p.deps.CarryIn(r.Context(), c.Brand, said.Answers)
	if bad := carryError(err); bad != nil {
		p.writeError(w, bad)
		return
	} else if err != nil {
		p.writeFault(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, carryBody{handle, int(p.cfg.VisitLife / time.Second)})
}

// carryError is what a client is told of answers that cannot be carried in.
func carryError(err error) *protocolError {
	if bad, ok := errors.AsType[*CarryProblem](err); ok {
		return badRequest(plainASCII(bad.Text))
	}
	return nil
}

// ParseKeys reads the public keys of a client from a JSON Web Key Set (RFC 7517):
// EC keys on P-256 for ES256, RSA keys of 2048 bits or more for RS256. The error says what
// its writer is to put right.
func ParseKeys(set []byte) ([]jose.JSONWebKey, error) {
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(set, &keys); err != nil {
		return nil, errors.New("is no JSON Web Key Set: write {\"keys\": [...]} with public keys (RFC 7517)")
	}
	if len(keys.Keys) == 0 {
		return nil, errors.New("has no keys")
	}
	for i, k := range keys.Keys {
		switch key := k.Key.(type) {
		case *ecdsa.PublicKey:
			if key.Curve != elliptic.P256() {
				return nil, fmt.Errorf("key %d is on another curve than P-256, which ES256 needs", i+1)
			}
		case *rsa.PublicKey:
			if key.N.BitLen() < 2048 {
				return nil, fmt.Errorf("key %d has %d bits; RS256 needs 2048 at least", i+1, key.N.BitLen())
			}
		default:
			if !k.IsPublic() {
				return nil, fmt.Errorf("key %d is a private or a secret one: keep that at the site, and write its public half here", i+1)
			}
			return nil, fmt.Errorf("key %d is of a type that neither ES256 nor RS256 uses", i+1)
		}
	}
	return keys.Keys, nil
}
