package diag_test

import (
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
)

// Words are put in place of others however those are written, and all around them stays.
func TestReword(t *testing.T) {
	type text = diag.Text
	for _, x := range []struct {
		src  string
		to   text
		want string // "": refused
	}{
		{"a: {en: x, th: y} # c\nb: 1\n", text{"en": "x", "th": "z"}, "a: {en: x, th: z} # c\nb: 1\n"},
		{"a: {en: 'it''s', th: \"q\\\"\"}\n", text{"en": "he's", "th": "r"}, "a: {en: he's, th: r}\n"},
		{"a: {\"en\": x}\n", text{"en": "x", "th": "no, no"}, "a: {\"en\": x, th: \"no, no\"}\n"},
		{"a:\n  en: x # c\nb: 1\n", text{"en": "new", "th": "z"}, "a:\n  en: new # c\n  th: z\nb: 1\n"},
		{"a:\n  en: x", text{"en": "x", "th": "z"}, "a:\n  en: x\n  th: z"},
		{"ก: x\na: x y # c\n", text{"en": "z"}, "ก: x\na: z # c\n"},
		{"a: x\n", text{"en": "x", "th": "z"}, "a: {en: x, th: z}\n"},
		{"- {a: ก, b: ข}\n", nil, ""},
		{"a:\n  en: |\n    x\n", text{"en": "y"}, ""},
		{"a:\n  en: x\n    y\n", text{"en": "y"}, ""},
		{"a: {en: &x y}\n", text{"en": "z"}, ""},
		{"b: &x {en: y}\na: *x\n", text{"en": "z"}, "b: &x {en: z}\na: *x\n"},
		{"c: &x y\na: {en: *x}\n", text{"en": "z"}, ""},
		{"a: {}\n", text{"en": "z"}, ""},
	} {
		var plain any
		root := diag.Decode("set.yaml", []byte(x.src), &plain, new(diag.Findings))
		got, err := root.Reword([]byte(x.src), []diag.Rewording{{At: root.Field("a"), Text: x.to, Plain: "en"}})
		if string(got) != x.want || (err == nil) != (x.want != "") {
			t.Errorf("%q: %q, %v; want %q", x.src, got, err, x.want)
		}
	}
}

// Whatever is put in is read again as it was, and nothing else changes.
func FuzzReword(f *testing.F) {
	for _, s := range []string{"a", "x: y", "# c", "'", "\\", "{a}", "null", "-", "ก า", "a\nb", "\u2028", "1e3", "~", "é", "a  b "} {
		f.Add("old", s)
	}
	f.Fuzz(func(t *testing.T, old, words string) {
		if strings.ToValidUTF8(old+words, "") != old+words || words == "" {
			t.Skip()
		}
		for _, src := range []string{"k: {en: x, th: " + old + "} # c\nb: [1, 2]\n", "k:\n  en: x\n  th: " + old + "\nb: [1, 2]\n"} {
			var was, is any
			var out diag.Findings
			root := diag.Decode("set.yaml", []byte(src), &was, &out)
			var text diag.Text
			if k := root.Field("k"); out.Err() != nil || !k.IsMap() || !k.Decode(&text) {
				continue
			}
			got, err := root.Reword([]byte(src), []diag.Rewording{{At: root.Field("k"), Text: diag.Text{"en": "x", "th": words}, Plain: "en"}})
			if err != nil {
				continue
			}
			again := diag.Decode("set.yaml", got, &is, &out)
			text = nil
			if again.Field("k").Decode(&text); out.Err() != nil || text["th"] != words || again.Field("b").Len() != 2 {
				t.Fatalf("%q became %q: %v %v", src, got, text, out.Err())
			}
		}
	})
}
