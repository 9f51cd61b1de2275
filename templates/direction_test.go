package templates

import "testing"

func TestIsolated(t *testing.T) {
	for _, c := range []struct{ lang, value, want string }{
		{"en", "Kopi Club", "Kopi Club"},
		{"en", "نادي", "نادي"},
		{"ar", "Kopi Club", "\u2068Kopi Club\u2069"},
		{"ar", "nok@example.com", "\u2068nok@example.com\u2069"},
		{"ar-EG", "EU 42", "\u2068EU 42\u2069"},
		{"ar", "42", "42"},
		{"ar", "14 مارس", "14 مارس"},
		{"ar", "", ""},
	} {
		if got := isolated(c.lang, c.value); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.value, c.lang, got, c.want)
		}
	}
}

func TestListed(t *testing.T) {
	for lang, want := range map[string]string{"en": "a, b", "th": "a, b", "ar": "a، b", "ar-EG": "a، b"} {
		if got := Listed(lang, "a", "b"); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

// TestSamplesInArabic: no question of the samples leaves its Arabic out.
func TestSamplesInArabic(t *testing.T) {
	s := newSet(t, Options{})
	for _, sample := range s.Samples("ar", Brand{ID: "kopi", Name: "Kopi Club"}) {
		ask, ok := sample.View.(*Ask)
		if !ok {
			continue
		}
		for _, q := range ask.Questions {
			if leftToRight([]rune(q.Ask)[0]) {
				t.Errorf("%s: samples_arabic.go lacks %q", sample.Name, q.Ask)
			}
		}
	}
}
