package proffer

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
)

// picture says what keeps an SVG file from being shown, or "". It is served from
// the provider's own origin, so it may neither run anything nor fetch anything:
// scripts, handlers, foreign content, and links to what is not in the file are
// refused, beside the sandbox it is served in.
func picture(text []byte) string {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = true
	root, style := true, "" // text since the last tag: a comment inside does not part it for a browser
	for {
		token, err := d.Token()
		if err == io.EOF && !root {
			return ""
		}
		if err != nil {
			return "is not a whole SVG picture"
		}
		switch t := token.(type) {
		case xml.Directive:
			return "has a <!…> declaration, which a picture does not need"
		case xml.ProcInst:
			if t.Target != "xml" {
				return "has a processing instruction <?" + t.Target + "?>, which could load a style sheet"
			}
		case xml.CharData:
			if style += string(t); outside(style) {
				return "has a style that loads from outside"
			}
		case xml.EndElement:
			style = ""
		case xml.StartElement:
			style = ""
			if root && (t.Name.Local != "svg" || t.Name.Space != "http://www.w3.org/2000/svg") {
				return `is not an SVG picture: it begins with <svg xmlns="http://www.w3.org/2000/svg">`
			}
			root = false
			if why := pictureElement(t); why != "" {
				return why
			}
		}
	}
}

func pictureElement(t xml.StartElement) string {
	switch name := asciiLower(t.Name.Local); name {
	case "script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "audio", "video", "a", "set", "animate":
		return "has a <" + t.Name.Local + ">, which a picture here must not have"
	}
	for _, a := range t.Attr {
		switch name := asciiLower(a.Name.Local); {
		case strings.HasPrefix(name, "on"):
			return "has the attribute " + a.Name.Local + ", which would run a script"
		case name == "href" || name == "src":
			if !strings.HasPrefix(a.Value, "#") {
				return "has a link to something outside of it (" + a.Name.Local + "); only #… within the picture is allowed"
			}
		case outside(a.Value):
			return "loads from outside in its attribute " + a.Name.Local
		}
	}
	return ""
}

// outside says whether a style has a url(…) that is not #… within the file, or
// one of the other ways to name a file (CSS Images 4; CSS Values 5).
func outside(style string) bool {
	rest := asciiLower(style)
	for _, way := range []string{"@import", "image-set(", "src(", "image("} {
		if strings.Contains(rest, way) {
			return true
		}
	}
	for {
		_, after, found := strings.Cut(rest, "url(")
		if !found {
			return strings.Contains(rest, `\`) // an escape could spell url( another way
		}
		if !strings.HasPrefix(strings.TrimLeft(after, " \t\n'\""), "#") {
			return true
		}
		rest = after
	}
}
