package bundle_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/screens/bundle"
)

func TestHash(t *testing.T) {
	one := bundle.Of("set.yaml", []byte("a: 1\n"), map[string][]byte{"p/a.png": []byte("A"), "p/b.png": []byte("B")})
	if other := bundle.Of("kopi.yaml", one.Set, one.Files); other.Hash() != one.Hash() || other.Edition() != one.Edition() {
		t.Error("the name of the file tells bundles apart")
	}
	seen := map[bundle.Hash]string{one.Hash(): "the bundle"}
	for what, b := range map[string]*bundle.Bundle{
		"another set":        bundle.Of("set.yaml", []byte("a: 2\n"), one.Files),
		"no files":           bundle.Of("set.yaml", one.Set, nil),
		"one file less":      bundle.Of("set.yaml", one.Set, map[string][]byte{"p/a.png": []byte("A")}),
		"files changed over": bundle.Of("set.yaml", one.Set, map[string][]byte{"p/a.png": []byte("B"), "p/b.png": []byte("A")}),
		"another name":       bundle.Of("set.yaml", one.Set, map[string][]byte{"p/a.png": []byte("A"), "p/c.png": []byte("B")}),
	} {
		if same := seen[b.Hash()]; same != "" {
			t.Errorf("%s has the hash of %s", what, same)
		}
		seen[b.Hash()] = what
	}
	if n := len(one.Edition()); n != 12 {
		t.Errorf("an edition of %d characters", n)
	}
}

func TestJSON(t *testing.T) {
	one := bundle.Of("set.yaml", []byte("a: ชา <b>\n"), map[string][]byte{"a.png": {0, 1, 255}})
	text, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	var back bundle.Bundle
	if err := json.Unmarshal(text, &back); err != nil || back.Hash() != one.Hash() || back.Name != one.Name {
		t.Errorf("%v: %+v", err, back)
	}
	if got, err := back.Open("a.png"); err != nil || string(got) != string(one.Files["a.png"]) {
		t.Errorf("a.png: %v %v", got, err)
	}
	if _, err := back.Open("b.png"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("b.png: %v", err)
	}
}

// What is no bundle is refused with words that say why.
func TestJSON_Refused(t *testing.T) {
	for text, why := range map[string]string{
		`{"format":2,"name":"set.yaml","set":""}`:                                         "made by a newer Proffer",
		`{"name":"set.yaml","set":""}`:                                                    "no format",
		`{"format":1,"name":"set.yaml","set":"","sett":""}`:                               "sett",
		`{"format":1,"name":"set.yaml","set":"","set":"x"}`:                               "twice",
		`{"format":1,"name":"set.yaml","set":"","Set":"x"}`:                               "twice",
		`{"format":1,"name":"set.yaml","set":"","\u017fet":"x"}`:                          "twice",
		`{"format":1,"name":"a/set.yaml","set":""}`:                                       "without a folder",
		`{"format":1,"name":"","set":""}`:                                                 "name:",
		`{"format":1,"name":"..","set":""}`:                                               "name:",
		`{"format":1,"name":"set.yaml","set":"","files":{"../x.png":""}}`:                 "no name of a file",
		`{"format":1,"name":"set.yaml","set":"","files":{"/etc/x.png":""}}`:               "no name of a file",
		`{"format":1,"name":"set.yaml","set":"","files":{"a\\b.png":""}}`:                 "no name of a file",
		`{"format":1,"name":"set.yaml","set":"","files":{"c:x.png":""}}`:                  "no name of a file",
		`{"format":1,"name":"set.yaml","set":"","files":{"a\u0000.png":""}}`:              "no name of a file",
		`{"format":1,"name":"set.yaml","set":"","files":{"a.png":"*"}}`:                   "base64",
		`{"format":1,"name":"set.yaml","set":5}`:                                          "set",
		`{"format":1,"name":"set.yaml","set":"` + strings.Repeat("x", 4<<20+1) + `"}`:     "are the most",
		`{"format":1,"name":"set.yaml","set":"","files":` + strings.Repeat(`{"a":`, 9000): "",
		`[]`: "", ``: "", `{`: "", `{}{}`: "",
	} {
		var b bundle.Bundle
		err := bundle.Strict([]byte(text), &b)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.80s: %v, want %q", text, err, why)
		}
	}
}

func FuzzStrict(f *testing.F) {
	for _, s := range []string{`{"format":1,"name":"set.yaml","set":"a: 1","files":{"a.png":"AA=="}}`, `{"a":[{"a":1,"a":2}]}`, `[[[`, `{"a":"}"}`, `"x"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b bundle.Bundle
		if err := bundle.Strict(text, &b); err != nil {
			return
		}
		if err := b.Check(); err != nil {
			t.Fatalf("taken, though %v", err)
		}
		again, err := json.Marshal(&b)
		if err != nil {
			t.Fatal(err)
		}
		var back bundle.Bundle
		if err := json.Unmarshal(again, &back); err != nil || back.Hash() != b.Hash() {
			t.Fatalf("written again it is another: %v", err)
		}
	})
}
