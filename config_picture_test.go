package proffer

import "testing"

// A picture is shown from the provider's own origin.
func TestPicture(t *testing.T) {
	svg := func(attributes, inside string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` + attributes + `>` + inside + `</svg>`
	}
	for name, text := range map[string]string{
		"empty":             "",
		"text":              "hello",
		"html":              "<html></html>",
		"other namespace":   `<svg xmlns="http://www.w3.org/1999/xhtml"></svg>`,
		"not closed":        `<svg xmlns="http://www.w3.org/2000/svg">`,
		"script":            svg("", "<script>alert(1)</script>"),
		"SCRIPT":            svg("", "<SCRIPT>alert(1)</SCRIPT>"),
		"prefixed script":   svg(`xmlns:s="http://www.w3.org/2000/svg"`, "<s:script>alert(1)</s:script>"),
		"handler":           svg(`onload="alert(1)"`, ""),
		"handler inside":    svg("", `<g OnClick="alert(1)"/>`),
		"foreign":           svg("", "<foreignObject/>"),
		"link":              svg("", `<a xlink:href="javascript:alert(1)"><path/></a>`),
		"use from outside":  svg("", `<use href="https://evil.example/x.svg#a"/>`),
		"image":             svg("", `<image href="https://evil.example/x.png"/>`),
		"data":              svg("", `<image href="data:image/svg+xml,x"/>`),
		"animated link":     svg("", `<set attributeName="href" to="javascript:alert(1)"/>`),
		"style from beyond": svg("", `<style>@import "https://evil.example/x.css";</style>`),
		"IMPORT":            svg("", `<style>@IMPORT "https://evil.example/x.css";</style>`),
		"import in parts":   svg("", `<style>@imp<!-- -->ort "https://evil.example/x.css";</style>`),
		"url in parts":      svg("", `<style>a{fill:u<![CDATA[rl(https://evil.example/x)}]]></style>`),
		"image set":         svg("", `<style>svg{background:image-set("https://evil.example/x" 1x)}</style>`),
		"style url":         svg("", `<rect style="fill:URL( 'https://evil.example/x')"/>`),
		"escaped url":       svg("", `<style>a{fill:u\72l(https://evil.example/x)}</style>`),
		"entity":            `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + svg("", "&x;"),
		"style sheet":       `<?xml-stylesheet href="https://evil.example/x.css"?>` + svg("", ""),
	} {
		if why := picture([]byte(text)); why == "" {
			t.Errorf("%s is taken", name)
		}
	}
	good := `<?xml version="1.0"?><!-- cups -->` + svg(`viewBox="0 0 8 8"`,
		`<title>Cups</title><defs><g id="cup"><circle r="4" class="a"/></g></defs><style>.a{fill:url(#g)}</style><use href="#cup"/><use xlink:href="#cup" x="2"/>`)
	if why := picture([]byte(good)); why != "" {
		t.Errorf("a good picture %s", why)
	}
}
