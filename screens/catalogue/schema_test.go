package catalogue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/proffer-id/proffer/internal/diag"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("set.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("set.schema.json") // against the schema of schemas, too
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance is a file as a validator of JSON takes it.
func instance(t *testing.T, src string) any {
	t.Helper()
	var plain any
	var out diag.Findings
	diag.Decode("set.yaml", []byte(src), &plain, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	return plain
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What loads, the schema accepts.
func TestSchemaAcceptsExamples(t *testing.T) {
	s := compiled(t)
	files := []string{"../../cmd/proffer/starter.yaml", "../../testdata/broken/sets/good.yaml"}
	for _, pattern := range []string{"../../brands/*/set.yaml", "../screentest/testdata/*.yaml"} {
		more, err := filepath.Glob(pattern)
		if err != nil || len(more) < 2 {
			t.Fatalf("%s: %d files, %v", pattern, len(more), err)
		}
		files = append(files, more...)
	}
	for _, file := range files {
		if err := s.Validate(instance(t, read(t, file))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// Of the sets that have something wrong with them the schema refuses those whose
// mistake is one of form; and it refuses none without a mistake.
func TestSchemaRefusesBrokenSets(t *testing.T) {
	s := compiled(t)
	files, err := filepath.Glob("../../testdata/broken/sets/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	of := []string{"unknown key", "write a list here", "write keys and values here", "says nothing for kind", "unknown kind", "unknown scope",
		"unknown order", "unknown basis", "unknown sensitivity", "unknown moment", "unknown channel", "write true or false", "write a whole number",
		"is no country code", "an entry is one thing", "depends on nothing"}
	refused := 0
	for _, file := range files {
		if filepath.Base(file) == "bomb.yaml" {
			continue // cannot be unfolded for a validator
		}
		src, out := read(t, file), new(diag.Findings)
		Load(file, []byte(src), LoadOptions{Brand: "kopi", Languages: []string{"en"}, Open: os.DirFS(filepath.Dir(file)).(fs.ReadFileFS).ReadFile}, out)
		form := ""
		for _, f := range out.All() {
			if slices.ContainsFunc(of, func(s string) bool { return strings.Contains(f.Message, s) }) {
				form = f.String()
			}
		}
		err := s.Validate(instance(t, src))
		switch {
		case err != nil && out.Errors() == 0:
			t.Errorf("%s loads, and the schema refuses it: %v", file, err)
		case err == nil && form != "":
			t.Errorf("%s passes, with a mistake of form: %s", file, form)
		case err != nil:
			refused++
		}
	}
	if refused < 12 {
		t.Errorf("%d of %d were refused", refused, len(files))
	}
}

// One thing wrong at a time, in a set that is right.
func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	small := read(t, "../screentest/testdata/small.yaml")
	for _, x := range []struct{ old, new, at string }{
		{"campaigns:", "campaings:", ""},
		{"text: {en: sort the shelf", "txt: {en: sort the shelf", "/purposes/shelf"},
		{"kind: boolean", "kind: bool", "/questions/sugar/kind"},
		{"kind: boolean", "kind: boolean\n    min: 1", "/questions/sugar"},
		{"kind: boolean", "kind: boolean\n    decline: 1", "/questions/sugar/decline"},
		{"kind: boolean", "kind: boolean\n    scope: everybody", "/questions/sugar/scope"},
		{"kind: boolean", "kind: boolean\n    fresh: 30", "/questions/sugar/fresh"},
		{"kind: boolean", "kind: boolean\n    fresh: 2 weeks", "/questions/sugar/fresh"},
		{"    kind: boolean\n", "", "/questions/sugar"},
		{"kind: boolean", "kind: number\n    min: one", "/questions/sugar/min"},
		{"kind: boolean", "kind: size\n    system: hats", "/questions/sugar/system"},
		{"kind: boolean", "kind: size\n    system: shoes_men\n    notations: [fr]", "/questions/sugar/notations/0"},
		{"kind: boolean", "kind: size\n    system: shoes_men\n    from: UK 8", "/questions/sugar/from"},
		{"kind: boolean", "kind: date\n    from: XL", "/questions/sugar/from"},
		{"kind: boolean", "kind: country\n    options: [UK]", "/questions/sugar/options/0"},
		{"kind: boolean", "kind: boolean\n    options: [TH]", "/questions/sugar/options/0"},
		{"kind: boolean", "kind: boolean\n    shared: true", "/questions/sugar"},
		{"ask: {en: With sugar?", "ask: {english_words: With sugar?", "/questions/sugar/ask"},
		{"when: [registration]", "when: registration", "/campaigns/welcome/when"},
		{"when: [registration]", "when: [sign_in: 1]", "/campaigns/welcome/when/0"},
		{"when: [registration]", "when: [registered]", "/campaigns/welcome/when/0"},
		{"when: [registration]", "when: [registration]\n    at_most: 9", "/campaigns/welcome/at_most"},
		{"when: [registration]", "when: [registration]\n    who: {answer: sugar}", "/campaigns/welcome/who"},
		{"when: [registration]", "when: [registration]\n    who: {answer: sugar, is: true, answered: true}", "/campaigns/welcome/who"},
		{"when: [registration]", "when: [registration]\n    who: {all: []}", "/campaigns/welcome/who"},
		{"when: [registration]", "when: [registration]\n    arms: {a: {show: [x]}}", "/campaigns/welcome/arms/a"},
	} {
		if !strings.Contains(small, x.old) {
			t.Fatalf("no %q", x.old)
		}
		err := s.Validate(instance(t, strings.Replace(small, x.old, x.new, 1)))
		if err == nil || !strings.Contains(err.Error(), "at '"+x.at) {
			t.Errorf("%s: %v; want it refused at %s", x.new, err, x.at)
		}
	}
}

// A kind has no use for a key exactly if loading says so.
func TestSchemaKnowsKinds(t *testing.T) {
	for _, kind := range append(kindNames(), "shared") {
		for _, key := range diag.Keys(reflect.TypeFor[rawQuestion]()) {
			if key.Name == "kind" && kind != "shared" || key.Name == "shared" {
				continue
			}
			first, none := "kind: "+kind, uselessShared()
			if kind == "shared" {
				first = "shared: true"
			} else {
				none = useless(kindOf(kind))
			}
			src := fmt.Sprintf("questions:\n  q:\n    %s\n    %s: fixed\n", first, key.Name)
			var out diag.Findings
			Load("set.yaml", []byte(src), LoadOptions{Brand: "kopi", Languages: []string{"en"}}, &out)
			refuses := strings.Contains(out.String(), "questions.q."+key.Name+": says nothing for kind") ||
				strings.Contains(out.String(), "questions.q."+key.Name+": a shared question has this")
			if got := slices.Contains(none, key.Name); got != refuses {
				t.Errorf("%s, %s: the schema refuses it: %t; loading: %t\n%s", kind, key.Name, got, refuses, out.String())
			}
		}
	}
}

// What is said of every question, of shared ones and by each kind are keys that there
// are, and each key is for some question.
func TestKeysAreKnown(t *testing.T) {
	lists := map[string][]string{"every": everyKey(), "shared": sharedKeys()}
	for _, kind := range kindNames() {
		lists[kind] = kindOf(kind).keys()
	}
	used := map[string]bool{}
	for name, list := range lists {
		for _, key := range list {
			if used[key] = true; !slices.Contains(allBut(), key) {
				t.Errorf("%s: there is no key %s", name, key)
			}
			if name != "every" && name != "shared" && slices.Contains(everyKey(), key) {
				t.Errorf("%s: every question has %s", name, key)
			}
		}
	}
	for _, key := range allBut() {
		if !used[key] {
			t.Errorf("%s is for no question", key)
		}
	}
}

// No key is without words, nothing is left empty, and no words are left over.
func TestSchemaIsWhole(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	said := map[any]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			t.Errorf("%s is empty", path)
		case []any:
			for i, x := range v {
				walk(fmt.Sprintf("%s/%d", path, i), x)
			}
		case map[string]any:
			if s, ok := v["description"]; ok {
				said[s] = true
				if s == "" {
					t.Errorf("%s has no words; write them in schemaWords", path)
				}
			}
			for k, x := range v {
				walk(path+"/"+k, x)
			}
		}
	}
	walk("", root)
	for key, words := range schemaWords() {
		if !said[words] {
			t.Errorf("the words of %s stand nowhere", key)
		}
	}
	for _, key := range append(conditionKeys(), answerKeys()...) {
		if !bytes.Contains(Schema(), []byte(`"`+key+`": {`)) {
			t.Errorf("there is no condition %s", key)
		}
	}
}

// What the schema offers to choose from, loading knows.
func TestSchemaListsWhatIsKnown(t *testing.T) {
	for key, values := range map[string][]string{"basis": bases(), "order": orders(), "sensitivity": sensitivities(), "kind": kindNames()} {
		for _, value := range values {
			src := fmt.Sprintf("questions:\n  q: {kind: single, %s: %s}\n", key, value)
			switch key {
			case "basis":
				src = fmt.Sprintf("purposes:\n  p: {basis: %s}\n", value)
			case "kind":
				src = fmt.Sprintf("questions:\n  q: {kind: %s}\n", value)
			}
			var out diag.Findings
			Load("set.yaml", []byte(src), LoadOptions{Brand: "kopi", Languages: []string{"en"}}, &out)
			if strings.Contains(out.String(), "unknown "+key) {
				t.Errorf("%s: %s", value, out.String())
			}
		}
	}
}
