package diag

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// A Rewording is what a text is to say. At is its place, from decoding the very
// bytes that are changed; Plain is the language of a text that is written without one.
type Rewording struct {
	At    Node
	Text  Text
	Plain string
}

// Reword is src, the bytes that n is the root of, with other words, and otherwise
// unchanged to the byte: comments and layout stay. Languages that a text does not
// have yet are added to it; none is taken away. What is not written on one line
// cannot be reworded; the error says which place.
func (n Node) Reword(src []byte, to []Rewording) ([]byte, error) {
	var cuts []splice
	want := map[*yaml.Node]Text{}
	for _, r := range to {
		more, err := r.splices(src)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", r.At.Pos(), r.At.Path(), err)
		}
		if len(more) > 0 {
			want[r.At.val] = r.Text
		}
		cuts = append(cuts, more...)
	}
	slices.SortStableFunc(cuts, func(a, b splice) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, c := range cuts {
		if c.from < at {
			return nil, errors.New("a text stands in two places by an alias; write it out")
		}
		b.Write(src[at:c.from])
		b.WriteString(c.put)
		at = c.to
	}
	b.Write(src[at:])
	out := []byte(b.String())
	again := parse(Root("", new(Findings)), out)
	if n.val == nil || again == nil {
		return nil, errors.New("the file cannot be written with these words")
	}
	if odd := apart(n.val, again, want); odd != nil { // whatever was misread above, no other value changes
		return nil, fmt.Errorf("line %d cannot be written with these words and stay what it is; write its text on one line, without an alias", odd.Line)
	}
	return out, nil
}

// A splice puts other text in place of src[from:to].
type splice struct {
	from, to int
	put      string
}

func (r Rewording) splices(src []byte) ([]splice, error) {
	n := r.At.val
	switch {
	case n == nil:
		return nil, errors.New("is not written")
	case n.Kind == yaml.ScalarNode:
		words, only := r.Text[r.Plain], len(r.Text) == 1
		if only && words == n.Value {
			return nil, nil
		}
		from, to, err := extent(src, n)
		if err != nil || only {
			return []splice{{from, to, writeWords(words)}}, err
		}
		parts := []string{r.Plain + ": " + writeWords(words)}
		for _, lang := range slices.Sorted(maps.Keys(r.Text)) {
			if lang != r.Plain {
				parts = append(parts, lang+": "+writeWords(r.Text[lang]))
			}
		}
		return []splice{{from, to, "{" + strings.Join(parts, ", ") + "}"}}, nil
	case n.Kind != yaml.MappingNode || len(n.Content) < 2:
		return nil, errors.New("has no words")
	}
	var out []splice
	has := map[string]bool{}
	for _, p := range r.At.pairs() {
		has[p.key.Value] = true
		words, ok := r.Text[p.key.Value]
		if v := follow(p.value); !ok || v.Kind == yaml.ScalarNode && v.Value == words {
			continue
		}
		from, to, err := extent(src, p.value)
		if err != nil {
			return nil, err
		}
		out = append(out, splice{from, to, writeWords(words)})
	}
	first, last := n.Content[0], n.Content[len(n.Content)-1]
	for _, lang := range slices.Sorted(maps.Keys(r.Text)) {
		if has[lang] {
			continue
		}
		_, end, err := extent(src, last)
		if err != nil {
			return nil, err
		}
		put := ", " + lang + ": " + writeWords(r.Text[lang])
		if n.Style&yaml.FlowStyle == 0 {
			put = "\n" + strings.Repeat(" ", first.Column-1) + lang + ": " + writeWords(r.Text[lang])
			if i := strings.IndexByte(string(src[end:]), '\n'); i >= 0 { // after a comment, if one stands there
				end += i
			} else {
				end = len(src)
			}
		}
		out = append(out, splice{end, end, put})
	}
	return out, nil
}

// extent is where a plain value stands in src, with its quotes.
func extent(src []byte, n *yaml.Node) (from, to int, err error) {
	odd := errors.New("is written in a way that cannot be changed here; write it on one line, without an anchor or a tag")
	if n.Kind != yaml.ScalarNode {
		return 0, 0, odd
	}
	for range n.Line - 1 {
		i := strings.IndexByte(string(src[from:]), '\n')
		if i < 0 {
			return 0, 0, odd
		}
		from += i + 1
	}
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(src[from:])
		from += size
	}
	rest := string(src[from:])
	line, _, _ := strings.Cut(rest, "\n")
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0 && strings.HasPrefix(line, `"`):
		for i := 1; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				return from, from + i + 1, nil
			}
		}
	case n.Style&yaml.SingleQuotedStyle != 0 && strings.HasPrefix(line, "'"):
		for i := 1; i < len(line); i++ {
			if line[i] == '\'' {
				if strings.HasPrefix(line[i+1:], "'") {
					i++
					continue
				}
				return from, from + i + 1, nil
			}
		}
	case n.Value != "" && strings.HasPrefix(line, n.Value):
		return from, from + len(n.Value), nil
	}
	return 0, 0, odd
}

// writeWords writes a text as YAML: as it is where nothing in it means anything to
// YAML, else in double quotes.
func writeWords(s string) string {
	plain := s != "" && strings.TrimSpace(s) == s
	for i, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if !letter && (i == 0 || r != ' ' && !unicode.IsMark(r) && !strings.ContainsRune(".?!'’-–()…", r)) {
			plain = false
		}
	}
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		plain = false
	}
	if plain {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b) // a string of JSON is one of YAML
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a text can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// apart is where two documents differ, other than by the texts that are wanted; nil
// if nowhere.
func apart(a, b *yaml.Node, want map[*yaml.Node]Text) *yaml.Node {
	if t, ok := want[a]; ok {
		var got Text
		found := new(Findings)
		n := Root("", found)
		n.at, n.val = b, follow(b)
		n.Decode(&got)
		if one, plain := got[""]; plain && len(t) == 1 {
			got = Text{slices.Collect(maps.Keys(t))[0]: one}
		}
		if found.Err() != nil || !maps.Equal(got, t) {
			return b
		}
		return nil
	}
	if a.Kind != b.Kind || a.ShortTag() != b.ShortTag() || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return b
	}
	for i := range a.Content {
		if at := apart(a.Content[i], b.Content[i], want); at != nil {
			return at
		}
	}
	return nil
}
