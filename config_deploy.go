package proffer

import (
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/internal/diag"
)

// DeployToken lets who has it deploy the brand's screen set over HTTP, and
// nothing else. Only its SHA-256 is written down; proffer screens token makes both.
type DeployToken struct {
	// Name stands in the list of what was deployed: who has the token.
	Name string `yaml:"name"`

	// SHA256 is the token's SHA-256, in 64 hex digits.
	SHA256 string `yaml:"sha256"`

	// File holds the SHA-256 in its place, so that a token can be changed without
	// this file.
	File string `yaml:"file"`

	sum [32]byte
}

// tokenName is what a token may be called: it stands in lists and logs.
var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// checkDeployTokens checks the tokens of a brand and reads their files. taken are
// those of brands before it, by sum.
func (c *Config) checkDeployTokens(at diag.Node, brand string, taken map[[32]byte]string) {
	names := map[string]bool{}
	list := c.Brands[brand].DeployTokens
	for i := range list {
		t, here := &list[i], at.Index(i)
		switch {
		case t.Name == "":
			missing(here, "name", "who has the token, such as ci")
		case !tokenName.MatchString(t.Name):
			here.Field("name").Errorf("%q cannot be a name; write letters, digits, . _ or -, 40 at most", clipped(t.Name))
		case names[t.Name]:
			here.Field("name").Errorf("%s stands here twice", t.Name)
		}
		names[t.Name] = true
		text, in := t.SHA256, here.Field("sha256")
		switch {
		case t.SHA256 != "" && t.File != "":
			here.Field("file").Errorf("there is a sha256 beside it; write one of them")
			continue
		case t.SHA256 == "" && t.File == "":
			missing(here, "sha256", "the SHA-256 of the token, as proffer screens token prints it")
			continue
		case t.File != "":
			in = here.Field("file")
			read, ok := c.readFile(in, t.File, 4096)
			if !ok {
				continue
			}
			text = strings.TrimSpace(string(read))
		}
		sum, err := hex.DecodeString(text)
		switch {
		case strings.HasPrefix(text, admin.TokenPrefix):
			in.Errorf("is the token itself, which whoever reads this could use; make another with proffer screens token and write its sha256 here")
		case err != nil || len(sum) != len(t.sum):
			in.Errorf("is no SHA-256: 64 hex digits, as proffer screens token prints them")
		default:
			t.sum = [32]byte(sum)
			if other := taken[t.sum]; other != "" {
				in.Errorf("is the token of %s too; each has one of its own, so that the list says who deployed", other)
			}
			taken[t.sum] = brand + "." + t.Name
		}
	}
}

// clipped shortens what a message quotes: it may be a token in the wrong place.
func clipped(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:19]) + "…"
	}
	return s
}

// tokens are all deploy tokens.
func (c *Config) tokens() []admin.Token {
	var out []admin.Token
	for _, brand := range c.brandIDs() {
		for _, t := range c.Brands[brand].DeployTokens {
			out = append(out, admin.Token{Brand: brand, Name: t.Name, Sum: t.sum})
		}
	}
	return out
}
