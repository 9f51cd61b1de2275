package relying

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Attempt is one sign-in on its way. The site keeps it where only this
// customer's browser leads to (a server-side record behind a cookie, say) until
// the customer is back, and uses it once.
type Attempt struct {
	State    string `json:"state"`    // ties the answer to this browser (RFC 6749, 10.12)
	Nonce    string `json:"nonce"`    // ties the ID token to this attempt (OpenID Connect Core, 3.1.2.1)
	Verifier string `json:"verifier"` // proves that who began is who finishes (RFC 7636)
}

// An Option adds a parameter to the request for authorization.
type Option struct{ name, value string }

// Languages asks for the provider's pages in these languages, best first.
func Languages(tags ...string) Option { return Option{"ui_locales", strings.Join(tags, " ")} }

// Prompt is "none", "login" or "consent".
func Prompt(p string) Option { return Option{"prompt", p} }

// LoginHint is the address the customer is likely to sign in with.
func LoginHint(email string) Option { return Option{"login_hint", email} }

// Begin makes an attempt and the address to send the customer to.
func (c *Client) Begin(options ...Option) (a Attempt, to string) {
	a = Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	params := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(a.Verifier),
		oauth2.SetAuthURLParam("nonce", a.Nonce),
	}
	for _, o := range options {
		params = append(params, oauth2.SetAuthURLParam(o.name, o.value))
	}
	return a, c.config.AuthCodeURL(a.State, params...)
}

// ErrMismatch says that an answer does not belong to the attempt: another
// browser's, another provider's, or a forged one. Begin anew.
var ErrMismatch = errors.New("answer does not belong to this sign-in")

// Refused is what the provider answers instead of a code, such as
// "access_denied" when the customer turned back (RFC 6749, 4.1.2.1), or instead
// of tokens, such as "invalid_grant" for a code that ran out (5.2).
type Refused struct{ Code, Description string }

func (r *Refused) Error() string { return "provider refused: " + r.Code }

// Finish checks the answer that came to the redirect URI, trades its code for
// tokens and verifies them. The error is [ErrMismatch], a [*Refused], or what
// went wrong at the provider or on the way.
func (c *Client) Finish(ctx context.Context, a Attempt, answer url.Values) (*Tokens, error) {
	for _, one := range []string{"state", "code", "iss", "error"} {
		if len(answer[one]) > 1 {
			return nil, fmt.Errorf("%w: %s given twice", ErrMismatch, one)
		}
	}
	state := answer.Get("state")
	if a.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) != 1 {
		return nil, fmt.Errorf("%w: state", ErrMismatch)
	}
	// RFC 9207, 2.4: without this, a code could be carried to us from another
	// provider's answer.
	if iss := answer.Get("iss"); (iss != "" || c.meta.IssReturned) && iss != c.Issuer() {
		return nil, fmt.Errorf("%w: iss", ErrMismatch)
	}
	if code := answer.Get("error"); code != "" {
		return nil, &Refused{Code: code, Description: answer.Get("error_description")}
	}
	token, err := c.config.Exchange(c.context(ctx), answer.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, fmt.Errorf("exchange the code: %w", refusal(err))
	}
	t, err := c.tokens(ctx, token)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(t.ID.Nonce), []byte(a.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: nonce", ErrMismatch)
	}
	return t, nil
}

// Issuer is the provider's name for itself, as its discovery document has it.
func (c *Client) Issuer() string { return c.issuer }

// SignOut returns the address that ends the customer's session at the provider
// and brings them back to returnTo, which must be registered (OpenID Connect
// RP-Initiated Logout 1.0, 2). It is "" if the provider has no such address.
func (c *Client) SignOut(t *Tokens, returnTo, state string) string {
	if c.meta.EndSession == "" {
		return ""
	}
	q := url.Values{"client_id": {c.config.ClientID}}
	if t != nil && t.RawID != "" {
		q.Set("id_token_hint", t.RawID)
	}
	if returnTo != "" {
		q.Set("post_logout_redirect_uri", returnTo)
	}
	if state != "" {
		q.Set("state", state)
	}
	glue := "?"
	if strings.Contains(c.meta.EndSession, "?") {
		glue = "&"
	}
	return c.meta.EndSession + glue + q.Encode()
}
