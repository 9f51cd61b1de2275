package catalogue

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// A schema is a JSON Schema or a part of one; see Schema.
type schema map[string]any

// Schema is a JSON Schema (draft 2020-12) of a set's file, for editors that
// complete and check while one writes. It is made from the types that Load decodes
// into and from the kinds themselves, so that it knows what Load knows. It accepts
// all that Load accepts, but for "true" and "3" in quotes where true and 3 are
// meant; Load finds much more.
func Schema() []byte {
	d := &schemas{defs: schema{}}
	root := d.object(reflect.TypeFor[rawSet]())
	for _, part := range root["properties"].(schema) {
		part.(schema)["type"] = []string{"object", "null"} // the key may stand alone
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Proffer screen set"
	maps.Copy(d.defs, schema{
		"text": textSchema(), "name": nameSchema(), "period": periodSchema(), "scalar": scalarSchema(), "decimal": decimalSchema(),
		"day": daySchema(), "country": schema{"enum": countries(), "description": "The code of a country, ISO 3166-1."},
		"condition": conditionSchema(), "trigger": triggerSchema(),
	})
	root["$defs"] = d.defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		panic(err) // texts, numbers, lists and maps can always be written
	}
	return b.Bytes()
}

// schemas collects the types that were met.
type schemas struct{ defs schema }

func ref(name string) schema { return schema{"$ref": "#/$defs/" + name} }

// of is the schema of a type, as diag.Decode reads it.
func (d *schemas) of(t reflect.Type) schema {
	switch t {
	case reflect.TypeFor[Text]():
		return ref("text")
	case reflect.TypeFor[diag.Period]():
		return ref("period")
	case reflect.TypeFor[rawCondition]():
		return ref("condition")
	case reflect.TypeFor[kept](): // see narrower
		return schema{}
	case reflect.TypeFor[rawTriggers]():
		return schema{"type": "array", "items": ref("trigger"), "minItems": 1}
	case reflect.TypeFor[rawWhen]():
		return schema{"anyOf": []schema{{"const": "month"}, d.of(reflect.TypeFor[[]rawOption]())}}
	case reflect.TypeFor[rawArm]():
		return schema{"anyOf": []schema{shareSchema(), d.named(t)}}
	}
	if of, ok := diag.Values(t); ok {
		return schema{"type": "object", "propertyNames": ref("name"), "additionalProperties": d.of(of)}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.Struct:
		return d.named(t)
	case reflect.Slice:
		return schema{"type": "array", "items": d.of(t.Elem())}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int:
		return schema{"type": "integer"}
	case reflect.String:
		return ref("scalar")
	}
	panic("catalogue: there is no schema of " + t.String()) // Schema has a test
}

// named is a reference to the schema of a struct.
func (d *schemas) named(t reflect.Type) schema {
	name := typeName(t)
	if _, ok := d.defs[name]; !ok {
		d.defs[name] = nil // is being made
		d.defs[name] = d.object(t)
	}
	return ref(name)
}

// typeName is what the schema calls a type: rawQuestion is question.
func typeName(t reflect.Type) string { return strings.ToLower(strings.TrimPrefix(t.Name(), "raw")) }

// object is the schema of a struct: its keys and no others.
func (d *schemas) object(t reflect.Type) schema {
	name := typeName(t)
	properties, required := schema{}, needed()[name]
	for _, key := range diag.Keys(t) {
		path := name + "." + key.Name
		if slices.Contains(neverWritten(), path) {
			continue
		}
		s := d.of(key.Type)
		if narrow, ok := narrower()[path]; ok {
			s = narrow
		}
		s = maps.Clone(s)
		s["description"] = schemaWords()[path]
		properties[key.Name] = s
		if key.Required && !slices.Contains(required, key.Name) {
			required = append(required, key.Name)
		}
	}
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	switch t {
	case reflect.TypeFor[rawQuestion]():
		s["allOf"] = byKind()
	case reflect.TypeFor[rawOption](): // "other" has an id and a label of its own
		s["anyOf"] = []schema{{"required": []string{"id", "label"}}, {"properties": schema{"other": schema{"const": true}}, "required": []string{"other"}}}
	}
	return s
}

// byKind says what a question has to have, and what it cannot have, for what it is.
func byKind() []schema {
	when := func(key string, value any, then, otherwise schema) schema {
		s := schema{"if": schema{"properties": schema{key: schema{"const": value}}, "required": []string{key}}, "then": then}
		if otherwise != nil {
			s["else"] = otherwise
		}
		return s
	}
	items := func(of string) schema {
		return schema{"properties": schema{"options": schema{"items": ref(of)}}}
	}
	ends := func(of schema) schema { return schema{"properties": schema{"from": of, "to": of}} }
	bound := schema{"type": "string", "pattern": `^(today([+-][0-9a-z]+)?|[0-9]{4}-[0-9]{2}(-[0-9]{2})?)$`}
	size := schema{"type": []string{"string", "number"}, "pattern": `^([0-9]{2}(\.5)?|[0-9]?X*[SML])$`}
	out := []schema{
		when("shared", true, without(uselessShared()), schema{"required": []string{"kind", "ask", "name"}}),
		when("kind", "country", items("country"), items("option")),
		when("kind", "size", ends(size), ends(bound)),
	}
	for _, kind := range kindNames() {
		out = append(out, when("kind", kind, without(useless(kindOf(kind))), nil))
	}
	return out
}

func without(keys []string) schema {
	properties := schema{}
	for _, key := range keys {
		properties[key] = false
	}
	return schema{"properties": properties}
}
