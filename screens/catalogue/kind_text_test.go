package catalogue

import (
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/problem"
)

// A limit counts what a reader counts: a flag, a family and a letter with its marks
// are one character each.
func TestTextLimit(t *testing.T) {
	q := &Question{ID: "note", Kind: text{}, Limit: 3}
	for typed, want := range map[string]string{
		"abc": "", "abcd": "answer.too_long",
		"🇹🇭🇹🇭🇹🇭": "", "🇹🇭🇹🇭🇹🇭🇹🇭": "answer.too_long",
		"👩‍👩‍👧‍👦👩‍👩‍👧‍👦": "", "กี่กี่กี่": "", "กี่กี่กี่กี่": "answer.too_long",
		"a\u0301e\u0301o\u0301": "", " abc ": "", "": "answer.none", "a\nb": "answer.characters",
		"\u202Eab": "answer.characters", "a" + strings.Repeat("\u0301", 2000): "answer.too_long",
	} {
		v, err := q.Parse(url.Values{"q.note": {typed}})
		code := ""
		if p, ok := err.(*problem.Problem); ok {
			code = p.Code
		}
		if code != want || (err == nil) != q.Accepts(v) {
			t.Errorf("%q: %q, want %q", typed, code, want)
		}
	}
}

// Several lines are kept as they were typed, with one sort of end.
func TestTextLong(t *testing.T) {
	q := &Question{ID: "note", Kind: text{}, Limit: 20, Long: true}
	v, err := q.Parse(url.Values{"q.note": {"\r\none\r\n\r\ntwo\n"}})
	if err != nil || v.Any() != "one\n\ntwo" || !q.Accepts(v) {
		t.Errorf("%v, %v", v.Any(), err)
	}
	if _, err := q.Parse(url.Values{"q.note": {"one\rtwo"}}); err == nil {
		t.Error("a lone carriage return was taken")
	}
	if short := (&Question{ID: "note", Kind: text{}, Limit: 20}); short.Accepts(v) {
		t.Error("a question of one line has several")
	}
}

func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "abc", "กี่ กี่", "🇹🇭🇹", "a\nb", "a\u0301\u0301", "\u202E", "e\u0301\r\n"} {
		f.Add(s, 3, true)
		f.Add(s, 40, false)
	}
	f.Fuzz(func(t *testing.T, typed string, limit int, long bool) {
		q := &Question{ID: "note", Kind: text{}, Limit: 1 + (limit&0x7fffffff)%maxLimit, Long: long}
		v, err := q.Parse(url.Values{"q.note": {typed}})
		if _, ok := err.(*problem.Problem); err != nil && !ok {
			t.Fatalf("no problem: %v", err)
		}
		if (err == nil) != q.Accepts(v) {
			t.Fatalf("%q: %v, but accepts is %t", typed, err, q.Accepts(v))
		}
		if err == nil && !fitsIn(v.text, q.Limit) {
			t.Fatalf("%q is over the limit", v.text)
		}
	})
}
