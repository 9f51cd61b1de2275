package relying

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// UserInfo is what the provider says of the customer at this moment.
type UserInfo struct {
	Subject       string
	Email         string // "" if not shared
	EmailVerified bool
	Answers       Answers
	Payload       json.RawMessage // as it came
}

// UserInfo asks the provider with the access token. The error is
// [ErrSignedOut] if the token has run out or was taken back: [Client.Refresh]
// tells which.
func (c *Client) UserInfo(ctx context.Context, t *Tokens) (*UserInfo, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.provider.UserInfoEndpoint(), nil)
	if err != nil {
		return nil, fmt.Errorf("userinfo: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+t.Access)
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("userinfo: %w", err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusUnauthorized: // RFC 6750, 3.1
		return nil, ErrSignedOut
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("userinfo: answered %d", resp.StatusCode)
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "application/json" {
		return nil, fmt.Errorf("userinfo: answered %q, not JSON", kind)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("userinfo: %w", err)
	}
	var said struct {
		Subject  string `json:"sub"`
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("userinfo: %w", err)
	}
	// OpenID Connect Core, 5.3.2: an answer about somebody else must not be used.
	if said.Subject == "" || said.Subject != t.ID.Subject {
		return nil, fmt.Errorf("%w: userinfo of somebody else", ErrMismatch)
	}
	answers, err := ReadAnswers(body, c.claim)
	if err != nil {
		return nil, fmt.Errorf("userinfo: %w", err)
	}
	return &UserInfo{Subject: said.Subject, Email: said.Email, EmailVerified: said.Verified, Answers: answers, Payload: body}, nil
}
