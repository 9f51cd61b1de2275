package deliver

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// A post office takes mail over SMTP.
type postOffice struct {
	addr  string
	roots *x509.CertPool

	mu      sync.Mutex
	got     []string // whole messages
	to      []string
	secured []bool
	auth    string
	answer  error // to RCPT
}

type postSession struct {
	o *postOffice
	c *smtp.Conn
}

func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

func (s *postSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		s.o.mu.Lock()
		defer s.o.mu.Unlock()
		s.o.auth = username + "/" + password
		if password != "right" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *postSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.to = append(s.o.to, to)
	return s.o.answer
}

func (s *postSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, secured := s.c.TLSConnectionState()
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.got, s.o.secured = append(s.o.got, string(b)), append(s.o.secured, secured)
	return nil
}

// openPost opens a post office: "plain", "starttls" or "tls".
func openPost(t *testing.T, kind string) *postOffice {
	t.Helper()
	o := &postOffice{roots: x509.NewCertPool()}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &postSession{o, c}, nil }))
	srv.Domain, srv.AllowInsecureAuth, srv.EnableSMTPUTF8 = "localhost", kind == "plain", true
	srv.ErrorLog = nopLog{}
	ca := httptest.NewUnstartedServer(nil) // for its certificate of 127.0.0.1
	ca.StartTLS()
	defer ca.Close()
	o.roots.AddCert(ca.Certificate())
	conf := &tls.Config{Certificates: ca.TLS.Certificates, MinVersion: tls.VersionTLS12}
	if kind == "starttls" {
		srv.TLSConfig = conf
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.addr = l.Addr().String()
	if kind == "tls" {
		l = tls.NewListener(l, conf)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		<-done
	})
	return o
}

type nopLog struct{}

func (nopLog) Printf(string, ...any) {}
func (nopLog) Println(...any)        {}

var letter = Message{
	ID: "AAAAAAAAAAAAAAAAAAAAAA", To: "nok@example.com", Subject: "รหัสของคุณ", Text: "รหัส 123456\n", HTML: "<p>รหัส 123456</p>\n",
	Lang: "th", Date: time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC),
}

func sender(t *testing.T, c SMTPConfig) *SMTP {
	t.Helper()
	c.From = "Proffer <no-reply@id.example.com>"
	s, err := NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSMTP(t *testing.T) {
	for kind, scheme := range map[string]string{"plain": "smtp+plain", "starttls": "smtp", "tls": "smtps"} {
		t.Run(kind, func(t *testing.T) {
			o := openPost(t, kind)
			s := sender(t, SMTPConfig{URL: scheme + "://" + o.addr, Username: "proffer", Password: "right", Roots: o.roots})
			if err := s.Send(t.Context(), letter); err != nil {
				t.Fatal(err)
			}
			if len(o.got) != 1 || o.to[0] != "nok@example.com" || o.secured[0] != (kind != "plain") || o.auth != "proffer/right" {
				t.Fatalf("got %d to %v, secured %v, auth %q", len(o.got), o.to, o.secured, o.auth)
			}
			checkLetter(t, o.got[0])
		})
	}
}

// checkLetter reads a message as a mail program does.
func checkLetter(t *testing.T, raw string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{"Message-ID": "<" + letter.ID + "@id.example.com>", "To": "<nok@example.com>", "From": `"Proffer" <no-reply@id.example.com>`, "Auto-Submitted": "auto-generated"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{letter.Text, letter.HTML} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil || string(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))) != want {
			t.Errorf("part %q, %v", body, err)
		}
	}
}

func TestSMTPRefused(t *testing.T) {
	o := openPost(t, "plain")
	s := sender(t, SMTPConfig{URL: "smtp+plain://" + o.addr})
	for _, c := range []struct {
		code    int
		refused bool
	}{{550, true}, {451, false}} {
		o.answer = &smtp.SMTPError{Code: c.code, Message: "nok@example.com is not here"}
		err := s.Send(t.Context(), letter)
		if err == nil || errors.Is(err, ErrRefused) != c.refused || strings.Contains(err.Error(), "nok@") {
			t.Errorf("%d: %v", c.code, err)
		}
	}
	bad := letter
	bad.To = "not an address"
	if err := s.Send(t.Context(), bad); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), bad.To) {
		t.Errorf("not an address: %v", err)
	}
}

// Nobody in between can take TLS away, and a stranger's certificate is no good.
func TestSMTPWithoutTLS(t *testing.T) {
	plain, secure := openPost(t, "plain"), openPost(t, "starttls")
	for name, s := range map[string]*SMTP{
		"server without STARTTLS": sender(t, SMTPConfig{URL: "smtp://" + plain.addr, Username: "proffer", Password: "right"}),
		"unknown certificate":     sender(t, SMTPConfig{URL: "smtp://" + secure.addr, Username: "proffer", Password: "right"}),
	} {
		if err := s.Send(t.Context(), letter); err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if plain.auth != "" || secure.auth != "" || len(plain.got)+len(secure.got) > 0 {
		t.Error("something was sent all the same")
	}
}

func TestSMTPAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	if err := sender(t, SMTPConfig{URL: "smtp+plain://" + addr}).Send(ctx, letter); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
}

func TestSMTPConfig(t *testing.T) {
	for _, c := range []SMTPConfig{
		{URL: "", From: "a@b.example"}, {URL: "http://mail.example", From: "a@b.example"}, {URL: "smtp+plain://mail.example", From: "a@b.example"},
		{URL: "smtp://mail.example", From: "nobody"}, {URL: "smtp://user:secret@mail.example", From: "a@b.example"}, {URL: "smtp://mail.example:99999", From: "a@b.example"},
	} {
		if _, err := NewSMTP(c); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
