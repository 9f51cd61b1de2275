package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// TestSamples looks at every page there is with made-up data, every kind of question
// and every problem among them, in every language. At 320 pixels axe-core must find
// nothing; in the dark it looks at the colours, since nothing else is another's. At no
// width may anything be cut off or scroll sideways. One window shows them all, which
// makes hundreds of looks affordable.
func TestSamples(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(binary, "screens", "preview", "--config", "../config.example.yaml", "--brand", "sole", "--pages", "--out", dir)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	server := httptest.NewServer(http.FileServerFS(os.DirFS(dir)))
	t.Cleanup(server.Close)
	shots := os.Getenv("PROFFER_TEST_SHOTS")
	for _, lang := range []string{"en", "th", "ar"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			p := chrome.Page(t, browser.Look{Lang: lang, Width: 320})
			for _, theme := range []string{"light", "dark"} {
				dark := theme == "dark"
				files, err := filepath.Glob(filepath.Join(dir, theme, lang, "pages", "*.html"))
				if err != nil || len(files) < 60 {
					t.Fatalf("%d pages, %v", len(files), err)
				}
				p.Look(browser.Look{Lang: lang, Width: 320, Dark: dark})
				p.Open(server.URL + "/" + theme + "/" + lang + "/pages/" + filepath.Base(files[0])) // what the others are drawn over
				for _, file := range files {
					name := strings.TrimSuffix(filepath.Base(file), ".html")
					page, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					p.Draw(string(page))
					if dark {
						p.Contrast(name)
					} else {
						p.Axe(name)
						p.Fits(name)
					}
					for _, width := range []int{375, 1280} {
						if dark && shots == "" {
							continue // it has the same room as in light
						}
						p.Resize(width)
						p.Fits(name)
						if shots != "" {
							p.Shot(filepath.Join(shots, "page-"+name+"-"+browser.Look{Lang: lang, Width: width, Dark: dark}.String()+".png"))
						}
					}
					p.Resize(320)
				}
			}
		})
	}
}
