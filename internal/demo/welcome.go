package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"
)

// addresses are what the ready line says.
type addresses struct {
	Provider string `json:"provider"`
	Kopi     string `json:"kopi"`
	Sole     string `json:"sole"`
	Mail     string `json:"mail"`
	Config   string `json:"config"`
}

// welcome waits until everything answers, and says where everything is.
func welcome(ctx context.Context, o Options, ports *ports, d *data) error {
	a := addresses{ports.provider.origin(), ports.kopi.origin(), ports.sole.origin(), ports.mail.origin(), d.config()}
	for _, url := range []string{a.Provider + "/.well-known/openid-configuration", a.Kopi + "/", a.Sole + "/", a.Mail + "/"} {
		if err := answers(ctx, url); err != nil {
			return err
		}
	}
	fmt.Fprintf(o.Out, `
Proffer is running, with two shops to try it in.

  Kopi Club    %[2]s   Start here: press "Sign in or create an account".
  Sole & Co    %[3]s   Then here, with the same account.
  Mail         %[4]s   The code that Proffer mails to you stands here.
  Preferences  %[1]s/preferences   What you told whom, to change or take back.

  The questions are in %[5]s
  and %[6]s
  Change one and save: a second later it is asked that way. The rest is in %[7]s

  Ctrl-C stops. Everything stays in %[8]s; --fresh starts over.

`, a.Provider, a.Kopi, a.Sole, a.Mail,
		filepath.Join(d.dir, "brands", "kopi", "set.yaml"), filepath.Join(d.dir, "brands", "sole", "set.yaml"), a.Config, d.dir)
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "ready %s\n", line)
	return nil
}

// answers asks for a page, as a browser would.
func answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d", url, resp.StatusCode)
	}
	return nil
}
