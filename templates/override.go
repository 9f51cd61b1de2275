package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An OverrideError is one thing that is wrong with a brand's own template.
type OverrideError struct {
	Brand string
	File  string // in the brand's folder: "login.html"
	Line  int    // from 1
	Says  string
}

func (e *OverrideError) Error() string {
	return fmt.Sprintf("templates of brand %s: %s:%d: %s", e.Brand, e.File, e.Line, e.Says)
}

// tryOverride executes every sample with a brand's own templates and holds each
// page against ours: what it drops and what would be refused are errors.
func (s *Set) tryOverride(brand string, over fs.FS) (pages, error) {
	p, err := parsePages(over)
	if err != nil {
		return nil, placed(brand, over, err)
	}
	own := overridden(over)
	var errs []error
	said := map[string]bool{}
	for _, lang := range s.languages {
		for _, sample := range s.Samples(lang, Brand{ID: brand, Name: "Name"}) {
			theirs, err := s.render(p, sample.View)
			if err != nil {
				return nil, placed(brand, over, fmt.Errorf("%w (sample %s, language %s)", err, sample.Name, lang))
			}
			for _, says := range s.complaints(sample.View, theirs) {
				file := s.blame(over, own, sample.View, says)
				if key := file + says; !said[key] {
					said[key] = true
					errs = append(errs, &OverrideError{brand, file, lineOf(over, file, says), says + " (sample " + sample.Name + ")"})
				}
			}
		}
		if len(errs) > 0 { // the same in every language helps nobody
			break
		}
	}
	return p, errors.Join(errs...)
}

// complaints are what is wrong with a page in a brand's own dress.
func (s *Set) complaints(v View, theirs string) []string {
	var out []string
	if m := refused.FindString(theirs); m != "" {
		out = append(out, fmt.Sprintf("the content security policy refuses %q", strings.TrimSpace(m)))
	}
	ours, err := s.render(s.own, v)
	if err != nil {
		return append(out, err.Error())
	}
	a, errA := dutiesOf(ours)
	b, errB := dutiesOf(theirs)
	if err := errors.Join(errA, errB); err != nil {
		return append(out, err.Error())
	}
	page := v.page()
	needed := []string{page.Privacy, page.Brand.Terms, page.SignOut, page.Prefix + "/preferences", "#main"}
	if t, ok := v.(*Terms); ok {
		needed = append(needed, t.Whole)
	}
	return append(out, dropped(a, b, needed)...)
}

// render executes one page of a set of pages.
func (s *Set) render(p pages, v View) (string, error) {
	t, ok := p[v.File()]
	if !ok {
		return "", fmt.Errorf("no template %s", v.File())
	}
	v.page().words = s.words
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return "", err
	}
	return b.String(), nil
}

// overridden are the template files of a brand's folder.
func overridden(over fs.FS) []string {
	top, _ := fs.Glob(over, "*.html") // the pattern is good
	parts, _ := fs.Glob(over, "parts/*.html")
	return slices.Concat(top, parts)
}

// blame finds which of a brand's files a complaint comes of: the one with which,
// alone, it is there too; else the page's own, else the first.
func (s *Set) blame(over fs.FS, own []string, v View, says string) string {
	for _, file := range own {
		p, err := parsePages(alone{over, file})
		if err != nil {
			continue
		}
		theirs, err := s.render(p, v)
		if err == nil && slices.Contains(s.complaints(v, theirs), says) {
			return file
		}
	}
	if slices.Contains(own, v.File()) || len(own) == 0 {
		return v.File()
	}
	return own[0]
}

// alone is a folder of which only one file is there.
type alone struct {
	fs.FS
	name string
}

func (a alone) Open(name string) (fs.File, error) {
	if name != "." && name != a.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return a.FS.Open(name)
}

// lineOf is where a complaint about a file points: at what is refused, or at the
// form that lacks something; the first line where there is neither.
func lineOf(over fs.FS, file, says string) int {
	src, err := fs.ReadFile(over, file)
	if err != nil {
		return 1
	}
	for i, line := range strings.Split(string(src), "\n") {
		if strings.Contains(says, "refuses") && refused.MatchString(line) || strings.Contains(says, "the form") && strings.Contains(line, "<form") {
			return i + 1
		}
	}
	return 1
}

var templateError = regexp.MustCompile(`(?s)^template: ([^:]+):(\d+)(?::\d+)?: (.*)$`)

// placed gives what html/template says its file and line, and a file that takes no
// place its name.
func placed(brand string, over fs.FS, err error) error {
	m := templateError.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("templates of brand %s: %w", brand, err)
	}
	line, _ := strconv.Atoi(m[2]) // digits
	file := m[1]
	if !slices.Contains(overridden(over), file) { // ours broke on what theirs defines
		return fmt.Errorf("templates of brand %s: %w", brand, err)
	}
	return &OverrideError{brand, file, line, m[3]}
}
