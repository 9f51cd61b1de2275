package proffer

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/templates"
)

// A Preview is every screen of a brand as files to open in a browser, without a
// server: each in every language, light and dark.
type Preview struct {
	Brand, Name string
	Languages   []string
	Screens     []PreviewScreen
	Pages       []string          // our other pages, where they were wished for: "login"
	Files       map[string][]byte // by path: "light/en/coffee.html", "dark/static/brand-kopi.css"
}

// PreviewScreen is one screen: Name in the first language.
type PreviewScreen struct{ ID, Name string }

// PreviewThemes are the two looks of every page.
func PreviewThemes() []string { return []string{"light", "dark"} }

// Preview draws the screens of a brand as at a time: the same configuration and
// time make the same bytes. client "" is the brand's own look. It opens no store.
// pages adds our other pages in the brand's dress, each with made-up data, below
// "pages".
func (c *Config) Preview(brand, client string, at time.Time, pages bool) (*Preview, error) {
	set := c.Catalogue().Set(brand)
	if set == nil {
		return nil, fmt.Errorf("brand %q has no screen set", brand)
	}
	if client != "" {
		if _, owner := c.Client(client); owner != brand {
			return nil, fmt.Errorf("%q is no client of %s", client, brand)
		}
	}
	s := &rooms{cfg: c, now: func() time.Time { return at }, log: slog.New(slog.DiscardHandler), catalogue: c.Catalogue()}
	secret := func(string) []byte { return make([]byte, 32) } // nothing of these pages is ever posted
	if err := s.face(secret, func(*http.Request) string { return "" }); err != nil {
		return nil, err
	}
	asking := screens.New(screens.Deps{Now: s.now, Site: s.site, Words: s.pages, BrandName: s.brandName, BrandSite: s.brandSite}, screens.Define(s.catalogue, s.pages))
	p := &Preview{Brand: brand, Name: s.brandName(brand, c.Languages[0]), Languages: slices.Clone(c.Languages), Files: map[string][]byte{}}
	for name, b := range s.files.All() {
		p.add("static/"+name, b)
	}
	for _, file := range set.Files {
		p.add(strings.TrimPrefix(file.Path(), "/"), file.Bytes)
	}
	root, media := []byte(s.site.Path(s.files.Root())), []byte(`"`+s.site.Path("/media/"))
	for _, screen := range set.Screens {
		for i, lang := range c.Languages {
			page := s.previewPage(brand, client, lang)
			for _, l := range c.Languages {
				page.Languages = append(page.Languages, templates.Language{
					Tag: l, Name: templates.LanguageName(l), Href: "../" + l + "/" + screen.ID + ".html", Current: l == lang,
				})
			}
			view := asking.Preview(page, set, screen)
			if i == 0 {
				p.Screens = append(p.Screens, PreviewScreen{screen.ID, view.Questions[0].Ask})
			}
			var b bytes.Buffer
			if err := s.pages.Write(&b, view); err != nil {
				return nil, fmt.Errorf("screen %s in %s: %w", screen.ID, lang, err)
			}
			out := bytes.ReplaceAll(b.Bytes(), root, []byte("../static"))
			p.add(lang+"/"+screen.ID+".html", bytes.ReplaceAll(out, media, []byte(`"../media/`)))
		}
	}
	if pages {
		if err := p.addPages(s, brand, client, root); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// addPages draws the samples that every page has.
func (p *Preview) addPages(s *rooms, brand, client string, root []byte) error {
	for _, lang := range p.Languages {
		dressed := s.previewPage(brand, client, lang)
		for _, sample := range s.pages.Samples(lang, dressed.Brand) {
			page := templates.PageOf(sample.View)
			page.CSS, page.Static = dressed.CSS, dressed.Static
			for i := range page.Languages {
				page.Languages[i].Href = "../../" + page.Languages[i].Tag + "/pages/" + sample.Name + ".html"
			}
			var b bytes.Buffer
			if err := s.pages.Write(&b, sample.View); err != nil {
				return fmt.Errorf("page %s in %s: %w", sample.Name, lang, err)
			}
			p.add(lang+"/pages/"+sample.Name+".html", bytes.ReplaceAll(b.Bytes(), root, []byte("../../static")))
		}
		if lang == p.Languages[0] {
			for _, sample := range s.pages.Samples(lang, dressed.Brand) {
				p.Pages = append(p.Pages, sample.Name)
			}
		}
	}
	return nil
}

// previewPage is what a page shares where nobody is signed in and nothing begins.
func (s *rooms) previewPage(brand, client, lang string) templates.Page {
	r := &http.Request{Method: http.MethodGet, Header: http.Header{}, URL: &url.URL{Path: "/ask", RawQuery: "lang=" + url.QueryEscape(lang)}}
	page := s.site.Page(r, nil)
	page.Lang, page.Brand, page.Action, page.Languages, page.Hidden = lang, s.brand(brand, lang), "#", nil, nil
	page.CSS = s.site.Path(s.files.CSS(brand, client))
	s.dress(&page, client)
	page.Home = ""
	return page
}

// add keeps a file once in light and once in dark. A style sheet chooses by what
// the browser prefers; here the folder has chosen.
func (p *Preview) add(name string, b []byte) {
	text := strings.HasSuffix(name, ".css") || strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".svg")
	for _, theme := range PreviewThemes() {
		out := b
		if text {
			holds := map[string]string{"light": "not all", "dark": "all"}[theme]
			out = []byte(strings.NewReplacer(
				"(prefers-color-scheme: dark)", holds, "(prefers-color-scheme:dark)", holds,
				"color-scheme: light dark", "color-scheme: "+theme, `content="light dark"`, `content="`+theme+`"`,
			).Replace(string(b)))
		}
		p.Files[theme+"/"+name] = out
	}
}
