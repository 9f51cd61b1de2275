package diag

import (
	"reflect"
	"strings"
)

// A Key is one that Decode knows in a struct.
type Key struct {
	Name     string
	Type     reflect.Type
	Required bool
}

// Keys are those that Decode knows in a struct, in the order of its fields.
func Keys(t reflect.Type) []Key {
	var out []Key
	for i := range t.NumField() {
		f := t.Field(i)
		switch name, lends := keyOf(f); {
		case lends:
			out = append(out, Keys(f.Type)...)
		case name != "":
			out = append(out, Key{Name: name, Type: f.Type, Required: isRequired(f)})
		}
	}
	return out
}

// Values is the type of the values in a Map; ok is false for other types.
func Values(t reflect.Type) (of reflect.Type, ok bool) {
	if t.PkgPath() != reflect.TypeFor[Node]().PkgPath() || !strings.HasPrefix(t.Name(), "Map[") {
		return nil, false
	}
	f, ok := t.FieldByName("Of")
	return f.Type.Elem(), ok
}

// keyOf is the key that a field is read from; "" for none. lends says that it is a
// struct whose fields are read as if they stood here.
func keyOf(f reflect.StructField) (name string, lends bool) {
	tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case !f.IsExported() || tag == "-" || f.Type == reflect.TypeFor[Node]():
		return "", false
	case f.Anonymous && tag == "" && f.Type.Kind() == reflect.Struct:
		return "", true
	case tag == "":
		return snake(f.Name), false
	}
	return tag, false
}

func isRequired(f reflect.StructField) bool { return f.Tag.Get("diag") == "required" }
