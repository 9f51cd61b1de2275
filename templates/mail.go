package templates

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"
	text "text/template"
	"time"

	"github.com/proffer-id/proffer/static"
)

//go:embed mail/*
var mailFiles embed.FS

// Mail is a mail ready to send. Text and HTML say the same.
type Mail struct {
	Subject string
	Text    string
	HTML    string
}

// A MailView is what one mail says: a struct per mail, such as CodeMail.
type MailView interface {
	letter(v voice) letter
}

// CodeUse is what a mailed code is for.
type CodeUse string

// The uses there are.
const (
	ForRegister CodeUse = "register" // proves the address of a new account
	ForSignIn   CodeUse = "sign_in"  // instead of a password
	ForRecover  CodeUse = "recover"  // to set a new password
)

// CodeMail brings a code, and the link that does the same.
type CodeMail struct {
	Brand  Brand
	Code   string
	Link   string // absolute; may be ""
	Works  time.Duration
	For    CodeUse // "" is ForRegister
	When   time.Time
	Device string // "Chrome on Windows"; may be ""
}

// KnownMail answers a registration with an address that has an account: its
// code signs the owner in.
type KnownMail struct {
	Brand  Brand
	Code   string
	Link   string // absolute; may be ""
	Works  time.Duration
	When   time.Time
	Device string
}

// NoAccountMail answers a recovery or a sign-in by code with an address that
// has no account.
type NoAccountMail struct {
	Brand  Brand
	Link   string // absolute, to register; may be ""
	When   time.Time
	Device string
}

// PasswordChangedMail tells the owner of an account, wherever it came from.
type PasswordChangedMail struct {
	Brand  Brand
	Link   string // absolute, to set another password
	When   time.Time
	Device string
}

// A letter is what every mail consists of. Empty fields leave their place out.
type letter struct {
	Brand              Brand
	Subject            string // also the heading
	Lead, Code         string
	Or                 string // before the button
	ButtonIs, Button   string // words and address
	After, Why         string
	PrivacyIs, Privacy string

	Lang, Dir   string
	Start       template.CSS // the side where lines begin: left or right
	Lines       template.CSS // height of a line
	Light, Dark static.Tokens
	Face        template.CSS
}

// A voice is the words of one language, for letters.
type voice struct {
	set  *Set
	lang string
}

func (v voice) say(key string, args ...any) string { return v.set.Say(v.lang, key, args...) }

// why says who asked for this mail, when and on what.
func (v voice) why(key string, b Brand, when time.Time, device string) string {
	args := []any{"brand", b.Name, "device", device, "when", ""}
	if when.IsZero() {
		return v.say(key+".plain", args...)
	}
	args[5] = v.set.mailMoment(v.lang, when)
	if device == "" {
		return v.say(key+".when", args...)
	}
	return v.say(key+".device", args...)
}

// mailMoment is a time as a mail needs it, which is read on another day and in
// another place: with its zone.
func (s *Set) mailMoment(lang string, t time.Time) string {
	t = t.In(s.zone)
	return s.Say(lang, "date.moment_zone", "date", s.Date(lang, t), "time", t.Format("15:04"), "zone", t.Format("MST"))
}

func (m CodeMail) letter(v voice) letter {
	if m.For == "" {
		m.For = ForRegister
	}
	return letter{
		Brand: m.Brand, Subject: v.say("mail.code.subject", "brand", m.Brand.Name),
		Lead: v.say("mail.code.lead", "works", v.set.Duration(v.lang, m.Works)), Code: m.Code,
		Or: v.say("mail.code.or"), ButtonIs: v.say("mail.code.button." + string(m.For)), Button: m.Link,
		After: v.say("mail.code.not_you", "brand", m.Brand.Name),
		Why:   v.why("mail.why.typed", m.Brand, m.When, m.Device),
	}
}

func (m KnownMail) letter(v voice) letter {
	return letter{
		Brand: m.Brand, Subject: v.say("mail.known.subject"),
		Lead: v.say("mail.known.lead", "works", v.set.Duration(v.lang, m.Works)), Code: m.Code,
		Or: v.say("mail.code.or"), ButtonIs: v.say("mail.code.button.sign_in"), Button: m.Link,
		After: v.say("mail.code.not_you", "brand", m.Brand.Name),
		Why:   v.why("mail.why.typed", m.Brand, m.When, m.Device),
	}
}

func (m NoAccountMail) letter(v voice) letter {
	return letter{
		Brand: m.Brand, Subject: v.say("mail.no_account.subject"),
		Lead:     v.say("mail.no_account.lead", "brand", m.Brand.Name),
		ButtonIs: v.say("mail.no_account.button"), Button: m.Link,
		After: v.say("mail.no_account.after"),
		Why:   v.why("mail.why.typed", m.Brand, m.When, m.Device),
	}
}

func (m PasswordChangedMail) letter(v voice) letter {
	return letter{
		Brand: m.Brand, Subject: v.say("mail.password_changed.subject"),
		Lead: v.why("mail.password_changed.lead", m.Brand, m.When, m.Device),
		Or:   v.say("mail.password_changed.or"), ButtonIs: v.say("mail.password_changed.button"), Button: m.Link,
		Why: v.say("mail.why.account", "brand", m.Brand.Name),
	}
}

type mails struct {
	html *template.Template
	text *text.Template
}

func parseMails() (*mails, error) {
	m := &mails{}
	var err error
	if m.html, err = template.New("mail.html").Option("missingkey=error").ParseFS(mailFiles, "mail/mail.html"); err != nil {
		return nil, err
	}
	if m.text, err = text.New("mail.txt").Option("missingkey=error").ParseFS(mailFiles, "mail/mail.txt"); err != nil {
		return nil, err
	}
	return m, nil
}

// Mail renders a mail. A subject never carries a code or an answer; it has no
// line breaks, whatever a name in it has.
func (s *Set) Mail(lang string, m MailView) (Mail, error) {
	l := m.letter(voice{s, lang})
	l.Lang, l.Dir, l.Start, l.Lines = lang, Direction(lang), "left", "1.5"
	if l.Dir == "rtl" {
		l.Start, l.Lines = "right", "1.75"
	}
	theme, ok := s.themes[l.Brand.ID]
	if !ok {
		theme = static.Proffer()
	}
	l.Light, l.Dark = theme.Light, theme.Dark
	l.Face = `-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Thai', 'Noto Sans Arabic', sans-serif`
	if theme.Heading == static.Serif {
		l.Face = `Georgia, 'Noto Serif', 'Noto Serif Thai', 'Noto Naskh Arabic', serif`
	}
	if l.Brand.Privacy != "" {
		l.Privacy, l.PrivacyIs = l.Brand.Privacy, s.Say(lang, "privacy")
	}
	l.Subject = strings.Join(strings.Fields(l.Subject), " ")
	var html, plain bytes.Buffer
	if err := s.mails.html.Execute(&html, l); err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	if err := s.mails.text.Execute(&plain, l); err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	return Mail{Subject: l.Subject, Text: plain.String(), HTML: html.String()}, nil
}

// tryMails renders every mail in every language.
func (s *Set) tryMails() error {
	var errs []error
	for _, lang := range s.languages {
		for _, m := range SampleMails() {
			if _, err := s.Mail(lang, m.View); err != nil {
				errs = append(errs, fmt.Errorf("%w (sample %s, language %s)", err, m.Name, lang))
			}
		}
	}
	return errors.Join(errs...)
}
