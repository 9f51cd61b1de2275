package proffer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// readValue makes an answer of what a YAML or JSON document holds.
func readValue(plain any, v *catalogue.Value) bool {
	b, err := json.Marshal(plain)
	return err == nil && json.Unmarshal(b, v) == nil && !v.IsZero()
}

// SetAlone is a configuration around one screen set, for trying it out: one brand
// with the clients that the set names and this one, each of which may have every
// answer. brand "" is that of the file's name, or of its folder where it is called
// set.yaml. It cannot start a provider.
func SetAlone(file, brand, client string) (*Config, *diag.Findings) {
	out := new(diag.Findings)
	text, err := os.ReadFile(file)
	if err != nil {
		out.Add(diag.Finding{File: file, Message: cause(err).Error()})
		return nil, out
	}
	if brand == "" {
		brand = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		if abs, err := filepath.Abs(file); err == nil && brand == "set" {
			brand = filepath.Base(filepath.Dir(abs))
		}
		if brand == "" {
			brand = "brand"
		}
	}
	var plain any
	diag.Decode(file, text, &plain, new(diag.Findings)) // what is wrong is said when it is loaded
	languages := languagesOf(plain)
	everywhere := func(s string) Text {
		t := Text{}
		for _, l := range languages {
			t[l] = s
		}
		return t
	}
	claims, scopes, standard := claimsOf(plain)
	clients, asks := map[string]*Client{}, asksOf(plain)
	for _, id := range append(clientsOf(plain), client) {
		clients[id] = &Client{Public: true, RedirectURIs: []string{"https://example.com/callback"}, Scopes: scopes, Claims: claims, IDTokenClaims: standard, Ask: asks}
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		abs = file
	}
	c := &Config{
		Issuer: "https://id.example.com", Languages: languages, Dir: filepath.Dir(abs), Files: os.DirFS(filepath.Dir(abs)),
		Brands: map[string]*Brand{brand: {
			Name: everywhere(capital(brand)), Site: "https://example.com/", ScreenSet: filepath.Base(abs),
			Controller: Controller{Name: brand, Contact: "privacy@example.com"}, Privacy: everywhere("https://example.com/privacy"), Clients: clients,
		}},
	}
	all := new(diag.Findings)
	c.check(diag.Root("", all), all)
	whole := c.Path(filepath.Base(abs))
	for _, f := range all.All() { // of a configuration that nobody wrote only what is about the set concerns anybody
		if f.File == whole {
			f.File = file
			f.Message = strings.ReplaceAll(f.Message, whole+":", file+":") // another place in it
			out.Add(f)
		} else if !f.Warning && f.File == "" {
			out.Add(diag.Finding{File: file, Message: f.Message})
		}
	}
	return c, out
}

// capital is a name with a capital letter at its beginning.
func capital(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[size:]
}

// under is a map's value, as a map; nil if it is none.
func under(plain any, key string) map[string]any {
	m, _ := plain.(map[string]any)
	in, _ := m[key].(map[string]any)
	return in
}

// languagesOf are those that the questions of a set are asked in, English first.
func languagesOf(plain any) []string {
	var out []string
	for _, q := range under(plain, "questions") {
		for lang := range under(q, "ask") {
			out = append(out, lang)
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return []string{"en"}
	}
	if i := slices.Index(out, "en"); i > 0 {
		out = append([]string{"en"}, slices.Delete(out, i, i+1)...)
	}
	return out
}

// claimsOf is a policy that gives a client every answer of a set, the scopes for
// it, and the standard claims among them.
func claimsOf(plain any) (claims map[string]*ClaimPolicy, scopes, standard []string) {
	claims, scopes = map[string]*ClaimPolicy{}, []string{"openid", "zp"}
	for id, q := range under(plain, "questions") {
		name := id
		if m, ok := q.(map[string]any); ok {
			if s, ok := m["claim"].(string); ok && s != "" {
				name = s
			}
		}
		claims[name] = &ClaimPolicy{As: "exact", IDToken: !catalogue.Standard(name)}
		if catalogue.Standard(name) {
			standard = append(standard, name)
		}
		if scope := claimScope(name); !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return claims, scopes, standard
}

// asksOf are the campaigns of a set that a client may ask for by name.
func asksOf(plain any) []string {
	var out []string
	campaigns := under(plain, "campaigns")
	for id, c := range campaigns {
		m, _ := c.(map[string]any)
		if when, ok := m["when"].([]any); ok && slices.Contains(when, any("ask")) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// clientsOf are the clients that the conditions of a set name.
func clientsOf(plain any) []string {
	var out []string
	switch x := plain.(type) {
	case []any:
		for _, v := range x {
			out = append(out, clientsOf(v)...)
		}
	case map[string]any:
		for key, v := range x {
			if key != "client" {
				out = append(out, clientsOf(v)...)
				continue
			}
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			for _, one := range list {
				if s, ok := one.(string); ok && clientID.MatchString(s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}
