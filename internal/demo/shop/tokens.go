package shop

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/proffer-id/proffer/relying"
)

// A Line is one line of JSON as the panel shows it. What the customer said is
// marked.
type Line struct {
	Indent string
	Text   string
	Said   bool
	Comma  bool
}

// lines writes a JSON object out, marking the members of zp.
func lines(payload []byte) []Line {
	var b bytes.Buffer
	if err := json.Indent(&b, payload, "", "  "); err != nil {
		return nil
	}
	var out []Line
	inside, at := false, ""
	for text := range strings.Lines(b.String()) {
		text = strings.TrimRight(text, "\n")
		body := strings.TrimLeft(text, " ")
		indent := text[:len(text)-len(body)]
		if inside && (indent == at && strings.HasPrefix(body, "}")) {
			inside = false
		}
		trimmed, comma := strings.CutSuffix(body, ",")
		out = append(out, Line{Indent: indent, Text: trimmed, Said: inside, Comma: comma})
		if !inside && strings.HasPrefix(body, `"zp": {`) && !strings.HasPrefix(body, `"zp": {}`) {
			inside, at = true, indent
		}
	}
	return joined(out)
}

// joined puts short lists of what was said on one line each: a reader takes
// ["run","trail"] in at a glance.
func joined(in []Line) []Line {
	var out []Line
	for i := 0; i < len(in); i++ {
		l := in[i]
		if l.Said && strings.HasSuffix(l.Text, "[") {
			end := i + slices.IndexFunc(in[i:], func(m Line) bool { return m.Indent == l.Indent && strings.HasPrefix(m.Text, "]") })
			if end > i {
				var items []string
				for _, m := range in[i+1 : end] {
					items = append(items, m.Text)
				}
				l.Text += strings.Join(items, ", ") + "]"
				l.Comma = in[end].Comma
				i = end
			}
		}
		out = append(out, l)
	}
	return out
}

// firstLook is the part of an ID token that tells the story: who says it, of
// whom, and what the customer said.
func firstLook(payload []byte) []Line {
	var all map[string]json.RawMessage
	if json.Unmarshal(payload, &all) != nil {
		return nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range []string{"iss", "sub", "zp"} {
		raw, ok := all[name]
		if !ok {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if name == "sub" { // a number nobody reads to its end; the whole one is below
			var sub string
			if json.Unmarshal(raw, &sub) == nil && len(sub) > 8 {
				raw, _ = json.Marshal(sub[:4] + "…only here")
			}
		}
		b.WriteString(`"` + name + `":`)
		b.Write(raw)
	}
	b.WriteByte('}')
	return lines(b.Bytes())
}

// word returns the words for an option, or the option's own id in words: who
// adds one in the configuration sees it here at once.
func word(words map[string]string, id string) string {
	if w, ok := words[id]; ok {
		return w
	}
	if own, ok := strings.CutPrefix(id, "other:"); ok { // the customer's own words
		return own
	}
	return strings.ReplaceAll(id, "_", " ")
}

// row says an answer in words, or that it is not shared.
func row(name, key string, a relying.Answers, say func() (string, bool)) Row {
	if value, ok := say(); ok {
		return Row{Name: name, Value: value, Known: true, key: key}
	}
	if a.Standing(key) == relying.Unknown {
		return Row{Name: name, Value: "not known", key: key}
	}
	return Row{Name: name, Value: "not shared", key: key}
}

// others are the answers that the brand's own rows do not name: questions that
// came to the configuration later.
func others(named []Row, a relying.Answers) []Row {
	var out []Row
	for _, key := range a.Keys() {
		if slices.ContainsFunc(named, func(r Row) bool { return r.key == key }) {
			continue
		}
		name := strings.ReplaceAll(key, "_", " ")
		out = append(out, Row{Name: strings.ToUpper(name[:1]) + name[1:], Value: plain(a, key), Known: true, key: key})
	}
	return out
}

// plain says any answer without knowing its question.
func plain(a relying.Answers, key string) string {
	if d, ok := a.MonthDay(key); ok {
		return day(d)
	}
	if s, ok := a.String(key); ok {
		return word(nil, s)
	}
	if n, ok := a.Number(key); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	if many, ok := a.Strings(key); ok {
		var out []string
		for _, one := range many {
			out = append(out, word(nil, one))
		}
		return strings.Join(out, ", ")
	}
	if yes, ok := a.Bool(key); ok {
		if yes {
			return "yes"
		}
		return "no"
	}
	raw, _ := a.Raw(key)
	return string(raw)
}
