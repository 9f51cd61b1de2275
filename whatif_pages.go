package proffer

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/templates"
)

// A sheet takes a page that a handler answers with.
type sheet struct {
	header http.Header
	bytes.Buffer
}

func (s *sheet) Header() http.Header { return s.header }
func (s *sheet) WriteHeader(int)     {}

// drawing makes the rooms that show pages, for a rehearsal whose pages are wished
// for. They have no store: nothing can be posted to them.
func (f *rehearsal) drawing() {
	f.asking = screens.New(screens.Deps{Now: f.now, Site: f.site, Words: f.pages, BrandName: f.brandName, BrandSite: f.brandSite}, screens.Define(f.catalogue, f.pages))
	f.consents = consent.New(consent.Deps{Now: f.now, Site: f.site, Words: f.pages, BrandName: f.brandName})
	f.out.Files = map[string][]byte{}
	for name, b := range f.files.All() {
		f.out.Files["static/"+name] = b
	}
	for _, file := range f.set.Files {
		f.out.Files[strings.TrimPrefix(file.Path(), "/")] = file.Bytes
	}
}

// draw keeps a page of the visit, where pages are wished for, and names its file.
func (f *rehearsal) draw(step *Step, write func(w http.ResponseWriter, r *http.Request) error) error {
	if !f.ask.Pages {
		return nil
	}
	s := &sheet{header: http.Header{}}
	r := &http.Request{Method: http.MethodGet, Header: http.Header{}, URL: &url.URL{Path: step.Path, RawQuery: "lang=" + url.QueryEscape(f.ask.Locale)}}
	if err := write(s, r); err != nil {
		return fmt.Errorf("page %s: %w", step.Path, err)
	}
	step.File = fmt.Sprintf("%02d-%s.html", len(f.out.Steps)+1, path.Base(step.Path))
	// What a page loads lies beside it: nothing is fetched from a server.
	page := bytes.ReplaceAll(s.Bytes(), []byte(f.site.Path(f.files.Root())), []byte("static"))
	f.out.Files[step.File] = bytes.ReplaceAll(page, []byte(`"`+f.site.Path("/media/")), []byte(`"media/`))
	return nil
}

func (f *rehearsal) drawAsk(step *Step) error {
	return f.draw(step, func(w http.ResponseWriter, r *http.Request) error { return f.asking.Draw(w, r, f.r, step.Screen) })
}

func (f *rehearsal) drawShare(step *Step, open []consent.Candidate, email bool) error {
	return f.draw(step, func(w http.ResponseWriter, r *http.Request) error {
		return f.consents.Draw(w, r, f.visit, f.ask.Locale, open, email)
	})
}

func (f *rehearsal) drawTerms(step *Step, now identity.Terms) error {
	return f.draw(step, func(w http.ResponseWriter, r *http.Request) error {
		return f.site.Write(w, r, http.StatusOK, &templates.Terms{Page: f.site.Page(r, f.visit), Changes: now.Changes, Whole: now.Whole, New: f.p.terms == 0})
	})
}

func (f *rehearsal) drawCarried(step *Step) error {
	return f.draw(step, func(w http.ResponseWriter, r *http.Request) error { return f.asking.DrawCarried(w, r, f.r) })
}

func (f *rehearsal) drawCheck(step *Step) error {
	return f.draw(step, func(w http.ResponseWriter, r *http.Request) error {
		return f.asking.DrawCheck(w, r, f.r, step.Campaign)
	})
}

func (f *rehearsal) drawEnd(step *Step) error {
	return f.draw(step, func(w http.ResponseWriter, r *http.Request) error { return f.asking.DrawEnd(w, r, f.r) })
}
