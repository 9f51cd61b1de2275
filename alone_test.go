package proffer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A set stands alone under any name, and what is said of it names the file as it
// was called.
func TestSetAlone_Names(t *testing.T) {
	dir := t.TempDir()
	src := `questions:
  milk:
    kind: single
    scope: brand
    ask: {en: How?}
    name: {en: Milk}
    why: {en: So that we know.}
    purpose: shelf
    options:
      - {id: oat, label: {en: Oat}}
      - {id: oat, label: {en: Oats}}
purposes:
  shelf: {text: {en: sort the shelf}}
`
	t.Chdir(dir)
	for _, name := range []string{".yaml", "กาแฟ.yaml", "set.yaml", "kopi"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		_, found := SetAlone(name, "", "web")
		text := ""
		for _, f := range found.All() {
			text += f.String() + "\n"
		}
		if !strings.Contains(text, name+":11:14: questions.milk.options[1].id: the option oat stands here twice ("+name+":10)") || strings.Contains(text, dir) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}
