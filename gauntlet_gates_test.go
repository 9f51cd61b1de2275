package proffer

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// TestGauntlet_Z04_PastTheGates: the pages of a visit have addresses that anybody can
// write. Before the terms, and before signing in where the site wants that anew, none
// of them asks, takes or shares anything.
func TestGauntlet_Z04_PastTheGates(t *testing.T) {
	l := newLab(t, labOptions{})
	b, kopi, sole := l.browser(), l.site("kopi-web"), l.site("sole-web")
	b.register(kopi, "nok@example.com", pass)
	try := func(what, gate string, p *shown) {
		visit := "?visit=" + url.QueryEscape(p.at(gate).url.Query().Get("visit"))
		for _, page := range []string{"/ask/size", "/ask/coffee", "/carried", "/check/welcome", "/share"} {
			got := b.open(page + visit)
			if !strings.HasSuffix(got.url.Path, gate) {
				t.Errorf("%s: %s opens at %s, %d", what, page, got.url.Path, got.status)
				if strings.HasSuffix(got.url.Path, "/ask/size") {
					got.form("/ask/size").send("q.shoe_size", "42", "do", "continue")
				}
			}
			if got = b.post(l.issuer()+page+visit, url.Values{"do": {"skip"}}); !strings.HasSuffix(got.url.Path, gate) {
				t.Errorf("%s: %s takes a form, at %s, %d", what, page, got.url.Path, got.status)
			}
		}
	}
	try("no terms", "/terms", b.open(sole.authorize()))
	try("a new sign-in", "/login", b.open(kopi.authorize(oauth2.SetAuthURLParam("prompt", "login"))))
	for _, a := range b.ledger() {
		if a.Brand == "sole" {
			t.Errorf("sole was told %s", a.Question)
		}
	}
	p := b.open(sole.authorize()).at("/terms").form("/terms").send("do", "agree").at("/ask/size")
	if p = p.form("/ask/size").send("q.shoe_size", "42", "do", "continue"); strings.HasSuffix(p.url.Path, "/ask/size") {
		t.Errorf("with the terms: %d at %s", p.status, p.url.Path)
	}
}
