package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP sends mail through one server (RFC 5321). It is safe for use by many at
// once; each message is a connection of its own.
type SMTP struct {
	host     string
	from     *mail.Address
	domain   string // right side of Message-ID
	username string
	password string
	options  []gomail.Option
}

// SMTPConfig says where mail goes out.
type SMTPConfig struct {
	// URL is the server: "smtp://host:587" speaks STARTTLS and insists on it,
	// "smtps://host:465" speaks TLS from the first byte. "smtp+plain://host:25"
	// speaks neither and is for loopback only.
	URL      string
	From     string // "Proffer <no-reply@id.example.com>"
	Username string // "" signs in nowhere
	Password string
	Roots    *x509.CertPool // who vouches for the server; nil: whoever the system trusts
}

// NewSMTP checks the configuration. It connects to nothing.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Path != "" || u.User != nil {
		return nil, errors.New(`smtp server: write it as "smtp://mail.example.com:587", without user and password`)
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("sender %q: %w", c.From, err)
	}
	s := &SMTP{host: u.Hostname(), from: from, username: c.Username, password: c.Password}
	s.domain = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	port := 0
	switch u.Scheme {
	case "smtp":
		port, s.options = 587, append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "smtps":
		port, s.options = 465, append(s.options, gomail.WithSSL())
	case "smtp+plain":
		if !loopback(s.host) {
			return nil, fmt.Errorf("smtp server %q: without TLS only on this machine", c.URL)
		}
		port, s.options = 25, append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("smtp server %q: begin with smtp:// or smtps://", c.URL)
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return nil, fmt.Errorf("smtp server %q: not a port", c.URL)
		}
	}
	s.options = append(s.options, gomail.WithPort(port), gomail.WithTimeout(30*time.Second),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}))
	if s.username != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if u.Scheme == "smtp+plain" {
			auth = gomail.SMTPAuthPlainNoEnc
		}
		s.options = append(s.options, gomail.WithSMTPAuth(auth), gomail.WithUsername(s.username), gomail.WithPassword(s.password))
	}
	return s, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Send hands one message to the server. Its errors never contain the address
// or what the message says.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("smtp client: %w", err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("smtp server %s: %w", s.host, err)
	}
	sendErr := client.Send(msg)
	// The message was taken or refused by now; how the connection ends does not
	// change that, and an error here must not send it twice.
	closeErr := client.Close()
	if sendErr == nil {
		return nil
	}
	return s.told(sendErr, closeErr)
}

// told turns an error of go-mail, which may quote the address, into one that
// only says what kind it is.
func (s *SMTP) told(err, closing error) error {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return fmt.Errorf("smtp server %s: sending broke off", s.host)
	}
	if !e.IsTemp() && e.ErrorCode() >= 500 {
		return fmt.Errorf("smtp server %s: reply %d: %w", s.host, e.ErrorCode(), ErrRefused)
	}
	return fmt.Errorf("smtp server %s: reply %d (%s, connection closed: %t)", s.host, e.ErrorCode(), e.Reason, closing == nil)
}

func (s *SMTP) compose(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	if err := msg.FromFormat(s.from.Name, s.from.Address); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("address not usable in mail: %w", ErrRefused)
	}
	msg.SetMessageIDWithValue(m.ID + "@" + s.domain)
	msg.SetDateWithValue(m.Date)
	msg.Subject(m.Subject)
	// Nobody is to answer it by a machine (RFC 3834, 5).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Lang != "" {
		msg.SetGenHeader("Content-Language", m.Lang)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}
