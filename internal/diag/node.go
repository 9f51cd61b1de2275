package diag

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// A Node is a place in the configuration that a check can report at. Its zero
// value, and a place that is not written down, work too: findings then name the
// nearest place that is.
type Node struct {
	tree  *tree
	path  string
	depth int
	at    *yaml.Node // where findings point to: the value, or the key of a block
	val   *yaml.Node // the value, aliases followed; nil if not written
}

// A tree is what the nodes of one file share.
type tree struct {
	file    string
	out     *Findings
	visited int  // nodes decoded, aliases followed
	over    bool // that was too many, and is reported
}

// Root is the node of a configuration that was filled in Go: it has paths but
// no positions. name stands where a file's name would; it may be "".
func Root(name string, out *Findings) Node { return Node{tree: &tree{file: name, out: out}} }

// Errorf reports what is to be put right here.
func (n Node) Errorf(format string, args ...any) { n.report(false, fmt.Sprintf(format, args...)) }

// Warnf reports what is worth a look and stops nothing.
func (n Node) Warnf(format string, args ...any) { n.report(true, fmt.Sprintf(format, args...)) }

func (n Node) report(warning bool, message string) {
	if n.tree == nil || n.tree.out == nil {
		return
	}
	f := Finding{File: n.tree.file, Path: n.path, Message: message, Warning: warning}
	if n.at != nil {
		f.Line, f.Col = n.at.Line, n.at.Column
	}
	n.tree.out.Add(f)
}

// Path is the node's place in words: "brands.kopi.clients[0].id".
func (n Node) Path() string { return n.path }

// Set says whether the node is written down and not empty.
func (n Node) Set() bool { return n.val != nil && n.val.ShortTag() != "!!null" }

// File is the name of the file the node stands in.
func (n Node) File() string {
	if n.tree == nil {
		return ""
	}
	return n.tree.file
}

// Line is the node's line, from 1; 0 if not known.
func (n Node) Line() int {
	if n.at == nil {
		return 0
	}
	return n.at.Line
}

// Pos is "kopi.yaml:12", the file alone where the line is not known.
func (n Node) Pos() string {
	if n.Line() == 0 {
		return n.File()
	}
	return fmt.Sprintf("%s:%d", n.File(), n.Line())
}

// Field is the value of a key. If it is not written, findings point at n.
func (n Node) Field(name string) Node {
	for _, e := range n.pairs() {
		if e.key.Value == name {
			return n.child(name, e.key, e.value)
		}
	}
	return Node{tree: n.tree, path: join(n.path, name), at: n.at, depth: n.depth + 1}
}

// Key is the place of a key itself, for findings about the name and not the value.
func (n Node) Key(name string) Node {
	c := n.Field(name)
	for _, e := range n.pairs() {
		if e.key.Value == name {
			c.at = e.key
			break
		}
	}
	return c
}

// Index is one element of a list, from 0. If there is none, findings point at n.
func (n Node) Index(i int) Node {
	c := Node{tree: n.tree, path: n.path + "[" + strconv.Itoa(i) + "]", at: n.at, depth: n.depth + 1}
	if n.val != nil && n.val.Kind == yaml.SequenceNode && i >= 0 && i < len(n.val.Content) {
		c.at = n.val.Content[i]
		c.val = follow(c.at)
	}
	return c
}

// Keys are the keys of a map in the order they are written.
func (n Node) Keys() []string {
	var keys []string
	for _, e := range n.pairs() {
		keys = append(keys, e.key.Value)
	}
	return keys
}

// Len is how many elements a list has; 0 for what is no list.
func (n Node) Len() int {
	if n.val == nil || n.val.Kind != yaml.SequenceNode {
		return 0
	}
	return len(n.val.Content)
}

// Scalar is a plain value as written, without quotes; ok is false for maps,
// lists and what is empty.
func (n Node) Scalar() (text string, ok bool) {
	if !n.Set() || n.val.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.val.Value, true
}

// IsMap and IsList say what the node holds.
func (n Node) IsMap() bool  { return n.val != nil && n.val.Kind == yaml.MappingNode }
func (n Node) IsList() bool { return n.val != nil && n.val.Kind == yaml.SequenceNode }

type pair struct{ key, value *yaml.Node }

// pairs are the entries of a map that have a plain key.
func (n Node) pairs() []pair {
	if !n.IsMap() {
		return nil
	}
	var out []pair
	for i := 0; i+1 < len(n.val.Content); i += 2 {
		if key := follow(n.val.Content[i]); key.Kind == yaml.ScalarNode {
			out = append(out, pair{key, n.val.Content[i+1]})
		}
	}
	return out
}

// child is the node of an entry. A block is pointed at by its key: its value
// begins on a line below.
func (n Node) child(name string, key, value *yaml.Node) Node {
	c := Node{tree: n.tree, path: join(n.path, name), at: value, val: follow(value), depth: n.depth + 1}
	block := value.Kind != yaml.ScalarNode && value.Kind != yaml.AliasNode && value.Style&yaml.FlowStyle == 0
	if block || value.Line == 0 || value.ShortTag() == "!!null" {
		c.at = key
	}
	return c
}

func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// join appends a key to a path; one that is no plain name is quoted.
func join(path, key string) string {
	plain := key != ""
	for _, r := range key {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			plain = false
		}
	}
	switch {
	case !plain:
		return path + "[" + strconv.Quote(cut(key, 40)) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

// cut shortens what is quoted in a message to n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// To is the node with findings going elsewhere, for checks that come after
// those of the file itself.
func (n Node) To(out *Findings) Node {
	t := &tree{out: out}
	if n.tree != nil {
		t.file = n.tree.file
	}
	n.tree = t
	return n
}
