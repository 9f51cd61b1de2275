package proffer

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A brand's own templates are tried out when the configuration is read, and
// watched with it.
func TestTemplates(t *testing.T) {
	path := write(t, func(s string) string {
		return strings.Replace(s, "    clients:", "    templates: own\n    clients:", 1)
	})
	dir := filepath.Join(filepath.Dir(path), "own")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "login.html")
	ours, err := os.ReadFile("templates/login.html")
	if err != nil {
		t.Fatal(err)
	}
	try := func(text string) (*Config, string) {
		if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		c, found := inspect(path, nil)
		return c, found.String()
	}
	c, said := try(string(ours))
	if said != "" {
		t.Fatalf("a copy of ours: %s", said)
	}
	if !slices.Contains(c.Read(), own) {
		t.Errorf("%s is not among the files read: %v", own, c.Read())
	}
	if _, err := fs.Stat(c.Overrides()["kopi"], "login.html"); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"{{.Nope}}":  "login.html",
		"{{if}}":     "login.html",
		"{{end}} <p": "login.html",
	} {
		if _, said := try(text); !strings.Contains(said, filepath.FromSlash("own/"+want)+":1:1: ") {
			t.Errorf("%s: got %s", text, said)
		}
	}
	if err := os.Rename(own, filepath.Join(dir, "lgoin.html")); err != nil {
		t.Fatal(err)
	}
	if _, found := inspect(path, nil); !strings.Contains(found.String(), "lgoin.html") {
		t.Errorf("a template of no page: %s", found)
	}
}
