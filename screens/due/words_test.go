package due

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
	"time"
)

// Every code there is has its words, and no other.
func TestEveryCodeHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[Code]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
				for _, v := range spec.Values {
					s, err := strconv.Unquote(v.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					codes[Code(s)] = true
				}
			}
		}
		return true
	})
	if len(codes) < 20 {
		t.Fatalf("%d codes found", len(codes))
	}
	for code := range codes {
		if words[code] == "" {
			t.Errorf("%s has no words", code)
		}
	}
	for code := range words {
		if !codes[code] {
			t.Errorf("there is no code %s", code)
		}
	}
}

func TestFreeAgain(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	month := func(t time.Time) time.Time { return t.AddDate(0, 0, 30) }
	for _, x := range []struct {
		asked []time.Time
		most  int
		want  time.Time
	}{
		{nil, 2, time.Time{}},
		{[]time.Time{days(-1)}, 2, time.Time{}},
		{[]time.Time{days(-1), days(-20)}, 2, days(10)},
		{[]time.Time{days(-20), days(-1), days(-3), days(-40)}, 2, days(27)},
		{[]time.Time{days(-20)}, 0, time.Time{}},
	} {
		if got := FreeAgain(x.asked, x.most, month, now); !got.Equal(x.want) {
			t.Errorf("%v, %d at most: %s, want %s", x.asked, x.most, got, x.want)
		}
	}
}
