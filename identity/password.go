package identity

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/proffer-id/proffer/internal/problem"
)

// maxPassword is in code points, after normalising. Nobody types more; all of
// them count (a hash that reads 72 bytes only has let people in with half a
// password).
const maxPassword = 128

// normalPassword returns the bytes that are hashed: NFC, so that the same keys
// on two machines make the same password, and nothing else, so that a fullwidth
// letter stays another one (RFC 8265, 4.2). It is false for what can be no
// password: not UTF-8, with NUL, empty or too long.
func normalPassword(typed string) (string, bool) {
	if typed == "" || len(typed) > 16*maxPassword || !utf8.ValidString(typed) || strings.IndexByte(typed, 0) >= 0 {
		return "", false
	}
	s := norm.NFC.String(typed)
	return s, utf8.RuneCountInString(s) <= maxPassword
}

// newPassword checks a password that somebody would like to have, and returns
// it normalised. Its error is a *problem.Problem at the field "password".
func (p *People) newPassword(typed, email string) (string, error) {
	if typed == "" {
		return "", problem.At("password", "password.missing")
	}
	if !utf8.ValidString(typed) || strings.IndexByte(typed, 0) >= 0 {
		return "", problem.At("password", "password.unreadable")
	}
	s, ok := normalPassword(typed)
	switch {
	case !ok:
		return "", problem.At("password", "password.too_long").With("count", maxPassword)
	case utf8.RuneCountInString(s) < p.cfg.MinChars:
		return "", problem.At("password", "password.too_short").With("count", p.cfg.MinChars)
	case p.common.has(s, email):
		return "", problem.At("password", "password.too_common")
	}
	return s, nil
}
