package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/proffer-id/proffer/store"
)

// idTokenPayload is what an ID token says (OpenID Connect Core 1.0, 2), with the
// claims that may leave now. The nonce stands only in the one made from the code
// (12.2); auth_time stays that of the sign-in.
func (w *work) idTokenPayload(scopes []string, accessTokenHash string) ([]byte, error) {
	g, p := w.grant, w.p
	values, err := w.handOver(IDToken, scopes)
	if err != nil {
		return nil, err
	}
	say := func(name string, v any) { values[name] = v }
	say("iss", p.cfg.Issuer)
	say("sub", g.Subject)
	say("aud", g.Client)
	say("iat", w.now.Unix())
	say("exp", w.now.Add(p.cfg.IDTokenLife).Unix())
	say("auth_time", g.AuthTime.Unix())
	say("sid", p.SID(g.Session, g.Brand))
	if accessTokenHash != "" {
		say("at_hash", accessTokenHash)
	}
	if g.ACR != "" {
		say("acr", g.ACR)
	}
	if len(g.AMR) > 0 {
		say("amr", g.AMR)
	}
	if g.Nonce != "" && w.shown.kind == kindCode {
		say("nonce", g.Nonce)
	}
	out, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("ID token of grant %s: %w", g.ID, err)
	}
	return out, nil
}

// handOver asks what may leave now, and notes in the grant what did. The map is
// the caller's to add to.
func (w *work) handOver(use Use, scopes []string) (map[string]any, error) {
	g := w.grant
	c, err := w.claims(use, scopes)
	sealed := errors.Is(err, store.ErrSealed)
	if err != nil && !sealed {
		return nil, fmt.Errorf("claims of grant %s: %w", g.ID, err)
	}
	values := ours(c, use)
	if sealed { // nothing is known of what may leave, so nothing is noted
		return values, nil
	}
	return values, w.note(use, c.Set)
}

// claims asks the root. A record that cannot be unsealed takes zp away whole: a
// site that misses it keeps what it has.
func (w *work) claims(use Use, scopes []string) (Claims, error) {
	g := w.grant
	out, err := w.facts.Claims(ClaimsQuery{
		Account: g.Account, Client: w.client, Scopes: scopes, Requested: g.Claims, Use: use, Visit: g.Visit, Grant: g.ID,
	})
	if errors.Is(err, store.ErrSealed) {
		w.p.deps.Log.Warn("claims cannot be unsealed", "client", w.client.ID, "account", g.Account, "err", err)
		delete(out.Values, "zp")
	}
	return out, err
}

// ours copies what the rest says, without what is the protocol's to say: no
// question can be named so, and if one is, it stops here.
func ours(c Claims, use Use) map[string]any {
	values := make(map[string]any, len(c.Values)+12)
	for name, v := range c.Values {
		if !protocolClaim(name) {
			values[name] = v
		}
	}
	if c.More && use == IDToken {
		values["zp_more"] = true
	}
	return values
}

// note keeps what was handed over in one place, and tells when it is not what
// was handed over the last time.
func (w *work) note(use Use, set []string) error {
	g := w.grant
	at := &g.InIDToken
	if use == UserInfo {
		at = &g.InUserInfo
	}
	set = sorted(set)
	same := slices.Equal(set, at.Set)
	if w.within && same {
		return nil // answered once already, and counted then
	}
	before := g.Released()
	at.Set, at.Last, at.Times = set, w.now, at.Times+1
	w.changed = true
	if same {
		return nil
	}
	if err := w.remember(use, set); err != nil {
		return err
	}
	if now := g.Released(); !slices.Equal(before, now) {
		if err := w.p.deps.Released(w.tx, g, use, before, now); err != nil {
			return fmt.Errorf("note release of grant %s: %w", g.ID, err)
		}
	}
	return nil
}

func sorted(set []string) []string {
	set = slices.Clone(set)
	slices.Sort(set)
	return slices.Compact(set)
}
