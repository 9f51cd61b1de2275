package templates

import (
	"bytes"
	"testing"
)

func newSet(t *testing.T, o Options) *Set {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEveryPage executes every sample in every language, as a start does, and
// writes it.
func TestEveryPage(t *testing.T) {
	s := newSet(t, Options{})
	for _, lang := range s.Languages() {
		for _, sample := range s.Samples(lang, Brand{ID: "kopi", Name: "Kopi Club"}) {
			var b bytes.Buffer
			if err := s.Write(&b, sample.View); err != nil {
				t.Errorf("%s in %s: %v", sample.Name, lang, err)
			}
			if b.Len() < 500 {
				t.Errorf("%s in %s: %d bytes", sample.Name, lang, b.Len())
			}
		}
	}
}
