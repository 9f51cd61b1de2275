package texts_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
	"github.com/proffer-id/proffer/screens/texts"
)

func load(t *testing.T, src string) *catalogue.Set {
	t.Helper()
	var out diag.Findings
	set := catalogue.Load("kopi.yaml", []byte(src), screentest.Options("kopi"), &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// Whatever comes back as it was leaves the file as it was, and every single word
// that is changed lands at its place, and nothing else moves.
func TestImportEachText(t *testing.T) {
	for _, name := range []string{"small.yaml", "kopi.yaml"} {
		src := screentest.File(t, name)
		table, err := texts.ReadCSV(texts.Of(load(t, src)).CSV())
		if err != nil {
			t.Fatal(err)
		}
		if len(table.Rows) < 8 {
			t.Fatalf("%s has %d texts", name, len(table.Rows))
		}
		out, changes, said, err := texts.Import(load(t, src), []byte(src), table)
		if err != nil || len(changes)+len(said) > 0 || string(out) != src {
			t.Fatalf("%v %v %v %s", err, changes, said, cmp.Diff(src, string(out)))
		}
		for i, row := range table.Rows {
			for _, words := range []string{"คำใหม่", `a "new: word", #1`, "- x", "=1+1", "null"} {
				next := *table
				next.Rows = slices.Clone(table.Rows)
				next.Rows[i].Words = []string{row.Words[0], words}
				out, changes, _, err := texts.Import(load(t, src), []byte(src), &next)
				if err != nil {
					t.Fatalf("%s: %v", row.Key, err)
				}
				if want := []texts.Change{{Key: row.Key, Lang: "th", Old: row.Words[1], New: words}}; !slices.Equal(changes, want) {
					t.Errorf("%v, want %v", changes, want)
				}
				if d := cmp.Diff(next, *texts.Of(load(t, string(out)))); d != "" {
					t.Errorf("%s: %s", row.Key, d)
				}
				if a, b := strings.Count(src, "\n"), strings.Count(string(out), "\n"); a != b {
					t.Errorf("%s: %d lines, then %d", row.Key, a, b)
				}
			}
		}
	}
}

// The way the table is written does not matter, as long as it says the same.
func TestReadCSV(t *testing.T) {
	want := &texts.Table{Languages: []string{"en", "th"}, Rows: []texts.Row{{Key: "a.b", What: "it", Words: []string{"Hi; you", "=1"}}}}
	for _, s := range []string{
		"key,context,en,th\na.b,it,Hi; you,'=1\n", "\uFEFFkey,context,en,th\r\na.b,it,Hi; you,=1\r\n",
		"key;context;en;th\na.b;it;\"Hi; you\";'=1", "key\tcontext\ten\tth\na.b\tit\tHi; you\t'=1\n", string(want.CSV()),
	} {
		got, err := texts.ReadCSV([]byte(s))
		if err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %v %s", s, err, cmp.Diff(want, got))
		}
	}
	for _, s := range []string{"", "\uFEFF", "key,context\n", "a,b,c\n1,2,3\n", "key,context,en,en\n", "key,context,en,\n", "key,context,en,th\na,b,c\n", "key,context,en\na,b,\"c\n", "key,context,en\na,b,\xff\n"} {
		if got, err := texts.ReadCSV([]byte(s)); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

// A06: no field of an export is taken for a formula (CWE-1236), wherever it is split.
func TestGauntlet_A06_TextsAreNoFormulas(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", "  =1", "Hi;=1+1", "'=1", "''", "a\"b;=c"} {
		b := (&texts.Table{Languages: []string{"en"}, Rows: []texts.Row{{Key: s, What: s, Words: []string{s}}}}).CSV()
		for i, field := range strings.Split(strings.TrimSuffix(string(b[bytes.IndexByte(b, '\n')+1:]), "\r\n"), `","`) {
			field = strings.TrimLeft(strings.TrimPrefix(field, `"`), " ")
			if strings.HasPrefix(field, "'") {
				continue
			}
			if strings.IndexAny(field, "=+-@\t\r＝＋－＠") == 0 {
				t.Errorf("field %d of %q begins a formula: %q", i, s, b)
			}
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"Hi", "'=1", " =1", "''x", "a,b;c\"d", "ก\tข"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsRune(a+b, '\r') || !validUTF8(a+b) {
			t.Skip() // a text has no line breaks, and is UTF-8
		}
		want := &texts.Table{Languages: []string{"en", "th"}, Rows: []texts.Row{{Key: "k", What: "w", Words: []string{a, b}}}}
		got, err := texts.ReadCSV(want.CSV())
		if err != nil || cmp.Diff(want, got) != "" {
			t.Fatal(err, cmp.Diff(want, got))
		}
	})
}

func validUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }
