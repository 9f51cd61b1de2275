package proffer

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each file of testdata/broken has something wrong with it; what is said about it
// stands beside it.
func TestBroken(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d broken files, err %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			_, found := inspect(file, nil)
			if found.Err() == nil {
				t.Error("nothing that stops a start was found")
			}
			got := found.String()
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExample(t *testing.T) {
	c, found := inspect("config.example.yaml", nil)
	if all := found.All(); len(all) > 0 {
		t.Fatalf("the example has findings:\n%s", found)
	}
	for _, brand := range []string{"kopi", "sole"} {
		for _, kind := range []string{"mark", "panel"} {
			if len(c.Picture(brand, kind)) == 0 {
				t.Errorf("%s has no %s", brand, kind)
			}
		}
		if c.Catalogue().Set(brand) == nil {
			t.Errorf("%s has no screen set", brand)
		}
	}
	kinds := map[string]bool{}
	for _, brand := range c.Catalogue().Brands() {
		for _, q := range c.Catalogue().Set(brand).Questions {
			kinds[q.Kind.Name()] = true
		}
	}
	want := map[string]bool{"single": true, "multi": true, "text": true, "boolean": true, "month_day": true, "number": true, "scale": true}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds of question in the example: %s", diff)
	}
	if err := c.Check(); err != nil { // once more, as New does
		t.Error(err)
	}
	files := []string{"brands/kopi/mark.svg", "brands/kopi/panel.svg", "brands/kopi/set.yaml",
		"brands/sole/mark.svg", "brands/sole/panel.svg", "brands/sole/set.yaml", "config.example.yaml"}
	if diff := cmp.Diff(files, c.Read()); diff != "" {
		t.Errorf("files read: %s", diff)
	}
	if _, brand := c.Client("sole-web"); brand != "sole" {
		t.Errorf("sole-web belongs to %q", brand)
	}
}

// Every key of the configuration stands in the example, so that it is the manual.
func TestExample_NamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] || typ.PkgPath() != reflect.TypeFor[Config]().PkgPath() {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			if key := f.Tag.Get("yaml"); key != "" && key != "-" {
				if !strings.Contains(string(text), key+":") {
					t.Errorf("%s.%s: the example does not name %s", typ.Name(), f.Name, key)
				}
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[Config]())
}

// write puts a small configuration into a folder and returns its path. edit
// changes its text.
func write(t *testing.T, edit func(string) string) string {
	t.Helper()
	text := `issuer: http://localhost:8080
mail: {smtp: "smtp://localhost:1025", from: no-reply@localhost}
brands:
  kopi:
    name: Kopi Club
    controller: {name: Kopi Club Co., contact: privacy@kopi.example}
    site: http://localhost:8081/
    clients:
      kopi-web:
        secret_file: data/kopi-web.secret
        redirect_uris: [http://localhost:8081/callback]
`
	if edit != nil {
		text = edit(text)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSmallest(t *testing.T) {
	c, found := inspect(write(t, nil), nil)
	if all := found.All(); len(all) > 0 {
		t.Fatalf("%s", found)
	}
	if c.Listen != "127.0.0.1:8080" || c.Store != "bolt:data/proffer.db" || c.Sessions.Idle.D() != 14*24*time.Hour ||
		c.Passwords.Argon2id.Memory != 19<<20 || c.Attention.PerCustomer.Screens != 6 || len(c.Languages) != 1 {
		t.Errorf("defaults: %+v", c)
	}
	k := c.Brands["kopi"].Clients["kopi-web"]
	if !k.PKCE() || k.IDTokenAlg != "RS256" || k.Subject != "pairwise" || len(k.Grants) != 1 || len(k.Scopes) != 1 {
		t.Errorf("defaults of a client: %+v", k)
	}
}

func TestLoad_SaysWhatIsWrong(t *testing.T) {
	_, err := Load(write(t, func(s string) string { return strings.Replace(s, "issuer", "isuer", 1) }))
	if err == nil || !strings.Contains(err.Error(), `config.yaml:1:1:`) || !strings.Contains(err.Error(), `did you mean "issuer"`) {
		t.Errorf("got %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "there is no file") {
		t.Errorf("no file: got %v", err)
	}
}

// What an embedder fills in Go is completed and checked like a file.
func TestCheck_WithoutFile(t *testing.T) {
	good := func() *Config {
		return &Config{
			Issuer: "http://localhost:8080",
			Brands: map[string]*Brand{"kopi": {
				Name:       Text{"en": "Kopi Club"},
				Controller: Controller{Name: "Kopi Club Co.", Contact: "privacy@kopi.example"},
				Site:       "http://localhost:8081/",
				Clients: map[string]*Client{"kopi-web": {
					Secrets:      []Secret{Secret(strings.Repeat("s", 43))},
					RedirectURIs: []string{"http://localhost:8081/callback"},
				}},
			}},
		}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	twice := good()
	for range 2 {
		if err := twice.Check(); err != nil {
			t.Fatalf("checked again: %v", err)
		}
	}
	for name, spoil := range map[string]func(*Config){
		"brands.kopi.site: ": func(c *Config) { c.Brands["kopi"].Site = "javascript:alert(1)" },
		"sessions.total: ":   func(c *Config) { c.Sessions = Sessions{Idle: 20 * day, Total: 10 * day} },
		"brands.kopi.clients.kopi-web.redirect_uris[0]: ": func(c *Config) { c.Brands["kopi"].Clients["kopi-web"].RedirectURIs[0] = "https://a@b/" },
		"brands.kopi.clients.kopi-web.secret":             func(c *Config) { c.Brands["kopi"].Clients["kopi-web"].Secrets[0] = "short" },
	} {
		c := good()
		spoil(c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s not found: %v", name, err)
		}
	}
}

// The example's files may come from the binary itself.
func TestCheck_FilesOfTheBinary(t *testing.T) {
	c, found := inspect("config.example.yaml", nil)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	c.Files, c.Dir = Example(), ""
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
}

func TestRebase(t *testing.T) {
	c, found := inspect("config.example.yaml", nil)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	c.Rebase(map[string]string{
		"http://localhost:8080": "http://localhost:9100",
		"http://localhost:8081": "http://localhost:9101",
		"http://localhost:808":  "http://wrong",
	})
	k := c.Brands["kopi"]
	for what, pair := range map[string][2]string{
		"issuer":    {c.Issuer, "http://localhost:9100"},
		"listen":    {c.Listen, "127.0.0.1:9100"},
		"site":      {k.Site, "http://localhost:9101/"},
		"redirect":  {k.Clients["kopi-web"].RedirectURIs[0], "http://localhost:9101/callback"},
		"logout":    {k.Clients["kopi-web"].PostLogoutRedirectURIs[0], "http://localhost:9101/"},
		"terms":     {k.Terms.URL["en"], "http://localhost:9101/terms"},
		"privacy":   {k.Privacy["th"], "http://localhost:9101/privacy?lang=th"},
		"other one": {c.Brands["sole"].Site, "http://localhost:8082/"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
		}
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
}

func TestSecret_Hidden(t *testing.T) {
	s := Secret("a-secret-nobody-may-see-in-a-log")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "client", Client{Secrets: []Secret{s}})
	shown := fmt.Sprintf("%v %s %+v %#v %q", s, s, Client{Secrets: []Secret{s}}, s, s) + log.String()
	if strings.Contains(shown, "nobody") {
		t.Errorf("the secret was printed: %s", shown)
	}
	if s.Reveal() != "a-secret-nobody-may-see-in-a-log" {
		t.Error("the secret changed")
	}
}
