// Package bundle keeps screen sets as brands deploy them: every version for
// good, and for each brand the one that is in force. It knows neither HTTP nor
// whether a set makes sense beside those of other brands: who deploys checks
// that first. Start at Bundle for what is deployed, at Put for how.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// Format numbers the way bundles are written. One with a higher number was made
// by a newer Proffer, and is not understood.
const Format = 1

// What a bundle may have at most.
const (
	MaxSet   = 4 << 20  // bytes of the set
	MaxFile  = 1 << 20  // bytes of one file
	MaxFiles = 200      // files
	MaxAll   = 12 << 20 // bytes of all together
)

// A Hash is the SHA-256 of a bundle.
type Hash = catalogue.Hash

// A Bundle is a screen set with the files that it names: all that a brand
// deploys at once. It is not changed once made.
type Bundle struct {
	Format int
	Name   string            // of the set's file, where findings say they are: "set.yaml"
	Set    []byte            // YAML
	Files  map[string][]byte // by the name that the set calls them by; may be nil
}

// Of is a bundle of this format.
func Of(name string, set []byte, files map[string][]byte) *Bundle {
	return &Bundle{Format: Format, Name: name, Set: set, Files: files}
}

// Hash tells one bundle from another, whatever its file is called: the SHA-256
// of "proffer screens 1", the SHA-256 of the set, and name and SHA-256 of each
// file, a line each and in order of the names.
func (b *Bundle) Hash() Hash {
	var list strings.Builder
	fmt.Fprintf(&list, "proffer screens %d\n%x\n", b.Format, sha256.Sum256(b.Set))
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		fmt.Fprintf(&list, "%x %s\n", sha256.Sum256(b.Files[name]), name)
	}
	return sha256.Sum256([]byte(list.String()))
}

// An Edition is the short name of a bundle, as a visit carries it: 72 bits of
// the hash, 12 characters. "" is none.
type Edition string

// Edition is the bundle's.
func (b *Bundle) Edition() Edition { return editionOf(b.Hash()) }

func editionOf(h Hash) Edition { return Edition(base64.RawURLEncoding.EncodeToString(h[:9])) }

// Open gives a file that the set names. The error is fs.ErrNotExist where the
// bundle has none of that name.
func (b *Bundle) Open(name string) ([]byte, error) {
	if text, ok := b.Files[name]; ok {
		return text, nil
	}
	return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

// Check says what is wrong with the bundle as such. What the set says is not
// looked at.
func (b *Bundle) Check() error {
	switch {
	case b.Format > Format:
		return fmt.Errorf("the bundle has format %d, made by a newer Proffer; this one knows %d", b.Format, Format)
	case b.Format < 1:
		return errors.New("the bundle has no format")
	case !fileName(b.Name) || path.Base(b.Name) != b.Name:
		return errors.New("name: write the name of the set's file, such as set.yaml, without a folder")
	case len(b.Set) > MaxSet:
		return fmt.Errorf("set: has %d bytes; %d are the most", len(b.Set), MaxSet)
	case !utf8.Valid(b.Set):
		return errors.New("set: is no UTF-8 text")
	case len(b.Files) > MaxFiles:
		return fmt.Errorf("files: %d of them; %d are the most", len(b.Files), MaxFiles)
	}
	all := len(b.Set)
	for name, text := range b.Files {
		switch all += len(text); {
		case !fileName(name):
			return fmt.Errorf("files: %q is no name of a file below the set's folder", clip(name))
		case len(text) > MaxFile:
			return fmt.Errorf("files: %s has %d bytes; %d are the most", name, len(text), MaxFile)
		case all > MaxAll:
			return fmt.Errorf("files: all together have more than %d bytes", MaxAll)
		}
	}
	return nil
}

// fileName says whether a name leads to a file below a folder, on any system.
func fileName(name string) bool {
	return fs.ValidPath(name) && name != "." && len(name) <= 200 && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\\' || r == ':' })
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// wire is a bundle as it travels: JSON, files in base64.
type wire struct {
	Format int               `json:"format"`
	Name   string            `json:"name"`
	Set    string            `json:"set"`
	Files  map[string][]byte `json:"files,omitempty"`
}

// MarshalJSON writes the bundle as it travels.
func (b *Bundle) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire{b.Format, b.Name, string(b.Set), b.Files})
}

// UnmarshalJSON reads what MarshalJSON wrote, and checks it. Keys that are
// unknown or stand twice are errors.
func (b *Bundle) UnmarshalJSON(text []byte) error {
	var w wire
	if err := Strict(text, &w); err != nil {
		return err
	}
	*b = Bundle{w.Format, w.Name, []byte(w.Set), w.Files}
	return b.Check()
}

// Strict decodes JSON that a stranger wrote: one value, no key that is unknown
// or there twice.
func Strict(text []byte, into any) error {
	if err := keysOnce(json.NewDecoder(bytes.NewReader(text))); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// maxDepth is how deep JSON may be: what we read is four levels deep.
const maxDepth = 16

// keysOnce reports keys that stand twice in an object, upper and lower case the
// same: encoding/json would take the last of them.
func keysOnce(d *json.Decoder) error {
	type object struct {
		keys map[string]bool // nil: a list
		key  bool            // a key comes next
	}
	var open []*object
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		var in *object
		if len(open) > 0 {
			in = open[len(open)-1]
		}
		if key, ok := t.(string); ok && in != nil && in.key {
			folded := strings.Map(foldRune, key)
			if in.keys[folded] {
				return fmt.Errorf("the key %q stands there twice", clip(key))
			}
			in.keys[folded], in.key = true, false
			continue
		}
		if in != nil && in.keys != nil {
			in.key = true // after this value
		}
		switch t {
		case json.Delim('{'):
			open = append(open, &object{keys: map[string]bool{}, key: true})
		case json.Delim('['):
			open = append(open, &object{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		if len(open) > maxDepth {
			return errors.New("too many levels of JSON")
		}
	}
}

// foldRune is one rune for all that encoding/json takes for the same letter in a key:
// k, K and the sign of the kelvin.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}
