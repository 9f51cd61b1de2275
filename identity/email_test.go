package identity

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAddress(t *testing.T) {
	for _, c := range []struct{ typed, mail, canon string }{
		{"nok@example.com", "nok@example.com", "nok@example.com"},
		{"  Nok@Example.COM\t", "Nok@example.com", "nok@example.com"},
		{"nok+kopi@example.com", "nok+kopi@example.com", "nok+kopi@example.com"},
		{"n.o.k@example.com.", "n.o.k@example.com", "n.o.k@example.com"},
		{"nok@bücher.example", "nok@xn--bcher-kva.example", "nok@xn--bcher-kva.example"},
		{"nok@BÜCHER.example", "nok@xn--bcher-kva.example", "nok@xn--bcher-kva.example"},
		{"jose\u0301@example.com", "jos\u00e9@example.com", "jos\u00e9@example.com"},
		{"นก@example.com", "นก@example.com", "นก@example.com"},
	} {
		got, err := parseAddress(c.typed)
		if err != nil || got.Mail != c.mail || got.Canon != c.canon {
			t.Errorf("%q: %+v, %v", c.typed, got, err)
		}
	}
	for _, typed := range []string{
		"", " ", "nok", "@example.com", "nok@", "nok@example", "nok@localhost", "nok@127.0.0.1", "nok@[127.0.0.1]", "nok@example.1",
		"a b@example.com", "nok@exa mple.com", `"nok"@example.com`, "nok@@example.com", "<nok@example.com>", "nok@example.com,mali@example.com",
		"nok@example.com\r\nBcc: m@example.com", "nok\x00@example.com", "nok\xff@example.com", ".nok@example.com", "n..ok@example.com",
		strings.Repeat("n", 65) + "@example.com", "nok@" + strings.Repeat("a", 64) + ".com", "nok@" + strings.Repeat("a.", 130) + "com",
		"\u212aim@example.com", // the Kelvin sign, which becomes "K"
		"nok@-example.com", "nok\u202e@example.com", "nok\u200b@example.com",
	} {
		if got, err := parseAddress(typed); err == nil {
			t.Errorf("%q: taken as %+v", typed, got)
		}
	}
}

// Letters that Unicode's folding makes equal stay different people.
func TestAddressFoldingTraps(t *testing.T) {
	for _, pair := range [][2]string{{"\u017fam@example.com", "sam@example.com"}, {"m\u0131ke@example.com", "mike@example.com"}, {"\uff4eok@example.com", "nok@example.com"}} {
		a, errA := parseAddress(pair[0])
		b, errB := parseAddress(pair[1])
		if errB != nil {
			t.Fatal(errB)
		}
		if errA == nil && a.Canon == b.Canon {
			t.Errorf("%q and %q are one", pair[0], pair[1])
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"nok@example.com", "Nok@BÜCHER.example", "\u212aim@example.com", "jose\u0301@ex.am.ple", "a@b@c.de", "นก@ตัวอย่าง.ไทย", "x@xn--bcher-kva.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		a, err := parseAddress(typed)
		if err != nil {
			return
		}
		if !utf8.ValidString(a.Mail) || strings.ContainsAny(a.Mail, "\r\n\x00 <>,") {
			t.Fatalf("%q: mail would go to %q", typed, a.Mail)
		}
		for _, form := range []string{a.Mail, a.Canon} {
			b, err := parseAddress(form)
			if err != nil || b.Canon != a.Canon {
				t.Fatalf("%q is %+v, and read again %+v, %v", typed, a, b, err)
			}
		}
		// Only ASCII letters may differ between what mail goes to and what it is
		// found by: two mailboxes never have one key.
		if len(a.Mail) != len(a.Canon) {
			t.Fatalf("%q: %q and %q", typed, a.Mail, a.Canon)
		}
		for i := range len(a.Mail) {
			if m, c := a.Mail[i], a.Canon[i]; m != c && !(m >= 'A' && m <= 'Z' && c == m+'a'-'A') {
				t.Fatalf("%q: %q and %q differ at %d", typed, a.Mail, a.Canon, i)
			}
		}
	})
}
