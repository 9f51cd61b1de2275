package templates

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestMailGolden(t *testing.T) {
	s := newSet(t, Options{Now: noon})
	for _, lang := range s.Languages() {
		for _, m := range SampleMails() {
			got, err := s.Mail(lang, m.View)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, m.Name+"."+lang+".txt", "Subject: "+got.Subject+"\n\n"+got.Text)
			if m.Name == "mail-code" {
				golden(t, m.Name+"."+lang+".html", got.HTML)
			}
		}
	}
}

// TestMailTwins: what the HTML says, its text says; neither loads anything, and
// no code stands in a subject.
func TestMailTwins(t *testing.T) {
	s := newSet(t, Options{Now: noon})
	outside := regexp.MustCompile(`(?i)<img|<link|<script|url\(|@import|\ssrc=`)
	for _, lang := range s.Languages() {
		for _, m := range SampleMails() {
			got, err := s.Mail(lang, m.View)
			if err != nil {
				t.Fatal(err)
			}
			if o := outside.FindString(got.HTML); o != "" {
				t.Errorf("%s in %s loads something: %s", m.Name, lang, o)
			}
			if strings.Contains(got.Subject, "482913") || strings.ContainsAny(got.Subject, "\r\n") {
				t.Errorf("%s in %s: subject %q", m.Name, lang, got.Subject)
			}
			root, err := html.Parse(strings.NewReader(got.HTML))
			if err != nil {
				t.Fatal(err)
			}
			plain := strings.Join(strings.Fields(got.Text), " ")
			for n := range root.Descendants() {
				if n.Type == html.ElementNode && n.Data == "a" && !strings.Contains(plain, attr(n, "href")) {
					t.Errorf("%s in %s: the text lacks the address %s", m.Name, lang, attr(n, "href"))
				}
				said := strings.Join(strings.Fields(n.Data), " ")
				if n.Type != html.TextNode || said == "" || within(n, "style") || said == "Kopi Club" {
					continue
				}
				if !strings.Contains(plain, said) {
					t.Errorf("%s in %s: the text lacks %q", m.Name, lang, said)
				}
			}
		}
	}
}

func TestMailHostile(t *testing.T) {
	s := newSet(t, Options{})
	got, err := s.Mail("en", CodeMail{Brand: Brand{Name: "Kopi\r\nBcc: x@example.com<b>"}, Code: "1", Link: "javascript:alert(1)"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(got.Subject, "\r\n") {
		t.Errorf("subject %q", got.Subject)
	}
	if strings.Contains(got.HTML, "<b>") || strings.Contains(got.HTML, `href="javascript:`) {
		t.Errorf("markup let through:\n%s", got.HTML)
	}
}
