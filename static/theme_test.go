package static

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/proffer-id/proffer/internal/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is written now (-update writes it anew):\n%s", path, got)
	}
}

func read(t *testing.T, name string) Theme {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var theme Theme
	if err := yaml.Unmarshal(src, &theme); err != nil {
		t.Fatal(err)
	}
	return theme
}

// TestThemesHold: Proffer's own theme and those of two brands that spell out
// every token hold all contrasts, and stand as they are written.
func TestThemesHold(t *testing.T) {
	for name, theme := range map[string]Theme{"proffer": Proffer(), "kopi": read(t, "kopi"), "sole": read(t, "sole")} {
		full, err := theme.Full()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range full.Misses() {
			t.Errorf("%s: %s: %s", name, m.Scheme, m)
		}
		if full.Light != theme.Light || full.Dark != theme.Dark {
			t.Errorf("%s: a token that was set has changed", name)
		}
		for _, role := range full.Light.Names() {
			if full.Light.Get(role) == "" || full.Dark.Get(role) == "" {
				t.Errorf("%s: %s is empty", name, role)
			}
		}
	}
}

// TestDerived: with nothing but an accent that can be seen on white, and any
// brand colour, everything else is derived and holds.
func TestDerived(t *testing.T) {
	var colours []string
	for h := range 12 {
		for _, l := range []float64{0.15, 0.35, 0.5, 0.7, 0.9} {
			colours = append(colours, shade{l, 0.15, float64(h) * 0.5236}.colour().String())
		}
	}
	colours = append(colours, "#000000", "#FFFFFF", "#777777", "#FF0000", "#FFFF00", "#0000FF")
	tried := 0
	for i, accent := range colours {
		white := must("#FFFFFF")
		if contrast(must(accent), white) < 4.5 {
			continue
		}
		tried++
		brand := colours[(i*7+3)%len(colours)]
		full, err := Theme{Accent: accent, Brand: brand}.Full()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range full.Misses() {
			t.Errorf("accent %s, brand %s: %s: %s", accent, brand, m.Scheme, m)
		}
	}
	if tried < 20 {
		t.Errorf("only %d accents tried", tried)
	}
}

// TestNearest: the colour that is offered does hold, and has the same hue.
func TestNearest(t *testing.T) {
	for _, accent := range []string{"#F4B93E", "#86D3AC", "#FFD000", "#FF9C92"} {
		full, err := Theme{Accent: accent, Brand: "#1B1824"}.Full()
		if err != nil {
			t.Fatal(err)
		}
		misses := full.Misses()
		if len(misses) == 0 {
			t.Errorf("accent %s: nothing found", accent)
			continue
		}
		if misses[0].Ink != "accent" || misses[0].Nearest == "" {
			t.Errorf("accent %s: %s", accent, misses[0])
			continue
		}
		again, err := Theme{Accent: misses[0].Nearest, Brand: "#1B1824"}.Full()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range again.Misses() {
			t.Errorf("accent %s, corrected to %s: %s", accent, misses[0].Nearest, m)
		}
		a, b := must(accent).shade(), must(misses[0].Nearest).shade()
		if d := a.h - b.h; d > 0.35 || d < -0.35 {
			t.Errorf("accent %s, corrected to %s: hue moved by %.2f rad", accent, misses[0].Nearest, d)
		}
	}
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want string
	}{
		{"#000000", "#FFFFFF", "21.00"},
		{"#777777", "#FFFFFF", "4.47"},
		{"#767676", "#FFFFFF", "4.54"},
		{"#17593F", "#17593F", "1.00"},
	} {
		if got := figure(contrast(must(c.a), must(c.b))); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.a, c.b, got, c.want)
		}
	}
	for _, s := range []string{"#17593F", "#000000", "#FFFFFF", "#F4B93E", "#1A3BD8", "#C9F53B"} {
		if got := must(s).shade().colour().String(); got != s {
			t.Errorf("%s there and back is %s", s, got)
		}
	}
}

// TestFindings: what is wrong with a theme is said at its place, all at once.
func TestFindings(t *testing.T) {
	for _, name := range []string{"faint", "derived", "unreadable"} {
		src, err := os.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var out diag.Findings
		var theme Theme
		at := diag.Decode(name+".yaml", src, &theme, &out)
		theme.Check(at)
		if out.Err() == nil {
			t.Errorf("%s: nothing found", name)
		}
		golden(t, "testdata/"+name+".golden", out.String())
	}
	if _, err := New(map[string]Brand{"kopi": {Theme: Theme{Accent: "#FFD000"}}}); err == nil || !strings.Contains(err.Error(), `theme of brand "kopi": accent on surface has contrast`) {
		t.Errorf("New with a faint theme: %v", err)
	}
	if _, err := New(map[string]Brand{"kopi": {Theme: Theme{Accent: "green"}}}); err == nil || !strings.Contains(err.Error(), `theme of brand "kopi": accent: "green" is not a colour like #17593F`) {
		t.Errorf("New with no colour: %v", err)
	}
}

func ExampleMiss() {
	theme, _ := Theme{Accent: "#F4B93E", Brand: "#2B1A10"}.Full()
	fmt.Println(theme.Misses()[0])
	// Output:
	// accent on surface has contrast 1.77, needs 3; #B08000 is the nearest that does
}
