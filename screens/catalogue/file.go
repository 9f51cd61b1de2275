package catalogue

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// A File is one picture that a set names, as it is served.
type File struct {
	Name  string // as the set names it: a path beside the set
	Hash  Hash   // SHA-256 of the bytes
	Type  string // Content-Type: image/png, image/jpeg, image/webp or image/avif
	Bytes []byte // MaxFile at most; not to be changed
}

// MaxFile is the largest picture of a set, in bytes.
const MaxFile = 300 << 10

// Path is where the file is served, without the mount prefix: the same bytes are
// always there, so the answer may be kept for ever.
func (f *File) Path() string { return "/media/" + f.Hash.String() + fileTypes()[f.Type] }

// fileTypes are the types that may be served, and what their names end with. None
// of them can hold a script.
func fileTypes() map[string]string {
	return map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/avif": ".avif"}
}

// sniff says what a file is by its bytes, whatever it is called; "" if it is none
// that may be served.
func sniff(b []byte) string {
	is := func(at int, magic string) bool {
		return len(b) >= at+len(magic) && string(b[at:at+len(magic)]) == magic
	}
	switch {
	case is(0, "\x89PNG\r\n\x1a\n"):
		return "image/png"
	case is(0, "\xff\xd8\xff"):
		return "image/jpeg"
	case is(0, "RIFF") && is(8, "WEBP"):
		return "image/webp"
	case is(4, "ftypavif"), is(4, "ftypavis"):
		return "image/avif"
	}
	return ""
}

// file reads a picture that stands beside the set; nil if that was reported.
func (l *loading) file(at diag.Node, name string) *File {
	if f := find(l.set.Files, func(f *File) bool { return f.Name == name }); f != nil {
		return f
	}
	switch {
	case l.o.Open == nil:
		at.Errorf("names a file, and there are none beside this set")
		return nil
	case !fs.ValidPath(name) || name == ".":
		at.Errorf("write the path of a file beside the set, such as pictures/run.webp%s", meantFile(name))
		return nil
	}
	b, err := l.o.Open(name)
	var cause *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		at.Errorf("there is no file %s beside the set", name)
		return nil
	case errors.As(err, &cause):
		at.Errorf("%s cannot be read: %s", name, cause.Err)
		return nil
	case err != nil:
		at.Errorf("%s cannot be read: %s", name, err)
		return nil
	}
	f := &File{Name: name, Hash: sha256.Sum256(b), Type: sniff(b), Bytes: b}
	switch {
	case len(b) > MaxFile:
		at.Errorf("%s is larger than %s; customers wait for it on a phone", name, diag.Size(MaxFile))
		return nil
	case f.Type == "" && looksLikeSVG(b):
		at.Errorf("%s is an SVG file, which can hold scripts; make a PNG, JPEG, WebP or AVIF file of it", name)
		return nil
	case f.Type == "":
		at.Errorf("%s is no PNG, JPEG, WebP or AVIF file, whatever it is called", name)
		return nil
	}
	l.set.Files = append(l.set.Files, f)
	return f
}

// meantFile is the path that was probably meant: without what leads out of the folder
// of the set.
func meantFile(name string) string {
	if clean := path.Clean(name); clean != name && !strings.Contains(name, ":") && fs.ValidPath(clean) && clean != "." {
		return diag.DidYouMean(clean+"_", []string{clean}, nil)
	}
	return ""
}

func looksLikeSVG(b []byte) bool { return bytes.Contains(b[:min(len(b), 1024)], []byte("<svg")) }

// Pictures are the files of all sets by where they are served.
func (c *Catalogue) Pictures() map[string]*File {
	all := map[string]*File{}
	for _, brand := range c.brands {
		for _, f := range c.sets[brand].Files {
			all[f.Path()] = f
		}
	}
	return all
}

// A Picture stands for an option.
type Picture struct {
	File *File
	Alt  Text // what it shows, for who cannot see it
}

type rawPicture struct {
	File string
	Alt  Text
}

// pictures reads the picture of each option: all have one but "other".
func (l *loading) pictures(q *Question, raw *rawQuestion) {
	for i, o := range raw.Options {
		at := raw.At.Field("options").Index(i).Field("picture")
		opt := q.Option(o.ID)
		switch {
		case o.Other:
			if at.Set() {
				at.Errorf("what customers say in their own words has no picture; leave it out")
			}
		case !at.Set():
			if !raw.At.Field("options").Index(i).IsMap() {
				continue // reported already
			}
			at.Errorf("is missing; write {file: pictures/%s.webp, alt: …}", fileStem(o.ID))
		case at.IsMap():
			p := &Picture{Alt: o.Picture.Alt}
			l.text(&p.Alt, at, "alt", true)
			if in := at.Field("file"); o.Picture.File != "" {
				p.File = l.file(in, o.Picture.File)
			} else if !in.IsMap() && !in.IsList() {
				in.Errorf("is missing; write the path of a file beside the set, such as pictures/%s.webp", fileStem(o.ID))
			}
			if opt != nil && p.File != nil {
				opt.Picture = p
			}
		}
	}
}

func fileStem(id string) string {
	if isOption(id) {
		return id
	}
	return "run"
}

// unpictured reports pictures at a kind that shows none.
func (l *loading) unpictured(raw *rawQuestion) {
	at := raw.At.Field("options")
	for i := range raw.Options {
		if in := at.Index(i).Field("picture"); in.Set() {
			in.Errorf("kind %s shows no pictures; choose kind: pictures", raw.Kind)
		}
	}
}
