package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/lint"
)

// notAlone begins what is only found because a set stands alone: the other
// brands' sets may define the question.
const notAlone = "is shared, but no other brand defines it"

// alone reads a set by itself, with what is found in it. What only the sets of
// other brands can tell is a warning.
func alone(file, brand string) (*catalogue.Set, *bundle.Bundle, *diag.Findings) {
	cfg, all := proffer.SetAlone(file, brand, "screens")
	found := new(diag.Findings)
	for _, f := range all.All() {
		if strings.HasPrefix(f.Message, notAlone) {
			f.Warning, f.Message = true, "is defined by another brand's set, which is not looked at here; a deploy is checked beside it"
		}
		found.Add(f)
	}
	if cfg == nil || cfg.Catalogue() == nil {
		return nil, nil, found
	}
	brands := cfg.Catalogue().Brands()
	if len(brands) != 1 {
		return nil, nil, found
	}
	set := cfg.Catalogue().Set(brands[0])
	text, err := os.ReadFile(file)
	if err != nil {
		found.Add(diag.Finding{File: file, Message: err.Error()})
		return nil, nil, found
	}
	files := map[string][]byte{}
	for _, f := range set.Files {
		files[f.Name] = f.Bytes
	}
	b := bundle.Of(filepath.Base(file), text, files)
	if err := b.Check(); err != nil && found.Errors() == 0 {
		found.Add(diag.Finding{File: file, Message: err.Error()})
	}
	return set, b, found
}

// whole is alone for a set that must be whole: findings are printed, and an error
// comes back if one of them is none to be only looked at.
func whole(s streams, file, brand string) (*catalogue.Set, *bundle.Bundle, error) {
	set, b, found := alone(file, brand)
	fmt.Fprint(s.err, found)
	if n := found.Errors(); n > 0 || set == nil {
		return nil, nil, fmt.Errorf("%s in %s", count(max(n, 1), "problem"), file)
	}
	return set, b, nil
}

// closer adds what is allowed in a whole set and yet likely to be a mistake, under
// the name of the file as it was given.
func closer(set *catalogue.Set, file string, found *diag.Findings) {
	var out diag.Findings
	lint.Check(set, &out)
	for _, f := range out.All() {
		f.File = file
		found.Add(f)
	}
}

// unpack writes a bundle to a folder and returns the path of the set.
func unpack(b *bundle.Bundle, folder string) (string, error) {
	if err := b.Check(); err != nil { // no name leads out of the folder
		return "", err
	}
	files := map[string][]byte{b.Name: b.Set}
	for name, text := range b.Files {
		files[name] = text
	}
	for name, text := range files {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			return "", err
		}
	}
	return filepath.Join(folder, b.Name), nil
}
