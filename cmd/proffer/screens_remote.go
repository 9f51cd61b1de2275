package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/admin"
)

// remote is the provider that a command speaks to. The token comes by the
// environment or a file: as a flag it would stand in the list of processes.
type remote struct {
	URL       string `name:"url" env:"PROFFER_SCREENS_URL" placeholder:"URL" help:"The provider: its issuer, such as https://id.example.com."`
	Brand     string `env:"PROFFER_SCREENS_BRAND" help:"The brand's id."`
	TokenFile string `env:"PROFFER_SCREENS_TOKEN_FILE" placeholder:"FILE" help:"File that holds the brand's token; or the token itself in $PROFFER_SCREENS_TOKEN."`
}

// errMoved means that another deploy came first: exit code 3.
var errMoved = errors.New("another deploy came first")

// call sends a request and decodes the answer. ifMatch "" sends none.
func (c *remote) call(method, path, ifMatch string, body, into any) error {
	base, token, err := c.check()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, base+"/admin/v1/brands/"+url.PathEscape(c.Brand)+"/screens"+path, in)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	// A redirect would take the token to who knows where.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		return err // names the address, not the token
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("%s: %w", base, err)
	}
	if res.StatusCode != http.StatusOK {
		p := &admin.Problem{}
		if json.Unmarshal(text, p) != nil || p.Title == "" {
			return fmt.Errorf("%s answers %s, and not as a Proffer would; is the address right?", base, res.Status)
		}
		return p
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", base, err)
	}
	return nil
}

// check gives the address and the token, if they may be used.
func (c *remote) check() (base, token string, err error) {
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return "", "", errors.New("write --url, the address of the provider, or set PROFFER_SCREENS_URL")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil:
		return "", "", fmt.Errorf("--url: %q is no address, such as https://id.example.com", c.URL)
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		return "", "", errors.New("--url: the token would go over the net for all to read; write https")
	case c.Brand == "":
		return "", "", errors.New("write --brand, the id of the brand, or set PROFFER_SCREENS_BRAND")
	}
	token = os.Getenv("PROFFER_SCREENS_TOKEN")
	if c.TokenFile != "" {
		text, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return "", "", err
		}
		token = strings.TrimSpace(string(text))
	}
	if token == "" {
		return "", "", errors.New("a token is needed: --token-file FILE, or the environment variable PROFFER_SCREENS_TOKEN")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", "", errors.New("what stands for the token is none: it has more than one word, or is no text")
	}
	return strings.TrimSuffix(c.URL, "/"), token, nil
}

// list reads the versions, the newest first, all of them if asked.
func (c *remote) list(all bool) (*admin.List, error) {
	first := &admin.List{}
	if err := c.call("GET", "", "", nil, first); err != nil {
		return nil, err
	}
	for more := first.More; all && more; {
		next := &admin.List{}
		before := first.Versions[len(first.Versions)-1].Number
		if err := c.call("GET", "?before="+strconv.Itoa(before), "", nil, next); err != nil {
			return nil, err
		}
		first.Versions, more = append(first.Versions, next.Versions...), next.More && len(next.Versions) > 0
		first.More = more
	}
	return first, nil
}

// put puts a bundle or an older version in force on top of the version seen, and
// says what came of it.
func (c *remote) put(s streams, seen int, d admin.Deploy, file string, asJSON bool) error {
	done := &admin.Deployed{}
	err := c.call("PUT", "/in-force", `"`+strconv.Itoa(seen)+`"`, d, done)
	if p, ok := errors.AsType[*admin.Problem](err); ok {
		for _, f := range p.Findings {
			fmt.Fprintln(s.err, named(f, d, file))
		}
		if p.Code == "moved" {
			return fmt.Errorf("%w: %s", errMoved, p.Detail)
		}
	}
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(s.out, done)
	}
	for _, f := range done.Findings {
		fmt.Fprintln(s.err, named(f, d, file))
	}
	if !done.Changed {
		fmt.Fprintf(s.out, "nothing to do: version %d is the same and is in force\n", done.Version.Number)
		return nil
	}
	fmt.Fprintf(s.out, "version %d of %s is in force\n", done.Version.Number, c.Brand)
	return nil
}

// named is a finding with the file as it is called here.
func named(f admin.Finding, d admin.Deploy, file string) string {
	if d.Bundle != nil && f.File == d.Bundle.Name {
		f.File = file
	}
	return f.Diag().String()
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
