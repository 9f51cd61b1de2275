package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// TestArabic looks at every kind of question and every other page from right to
// left: at 320, 375 and 1280 pixels, light and dark. At the narrowest axe-core must
// find nothing, and nowhere may anything be cut off or scroll sideways. The pages
// come from disk, which makes hundreds of looks affordable.
func TestArabic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(binary, "screens", "preview", "--config", "../config.example.yaml", "--brand", "sole", "--pages", "--out", dir)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	p := chrome.Page(t, browser.Look{Lang: "ar"})
	shots := os.Getenv("PROFFER_TEST_SHOTS")
	looked := 0
	for _, theme := range []string{"light", "dark"} {
		files, err := filepath.Glob(filepath.Join(dir, theme, "ar", "pages", "*.html"))
		if err != nil || len(files) < 60 {
			t.Fatalf("%d pages, %v", len(files), err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".html")
			p.Open("file://" + file)
			for _, width := range []int{320, 375, 1280} {
				look := browser.Look{Lang: "ar", Width: width, Dark: theme == "dark"}
				p.Look(look)
				p.Fits(name)
				if width == 320 { // wider, nothing changes that axe looks at
					p.Axe(name)
				}
				if shots != "" && width != 320 {
					p.Shot(filepath.Join(shots, "page-"+name+"-"+look.String()+".png"))
				}
				looked++
			}
		}
	}
	t.Logf("%d looks", looked)
}
