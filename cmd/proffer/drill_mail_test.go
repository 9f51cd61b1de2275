package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// A postbox takes the mail of a provider over SMTP and reads the codes in it.
type postbox struct {
	address string
	server  *smtp.Server

	mu    sync.Mutex
	codes map[string][]string // by address, in the order they came
}

func newPostbox(t testing.TB) *postbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{address: "localhost:" + port, codes: map[string][]string{}}
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: p}, nil }))
	p.server.Domain = "localhost"
	go p.server.Serve(listener)
	t.Cleanup(func() { p.server.Close() })
	return p
}

var errNoMail = errors.New("no code came")

// newest waits for a code mailed to an address that is none of those tried.
func (p *postbox) newest(ctx context.Context, to string, tried []string) (string, error) {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		p.mu.Lock()
		got := p.codes[to]
		p.mu.Unlock()
		if n := len(got); n > 0 && !slices.Contains(tried, got[n-1]) {
			return got[n-1], nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("%w for %s after %d", errNoMail, to, len(tried))
}

type delivery struct {
	box *postbox
	to  string
}

func (d *delivery) Reset()                                    { d.to = "" }
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }

func (d *delivery) Data(r io.Reader) error {
	text, err := plainText(r)
	if err != nil {
		return err
	}
	code := regexp.MustCompile(`\b\d{6}\b`).FindString(text)
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	if code != "" && !slices.Contains(d.box.codes[d.to], code) { // a mail may come twice
		d.box.codes[d.to] = append(d.box.codes[d.to], code)
	}
	return nil
}

// plainText is the text/plain part of a message.
func plainText(r io.Reader) (string, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		b, err := io.ReadAll(m.Body)
		return string(b), err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return "", errors.Join(errors.New("a mail without plain text"), err)
		}
		if !strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			continue
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return "", err
		}
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			b, err = io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b)))
		}
		return string(b), err
	}
}
