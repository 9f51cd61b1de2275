//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// settle signs a customer in by password and has them answer what they are asked.
func (c *customer) settle(ctx context.Context, client string) error {
	s := &signIn{client: client}
	page, err := c.open(ctx, c.authorize(s))
	if err != nil {
		return err
	}
	if page, err = c.signIn(ctx, page); err != nil {
		return err
	}
	for _, question := range []string{"note", "milk", "birthday"} {
		if page, err = c.answer(ctx, page, question); err != nil {
			return err
		}
	}
	return c.arrive(ctx, s, page)
}

// comeBack is one returning visit, as the brand's site and the browser make it.
func (c *customer) comeBack(ctx context.Context, client string) error {
	s := &signIn{client: client}
	code, err := c.code(ctx, s)
	if err != nil {
		return err
	}
	t, _, err := c.exchange(ctx, s, code)
	if err != nil {
		return err
	}
	if t == nil {
		return fmt.Errorf("a fresh code is refused")
	}
	return c.info(ctx, t)
}

func (c *customer) code(ctx context.Context, s *signIn) (string, error) {
	r, err := c.open(ctx, c.authorize(s))
	if err != nil {
		return "", err
	}
	if r.to == nil || r.to.Query().Get("code") == "" {
		return "", fmt.Errorf("no code: %s", r)
	}
	return r.to.Query().Get("code"), nil
}

func (c *customer) info(ctx context.Context, t *tokens) error {
	r, err := c.do(ctx, http.MethodGet, c.p.issuer+"/userinfo", nil, "Authorization", "Bearer "+t.Access)
	if err := want(r, err, http.StatusOK); err != nil {
		return err
	}
	if !strings.Contains(string(r.body), `"milk":"oat"`) {
		return fmt.Errorf("UserInfo without the answers: %s", r)
	}
	return nil
}
