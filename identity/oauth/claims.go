package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/store"
)

// Use says where claims are going.
type Use string

// The two places (OpenID Connect Core 1.0, 5.4).
const (
	IDToken  Use = "id_token"
	UserInfo Use = "userinfo"
)

// A ClaimsQuery asks what may leave now.
type ClaimsQuery struct {
	Account   store.ID
	Client    *Client
	Scopes    []string        // as granted, narrowed if a refresh asked for less
	Requested ClaimsParameter // the claims parameter of the request
	Use       Use
	Visit     store.ID // the visit the grant came of
	Grant     store.ID
}

// Claims is what may leave now.
type Claims struct {
	Values   map[string]any    // claims by name; what the protocol says itself (iss, sub, exp, …) is never taken from here
	Set      []string          // ids of what is in it, such as "coffee_milk@entry"
	More     bool              // left something out for size or policy; the ID token then says zp_more
	Withheld map[string]string // what did not leave, and why; for the log
}

// Facts are what there is to know of an account that a client has a grant of:
// wishes in a batch, to be asked after Tx.Read.
type Facts struct {
	Active func() (bool, error)                // may the account still be spoken for
	Claims func(q ClaimsQuery) (Claims, error) // what may leave now; may be called twice for one answer
}

// A ClaimsParameter is the claims parameter of a request (OpenID Connect Core
// 1.0, 5.5). The zero value asks for nothing.
type ClaimsParameter struct {
	IDToken  map[string]ClaimRequest `json:"id_token,omitempty"`
	UserInfo map[string]ClaimRequest `json:"userinfo,omitempty"`
}

// A ClaimRequest is how one claim is asked for. The zero value is "null": as a
// voluntary claim.
type ClaimRequest struct {
	Essential bool  `json:"essential,omitempty"`
	Value     any   `json:"value,omitempty"`
	Values    []any `json:"values,omitempty"`
}

// For returns what is asked for in one place.
func (c ClaimsParameter) For(u Use) map[string]ClaimRequest {
	if u == IDToken {
		return c.IDToken
	}
	return c.UserInfo
}

// names are what is asked for in either place, sorted.
func (c ClaimsParameter) names() []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(c.IDToken)), maps.Keys(c.UserInfo))
	slices.Sort(all)
	return slices.Compact(all)
}

// maxClaimsText bounds what a visit carries and each grant keeps.
const maxClaimsText = 4 << 10

const maxClaims = 64 // claims that one request may name in one place

// parseClaims reads a claims parameter. Members it does not know are ignored,
// as 5.5 asks; what is no claims parameter at all is an error.
func parseClaims(s string) (ClaimsParameter, error) {
	var c ClaimsParameter
	if len(s) > maxClaimsText {
		return c, fmt.Errorf("longer than %d bytes", maxClaimsText)
	}
	d := json.NewDecoder(strings.NewReader(s))
	var raw struct {
		IDToken  map[string]json.RawMessage `json:"id_token"`
		UserInfo map[string]json.RawMessage `json:"userinfo"`
	}
	if err := d.Decode(&raw); err != nil {
		return c, err
	}
	if _, err := d.Token(); err != io.EOF {
		return c, errors.New("more than one value")
	}
	var err error
	if c.IDToken, err = claimRequests(raw.IDToken); err != nil {
		return c, err
	}
	c.UserInfo, err = claimRequests(raw.UserInfo)
	return c, err
}

func claimRequests(raw map[string]json.RawMessage) (map[string]ClaimRequest, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if len(raw) > maxClaims {
		return nil, fmt.Errorf("more than %d claims", maxClaims)
	}
	out := make(map[string]ClaimRequest, len(raw))
	for name, text := range raw {
		var q ClaimRequest
		if !bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
			if err := json.Unmarshal(text, &q); err != nil {
				return nil, err
			}
		}
		out[name] = q
	}
	return out, nil
}

// protocolClaim says whether a claim is the protocol's own to set. Letter case
// is ignored: some libraries read JSON that way.
func protocolClaim(name string) bool {
	switch strings.ToLower(name) {
	case "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash",
		"sid", "cnf", "events", "act", "may_act", "client_id", "scope", "token_type", "sub_jwk", "zp_more",
		"_claim_names", "_claim_sources", "__proto__", "constructor", "prototype", "":
		return true
	}
	return false
}
