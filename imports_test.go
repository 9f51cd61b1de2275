package proffer

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/proffer-id/proffer"

// records is what the store reads and writes JSON with: a fifth of a visit was
// that of the standard library.
const records = "github.com/segmentio/encoding/json"

// TestImports holds the tree to its rules: who may import whom. A rule is a
// folder and what it may not import; folders below are meant too.
func TestImports(t *testing.T) {
	// Only the folder named may import the module.
	only := map[string]string{
		"github.com/ory/fosite":      "identity/oauth",
		"github.com/ory/x":           "third_party",
		"go.etcd.io/bbolt":           "store/bolt",
		"github.com/jackc/pgx":       "store/postgres",
		records:                      "store",
		"go.yaml.in/yaml/v4":         "internal/diag templates",
		"github.com/alecthomas/kong": "cmd",
		"gopkg.in/yaml.v3":           "",
	}
	// The folder may import of ours only what is listed.
	may := map[string]string{
		"internal/problem":      "",
		"store":                 "",
		"internal/diag":         "",
		"internal/watch":        "",
		"static":                "internal/diag",
		"templates":             "internal/problem internal/diag static",
		"internal/web":          "templates static internal/problem internal/diag store",
		"store/bolt":            "store",
		"store/postgres":        "store",
		"store/postgres/pgtest": "",
		"store/storetest":       "store store/bolt store/postgres store/postgres/pgtest",
		"store/outbox":          "store",
		"store/ledger":          "store",
		"internal/admin":        "screens/bundle internal/diag store",
		"internal/deliver":      "store store/outbox internal/web internal/diag",
		"identity":              "internal/web templates static internal/problem internal/diag store store/outbox",
		"identity/oauth":        "internal/web templates static internal/problem internal/diag store store/outbox",
		"screens/catalogue":     "screens/consent templates internal/problem internal/diag store",
		"screens/due":           "screens/catalogue store",
		"screens/bundle":        "screens/catalogue store store/outbox",
		"screens/compare":       "screens/catalogue internal/diag",
		"screens/lint":          "screens/catalogue internal/diag",
		"screens/experiment":    "screens/catalogue internal/diag store",
		"screens/texts":         "screens/catalogue internal/diag",
		"screens":               "screens/catalogue screens/experiment screens/due screens/consent internal/web templates static internal/problem internal/diag store store/outbox",
		"screens/consent":       "internal/web templates static internal/problem internal/diag store store/outbox",
		"relying":               "",
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || path == "e2e" || path == "tools" || path == "third_party" || path == "demo-data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range file.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			for mod, where := range only {
				if within(imp, mod) && !anyWithin(dir, where) {
					t.Errorf("%s imports %s: only %q may", path, imp, where)
				}
			}
			ours, ok := strings.CutPrefix(imp, module)
			if !ok {
				if strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && (dir == "store" && imp != records || dir == "internal/problem") {
					t.Errorf("%s imports %s: %s imports only the standard library", path, imp, dir)
				}
				continue
			}
			ours = strings.TrimPrefix(ours, "/")
			if ours == "" && dir != "cmd/proffer" && dir != "internal/demo" {
				t.Errorf("%s imports the root: only cmd/proffer and internal/demo may", path)
			}
			if list, bound := may[dir]; bound && ours != "" && !has(list, ours) {
				t.Errorf("%s imports %s: %s may import of ours only %q", path, ours, dir, list)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func anyWithin(dir, list string) bool {
	for _, l := range strings.Fields(list) {
		if within(dir, l) {
			return true
		}
	}
	return false
}

func has(list, name string) bool {
	for _, l := range strings.Fields(list) {
		if l == name {
			return true
		}
	}
	return false
}
