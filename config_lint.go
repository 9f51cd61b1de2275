package proffer

import (
	"fmt"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/lint"
)

// idTokenWarn is how many bytes answers should take in an ID token at most: some
// sites keep it in a cookie, and browsers stop at 4 KB for all there is.
const idTokenWarn = 1536

// Lint adds what is allowed and yet likely to be a mistake: in the screen sets, and
// in what clients get in their ID tokens. The configuration must be whole.
func (c *Config) Lint(out *diag.Findings) {
	def := c.Catalogue()
	if def == nil {
		return
	}
	for _, id := range def.Brands() {
		lint.Check(def.Set(id), out)
	}
	for brand, b := range c.Brands {
		for id, k := range b.Clients {
			at := c.ready.at.To(out).Field("brands").Field(brand).Field("clients").Field(id)
			c.lintIDToken(at, brand, k)
		}
	}
}

// lintIDToken adds up what answers can take in a client's ID token at the most.
func (c *Config) lintIDToken(at diag.Node, brand string, k *Client) {
	total, largest, most := 0, "", 0
	for name, policy := range k.Claims {
		q, _ := c.Catalogue().Claim(brand, name)
		if q == nil || policy == nil || !policy.IDToken || policy.As == "withheld" {
			continue
		}
		n := len(name) + 4 + q.Largest()
		if alias, ok := k.Aliases[name]; ok {
			n += len(alias) + 4 + q.Largest()
		}
		if total += n; n > most || n == most && name < largest {
			largest, most = name, n
		}
	}
	if total <= idTokenWarn {
		return
	}
	what := fmt.Sprintf("answers can take %d bytes of its ID token", total)
	if total > idTokenRoom {
		what += fmt.Sprintf(", and beyond %d they are left for UserInfo", idTokenRoom)
	}
	at.Field("claims").Warnf("%s; leave id_token out of some, such as %s (%d bytes): UserInfo has them all", what, largest, most)
}
