package compare_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/compare"
	"github.com/proffer-id/proffer/screens/consent"
)

// silent are the fields of a set of which nothing is told, each with why nothing
// changes for customers, or where it is told.
func silent() map[string]string {
	return map[string]string{
		"Set.Brand":      "two sets of one brand are compared",
		"Set.Name":       "of the configuration",
		"Set.Controller": "of the configuration",
		"Set.Languages":  "each text is compared in each language",
		"Set.Conditions": "told of the campaigns and screens that use them",
		"Set.Offers":     "one comes and goes with the campaigns that name it",
		"Set.Files":      "told of the options that show them",
		"Set.index":      "finds what the other fields have",
		"Set.at":         "where it stands in the file",
		"Set.broken":     "no such set is ever compared",
		"Set.late":       "checks that are done by then",

		"Question.Brand":    "two sets of one brand are compared",
		"Question.Version":  "made of the other fields",
		"Question.order":    "told as Order, which edits change",
		"Question.shuffled": "told as Order, which edits change",
		"Question.shown":    "of a question of one visit",
		"Question.at":       "where it stands in the file",
		"Option.pos":        "where it stands in the file",
		"Sizes.known":       "of the system, which is told",
		"Sizes.rows":        "told as the first and the last size, which edits change",

		"File.Name":  "where the picture lies; customers get its bytes",
		"File.Type":  "follows from the bytes",
		"File.Bytes": "told as another hash",

		"NamedCondition.ID":        "no customer sees it",
		"NamedCondition.Condition": "told of the campaigns and screens that use it",

		"Screen.questions": "found by Ask",
		"Screen.at":        "where it stands in the file",
		"Offer.ID":         "no customer sees it; told of the campaigns that name it",

		"Campaign.ArmsUntil": "how long an experiment is planned to last; customers see nothing of it",
		"Campaign.Arm":       "of a campaign as one arm has it",
		"Campaign.screens":   "found by Show",
		"Campaign.asks":      "found by Show",
		"Campaign.narrow":    "made of When",
		"Arm.campaign":       "made of the campaign and the other fields",

		"Derived.Brand": "two sets of one brand are compared",
	}
}

// leaves are types that are compared as a whole, by what they say of themselves.
func leaves() map[reflect.Type]bool {
	return map[reflect.Type]bool{
		reflect.TypeFor[catalogue.Text](): true, reflect.TypeFor[diag.Period](): true, reflect.TypeFor[time.Time](): true,
		reflect.TypeFor[catalogue.Condition](): true, // String has all of it, and edits change it
		reflect.TypeFor[catalogue.Bound]():     true,
		reflect.TypeFor[catalogue.Hash]():      true,
	}
}

// edits change what no field can be set for from here: old and new text in the set.
func edits() map[string][2]string {
	return map[string][2]string{
		"Question.order":           {"order: fixed", "order: alphabetical"},
		"Question.shuffled":        {"order: fixed", "order: shuffled"},
		"Sizes.rows":               {`to: "47"`, `to: "46"`},
		"NamedCondition.Condition": {"few: {answer: cups, less_than: 3}", "few: {answer: cups, less_than: 4}"},
		"Bound":                    {"from: 1950-01-01", "from: 1951-01-01"},
	}
}

// Whatever becomes different between two sets is told, or stands in the list of what
// means nothing to customers; so it is with a field that comes to be.
func TestEveryField(t *testing.T) {
	text, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	before, quiet, seen := loadWhole(t, whole), silent(), map[string]bool{}
	types := map[reflect.Type]bool{}
	reach(reflect.TypeFor[catalogue.Set](), types)
	for typ := range types {
		for i := range typ.NumField() {
			field := typ.Field(i)
			name := typ.Name() + "." + field.Name
			why, isQuiet := quiet[name]
			seen[name] = true
			switch {
			case !field.IsExported() && (isQuiet || typ == reflect.TypeFor[catalogue.Derived]()): // How tells all of it; see TestDerived
			case !field.IsExported():
				t.Errorf("%s: nobody has said what a change of it means to customers", name)
			case types[bare(field.Type)] && field.Type.Kind() != reflect.Slice: // changed part by part
			default:
				told, changed := "", false
				for variant := range 2 {
					after := loadWhole(t, whole)
					if !change(reflect.ValueOf(after).Elem(), typ, i, variant) {
						continue
					}
					changed = true
					for _, c := range compare.Sets(before, after) {
						told += fmt.Sprintf("%s: %s\n", c.About, c.Text)
					}
				}
				switch {
				case !changed:
					t.Errorf("%s: the set of this test has none to change; write one into testdata/whole.yaml", name)
				case isQuiet && told != "":
					t.Errorf("%s is said to mean nothing (%s), and is told: %s", name, why, told)
				case !isQuiet && told == "":
					t.Errorf("%s can change, and nothing is told", name)
				}
			}
		}
	}
	for name := range quiet {
		if !seen[name] {
			t.Errorf("%s is no field", name)
		}
	}
	for name, e := range edits() {
		if !strings.Contains(whole, e[0]) {
			t.Errorf("%s: no %q", name, e[0])
		}
		if got := compare.Sets(before, loadWhole(t, strings.ReplaceAll(whole, e[0], e[1]))); len(got) == 0 {
			t.Errorf("%s: %q in place of %q, and nothing is told", name, e[1], e[0])
		}
	}
}

// loadWhole reads the set with its pictures.
func loadWhole(t *testing.T, src string) *catalogue.Set {
	t.Helper()
	var out diag.Findings
	o := catalogue.LoadOptions{Brand: "kopi", Name: catalogue.Text{"en": "Kopi"}, Languages: []string{"en"}, Controller: consent.Controller{Name: "Kopi"}}
	o.Open = func(name string) ([]byte, error) { return []byte("\x89PNG\r\n\x1a\n " + name), nil }
	s := catalogue.Load("whole.yaml", []byte(src), o, &out)
	catalogue.Join(map[string]*catalogue.Set{"kopi": s}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

// bare is a type without pointers to it.
func bare(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// reach finds the structs that a type is made of.
func reach(t reflect.Type, out map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if !leaves()[t] {
			reach(t.Elem(), out)
		}
	case reflect.Struct:
		if leaves()[t] || out[t] || !strings.HasSuffix(t.PkgPath(), "/catalogue") {
			return
		}
		out[t] = true
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				reach(f.Type, out)
			}
		}
	}
}

// change makes a field different in the first value of its type below v where it can
// be. false: there is none.
func change(v reflect.Value, typ reflect.Type, field, variant int) bool {
	if v.Type() == typ && differ(v.Field(field), variant) {
		return true
	}
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && change(v.Elem(), typ, field, variant)
	case reflect.Slice:
		for i := range v.Len() {
			if change(v.Index(i), typ, field, variant) {
				return true
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			one := reflect.New(v.Type().Elem()).Elem()
			one.Set(v.MapIndex(key))
			if change(one, typ, field, variant) {
				v.SetMapIndex(key, one)
				return true
			}
		}
	case reflect.Struct:
		if leaves()[v.Type()] {
			return false
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && change(v.Field(i), typ, field, variant) {
				return true
			}
		}
	}
	return false
}

// differ makes a value another of its type; false if it cannot. A list is made shorter,
// or with variant 1 turned round.
func differ(v reflect.Value, variant int) bool {
	if variant > 0 && v.Kind() != reflect.Slice {
		return false
	}
	switch x := v.Interface().(type) {
	case catalogue.Text:
		t := catalogue.Text{"en": x["en"] + " indeed"}
		v.Set(reflect.ValueOf(t))
		return true
	case diag.Period:
		v.Set(reflect.ValueOf(diag.Period{Months: x.Months + 1}))
		return true
	case time.Time:
		v.Set(reflect.ValueOf(x.AddDate(0, 0, 1)))
		return !x.IsZero()
	case catalogue.Kind:
		v.Set(reflect.ValueOf(notThat{x}))
		return true
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "_")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Array:
		v.Index(0).SetUint(uint64(byte(v.Index(0).Uint() + 1)))
	case reflect.Slice:
		if v.Len() < 2 && variant > 0 || v.Len() == 0 {
			return false
		}
		if variant > 0 {
			all := reflect.MakeSlice(v.Type(), 0, v.Len())
			for i := range v.Len() {
				all = reflect.Append(all, v.Index(v.Len()-1-i))
			}
			v.Set(all)
			return true
		}
		v.Set(v.Slice(0, v.Len()-1))
	case reflect.Map, reflect.Pointer, reflect.Struct:
		if v.IsZero() {
			return false
		}
		v.SetZero()
	default:
		panic("no " + v.Type().String() + " can be changed")
	}
	return true
}

// notThat is a kind that is another.
type notThat struct{ catalogue.Kind }

func (notThat) Name() string { return "another" }
