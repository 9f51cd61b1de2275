package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/store"
)

// command runs a command in this process.
func command(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(args, streams{&o, &e})
	return code, o.String(), e.String()
}

// The manual's example is what the command prints, and its customer the file.
func TestWhatifManual(t *testing.T) {
	t.Chdir("../..")
	const file = "docs/whatif.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) string {
		_, rest, _ := strings.Cut(string(text), "```"+kind+"\n")
		body, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatalf("no block of %s", kind)
		}
		return body
	}
	line := strings.Fields(block("sh"))
	code, out, errs := command(line[1:]...)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if *update {
		s := strings.Replace(string(text), "```text\n"+block("text"), "```text\n"+out, 1)
		if err := os.WriteFile(file, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(block("text"), out); d != "" {
		t.Error(d)
	}
	customer, err := os.ReadFile("docs/whatif-customer.yaml")
	if err != nil || string(customer) != block("yaml") {
		t.Errorf("the customer of the manual is not docs/whatif-customer.yaml: %v", err)
	}
}

// The cases of the demo's brand are as they are meant; a changed set turns one red,
// with the lines that differ.
func TestScreensTest(t *testing.T) {
	const dir = "../../brands/kopi/cases"
	if code, out, errs := command("screens", "test", dir); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	here := t.TempDir()
	if err := os.CopyFS(here, os.DirFS("../../brands/kopi")); err != nil {
		t.Fatal(err)
	}
	set := filepath.Join(here, "set.yaml")
	text, err := os.ReadFile(set)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "show: [coffee, when, birthday]", "show: [coffee, birthday, when]", 1)
	if err := os.WriteFile(set, []byte(changed), 0o644); err != nil || changed == string(text) {
		t.Fatal(err)
	}
	cases := filepath.Join(here, "cases")
	code, out, _ := command("screens", "test", cases, "--brand", "kopi")
	want := `      /ask/coffee coffee_milk answered "oat"
    - /ask/when coffee_when answered ["morning","evening"]
      /ask/birthday birthday answered "--03-14"
    + /ask/when coffee_when answered ["morning","evening"]
      ends code
`
	if code != 1 || !strings.Contains(out, want) || !strings.Contains(out, "welcome is shown: it is due") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if code, out, _ := command("screens", "test", cases, "--brand", "kopi", "--update"); code != 0 {
		t.Fatalf("update: %s", out)
	}
	if code, out, _ := command("screens", "test", cases, "--brand", "kopi"); code != 0 {
		t.Errorf("after --update: %s", out)
	}
}

// --html writes each page with all that it loads, and an index that leads to them;
// --json prints what the manual says.
func TestWhatifPages(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "pages")
	code, out, errs := command("whatif", "--config", "../../config.example.yaml", "--client", "sole-web", "--at", "2027-02-01", "--locale", "th", "--html", folder, "--json")
	if code != 0 {
		t.Fatal(errs)
	}
	var seen struct {
		Steps []struct{ Page, File string }
	}
	if err := json.Unmarshal([]byte(out), &seen); err != nil || len(seen.Steps) < 2 {
		t.Fatalf("%v: %s", err, out)
	}
	index, err := os.ReadFile(filepath.Join(folder, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range seen.Steps {
		page, err := os.ReadFile(filepath.Join(folder, step.File))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(index), `href="`+step.File+`"`) || !strings.Contains(string(page), `lang="th"`) {
			t.Errorf("%s: not in the index, or not in Thai", step.File)
		}
		for _, part := range strings.Split(string(page), `"static/`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			name, _, _ = strings.Cut(name, "#")
			if _, err := os.Stat(filepath.Join(folder, "static", name)); err != nil {
				t.Errorf("%s loads %s, which is not there", step.File, name)
			}
		}
		if strings.Contains(string(page), `"/static/`) {
			t.Errorf("%s loads from a server", step.File)
		}
	}
}

// A store is read, and its file is the same byte for byte afterwards; one that is
// not there is not made.
func TestWhatifAccount(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, proffer.Example()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.example.yaml")
	ask := func(account string) (int, string, string) {
		return command("whatif", "--config", file, "--account="+account, "--client", "kopi-web", "--locale", "en")
	}
	if code, _, errs := ask(store.NewID().String()); code != 1 || !strings.Contains(errs, "the store is not there") {
		t.Errorf("no store: exit %d, %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("a store was made")
	}
	cfg, err := proffer.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Accounts = []proffer.Account{{Email: "nok@example.com", Password: "velvet lantern orchard"}}
	if _, err := cfg.MakeSecrets(); err != nil {
		t.Fatal(err)
	}
	db, err := openStore(t.Context(), cfg, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proffer.New(t.Context(), cfg, proffer.Options{DB: db}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sum := func() [32]byte {
		b, err := os.ReadFile(filepath.Join(dir, "data", "proffer.db"))
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(b)
	}
	before := sum()
	if code, _, errs := ask(store.NewID().String()); code != 1 || !strings.Contains(errs, "no such account") {
		t.Errorf("nobody: exit %d, %s", code, errs)
	}
	if sum() != before {
		t.Error("the store was written to")
	}
	if err := (readOnly{}).Update(context.Background(), nil); err == nil {
		t.Error("a read-only store takes an Update")
	}
}
