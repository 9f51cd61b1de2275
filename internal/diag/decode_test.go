package diag_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
)

type shop struct {
	At     diag.Node `yaml:"-"`
	Name   diag.Text
	Open   bool
	Seats  int
	Ratio  float64
	Stay   diag.Duration
	Keep   diag.Period
	Body   diag.Size
	Tags   []string
	Hours  map[string]string
	Drinks diag.Map[drink]
	Owner  *owner
	Any    any
}

type drink struct {
	Price int `diag:"required"`
	Hint  string
}

type owner struct {
	RealName string `yaml:"called"`
	Since    string
}

const good = `
name: {en: Kopi, th: โกปี้}
open: true
seats: 12
ratio: 0.5
stay: 30d
keep: 18mo
body: 64KiB
tags: [012, no, "yes"]
hours: {mon: "8-18"}
drinks:
  oat: {price: 60}
  black:
    price: 40
    hint: Kopi O
owner: {called: Nok}
any: {a: [1, true, x]}
`

func TestDecode(t *testing.T) {
	var got shop
	var out diag.Findings
	at := diag.Decode("shop.yaml", []byte(good), &got, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		got  any
		want any
	}{
		{"text", got.Name.In("th"), "โกปี้"},
		{"text of a dialect", got.Name.In("en-GB"), "Kopi"},
		{"bool", got.Open, true},
		{"int", got.Seats, 12},
		{"float", got.Ratio, 0.5},
		{"duration", got.Stay.String(), "30d"},
		{"period", got.Keep, diag.Period{Months: 18}},
		{"size", got.Body, diag.Size(65536)},
		{"strings as written", got.Tags, []string{"012", "no", "yes"}},
		{"map", got.Hours, map[string]string{"mon": "8-18"}},
		{"order", got.Drinks.Keys, []string{"oat", "black"}},
		{"entry", got.Drinks.Of["black"], drink{40, "Kopi O"}},
		{"pointer", *got.Owner, owner{RealName: "Nok"}},
		{"any", got.Any, map[string]any{"a": []any{1.0, true, "x"}}},
		{"place of the struct", got.At.Field("seats").Pos(), "shop.yaml:4"},
		{"place of a block", at.Field("drinks").Field("black").Pos(), "shop.yaml:13"},
		{"place of an element", at.Field("tags").Index(1).Path(), "tags[1]"},
		{"place not written", at.Field("drinks").Field("milk").Pos(), "shop.yaml:11"},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, d)
		}
	}
}

func TestDecodeFindings(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"unknown key", "seets: 1", `f:1:1: seets: unknown key "seets"; did you mean "seats"?`},
		{"unknown key, none near", "owner: {zebra: 1}", `f:1:9: owner.zebra: unknown key "zebra"; known here: called, since`},
		{"several at once", "seats: many\nopen: yes\nstay: 3 weeks", `f:1:8: seats: write a whole number here, not "many"
f:2:7: open: write true or false, not "yes"
f:3:7: stay: write a length of time such as 20s, 10m, 12h or 30d, not "3 weeks"`},
		{"key twice", "seats: 1\nopen: true\nseats: 2", `f:3:1: seats: "seats" stands here twice, first in line 1; keep one`},
		{"list for a scalar", "seats: [1]", `f:1:8: seats: write a whole number here, not a list`},
		{"scalar for a list", "tags: red", `f:1:7: tags: write a list here: [red]`},
		{"map for a list", "tags: {a: b}", `f:1:7: tags: write a list here, not keys and values`},
		{"list for a map", "hours: [a]", `f:1:8: hours: write keys and values here, not a list`},
		{"scalar for a struct", "owner: Nok", `f:1:8: owner: write keys and values here, not "Nok"`},
		{"required", "drinks:\n  oat:\n    hint: x", `f:2:3: drinks.oat.price: is missing`},
		{"no value", "seats:", `f:1:1: seats: has no value; write a whole number, or leave the key out`},
		{"months as duration", "stay: 2mo", `f:1:7: stay: months differ in length; write 2mo in days, such as 30d`},
		{"size", "body: 12 potatoes", `f:1:7: body: write a size such as 2KB, 64KiB or 19MiB, not "12 potatoes"`},
		{"too large an int", "seats: 99999999999999999999", `f:1:8: seats: write a whole number here, not "99999999999999999999"`},
		{"octal is no number", "seats: 0x10", `f:1:8: seats: write a whole number here, not "0x10"`},
		{"nan", "ratio: .nan", `f:1:8: ratio: write a number here, not ".nan"`},
		{"infinite", "ratio: 1e309", `f:1:8: ratio: write a number here, not "1e309"`},
		{"merge key", "a: &a {x: 1}\nowner: {<<: *a}", `f:1:1: a: unknown key "a"; known here: name, open, seats, ratio, stay, keep, body, tags, hours, drinks, owner, any
f:2:9: owner: << is not read here; write the keys out`},
		{"odd key", "hours: {[a]: b}", `f:1:9: hours: write a plain name as the key`},
		{"path of an odd key", `hours: {"a b": [x]}`, `f:1:16: hours["a b"]: write a text here, not a list`},
		{"a text that is a list", "name: [x]", `f:1:7: name: write the words by language, such as {en: …}, not a list`},
		{"empty", "", `f: the file is empty`},
		{"only a comment", "# nothing\n", `f: the file is empty`},
		{"not a map", "- a", `f:1:1: write keys and values here, not a list`},
		{"two documents", "seats: 1\n---\nseats: 2", ``},
		{"not utf-8", "name: \xff", `f:1:7: the file is not UTF-8 here; save it as UTF-8`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var into shop
			var out diag.Findings
			diag.Decode("f", []byte(c.src), &into, &out)
			got := strings.TrimSpace(out.String())
			if c.want == "" {
				if got == "" {
					t.Fatal("nothing was found")
				}
				t.Log(got)
				return
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestDecodeBrokenYAML(t *testing.T) {
	for _, src := range []string{"a: [1", "a: b: c", "\ta: 1", "a: *nowhere", "a: \"x", "a: 1\n b: 2", "%YAML 9"} {
		var into shop
		var out diag.Findings
		diag.Decode("f.yaml", []byte(src), &into, &out)
		err := out.Err()
		if err == nil {
			t.Errorf("%q was read", src)
			continue
		}
		if _, ok := errors.AsType[*diag.Error](err); !ok {
			t.Errorf("%q: %T", src, err)
		}
		if !strings.HasPrefix(err.Error(), "f.yaml:") {
			t.Errorf("%q: no place in %q", src, err)
		}
		t.Log(err)
	}
}

// What is right is filled in although something else is not, and a default
// stays where nothing is written.
func TestDecodeKeepsWhatIsRight(t *testing.T) {
	into := shop{Seats: 7, Open: true}
	var out diag.Findings
	diag.Decode("f", []byte("seats: many\ntags: [a]"), &into, &out)
	if into.Seats != 7 || !into.Open || len(into.Tags) != 1 {
		t.Errorf("%+v", into)
	}
}

func TestDecodeBombs(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 'b'; i <= 'j'; i++ {
		prev := string(i - 1)
		bomb += string(i) + ": &" + string(i) + " [" + strings.TrimSuffix(strings.Repeat("*"+prev+", ", 10), ", ") + "]\n"
	}
	for name, src := range map[string]string{
		"aliases":   bomb,
		"itself":    "a: &a [*a]",
		"deep":      "a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"deep keys": strings.Repeat("{a: ", 500) + "1" + strings.Repeat("}", 500),
		"long":      "a: " + strings.Repeat("x", 5<<20),
	} {
		t.Run(name, func(t *testing.T) {
			var into map[string]any
			var out diag.Findings
			diag.Decode("f", []byte(src), &into, &out)
			if out.Err() == nil {
				t.Fatal("was read")
			}
			if n := out.Errors(); n > 3 {
				t.Errorf("%d findings for one thing", n)
			}
			t.Log(out.All()[0])
		})
	}
}

func TestNodeWithoutFile(t *testing.T) {
	var out diag.Findings
	at := diag.Root("", &out)
	at.Field("brands").Field("kopi").Field("clients").Index(2).Errorf("no %s", "id")
	diag.Node{}.Field("a").Index(1).Errorf("goes nowhere")
	if got := out.String(); got != "brands.kopi.clients[2]: no id\n" {
		t.Error(got)
	}
}

func TestFindingsOrder(t *testing.T) {
	var out diag.Findings
	out.Add(diag.Finding{File: "b", Line: 1, Col: 1, Message: "x", Warning: true})
	out.Add(diag.Finding{File: "a", Line: 10, Col: 1, Message: "x"})
	out.Add(diag.Finding{File: "a", Line: 9, Col: 2, Message: "x"})
	out.Add(diag.Finding{File: "a", Line: 9, Col: 2, Message: "x"})
	want := "a:9:2: x\na:10:1: x\nb:1:1: warning: x\n"
	if got := out.String(); got != want {
		t.Error(got)
	}
	if out.Errors() != 2 {
		t.Error(out.Errors())
	}
	var warned diag.Findings
	warned.Add(diag.Finding{Message: "x", Warning: true})
	if warned.Err() != nil {
		t.Error("a warning stops a start")
	}
}

func TestExcerpt(t *testing.T) {
	src := "a: 1\nname: {th: กาแฟดี, en: [x]}\nb: 2\nc: 3\n"
	var out diag.Findings
	var into shop
	at := diag.Decode("f", []byte(src), &into, &out)
	_ = at
	var found diag.Finding
	for _, f := range out.All() {
		if f.Line == 2 {
			found = f
		}
	}
	want := "1 | a: 1\n2 | name: {th: กาแฟดี, en: [x]}\n  |                       ^\n3 | b: 2\n"
	if d := cmp.Diff(want, out.Excerpt(found)); d != "" {
		t.Errorf("%s (-want +got):\n%s", found, d)
	}
	if out.Excerpt(diag.Finding{File: "f", Line: 99, Col: 1}) != "" || out.Excerpt(diag.Finding{File: "g", Line: 1}) != "" {
		t.Error("an excerpt of nothing")
	}
	long := "x: " + strings.Repeat("y", 500)
	diag.Decode("long", []byte(long), &into, &out)
	for _, line := range strings.Split(out.Excerpt(diag.Finding{File: "long", Line: 1, Col: 300}), "\n") {
		if len(line) > 130 {
			t.Errorf("%d characters", len(line))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{good, "a: &a [*a]", "x: [1, {y: 2}]", "name: {en: x, en: y}", "? [a]\n: b", "drinks: {a: {price: 1, price: 2}}",
		"keep: 1y2mo3d4h", "owner: !!binary aGk=", "any: {? {a: b} : c}", "<<: {a: 1}", "stay: 99999999999999w"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var into shop
		var out diag.Findings
		at := diag.Decode("f", src, &into, &out)
		into.Name.Check(at.Field("name"), []string{"en", "th"}, true)
		for _, x := range out.All() {
			if x.Message == "" {
				t.Error("a finding that says nothing")
			}
			_ = out.Excerpt(x)
		}
	})
}
