package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"unicode"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/store"
)

const (
	codeDigits = 6
	codeTries  = 5 // of one code; with the limits on codes, a guesser has no hope
)

// newCode returns six random digits.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail (Go 1.24)
	}
	return fmt.Sprintf("%0*d", codeDigits, n)
}

// codeKey is what is stored of a code. Six digits are soon tried through, so the
// hash is keyed, and bound to the visit.
func (p *People) codeKey(visit store.ID, code string) [32]byte {
	return mac(p.keys.code, visit.String(), code)
}

func (p *People) codeIs(q *Pending, code string) bool {
	got := p.codeKey(q.Visit, code)
	return hmac.Equal(got[:], q.Code[:])
}

// typedCode reads what somebody typed or pasted as a code: digits of any script,
// with spaces or hyphens between. Its error is a *problem.Problem.
func typedCode(s string) (string, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '-' || r == '–' || r == '\u200e' || r == '\u200f':
		case unicode.Is(unicode.Nd, r) && b.Len() < 2*codeDigits:
			b.WriteByte('0' + byte(digitOf(r)))
		default:
			return "", problem.At("code", "code.wrong")
		}
	}
	switch b.Len() {
	case 0:
		return "", problem.At("code", "code.missing")
	case codeDigits:
		return b.String(), nil
	}
	return "", problem.At("code", "code.wrong")
}

// digitOf returns 0 to 9. Decimal digits stand in runs of ten that begin with
// their zero (Unicode Standard, 4.6), so their place in the table tells.
func digitOf(r rune) int {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return 0
}

// A mailed link carries the visit and the code, sealed: whoever has the mail may
// know the code, a log of addresses may not. It signs nobody in by itself: it
// works only in the browser that the visit stands in, and shows the code to type
// everywhere else.

func (p *People) linkCipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(p.keys.link)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// linkTo returns the absolute address of the page that confirms a code.
func (p *People) linkTo(visit store.ID, code string) (string, error) {
	c, err := p.linkCipher()
	if err != nil {
		return "", fmt.Errorf("link: %w", err)
	}
	token := c.Seal(nil, nil, append(visit[:], code...), []byte(p.deps.Site.Issuer()))
	return p.deps.Site.URL("/confirm?token=" + base64.RawURLEncoding.EncodeToString(token)), nil
}

// readLink opens the token of a mailed link, or returns a *problem.Problem.
func (p *People) readLink(token string) (visit store.ID, code string, err error) {
	broken := &problem.Problem{Code: "link.broken", Status: http.StatusBadRequest}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(token) > 200 {
		return visit, "", broken
	}
	c, err := p.linkCipher()
	if err != nil {
		return visit, "", fmt.Errorf("link: %w", err)
	}
	plain, err := c.Open(nil, nil, raw, []byte(p.deps.Site.Issuer()))
	if err != nil || len(plain) != len(visit)+codeDigits {
		return visit, "", broken
	}
	copy(visit[:], plain)
	return visit, string(plain[len(visit):]), nil
}
