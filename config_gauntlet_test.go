package proffer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// No address of the configuration may run or read something when it is opened
// (CVE-2026-9086, CVE-2026-29192).
func TestGauntlet_P03_ScriptSchemes(t *testing.T) {
	bad := []string{
		"JaVaScRiPt:alert(1)", "javascript://kopi.example/%0aalert(1)", `\tjavascript:alert(1)`, `java\nscript:alert(1)`,
		`\u0001javascript:alert(1)`, ` javascript:alert(1)`, "data:text/html,x", "DATA:text/html;base64,eA==", "vbscript:x",
		"blob:https://kopi.example/1", "file:///etc/passwd", "about:blank", "view-source:https://kopi.example/",
		"intent://kopi#Intent;end", "//evil.example/", `/\\evil.example`, "https:evil.example", `https:\\evil.example`,
		"https://kopi.example@evil.example/", `https://kopi.example\\@evil.example/`, `https://evil.example\t/`, "https://",
		"https:///x", "http://kopi.example/", "ftp://kopi.example/", "kopi.example", "%6aavascript:alert(1)",
	}
	const good = "http://localhost:8080"
	places := map[string]string{
		"site: http://localhost:8081/": "site: ADDRESS",
		"    site:":                    "    privacy: {en: ADDRESS}\n    site:",
		"    clients:":                 "    help: {en: ADDRESS}\n    clients:",
		"    clients:\n":               "    terms: {version: 1, url: {en: ADDRESS}}\n    clients:\n",
		"redirect_uris: [http://localhost:8081/callback]":   "redirect_uris: [ADDRESS]",
		"redirect_uris: [http://localhost:8081/callback]\n": "redirect_uris: [http://localhost:8081/callback]\n        post_logout_redirect_uris: [ADDRESS]\n",
		"        redirect_uris":                             "        origins: [ADDRESS]\n        redirect_uris",
		"issuer: http://localhost:8080":                     "issuer: ADDRESS",
	}
	for from, to := range places {
		for _, address := range append(bad, good) {
			path := write(t, func(s string) string {
				changed := strings.Replace(s, from, strings.Replace(to, "ADDRESS", `"`+address+`"`, 1), 1)
				if changed == s {
					t.Fatalf("%q is not in the configuration", from)
				}
				return changed
			})
			if _, found := inspect(path, nil); (found.Err() == nil) != (address == good) {
				t.Errorf("%s: %s: found %q", strings.TrimSpace(to), address, found)
			}
		}
	}
	for _, address := range []string{"https://kopi.example/callback?x=1", "https://kopi.example:8443/a/b", "http://127.0.0.1:1/", "http://[::1]:1/"} {
		path := write(t, func(s string) string { return strings.Replace(s, "http://localhost:8081/callback", `"`+address+`"`, 1) })
		if _, found := inspect(path, nil); found.Err() != nil {
			t.Errorf("%s is refused: %s", address, found)
		}
	}
}

// No answer can write what a token says of itself, under whatever key of the
// configuration and in whatever case (CVE-2024-29892).
func TestGauntlet_Z01_ReservedClaims(t *testing.T) {
	set := func(question, claim string) string {
		return fmt.Sprintf(`purposes:
  shelf: {text: {en: show what you like}}
questions:
  %q:
    kind: boolean
    scope: brand
    claim: %q
    ask: {en: Do you drink tea?}
    name: {en: Tea}
    why: {en: So that we know.}
    purpose: shelf
screens:
  tea: {ask: [%q]}
campaigns:
  welcome: {when: [registration], show: [tea]}
`, question, claim, question)
	}
	try := func(question, claim, alias string) string {
		path := write(t, func(s string) string {
			return strings.Replace(s, "    clients:", "    privacy: {en: http://localhost:8081/privacy}\n    screen_set: set.yaml\n    clients:", 1) +
				fmt.Sprintf("        scopes: [openid, zp]\n        claims: {%q: {}}\n        aliases: {%q: %q}\n", claim, claim, alias)
		})
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "set.yaml"), []byte(set(question, claim)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, found := inspect(path, nil)
		return found.String()
	}
	if got := try("tea", "tea", "my_tea"); got != "" {
		t.Fatalf("what is right is refused:\n%s", got)
	}
	for _, name := range []string{
		"sub", "SUB", "Sub", "ſub", "iss", "aud", "exp", "iat", "nbf", "jti", "azp", "nonce", "acr", "ACR", "amr", "auth_time", "at_hash",
		"c_hash", "sid", "email", "email_verified", "Email_Verified", "phone_number_verified", "birthdate", "address", "updated_at",
		"cnf", "CNF", "act", "may_act", "events", "txn", "scope", "client_id", "__proto__", "_claim_names", "_claim_sources",
		"zp", "zp_more", "ZP_META", "active", "token_type", "", " sub", "sub ", "sub\u200b",
	} {
		if try("tea", "tea", name) == "" {
			t.Errorf("alias %q is taken", name)
		}
		if got := try("tea", name, "my_tea"); name != "" && got == "" {
			t.Errorf("claim %q is taken", name)
		}
		if try(name, "tea", "my_tea") == "" {
			t.Errorf("question %q is taken", name)
		}
	}
}

// A configuration that is made to exhaust its reader is refused in no time, and
// what is in force is not touched: nothing is returned that could be put in force
// (CVE-2019-11253).
func TestGauntlet_I03_Bombs(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9))
	}
	var keys strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	for name, text := range map[string]string{
		"alias bomb":        bomb + "languages: *z\nbrands: *z\n",
		"alias of itself":   "languages: &a [*a]\n",
		"merge of itself":   "brands: &a\n  <<: *a\n",
		"deep list":         "languages: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"deep map":          "brands: " + strings.Repeat("{a: ", 100_000) + strings.Repeat("}", 100_000),
		"a million keys":    keys.String(),
		"keys twice":        "issuer: http://localhost:8080\nissuer: http://localhost:8080\n",
		"keys in two cases": "issuer: http://localhost:8080\nISSUER: http://localhost:8080\n",
		"a long scalar":     "issuer: http://localhost/" + strings.Repeat("x", 10<<20) + "\n",
		"no text":           "issuer: \"\xff\xfe\"\n",
		"a tag":             "issuer: !!binary aHR0cDovL2xvY2FsaG9zdA==\n",
		"two documents":     "issuer: http://localhost:8080\n---\nissuer: http://localhost:8080\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, func(string) string { return text })
			began := time.Now()
			c, err := Load(path)
			if err == nil || c != nil {
				t.Fatal("it is taken")
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if n := len(err.Error()); n > 1<<20 {
				t.Errorf("the message has %d bytes", n)
			}
		})
	}
}
