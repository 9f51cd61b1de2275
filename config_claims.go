package proffer

import (
	"maps"
	"slices"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// checkClaims checks what the clients of every brand may receive against what
// is asked. It needs all screen sets.
func (c *Config) checkClaims(at diag.Node, def *catalogue.Catalogue) {
	for _, id := range c.brandIDs() {
		b := c.Brands[id]
		if b == nil {
			continue
		}
		for _, name := range b.clientIDs() {
			if k := b.Clients[name]; k != nil {
				k.checkClaims(at.Field(id).Field("clients").Field(name), id, def)
			}
		}
	}
}

// checkAsk reports campaigns that the client could ask for in vain.
func (k *Client) checkAsk(at diag.Node, brand string, def *catalogue.Catalogue) {
	set := def.Set(brand)
	var known []string
	if set != nil {
		for _, c := range set.Campaigns {
			if c.By(catalogue.OnAsk) {
				known = append(known, c.ID)
			}
		}
	}
	for i, id := range k.Ask {
		switch here := at.Index(i); {
		case slices.Contains(k.Ask[:i], id):
			here.Errorf("%s stands here twice", id)
		case set == nil:
			here.Errorf("%s has no screen set, so there is no campaign %q", brand, id)
		case set.Campaign(id) == nil:
			here.Errorf("unknown campaign %q%s", id, diag.DidYouMean(id, known, nil))
		case !slices.Contains(known, id):
			here.Errorf("the campaign %s does not come when it is asked for; write ask into its when", id)
		}
	}
}

func (k *Client) checkClaims(at diag.Node, brand string, def *catalogue.Catalogue) {
	k.checkAsk(at.Field("ask"), brand, def)
	claims := at.Field("claims")
	for _, name := range slices.Sorted(maps.Keys(k.Claims)) {
		policy, here := k.Claims[name], claims.Field(name)
		if policy == nil {
			policy = &ClaimPolicy{As: "exact"}
			k.Claims[name] = policy
		}
		oneOf(here.Field("as"), policy.As, "exact", "withheld")
		if policy.IDToken && claimScope(name) != answersClaim {
			here.Field("id_token").Errorf("%s is a standard claim; to have it in the ID token too, write id_token_claims: [%s]", name, name)
		}
		if name == "email" {
			checkPurpose(here, brand, policy.Purpose, def)
			continue
		}
		def.CheckClaim(claims.Key(name), brand, name, policy.Purpose)
		q, own := def.Claim(brand, name)
		if set := def.Set(brand); q != nil && own && policy.Purpose != q.Purpose && set.Purpose(policy.Purpose) != nil {
			here.Field("purpose").Errorf("%s is asked for %s; what customers answered for one purpose does not serve another. Leave this out", name, q.Purpose)
		}
	}
	if _, stated := k.Claims["email"]; !stated && slices.Contains(k.Scopes, "email") {
		claims.Errorf("email is missing: the scope email hands over the customer's address, so say what for: email: {purpose: …}")
	}
	k.checkIDTokenClaims(at.Field("id_token_claims"), brand, def)
	k.checkAliases(at.Field("aliases"))
}

// checkPurpose reports a purpose of what no question asks.
func checkPurpose(at diag.Node, brand, purpose string, def *catalogue.Catalogue) {
	var known []string
	if set := def.Set(brand); set != nil {
		for _, p := range set.Purposes {
			known = append(known, p.ID)
		}
	}
	switch {
	case purpose == "":
		at.Errorf("purpose is missing: customers are told what it is for; the purposes of %s are %s", brand, list(known))
	case def.Set(brand) != nil && def.Set(brand).AskedAlone(purpose) != nil:
		at.Field("purpose").Errorf("%s is agreed to on its own, by %s: sharing the address must not agree to it along the way; write another purpose", purpose, def.Set(brand).AskedAlone(purpose).ID)
	case !slices.Contains(known, purpose):
		at.Field("purpose").Errorf("unknown purpose %q%s", purpose, diag.DidYouMean(purpose, known, nil))
	}
}

// checkIDTokenClaims reports names that are no standard claim this client gets.
func (k *Client) checkIDTokenClaims(at diag.Node, brand string, def *catalogue.Catalogue) {
	var may []string
	if slices.Contains(k.Scopes, "email") {
		may = append(may, "email") // comes of no question; email_verified comes along
	}
	for _, name := range slices.Sorted(maps.Keys(k.Claims)) {
		if q, _ := def.Claim(brand, name); q != nil && catalogue.Standard(q.Claim) {
			may = append(may, name)
		}
	}
	for i, name := range k.IDTokenClaims {
		if !slices.Contains(may, name) {
			at.Index(i).Errorf("%q is no standard claim that this client gets%s", name, diag.DidYouMean(name, may, nil))
		}
	}
}

// checkAliases reports aliases of nothing, two of one name, and names that a
// token needs for itself (CVE-2024-29892).
func (k *Client) checkAliases(at diag.Node) {
	known := slices.Sorted(maps.Keys(k.Claims))
	taken := map[string]string{}
	for _, claim := range slices.Sorted(maps.Keys(k.Aliases)) {
		alias, here := k.Aliases[claim], at.Field(claim)
		if !slices.Contains(known, claim) {
			at.Key(claim).Errorf("%q is not among this client's claims%s", claim, diag.DidYouMean(claim, known, nil))
		}
		switch other, twice := taken[alias]; {
		case catalogue.Reserved(alias):
			here.Errorf("%q is a claim with a meaning of its own in OpenID Connect or JWT, and an answer must not write it; choose another name, such as my_%s", alias, claim)
		case catalogue.Standard(alias):
			here.Errorf("%q is a standard claim, which only a question with claim: %s writes; choose another name, such as my_%s", alias, alias, claim)
		case !claimName.MatchString(alias):
			here.Errorf("%q cannot be a claim's name: write lower-case letters, digits and _, or an https address", alias)
		case twice:
			here.Errorf("%q is the alias of %s too", alias, other)
		}
		taken[alias] = claim
	}
}
