package proffer

import (
	"cmp"
	"errors"
	"io/fs"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/templates"
)

const day = Duration(24 * time.Hour)

// fill puts in the defaults of all that is left out.
func (c *Config) fill() {
	c.Listen = cmp.Or(c.Listen, "127.0.0.1:8080")
	c.Store = cmp.Or(c.Store, "bolt:data/proffer.db")
	c.Keys.Master = cmp.Or(c.Keys.Master, "data/master.key")
	if c.Store.Kind() == "bolt" {
		c.Keys.Buckets = cmp.Or(c.Keys.Buckets, "data/buckets.key")
	}
	if len(c.Languages) == 0 {
		c.Languages = []string{"en"}
	}
	c.Sessions.Idle = cmp.Or(c.Sessions.Idle, 14*day)
	c.Sessions.Total = cmp.Or(c.Sessions.Total, 30*day)
	c.Passwords.Min = cmp.Or(c.Passwords.Min, 8)
	c.Passwords.Argon2id.Memory = cmp.Or(c.Passwords.Argon2id.Memory, 19<<20)
	c.Passwords.Argon2id.Time = cmp.Or(c.Passwords.Argon2id.Time, 2)
	c.Passwords.Argon2id.Threads = cmp.Or(c.Passwords.Argon2id.Threads, 1)
	c.Passwords.AtOnce = cmp.Or(c.Passwords.AtOnce, 2)
	c.Passwords.Queue = cmp.Or(c.Passwords.Queue, 64)
	c.Guessing.Client = cmp.Or(c.Guessing.Client, 300)
	c.Guessing.Requests = cmp.Or(c.Guessing.Requests, 120)
	c.Attention.PerCustomer.Screens = cmp.Or(c.Attention.PerCustomer.Screens, 6)
	c.Attention.PerCustomer.Every = cmp.Or(c.Attention.PerCustomer.Every, 30*day)
	for _, b := range c.Brands {
		if b == nil {
			continue
		}
		for _, k := range b.Clients {
			if k != nil {
				k.fill()
			}
		}
	}
}

func (k *Client) fill() {
	k.IDTokenAlg = cmp.Or(k.IDTokenAlg, "RS256")
	k.Subject = cmp.Or(k.Subject, "pairwise")
	k.Public = k.Public || k.Native
	if len(k.Grants) == 0 {
		k.Grants = []string{grantCode}
	}
	if len(k.Scopes) == 0 {
		k.Scopes = []string{"openid"}
	}
	for name, p := range k.Claims {
		if p == nil {
			p = &ClaimPolicy{}
			k.Claims[name] = p
		}
		p.As = cmp.Or(p.As, "exact")
	}
}

// checkServer checks where the provider is and who is believed.
func (c *Config) checkServer(at diag.Node) {
	c.checkIssuer(at)
	checkListen(at.Field("listen"), c.Listen)
	c.checkTLS(at.Field("tls"))
	for i, p := range c.TrustedProxies {
		if p.Bits() == 0 {
			at.Field("trusted_proxies").Index(i).Errorf("%s is every address: anybody could say where they come from", p)
		}
	}
}

func (c *Config) checkTLS(at diag.Node) {
	if c.TLS == (TLS{}) {
		return
	}
	if u, err := url.Parse(c.Issuer); err == nil && u.Scheme == "http" {
		at.Errorf("the issuer is http; write https there, or leave this out")
	}
	for _, f := range []struct{ key, file string }{{"cert", c.TLS.Cert}, {"key", c.TLS.Key}} {
		if f.file == "" {
			missing(at, f.key, "a certificate and its key go together")
			continue
		}
		info, err := os.Stat(c.Path(f.file))
		switch {
		case err != nil:
			at.Field(f.key).Errorf("%s", cause(err))
		case f.key == "key" && info.Mode().Perm()&0o007 != 0:
			at.Field(f.key).Errorf("%s can be read by everybody (mode %04o); run chmod 600 on it", c.Path(f.file), info.Mode().Perm())
		}
	}
}

func (c *Config) checkMail(at diag.Node) {
	m := c.Mail
	if m.SMTP == "" {
		if !at.Field("smtp").Set() && !misspelt(at, "smtp") {
			at.Field("smtp").Warnf("is missing: accounts begin with a mailed code, and without a mail server only who embeds Proffer and hands it a Mailer can start; write smtp://mail.example.com:587")
		}
	} else {
		u := checkParts(at.Field("smtp"), m.SMTP, "smtp://mail.example.com:587")
		switch {
		case u == nil:
		case u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "":
			at.Field("smtp").Errorf("%q is no mail server; write smtp://mail.example.com:587, or smtps:// for port 465", m.SMTP)
		}
	}
	if m.From == "" && m.SMTP != "" {
		missing(at, "from", `who the mail comes from, such as "Proffer <no-reply@id.example.com>"`)
	} else if _, err := mail.ParseAddress(m.From); m.From != "" && err != nil {
		at.Field("from").Errorf(`%q is not a mail address, such as "Proffer <no-reply@id.example.com>"`, m.From)
	}
	switch {
	case m.Username != "" && m.PasswordFile == "" && m.Password == "":
		missing(at, "password_file", "the mail server asks for a password with the username")
	case m.Username == "" && m.PasswordFile != "":
		missing(at, "username", "there is a password for it")
	}
	if m.PasswordFile != "" && m.Password == "" {
		c.checkSecretFile(at.Field("password_file"), m.PasswordFile, 1, true)
		c.Mail.Password, _ = readSecret(c.Path(m.PasswordFile), 1) // has been checked
	}
}

// checkLanguages leaves those that texts can be asked in.
func (c *Config) checkLanguages(at diag.Node) {
	var good []string
	defer func() {
		if c.Languages = good; len(good) == 0 {
			c.Languages = []string{"en"}
		}
	}()
	shipped := templates.Languages()
	for i, l := range c.Languages {
		tag, err := language.Parse(l)
		switch {
		case l == "" && at.Index(i).Set(): // no text, which has been reported
		case err != nil || tag == language.Und:
			at.Index(i).Errorf("%q is not a language tag, such as en or th", l)
		case tag.String() != l:
			at.Index(i).Errorf("%q: write %s", l, tag)
		case slices.Contains(good, l):
			at.Index(i).Errorf("%s stands here twice", l)
		case !slices.Contains(shipped, l) && !diag.FallsBack(l, shipped):
			at.Index(i).Errorf("our pages have no words in %q; they have them in %s, and in the varieties of these", l, strings.Join(shipped, ", "))
		case !slices.Contains(shipped, l) && !diag.FallsBack(l, c.Languages):
			base, _, _ := strings.Cut(l, "-")
			at.Index(i).Errorf("what has no words in %s is said in %s; add %s to the languages", l, base, base)
		default:
			good = append(good, l)
		}
	}
}

// checkPeople checks sessions, passwords, attention and the accounts for tests.
func (c *Config) checkPeople(at diag.Node) {
	s := at.Field("sessions")
	between(s.Field("idle"), c.Sessions.Idle, Duration(5*time.Minute), 90*day)
	between(s.Field("total"), c.Sessions.Total, Duration(5*time.Minute), 365*day)
	if c.Sessions.Total < c.Sessions.Idle {
		s.Field("total").Errorf("%s is shorter than idle (%s)", c.Sessions.Total, c.Sessions.Idle)
	}
	p := at.Field("passwords")
	between(p.Field("min"), c.Passwords.Min, 8, 64)
	between(p.Field("at_once"), c.Passwords.AtOnce, 1, 256)
	between(p.Field("queue"), c.Passwords.Queue, 1, 10_000)
	a := p.Field("argon2id")
	between(a.Field("memory"), c.Passwords.Argon2id.Memory, 19<<20, 256<<20)
	between(a.Field("time"), c.Passwords.Argon2id.Time, 1, 10)
	between(a.Field("threads"), c.Passwords.Argon2id.Threads, 1, 4)
	c.checkGuesses(at.Field("guessing").Field("client"), c.Guessing.Client)
	c.checkGuesses(at.Field("guessing").Field("requests"), c.Guessing.Requests)
	limit := at.Field("attention").Field("per_customer")
	between(limit.Field("screens"), c.Attention.PerCustomer.Screens, 1, 100)
	between(limit.Field("every"), c.Attention.PerCustomer.Every, day, 365*day)

	accounts := at.Field("accounts")
	if len(c.Accounts) > 0 && c.public() {
		accounts.Errorf("are for development and tests, with the issuer on localhost; nobody proved these addresses")
	}
	for i, who := range c.Accounts {
		if addr, err := mail.ParseAddress(who.Email); err != nil || addr.Address != who.Email {
			accounts.Index(i).Field("email").Errorf("%q is not a mail address, such as user0@example.com", who.Email)
		}
		if n := len([]rune(who.Password.Reveal())); n < c.Passwords.Min {
			accounts.Index(i).Field("password").Errorf("has %d characters; at least %d are needed", n, c.Passwords.Min)
		}
	}
}

// checkGuesses checks a bound on what is tried from one address.
func (c *Config) checkGuesses(at diag.Node, n int) {
	if n != -1 {
		between(at, n, 10, 100_000)
	} else if c.public() {
		at.Errorf("-1 is no bound, for tests with the issuer on localhost; here anybody could guess at all accounts")
	}
}

// between reports a value outside of its bounds.
func between[T cmp.Ordered](at diag.Node, v, least, most T) {
	if v < least || v > most {
		at.Errorf("%v is not between %v and %v", v, least, most)
	}
}

// cause is what the system said, without the act and the path.
func cause(err error) error {
	var e *fs.PathError
	if errors.Is(err, fs.ErrNotExist) && errors.As(err, &e) {
		return errors.New("there is no file " + e.Path)
	}
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// movePort gives listen the port of after, if it had the port of before.
func movePort(listen, before, after string) string {
	host, port, err := net.SplitHostPort(listen)
	from, errFrom := url.Parse(before)
	to, errTo := url.Parse(after)
	if err != nil || errFrom != nil || errTo != nil || from.Port() != port || to.Port() == "" {
		return listen
	}
	return net.JoinHostPort(host, to.Port())
}
