// Package screentest is what the tests of several rooms have in common: two
// small brands that ask each other's customers, and random customers of theirs.
package screentest

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

//go:embed testdata
var files embed.FS

// Start is the day on which tests of decisions begin.
var Start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// File is a file of testdata: kopi.yaml, sole.yaml, and small.yaml, which is right
// in everything and meant for putting one thing wrong.
func File(t testing.TB, name string) string {
	t.Helper()
	b, err := files.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Options are those the sets of testdata are loaded with.
func Options(brand string) catalogue.LoadOptions {
	return catalogue.LoadOptions{Brand: brand, Name: catalogue.Text{"en": strings.ToUpper(brand), "th": brand}, Languages: []string{"en", "th"}}
}

// Load joins sets, by brand, and fails the test if anything stands against them.
func Load(t testing.TB, sets map[string]string) *catalogue.Catalogue {
	t.Helper()
	var out diag.Findings
	loaded := map[string]*catalogue.Set{}
	for brand, src := range sets {
		loaded[brand] = catalogue.Load("testdata/"+brand+".yaml", []byte(src), Options(brand), &out)
	}
	c := catalogue.Join(loaded, &out)
	if s := out.String(); s != "" {
		t.Fatal(s)
	}
	return c
}

// Set joins one set alone, and fails the test if an error stands against it.
func Set(t testing.TB, brand, src string) *catalogue.Catalogue {
	t.Helper()
	var out diag.Findings
	c := catalogue.Join(map[string]*catalogue.Set{brand: catalogue.Load("testdata/"+brand+".yaml", []byte(src), Options(brand), &out)}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// Catalogue is testdata's kopi and sole, joined.
func Catalogue(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	return Load(t, map[string]string{"kopi": File(t, "kopi.yaml"), "sole": File(t, "sole.yaml")})
}

// Chance makes random customers of a set.
type Chance struct {
	*rand.Rand
	Set *catalogue.Set
}

// Value is one the question can have.
func (r Chance) Value(q *catalogue.Question) catalogue.Value {
	switch q.Kind.Name() {
	case "single":
		return catalogue.Word(q.Options[r.IntN(len(q.Options)-1)].ID)
	case "multi":
		return catalogue.Words([]string{q.Options[r.IntN(len(q.Options)-1)].ID})
	case "boolean":
		return catalogue.YesNo(r.IntN(2) == 0)
	case "month_day":
		return catalogue.MonthDay(1+r.IntN(12), 1+r.IntN(28))
	}
	return catalogue.Word(fmt.Sprint("word ", r.IntN(9)))
}

// State is a customer about whom some things are known.
func (r Chance) State() catalogue.State {
	s := catalogue.State{Answers: map[string]catalogue.Standing{}, Consents: map[string]bool{}, Campaigns: map[string]catalogue.History{}}
	s.Seed = store.ID{byte(r.IntN(256))}
	for _, q := range r.Set.Questions {
		if r.IntN(3) > 0 {
			s.Answers[q.ID] = r.Standing(q)
		}
	}
	if r.IntN(2) == 0 {
		s.Consents["gift"] = r.IntN(2) == 0
	}
	for _, c := range r.Set.Campaigns {
		if r.IntN(2) == 0 {
			h := catalogue.History{Offers: r.IntN(4), Offered: r.Time(), Skipped: r.IntN(4) == 0}
			if r.IntN(3) == 0 {
				h.Visit = store.ID{1}
			}
			for _, q := range r.Set.Questions {
				if r.IntN(4) == 0 {
					h.Asked = append(h.Asked, q.ID)
				}
			}
			if r.IntN(4) == 0 {
				h.Snoozed = r.Time()
			}
			h.Declined = r.IntN(6) == 0
			if n := len(c.Arms); n > 0 && r.IntN(2) == 0 {
				h.Arm = c.Arms[r.IntN(n)].ID
			}
			s.Campaigns[c.ID] = h
		}
	}
	for range r.IntN(8) {
		s.Asked = append(s.Asked, r.Time())
	}
	return s
}

// Standing is where one question may stand.
func (r Chance) Standing(q *catalogue.Question) catalogue.Standing {
	outcomes := []catalogue.Outcome{"", catalogue.Answered, catalogue.Answered, catalogue.Declined, catalogue.Withdrawn}
	a := catalogue.Standing{Outcome: outcomes[r.IntN(5)], At: r.Time(), Elsewhere: q.Scope == catalogue.ScopePerson && r.IntN(3) == 0}
	if a.Outcome == catalogue.Answered {
		a.Value = r.Value(q)
		switch r.IntN(8) {
		case 0: // told when the question was another
			a.Value, a.Version = catalogue.Word("gone"), "before"
		case 1:
			a.Version = "before"
		case 2:
			a.Version = q.Version
		}
		if r.IntN(2) == 0 {
			a.Expires = r.Time()
		}
	}
	if r.IntN(3) == 0 {
		a.Skipped = r.Time()
	}
	return a
}

// Time is up to two months before Start, or three weeks after.
func (r Chance) Time() time.Time { return Start.AddDate(0, 0, r.IntN(80)-60) }

// Facts are those of some visit.
func (r Chance) Facts() catalogue.Facts {
	v := catalogue.Facts{Visit: store.ID{byte(r.IntN(3))}, Moment: []catalogue.Moment{catalogue.SignIn, catalogue.Registration}[r.IntN(2)], Silent: r.IntN(6) == 0,
		Client: []string{"", "kopi-web", "kopi-app", "kopi-delivery"}[r.IntN(4)], Locale: []string{"", "th", "en"}[r.IntN(3)], SignIns: r.IntN(6)}
	campaign := func() string { return r.Set.Campaigns[r.IntN(len(r.Set.Campaigns))].ID }
	switch r.IntN(6) {
	case 0:
		v.Asks = campaign()
	case 1:
		v.Link = campaign()
	}
	for _, q := range r.Set.Questions {
		if r.IntN(4) == 0 {
			v.Wants = append(v.Wants, q.ID)
		}
	}
	return v
}

// Picture is LoadOptions.Open for sets that name pictures: any .png there is, each in a
// colour of its own.
func Picture(name string) ([]byte, error) {
	if path.Ext(name) != ".png" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	m := image.NewRGBA(image.Rect(0, 0, 4, 3))
	h := sha256.Sum256([]byte(name))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{h[0], h[1], h[2], 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}
