package templates

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/static"
)

//go:embed *.html parts/*.html
var pageFiles embed.FS

// Options say what a Set is made for.
type Options struct {
	Languages []string                // first is the fallback; empty: all there are words for
	Overrides map[string]fs.FS        // by brand: pages and parts of its own, laid out as in this folder
	Themes    map[string]static.Theme // by brand: colours of its mails; see static.Files.Themes
	Now       func() time.Time        // for "today" and the year in dates; nil: time.Now
	Zone      *time.Location          // days begin here; nil: UTC
}

// A Set is all pages and mails in all languages, parsed and tried out once. It
// does not change after New and is safe for use by many at once.
type Set struct {
	languages []string
	words     *Words
	own       pages
	brands    map[string]pages
	mails     *mails
	themes    map[string]static.Theme
	now       func() time.Time
	zone      *time.Location
}

// pages are executable templates by file name, such as "login.html".
type pages map[string]*template.Template

// New parses every page and mail and executes each with its samples in every
// language, those of the brands too. So a field that is missing, a word nobody
// has written or a value nobody gives stops the start, with file and line, and
// never meets a customer. All findings come at once.
func New(o Options) (*Set, error) {
	s := &Set{languages: o.Languages, brands: map[string]pages{}, themes: o.Themes, now: o.Now, zone: o.Zone}
	if len(s.languages) == 0 {
		s.languages = Languages()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	var err error
	if s.words, err = loadWords(s.languages); err != nil {
		return nil, err
	}
	if s.own, err = parsePages(nil); err != nil {
		return nil, err
	}
	if s.mails, err = parseMails(); err != nil {
		return nil, err
	}
	errs := []error{s.try(s.own, ""), s.tryMails()}
	for _, brand := range slices.Sorted(maps.Keys(o.Overrides)) {
		p, err := s.tryOverride(brand, o.Overrides[brand])
		errs = append(errs, err)
		s.brands[brand] = p
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// parsePages parses layout, parts and every page, each file from over where
// over has it. A file of over that takes no place is an error: it would be
// passed over in silence.
func parsePages(over fs.FS) (pages, error) {
	names, err := fs.Glob(pageFiles, "*.html")
	if err != nil {
		return nil, err
	}
	shared, err := fs.Glob(pageFiles, "parts/*.html")
	if err != nil {
		return nil, err
	}
	if err := onlyKnown(over, slices.Concat(names, shared)); err != nil {
		return nil, err
	}
	base := template.New("").Option("missingkey=error")
	for _, name := range append([]string{"layout.html"}, shared...) {
		if err := parseInto(base, name, over); err != nil {
			return nil, err
		}
	}
	out := pages{}
	for _, name := range names {
		if name == "layout.html" {
			continue
		}
		t, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := parseInto(t, name, over); err != nil {
			return nil, err
		}
		out[name] = t.Lookup(name)
	}
	return out, nil
}

func onlyKnown(over fs.FS, known []string) error {
	if over == nil {
		return nil
	}
	var errs []error
	err := fs.WalkDir(over, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && path.Ext(name) == ".html" && !slices.Contains(known, name) {
			errs = append(errs, fmt.Errorf("%s takes the place of no page; there are: %s", name, strings.Join(known, ", ")))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	return errors.Join(errs...)
}

// parseInto adds one file to t under its name, which is then in every error.
func parseInto(t *template.Template, name string, over fs.FS) error {
	src, err := pageFiles.ReadFile(name)
	if over != nil {
		own, overErr := fs.ReadFile(over, name)
		switch {
		case overErr == nil:
			src, err = own, nil
		case !errors.Is(overErr, fs.ErrNotExist):
			err = overErr
		}
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	_, err = t.New(name).Parse(string(src))
	return err
}

// try executes every sample in every language.
func (s *Set) try(p pages, brand string) error {
	var errs []error
	for _, lang := range s.languages {
		for _, sample := range s.Samples(lang, Brand{ID: brand, Name: "Name"}) {
			t, ok := p[sample.View.File()]
			if !ok {
				errs = append(errs, fmt.Errorf("no template %s", sample.View.File()))
				continue
			}
			sample.View.page().words = s.words
			if err := t.Execute(io.Discard, sample.View); err != nil {
				errs = append(errs, fmt.Errorf("%w (sample %s, language %s)", err, sample.Name, lang))
				break // the same fault in every language helps nobody
			}
		}
	}
	return errors.Join(errs...)
}

// Write executes v's page, the brand's own where it has one, and writes it in
// one piece: on an error nothing is written. The caller has set Lang and Brand.
func (s *Set) Write(w io.Writer, v View) error {
	p := v.page()
	p.words = s.words
	if !slices.Contains(s.languages, p.Lang) {
		p.Lang = s.languages[0]
	}
	set := s.own
	if own, ok := s.brands[p.Brand.ID]; ok {
		set = own
	}
	t, ok := set[v.File()]
	if !ok {
		return fmt.Errorf("no template %s", v.File())
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Languages are the languages of this set, the fallback first.
func (s *Set) Languages() []string { return slices.Clone(s.languages) }

// Say returns the words of key in lang, or in the first language. args are names
// and values in turn: "brand", "Kopi Club", "count", 3. The key itself stands
// for words that are missing, which a reader can at least report.
func (s *Set) Say(lang, key string, args ...any) string {
	if !slices.Contains(s.languages, lang) {
		lang = s.languages[0]
	}
	text, err := s.words.text(lang, key, args)
	if err != nil && text == "" {
		return key
	}
	return text
}

// Has says whether there are words for key in lang.
func (s *Set) Has(lang, key string) bool { return s.words.has(lang, key) }
