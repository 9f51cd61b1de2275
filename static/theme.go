package static

import (
	"fmt"
	"reflect"
	"strings"
)

// A Theme is what a brand may set of its look. Accent and Brand are enough: the
// rest is derived from them and holds its contrasts. What is set in Light or
// Dark stands as it is written, and is checked. Colours are "#RRGGBB".
type Theme struct {
	Accent  string  `yaml:"accent"`  // primary button and what is chosen, in light
	Brand   string  `yaml:"brand"`   // the panel or band, in light
	Radius  *int    `yaml:"radius"`  // of controls, in px; 0 to 24, default 6
	Round   *int    `yaml:"round"`   // of boxes, in px; 0 to 32, default 5/3 of radius
	Heading Heading `yaml:"heading"` // face of headings; default sans
	Logo    Logo    `yaml:"logo"`    // in place of the mark and the name; may be left out
	Fonts   Fonts   `yaml:"fonts"`   // faces of the brand's own; may be left out
	Light   Tokens  `yaml:"light"`
	Dark    Tokens  `yaml:"dark"`
}

// A Heading is the face of a theme's headings.
type Heading string

// The faces there are. Tight is the text face, set a little closer.
const (
	Sans  Heading = "sans"
	Serif Heading = "serif"
	Tight Heading = "tight"
)

// Tokens are the colours of one theme in light or in dark, by role.
type Tokens struct {
	Page        string `yaml:"page"`    // behind everything
	Surface     string `yaml:"surface"` // fields and choice cards
	Sunk        string `yaml:"sunk"`    // why box, notices, mail ground
	Ink         string `yaml:"ink"`     // text
	Ink2        string `yaml:"ink2"`    // hints, captions
	Line        string `yaml:"line"`    // rules between rows; decoration only
	Edge        string `yaml:"edge"`    // borders of what one can operate
	Accent      string `yaml:"accent"`  // primary button, chosen state
	OnAccent    string `yaml:"onaccent"`
	AccentHover string `yaml:"accenthover"`
	Tint        string `yaml:"tint"`  // the chosen card
	Link        string `yaml:"link"`  // links, quiet buttons
	Focus       string `yaml:"focus"` // focus ring
	Halo        string `yaml:"halo"`  // round it, in light
	Brand       string `yaml:"brand"` // panel, band, mail bar
	OnBrand     string `yaml:"onbrand"`
	Bad         string `yaml:"bad"`
	BadTint     string `yaml:"badtint"`
	Good        string `yaml:"good"`
	GoodTint    string `yaml:"goodtint"`
	Chart       string `yaml:"chart"`
	Chart2      string `yaml:"chart2"`
}

// Names lists the roles in the order of Tokens, as they are written.
func (Tokens) Names() []string {
	t := reflect.TypeFor[Tokens]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("yaml")
	}
	return names
}

// Get returns the colour of a role, or "" if it is not set or not a role.
func (t *Tokens) Get(name string) string {
	if p := t.at(name); p != nil {
		return *p
	}
	return ""
}

func (t *Tokens) at(name string) *string {
	v := reflect.ValueOf(t).Elem()
	for i, n := range t.Names() {
		if n == name {
			return v.Field(i).Addr().Interface().(*string)
		}
	}
	return nil
}

// over returns t with what is set in o.
func (t Tokens) over(o Tokens) Tokens {
	for _, n := range t.Names() {
		if c := o.Get(n); c != "" {
			*t.at(n) = c
		}
	}
	return t
}

// Full returns the theme with every token filled: what is set as it is set, the
// rest derived. An error names a colour or a size that cannot be read.
func (t Theme) Full() (Theme, error) {
	if bad := t.unreadable(); len(bad) > 0 {
		return t, fmt.Errorf("%s: %s", strings.Join(bad[0].at, "."), bad[0].says)
	}
	own := Proffer()
	if t.Accent == "" {
		t.Accent = first(t.Light.Accent, own.Accent)
	}
	if t.Brand == "" {
		t.Brand = first(t.Light.Brand, own.Brand)
	}
	if t.Radius == nil {
		t.Radius = own.Radius
	}
	if t.Round == nil {
		r := (*t.Radius*5 + 1) / 3
		t.Round = &r
	}
	if t.Heading == "" {
		t.Heading = Sans
	}
	t.Light = deriveLight(t.Accent, t.Brand, t.Light)
	t.Dark = deriveDark(t.Accent, t.Brand, t.Dark)
	return t, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// A flaw is one setting that cannot be read.
type flaw struct {
	at   []string // keys that lead to it
	says string
}

func (t Theme) unreadable() []flaw {
	var out []flaw
	colour := func(value string, at ...string) {
		if value == "" {
			return
		}
		if _, err := parse(value); err != nil {
			out = append(out, flaw{at, err.Error()})
		}
	}
	colour(t.Accent, "accent")
	colour(t.Brand, "brand")
	for _, n := range t.Light.Names() {
		colour(t.Light.Get(n), "light", n)
		colour(t.Dark.Get(n), "dark", n)
	}
	if t.Radius != nil && (*t.Radius < 0 || *t.Radius > 24) {
		out = append(out, flaw{[]string{"radius"}, fmt.Sprintf("%d is not between 0 and 24", *t.Radius)})
	}
	if t.Round != nil && (*t.Round < 0 || *t.Round > 32) {
		out = append(out, flaw{[]string{"round"}, fmt.Sprintf("%d is not between 0 and 32", *t.Round)})
	}
	if t.Logo.Dark != "" && t.Logo.Light == "" {
		out = append(out, flaw{[]string{"logo", "light"}, "is missing: the dark logo is the twin of a light one"})
	}
	if t.Fonts.Text.Bold != "" && t.Fonts.Text.Regular == "" {
		out = append(out, flaw{[]string{"fonts", "text", "regular"}, "is missing: most text is of weight 400"})
	}
	if t.Fonts.Heading.Regular != "" && t.Fonts.Heading.Bold == "" {
		out = append(out, flaw{[]string{"fonts", "heading", "bold"}, "is missing: headings are of weight 700"})
	}
	switch t.Heading {
	case "", Sans, Serif, Tight:
	default:
		out = append(out, flaw{[]string{"heading"}, fmt.Sprintf("%q is not one of sans, serif, tight", t.Heading)})
	}
	return out
}

// Proffer is Proffer's own theme: its own pages and whatever a brand leaves open.
func Proffer() Theme {
	radius, round := 6, 10
	return Theme{
		Accent: "#5B2A86", Brand: "#1B1824", Radius: &radius, Round: &round, Heading: Sans,
		Light: Tokens{
			Page: "#FAFAFC", Surface: "#FFFFFF", Sunk: "#F0EFF5",
			Ink: "#1B1824", Ink2: "#565166", Line: "#DAD7E4", Edge: "#767086",
			Accent: "#5B2A86", OnAccent: "#FFFFFF", AccentHover: "#451D69", Tint: "#F1E9F8",
			Link: "#5B2A86", Focus: "#1B1824", Halo: "#FFD23F",
			Brand: "#1B1824", OnBrand: "#FFFFFF",
			Bad: "#B3261E", BadTint: "#FDECEA", Good: "#1B6B3A", GoodTint: "#E7F4EA",
			Chart: "#5B2A86", Chart2: "#B45309",
		},
		Dark: Tokens{
			Page: "#131119", Surface: "#1C1925", Sunk: "#231F2F",
			Ink: "#F3F1F8", Ink2: "#BDB6CC", Line: "#3A3549", Edge: "#8B849E",
			Accent: "#CBA6F0", OnAccent: "#1E0F2E", AccentHover: "#DDC4F7", Tint: "#2D2140",
			Link: "#D2B4F3", Focus: "#FFD23F", Halo: "#131119",
			Brand: "#0D0B12", OnBrand: "#F3F1F8",
			Bad: "#FF9C92", BadTint: "#3B1714", Good: "#8AD9A2", GoodTint: "#163121",
			Chart: "#CBA6F0", Chart2: "#F0A65A",
		},
	}
}

// css is the theme's token block: custom properties, light and dark. served are
// the names of its fonts.
func (t Theme) css(served map[string]string) string {
	var b strings.Builder
	b.WriteString(t.faces(served))
	b.WriteString(":root {\n")
	fmt.Fprintf(&b, "\t--r: %dpx;\n\t--R: %dpx;\n", *t.Radius, *t.Round)
	spacing := "normal"
	if t.Heading == Tight {
		spacing = "-0.02em"
	}
	text, heading := t.families()
	for _, lang := range []string{"", "th", "ar"} {
		end := ""
		if lang != "" {
			end = "-" + lang
		}
		fmt.Fprintf(&b, "\t--text%s: %s;\n\t--heading%s: %s;\n", end, text[lang], end, heading[lang])
	}
	fmt.Fprintf(&b, "\t--heading-spacing: %s;\n", spacing)
	block := func(k *Tokens, indent string) {
		for _, n := range k.Names() {
			fmt.Fprintf(&b, "%s--%s: %s;\n", indent, n, k.Get(n))
		}
	}
	block(&t.Light, "\t")
	b.WriteString("}\n@media (prefers-color-scheme: dark) {\n\t:root {\n")
	block(&t.Dark, "\t\t")
	b.WriteString("\t}\n}\n")
	return b.String()
}
