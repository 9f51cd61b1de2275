package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/proffer-id/proffer/internal/problem"
)

// An address is an e-mail address in its two forms.
type address struct {
	Mail  string // where mail goes: local part as written, domain in ASCII
	Canon string // what two spellings of the same mailbox share
}

const (
	maxLocal   = 64  // octets, RFC 5321, 4.5.3.1.1
	maxAddress = 254 // octets, RFC 5321, 4.5.3.1.3 without the angle brackets
)

// parseAddress reads what somebody typed as their e-mail address. It returns a
// *problem.Problem at the field "email".
//
// The domain is mapped as browsers do (UTS 46) and kept in ASCII. In the local
// part only A to Z are folded: Unicode's own folding makes "K" (the Kelvin sign)
// and "ſ" equal to "k" and "s", so that whoever owns one such address could be
// taken for the owner of another. Plus tags and dots stay: where they do not
// matter, only that mail provider knows.
func parseAddress(typed string) (address, error) {
	s := strings.TrimSpace(typed)
	if s == "" {
		return address{}, problem.At("email", "email.missing")
	}
	bad := problem.At("email", "email.shape")
	if len(s) > 4*maxAddress || !utf8.ValidString(s) {
		return address{}, bad
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || !sane(s[:at]) {
		return address{}, bad
	}
	local := norm.NFC.String(s[:at])
	if len(local) > maxLocal || !dotAtom(local) {
		return address{}, bad
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || !hostName(domain) || len(local)+1+len(domain) > maxAddress {
		return address{}, bad
	}
	return address{Mail: local + "@" + domain, Canon: lowerASCII(local) + "@" + domain}, nil
}

// sane refuses what becomes ASCII by being normalised, such as the Kelvin sign:
// it is another character to the mail system that gave the address out.
func sane(local string) bool {
	for _, r := range local {
		if r >= utf8.RuneSelf && norm.NFC.String(string(r))[0] < utf8.RuneSelf {
			return false
		}
	}
	return true
}

// dotAtom is RFC 5322, 3.2.3, widened by RFC 6531 to letters, marks and digits
// of all scripts. Quoted local parts are refused: nobody has one, and they are
// read differently by different systems.
func dotAtom(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)) {
				return false
			}
		case !unicode.In(r, unicode.L, unicode.M, unicode.Nd):
			return false
		}
	}
	return true
}

// hostName accepts a lower-case name of two labels or more whose last is not a
// number: no address literals, no bare machine names.
func hostName(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			if c := l[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && 'a' <= last[0] && last[0] <= 'z'
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// addressKey is what an account is found by: indexes stand in the clear, so an
// address never does.
func (p *People) addressKey(a address) [32]byte { return mac(p.keys.email, a.Canon) }

// mac is HMAC-SHA256 over parts, each followed by a NUL byte. Only the last may
// have one itself.
func mac(key []byte, parts ...string) (sum [32]byte) {
	m := hmac.New(sha256.New, key)
	for _, part := range parts {
		m.Write([]byte(part))
		m.Write([]byte{0})
	}
	m.Sum(sum[:0])
	return sum
}
