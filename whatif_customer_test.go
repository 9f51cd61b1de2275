package proffer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
)

// Each file has something wrong with it; what is said about it stands beside it.
func TestBrokenCustomers(t *testing.T) {
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/broken/customers/*.[yj]*")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, err %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, filepath.Ext(file))
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(file, "case") {
				_, err = ReadCase(file, text)
			} else {
				_, err = cfg.Foresee(t.Context(), WhatIf{Client: "kopi-web", At: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), File: file, Text: text})
			}
			if err == nil {
				t.Fatal("nothing was found")
			}
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(name+".golden", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Of a customer of a store only what they do in the visit may be written.
func TestCastVisitTakesNoAnswers(t *testing.T) {
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var found diag.Findings
	q := WhatIf{File: "c.yaml", Text: []byte("{email: a@example.com, answers: {coffee_milk: oat}, says: {coffee_milk: skip}}")}
	castVisit(q.customer(&found), cfg.Catalogue(), "kopi", time.Now(), &player{})
	if n := strings.Count(found.String(), "is read from the store"); n != 2 || found.Errors() != 2 {
		t.Errorf("found:\n%s", found.String())
	}
}

// Whatever stands in a customer's file: it is read or reported, and the visit ends.
func FuzzCustomer(f *testing.F) {
	cfg, err := Load("config.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	files, err := filepath.Glob("testdata/broken/customers/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, s := range []string{`{}`, `{"answers": {"cups": 2.5, "home_brew": "yes"}, "says": {"roast_notes": {"value": "skip"}}}`, `{otherwise: answer, share: all}`, `{link: welcome, sign_ins: 3}`, `{carried: {coffee_milk: oat}, keep: all, ask: welcome}`} {
		f.Add([]byte(s))
	}
	at := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, brand := range []string{"kopi", "sole"} {
			var found diag.Findings
			q := WhatIf{File: "c", Text: text}
			p := cast(q.customer(&found), cfg.Catalogue(), brand, at)
			if p == nil || p.customer == nil {
				t.Fatal("nobody was read")
			}
		}
	})
}
