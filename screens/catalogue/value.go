package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
)

// A Value is what was answered. Its JSON is a string (the id of an option, the
// words of a text, "--03-14" for a day of the year), a list of strings, a number,
// a boolean, or an object of those, whose parts have names. What was typed beside
// "other" is "other:" and the words; no option's id has a colon. Printing a Value does
// not show it. The zero value is none.
type Value struct {
	form  form
	text  string
	list  []string
	yes   bool
	num   Decimal
	parts []part // by name; none of them is an object itself
}

// A part is one named value of an object.
type part struct {
	name  string
	value Value
}

type form int8

const (
	none form = iota
	formText
	formList
	formBool
	formNumber
	formParts
)

// otherPrefix stands before what was typed beside "other".
const otherPrefix = "other:"

// Word, Words, YesNo and Amount make values: of one string, of several, a boolean
// and a number. They check nothing; see Question.Accepts.
func Word(s string) Value       { return Value{form: formText, text: s} }
func Words(list []string) Value { return Value{form: formList, list: slices.Clone(list)} }
func YesNo(yes bool) Value      { return Value{form: formBool, yes: yes} }
func Amount(d Decimal) Value    { return Value{form: formNumber, num: d} }

// Parts makes an object of values by name. What is none, or an object itself, is
// left out; without any part it is none.
func Parts(of map[string]Value) Value {
	v := Value{form: formParts}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if one := of[name]; one.form != none && one.form != formParts {
			v.parts = append(v.parts, part{name, one})
		}
	}
	if len(v.parts) == 0 {
		return Value{}
	}
	return v
}

// Part is one value of an object; none if it has no such part.
func (v Value) Part(name string) Value {
	for _, p := range v.parts {
		if p.name == name {
			return p.value
		}
	}
	return Value{}
}

// IsZero says whether there is no value.
func (v Value) IsZero() bool { return v.form == none }

// Equal says whether two values are the same.
func (v Value) Equal(w Value) bool {
	return v.form == w.form && v.text == w.text && v.yes == w.yes && v.num == w.num && slices.Equal(v.list, w.list) &&
		slices.EqualFunc(v.parts, w.parts, func(a, b part) bool { return a.name == b.name && a.value.Equal(b.value) })
}

// Any is the value as it stands in a claim: string, []string, bool,
// float64, map[string]any of those, or nil.
func (v Value) Any() any {
	switch v.form {
	case formText:
		return v.text
	case formList:
		return slices.Clone(v.list)
	case formBool:
		return v.yes
	case formNumber:
		return v.num.Float()
	case formParts:
		m := make(map[string]any, len(v.parts))
		for _, p := range v.parts {
			m[p.name] = p.value.Any()
		}
		return m
	}
	return nil
}

// Number is the number of a value that is one; 0 of another.
func (v Value) Number() Decimal { return v.num }

// words are the strings of the value, one or several.
func (v Value) words() []string {
	switch v.form {
	case formText:
		return []string{v.text}
	case formList:
		return v.list
	}
	return nil
}

// String, GoString and LogValue hide the value: answers never reach a log.
func (v Value) String() string       { return "(answer)" }
func (v Value) GoString() string     { return "(answer)" }
func (v Value) LogValue() slog.Value { return slog.StringValue("(answer)") }

// MarshalJSON writes the value as Any has it, the parts of an object in the order of
// their names; none is null.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.form == formList && v.list == nil {
		return []byte("[]"), nil
	}
	if v.form != formParts {
		return json.Marshal(v.Any())
	}
	m := make(map[string]Value, len(v.parts))
	for _, p := range v.parts {
		m[p.name] = p.value
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads what MarshalJSON wrote. The error does not show the value.
func (v *Value) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	var err error
	switch {
	case len(b) == 0:
		return errors.New("an answer's value is empty")
	case string(b) == "null":
		*v = Value{}
		return nil
	case b[0] == '"':
		*v = Value{form: formText}
		err = json.Unmarshal(b, &v.text)
	case b[0] == '[':
		*v = Value{form: formList}
		var list []*string
		err = json.Unmarshal(b, &list)
		for _, s := range list {
			if s == nil {
				err = errors.New("null")
				break
			}
			v.list = append(v.list, *s)
		}
	case b[0] == '{':
		*v, err = readParts(b)
	case string(b) == "true" || string(b) == "false":
		*v = YesNo(string(b) == "true")
		return nil
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*v = Value{form: formNumber}
		v.num, err = ParseDecimal(string(b))
	default:
		err = errors.New("another type")
	}
	if err != nil {
		*v = Value{}
		return errors.New("an answer's value is no string, list of strings, number, boolean or object of these")
	}
	return nil
}

// readParts reads an object. One with a name twice, with an object in it or with
// nothing in it was not written here.
func readParts(b []byte) (Value, error) {
	in := json.NewDecoder(bytes.NewReader(b))
	if _, err := in.Token(); err != nil {
		return Value{}, err
	}
	of := map[string]Value{}
	n := 0
	for ; in.More(); n++ {
		name, err := in.Token()
		if err != nil {
			return Value{}, err
		}
		var one Value
		if err := in.Decode(&one); err != nil {
			return Value{}, err
		}
		of[name.(string)] = one
	}
	if _, err := in.Token(); err != nil {
		return Value{}, err
	}
	v := Parts(of)
	if n == 0 || len(v.parts) != n {
		return Value{}, errors.New("a part that is none, an object or there twice")
	}
	return v, nil
}
