package catalogue

import (
	"fmt"
	"reflect"

	"github.com/proffer-id/proffer/internal/diag"
)

// A Phrase is one text of a set, where it is written.
type Phrase struct {
	Key  string // "questions.milk.ask", "questions.milk.options.oat.label"
	What string // what it is, for who translates it
	Text Text   // by language; "" where it is written without one
	At   diag.Node
}

// Texts are all texts that are written in the set's file, in the order of its parts and
// of what is written in them. It needs what Load read, whole or not.
func (s *Set) Texts() []Phrase {
	var out []Phrase
	phrases(reflect.TypeFor[rawSet](), s.at, "", "set", &out)
	return out
}

// phrases finds the texts of a type, as diag.Decode reads it.
func phrases(t reflect.Type, at diag.Node, key, what string, out *[]Phrase) {
	below := func(name string) string {
		if key == "" {
			return name
		}
		return key + "." + name
	}
	switch {
	case !at.Set():
		return
	case t == reflect.TypeFor[Text]():
		var text Text
		at.To(new(diag.Findings)).Decode(&text)
		*out = append(*out, Phrase{Key: key, What: schemaWords()[what], Text: text, At: at})
		return
	case t == reflect.TypeFor[rawWhen]():
		phrases(reflect.TypeFor[[]rawOption](), at, key, what, out)
		return
	}
	if of, ok := diag.Values(t); ok {
		for _, name := range at.Keys() {
			phrases(of, at.Field(name), below(name), what, out)
		}
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		for _, k := range diag.Keys(t) {
			phrases(k.Type, at.Field(k.Name), below(k.Name), typeName(t)+"."+k.Name, out)
		}
	case reflect.Slice:
		for i := range at.Len() {
			name, ok := at.Index(i).Field("id").Scalar()
			if !ok {
				name = fmt.Sprint(i)
			}
			phrases(t.Elem(), at.Index(i), below(name), what, out)
		}
	}
}
