package diag

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// Limits of what is read. A file that is larger is no configuration.
const (
	maxBytes = 4 << 20
	maxDepth = 64
	maxNodes = 200_000 // with aliases followed, so that a few lines cannot unfold into a billion
)

// A Decoder reads itself from a node and reports what it does not understand.
// It stands on a pointer receiver; see Text and Map. It is not called for a node
// that is not written or empty.
type Decoder interface{ DecodeNode(at Node) }

// Decode fills into, a pointer to a struct or map, from YAML, and reports
// everything it does not understand: unknown keys with the nearest valid name,
// wrong types, keys given twice, required keys left out. What is right is filled
// in even so; defaults set before stay where nothing is written.
//
// Struct tags: `yaml:"name"` (default: the field's name in snake_case), `yaml:"-"`,
// and `diag:"required"`. A struct embedded without a tag lends its fields. A field
// of type Node is given its struct's own place. Types may implement Decoder or
// encoding.TextUnmarshaler. A string takes any plain value as it is written, so
// that 012 and no stay what they are.
//
// A file is at most 4 MiB, 64 levels deep, and 200,000 nodes with aliases followed.
func Decode(file string, src []byte, into any, out *Findings) Node {
	if out.sources == nil {
		out.sources = map[string][]byte{}
	}
	out.sources[file] = src
	n := Node{tree: &tree{file: file, out: out}}
	if len(src) > maxBytes {
		n.Errorf("the file has %d bytes; %d are the most", len(src), maxBytes)
		return n
	}
	doc := parse(n, src)
	if doc == nil {
		return n
	}
	n.at, n.val = doc, follow(doc)
	n.Decode(into)
	return n
}

// Decode fills into, a non-nil pointer, from the node as the package function
// does, and says whether it found nothing to put right.
func (n Node) Decode(into any) bool {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("diag: Decode needs a pointer, not %T", into))
	}
	if n.val == nil {
		return true
	}
	before := n.tree.count()
	n.decode(v.Elem())
	return n.tree.count() == before
}

func (t *tree) count() int {
	if t == nil || t.out == nil {
		return 0
	}
	c := 0
	for _, f := range t.out.list {
		if !f.Warning {
			c++
		}
	}
	return c
}

func (n Node) decode(v reflect.Value) {
	if !n.enter() {
		return
	}
	if v.Type() == reflect.TypeFor[Node]() {
		v.Set(reflect.ValueOf(n))
		return
	}
	if v.Kind() == reflect.Pointer {
		if !n.Set() {
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		n.decode(v.Elem())
		return
	}
	if v.CanAddr() {
		if d, ok := v.Addr().Interface().(Decoder); ok {
			if n.Set() {
				d.DecodeNode(n)
			}
			return
		}
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			n.decodeText(u)
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		n.decodeStruct(v)
	case reflect.Map:
		n.decodeMap(v)
	case reflect.Slice:
		n.decodeList(v)
	case reflect.Interface:
		if v.NumMethod() != 0 {
			panic("diag: cannot decode into " + v.Type().String())
		}
		if x := n.plain(); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		n.decodeScalar(v)
	}
}

// enter counts the node and says whether it may be read.
func (n Node) enter() bool {
	t := n.tree
	t.visited++
	if n.depth > maxDepth {
		if !t.over {
			n.Errorf("is nested more than %d levels deep; an alias may contain itself", maxDepth)
		}
		t.over = true
	}
	if t.visited > maxNodes {
		if !t.over {
			n.Errorf("aliases unfold to more than %d values; write them out", maxNodes)
		}
		t.over = true
	}
	return !t.over
}

func (n Node) decodeText(u encoding.TextUnmarshaler) {
	s, ok := n.scalar("a plain value")
	if !ok {
		return
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		n.Errorf("%s", err)
	}
}

func (n Node) decodeStruct(v reflect.Value) {
	if !n.Set() {
		return
	}
	if !n.IsMap() {
		n.Errorf("write keys and values here, not %s", n.what())
		return
	}
	fields := map[string]field{}
	var names []string
	collect(v, n, fields, &names)
	for _, e := range n.entries() {
		f, ok := fields[e.name]
		if !ok {
			at := e.node
			at.at = e.key
			at.Errorf("%s", unknownKey(e.name, names))
			continue
		}
		e.node.decode(f.value)
	}
	for _, name := range names {
		if at := n.Field(name); fields[name].required && !at.Set() {
			at.Errorf("is missing")
		}
	}
}

// A field is where the value of a key goes.
type field struct {
	value    reflect.Value
	required bool
}

func collect(v reflect.Value, at Node, fields map[string]field, names *[]string) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, lends := keyOf(f)
		switch {
		case lends:
			collect(v.Field(i), at, fields, names)
		case name != "":
			fields[name] = field{value: v.Field(i), required: isRequired(f)}
			*names = append(*names, name)
		case f.IsExported() && f.Type == reflect.TypeFor[Node]():
			v.Field(i).Set(reflect.ValueOf(at))
		}
	}
}

func unknownKey(name string, known []string) string {
	s := fmt.Sprintf("unknown key %q", cut(name, 40))
	if near := Suggest(name, known); near != "" {
		return s + fmt.Sprintf("; did you mean %q?", near)
	}
	if len(known) > 0 && len(known) <= 20 {
		return s + "; known here: " + strings.Join(known, ", ")
	}
	return s
}

// An entry is one key of a map with its value.
type entry struct {
	name string
	key  *yaml.Node
	node Node
}

// entries are a map's keys, each once; what is no plain name, a merge key or a
// name given twice is reported.
func (n Node) entries() []entry {
	var out []entry
	first := map[string]int{}
	for i := 0; i+1 < len(n.val.Content); i += 2 {
		key := follow(n.val.Content[i])
		at := n
		at.at = n.val.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
			at.Errorf("write a plain name as the key")
			continue
		}
		if key.ShortTag() == "!!merge" {
			at.Errorf("<< is not read here; write the keys out")
			continue
		}
		node := n.child(key.Value, n.val.Content[i], n.val.Content[i+1])
		if line, ok := first[key.Value]; ok {
			at.path = node.path
			at.Errorf("%q stands here twice, first in line %d; keep one", cut(key.Value, 40), line)
			continue
		}
		first[key.Value] = key.Line
		out = append(out, entry{name: key.Value, key: n.val.Content[i], node: node})
	}
	return out
}

func (n Node) decodeMap(v reflect.Value) {
	if !n.Set() {
		return
	}
	if !n.IsMap() {
		n.Errorf("write keys and values here, not %s", n.what())
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, e := range n.entries() {
		key := reflect.New(v.Type().Key()).Elem()
		if key.Kind() != reflect.String {
			panic("diag: a map needs string keys: " + v.Type().String())
		}
		key.SetString(e.name)
		elem := reflect.New(v.Type().Elem()).Elem()
		e.node.decode(elem)
		v.SetMapIndex(key, elem)
	}
}

func (n Node) decodeList(v reflect.Value) {
	if !n.Set() {
		return
	}
	if !n.IsList() {
		if s, ok := n.Scalar(); ok {
			n.Errorf("write a list here: [%s]", cut(s, 40))
		} else {
			n.Errorf("write a list here, not %s", n.what())
		}
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n.Len(), n.Len()))
	for i := range n.Len() {
		n.Index(i).decode(v.Index(i))
		if n.tree.over {
			return
		}
	}
}

func (n Node) decodeScalar(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := n.scalar("a text"); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		s, ok := n.scalar("true or false")
		if ok && s != "true" && s != "false" {
			n.Errorf("write true or false, not %q", cut(s, 40))
		} else if ok {
			v.SetBool(s == "true")
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if s, ok := n.scalar("a whole number"); ok {
			x, err := strconv.ParseInt(s, 10, v.Type().Bits())
			n.number(s, err, "a whole number", func() { v.SetInt(x) })
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if s, ok := n.scalar("a whole number"); ok {
			x, err := strconv.ParseUint(s, 10, v.Type().Bits())
			n.number(s, err, "a whole number, 0 or more", func() { v.SetUint(x) })
		}
	case reflect.Float32, reflect.Float64:
		if s, ok := n.scalar("a number"); ok {
			x, err := strconv.ParseFloat(s, v.Type().Bits())
			if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
				err = strconv.ErrRange
			}
			n.number(s, err, "a number", func() { v.SetFloat(x) })
		}
	default:
		panic("diag: cannot decode into " + v.Type().String())
	}
}

func (n Node) number(s string, err error, want string, set func()) {
	if err != nil {
		n.Errorf("write %s here, not %q", want, cut(s, 40))
		return
	}
	set()
}

// scalar is the plain value of the node; anything else is reported.
func (n Node) scalar(want string) (string, bool) {
	s, ok := n.Scalar()
	switch {
	case ok:
		return s, true
	case !n.Set():
		n.Errorf("has no value; write %s, or leave the key out", want)
	default:
		n.Errorf("write %s here, not %s", want, n.what())
	}
	return "", false
}

func (n Node) what() string {
	switch {
	case n.IsMap():
		return "keys and values"
	case n.IsList():
		return "a list"
	}
	s, _ := n.Scalar()
	return strconv.Quote(cut(s, 40))
}

// plain is the node as encoding/json would give it, numbers as float64.
func (n Node) plain() any {
	switch {
	case !n.Set():
		return nil
	case n.IsMap():
		m := map[string]any{}
		for _, e := range n.entries() {
			if e.node.enter() {
				m[e.name] = e.node.plain()
			}
		}
		return m
	case n.IsList():
		list := make([]any, 0, n.Len())
		for i := range n.Len() {
			if c := n.Index(i); c.enter() {
				list = append(list, c.plain())
			}
		}
		return list
	}
	s := n.val.Value
	switch n.val.ShortTag() {
	case "!!bool":
		return s == "true"
	case "!!int", "!!float":
		if x, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x
		}
	}
	return s
}

// snake is a Go name in snake_case: RedirectTo is redirect_to.
func snake(name string) string {
	r := []rune(name)
	var b strings.Builder
	for i, c := range r {
		up := unicode.IsUpper(c)
		if up && i > 0 && (!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
