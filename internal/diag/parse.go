package diag

import (
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// parse reads the one document of src, or reports why it cannot be read and
// returns nil.
func parse(n Node, src []byte) *yaml.Node {
	if i := firstBroken(src); i >= 0 {
		line, col := position(src, i)
		n.tree.out.Add(Finding{File: n.tree.file, Line: line, Col: col, Message: "the file is not UTF-8 here; save it as UTF-8"})
		return nil
	}
	if nothing(src) {
		n.Errorf("the file is empty")
		return nil
	}
	var doc yaml.Node
	err := yaml.Load(src, &doc, yaml.WithUniqueKeys(false))
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many):
		for _, e := range many.Errors {
			n.broken(e)
		}
		return nil
	case errors.As(err, &one):
		n.broken(one)
		return nil
	case err != nil:
		n.Errorf("this is not YAML that can be read: %s%s", err, hint(err.Error()))
		return nil
	}
	root := &doc
	if doc.Kind == yaml.DocumentNode {
		if len(doc.Content) == 0 {
			n.Errorf("the file is empty")
			return nil
		}
		root = doc.Content[0]
	}
	if root.Kind == 0 || root.ShortTag() == "!!null" {
		n.Errorf("the file is empty")
		return nil
	}
	if unfolded(root) > maxNodes {
		n.Errorf("has more than %d values with aliases followed; write them out, and let no alias contain itself", maxNodes)
		return nil
	}
	return root
}

// broken reports what the YAML parser said at the place it said it of.
func (n Node) broken(e *yaml.LoadError) {
	message := e.Message
	if e.ContextMsg != "" {
		message = e.ContextMsg + ": " + message
	}
	n.tree.out.Add(Finding{File: n.tree.file, Line: max(e.Mark.Line, 1), Col: max(e.Mark.Column, 1),
		Message: "this is not YAML that can be read: " + message + hint(e.Message)})
}

// hint says what to do about what people meet most.
func hint(message string) string {
	for part, do := range map[string]string{
		"mapping values are not allowed":      "; put a text that has a colon in quotes, or check the indentation, here and in the lines above",
		"cannot start any token":              "; indent with blanks, not tabs, and put a text that begins with a sign in quotes",
		"did not find expected ',' or":        "; close the bracket, or put a text that has one in quotes",
		"found unexpected end of stream":      "; close the quotes",
		"did not find expected key":           "; check the indentation, here and in the lines above",
		"did not find expected '-' indicator": "; check the indentation, here and in the lines above",
		"expected single document":            "; take out the line ---",
		"found a tab character":               "; indent with blanks",
		"could not find expected ':'":         "; write a colon and a blank after the key",
		"found unknown escape character":      "; in double quotes write \\\\ for a backslash, or use single quotes",
	} {
		if strings.Contains(message, part) {
			return do
		}
	}
	return ""
}

// nothing says whether there are only blank lines and comments.
func nothing(src []byte) bool {
	for line := range strings.Lines(string(src)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// firstBroken is the offset of the first byte that is no UTF-8, or -1.
func firstBroken(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func position(src []byte, offset int) (line, col int) {
	before := string(src[:offset])
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
}
