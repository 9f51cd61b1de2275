package proffer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// variety writes the example with British English beside English, in which one
// text of the config and one of the set stand. change rewrites the config.
func variety(t *testing.T, languages string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, Example()); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]string{
		"config.example.yaml":  {"languages: [en, th, ar]", "languages: " + languages},
		"brands/kopi/set.yaml": {"ask: {en: How do you take your coffee?,", "ask: {en: How do you take your coffee?, en-GB: \"How do you take your coffee, love?\","},
	} {
		path := filepath.Join(dir, name)
		src, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(src), pair[0]) {
			t.Fatalf("%s has no %q (%v)", name, pair[0], err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(src), pair[0], pair[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(filepath.Join(dir, "config.example.yaml"))
}

// A variety of a language has the words that differ, and falls back to the
// language for all others, those of our own pages too.
func TestLanguages_FallBack(t *testing.T) {
	t.Parallel()
	cfg, err := variety(t, "[en, en-GB, th, ar]")
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, labOptions{change: func(c *Config) {
		addresses := c.Issuer
		*c = *cfg
		c.Rebase(map[string]string{"http://localhost:8080": addresses})
	}})
	for lang, want := range map[string]string{"en-GB": "How do you take your coffee, love?", "en": "How do you take your coffee?"} {
		p := l.browser().register(l.site("kopi-web"), lang+"@example.com", pass, oauth2.SetAuthURLParam("ui_locales", lang))
		p.at("/ask/coffee", want)
		if p.count("html", "lang", lang) != 1 || p.count("a", "lang", "en-GB")+p.count("a", "lang", "en") == 0 {
			t.Errorf("%s: not the language of the page, or no way to the other", lang)
		}
		for _, words := range []string{"British English", "Oat milk"} {
			if !strings.Contains(p.text(), words) {
				t.Errorf("%s: no %q in\n%s", lang, words, p.text())
			}
		}
	}
}

func TestLanguages_VarietyAlone(t *testing.T) {
	t.Parallel()
	for languages, want := range map[string]string{
		"[en-GB, th, ar]": "languages[0]: what has no words in en-GB is said in en; add en to the languages",
		"[en, de-AT]":     `languages[1]: our pages have no words in "de-AT"; they have them in en, ar, th, and in the varieties of these`,
	} {
		if _, err := variety(t, languages); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", languages, err, want)
		}
	}
}
