package proffer

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/oauth2"
)

// polyglots break out of one context or another where they are not escaped. Each
// fits into an answer of 80 characters.
var polyglots = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</title><xzq>`, `</textarea><xzq onclick=a>`, `</script><script>a()</script>`,
	`" autofocus onfocus="alert(1)`, `' onmouseover='alert(1)`, "` onclick=`alert(1)", `javascript:alert(1)`, `jaVasCript:/*-/*'/*"/**/(alert(1))//`, `data:text/html,<xzq>`,
	`<!--><xzq>-->`, `]]><xzq>`, `<![CDATA[<xzq>]]>`, `&lt;xzq&gt;`, `&#60;xzq&#62;`, `\u003cxzq\u003e`, `%3Cxzq%3E`, `<xzq`, `<iframe srcdoc='<xzq>'>`, `<base href=//evil.example>`,
	`<form action=//evil.example><input name=password>`, `<a href="javascript:a()">x</a>`, `<style>@import '//evil.example'</style>`, `<math><mtext></mtext><mglyph>`,
	`<meta http-equiv=refresh content=0>`, `{{.}}{{printf "%s" 7}}`, `${7*7}#{7*7}<%= 7*7 %>`, `<a onx="{{.Nonce}}">`, `<bdi></bdi><bdo dir=rtl>`,
}

// tagless are those that a configured text may be, having no tag and no entity.
var tagless = []string{
	`"><'"`, `{{.}}`, `{{printf "%s" "x"}}`, `{{template "main" .}}`, `{{range .Hidden}}{{.Value}}{{end}}`, `${7*7}`, `#{7*7}`, `<%= 7*7 %>`, `%s%n%d%!x`, "`alert(1)`",
	`javascript:alert(1)`, `" autofocus onfocus=alert(1) x="`, `' onmouseover='alert(1)`, `]]>`, `-->`, `< script >alert(1)< / script >`, `\u003cxzq\u003e`, `%3Cxzq%3E`, `{brand}`,
	`{count, plural, other {x}}`, `{{.count}}`, `{% raw %}`, `expression(alert(1))`, `&lt xzq &gt`, `<3 "quoted" 'twice'`, `$(id)`, `|id;`, `\";alert(1)//`, `*/alert(1)/*`,
}

// texts is every text of a page as a reader gets it: its words, and the values
// of attributes.
func texts(doc *html.Node) string {
	var b strings.Builder
	walkHTML(doc, func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + "\n")
		}
		for _, a := range n.Attr {
			b.WriteString(a.Val + "\n")
		}
	})
	return b.String()
}

var worded = regexp.MustCompile(`\b(en|th): ("(?:[^"\\]|\\.)*"|[^,}\n]+)`)

// hostile writes a polyglot into every text of every screen set and brand.
func hostile(t *testing.T) func(*Config) {
	n := 2 // so that each comes to stand where a tour comes by
	next := func() string { n++; return tagless[n%len(tagless)] }
	return func(c *Config) {
		files := fstest.MapFS{}
		err := fs.WalkDir(Example(), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(Example(), name)
			if strings.HasSuffix(name, "set.yaml") {
				b = worded.ReplaceAllFunc(b, func(m []byte) []byte {
					q, _ := json.Marshal(next())
					return append(append([]byte{}, m[:4]...), q...)
				})
			}
			files[name] = &fstest.MapFile{Data: b}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Files = files
		for _, id := range c.brandIDs() {
			b := c.Brands[id]
			for _, lang := range c.Languages {
				b.Name[lang], b.Tagline[lang] = next(), next()
			}
			b.Controller.Name, b.Controller.Address = tagless[0], tagless[1]
		}
		if n < 140 {
			t.Fatalf("only %d texts were found", n)
		}
	}
}

// TestGauntlet_X03_TemplateInjection: what is written in a configuration is
// shown as it is written, on every page and in every mail.
func TestGauntlet_X03_TemplateInjection(t *testing.T) {
	l, s := newLab(t, labOptions{change: hostile(t)}), newStrict(t)
	var seen strings.Builder
	l.tour(&tourist{name: "{{.}}'%s${7*7}`x|", password: pass, watch: func(r *http.Response, body string) {
		s.see(r, body)
		if doc, err := html.Parse(strings.NewReader(body)); err == nil {
			seen.WriteString(texts(doc))
		}
		if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "%!") && !strings.Contains(body, "%!x") {
			t.Errorf("%s has a value that was not shown as it is", r.Request.URL.Path)
		}
	}})
	var unseen []string
	for _, p := range tagless {
		if !strings.Contains(seen.String(), p) {
			unseen = append(unseen, p)
		}
	}
	if len(unseen) > 2 { // a few may stand on screens that the tour leaves out
		t.Errorf("no page shows as it is written: %q", unseen)
	}
	for _, m := range l.mail.all() {
		name := l.cfg.Brands["kopi"].Name["en"]
		if strings.HasSuffix(m.Subject, "Proffer") || strings.Contains(m.Text, "at Proffer") {
			name = "Proffer" // asked for on a page of no brand
		}
		if !strings.Contains(m.Text, name) || strings.Contains(m.Text, "&#") || strings.Contains(m.Text, "&lt;") || strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("mail text, of the brand %s:\n%s\n%s", name, m.Subject, m.Text)
		}
		doc, err := html.Parse(strings.NewReader(m.HTML))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(texts(doc), name) {
			t.Errorf("mail does not show %s as it is:\n%s", name, m.HTML)
		}
		walkHTML(doc, func(n *html.Node) {
			if href := attr(n, "href"); href != "" && !strings.HasPrefix(href, l.issuer()+"/") && !strings.HasPrefix(href, "http://localhost:808") {
				t.Errorf("mail links to %q", href)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || n.Data == "script" || n.Data == "img" {
					t.Errorf("mail has %s %s", n.Data, a.Key)
				}
			}
		})
	}
	if len(l.mail.all()) < 4 {
		t.Errorf("only %d mails", len(l.mail.all()))
	}
}

// TestGauntlet_X01_ConfiguredMarkup: tags and entities in a configured text are
// refused when it is loaded.
func TestGauntlet_X01_ConfiguredMarkup(t *testing.T) {
	c, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kopi := c.Brands["kopi"]
	for _, markup := range polyglots {
		if !regexp.MustCompile(`<[a-z/!]|&[#a-z0-9]+;`).MatchString(markup) {
			continue
		}
		for _, text := range []Text{kopi.Name, kopi.Tagline} {
			good := text["th"]
			text["th"] = good + " " + markup
			if err := c.Check(); err == nil || !strings.Contains(err.Error(), "HTML") {
				t.Errorf("%s: %v", markup, err)
			}
			text["th"] = good
		}
	}
	if err := c.Check(); err != nil {
		t.Errorf("without: %v", err)
	}
}

// TestGauntlet_X01_StoredMarkup: what customers write comes back as they wrote
// it, escaped for wherever it stands.
func TestGauntlet_X01_StoredMarkup(t *testing.T) {
	l := newLab(t, labOptions{
		set: map[string][2]string{"kopi": {"  roast_notes:\n    kind: text                          # in the customer's own words\n    scope: brand\n",
			"  milk_notes:\n    kind: single\n    ask: {en: Which milk?, th: นมอะไร, ar: أي حليب؟}\n    name: {en: Milk, th: นม, ar: الحليب}\n    why: {en: So we have it., th: เพื่อเตรียมไว้, ar: لنجهّزه}\n    purpose: personalise\n" +
				"    options: [{id: cow, label: {en: Cow, th: วัว, ar: بقر}}, {id: other, label: {en: Other, th: อื่น, ar: آخر}, other: true}]\n    fresh: 18mo\n" +
				"  roast_notes:\n    kind: text\n    scope: person\n    claim: roast_notes\n"}},
		change: func(c *Config) {
			c.Brands["sole"].Clients["sole-web"].Claims["roast_notes"] = &ClaimPolicy{As: "exact", Purpose: "shelf"}
		},
	})
	s := newStrict(t)
	b := (&tourist{lab: l, watch: s.see}).browser()
	kopi, sole := l.site("kopi-web"), l.site("sole-web")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee").form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	l.clock.Add(8 * 24 * time.Hour)
	p = b.open(kopi.authorize()).at("/ask/home").form("/ask/home").send("q.home_brew", "yes", "do", "continue").at("/ask/notes")
	if again := p.form("/ask/notes").with("do", "continue", "q.roast_notes", polyglots[1]+strings.Repeat(" x", 80)).try(p.form("/ask/notes").values); again.status != 422 {
		t.Errorf("too long: %d", again.status)
	}
	tok := kopi.redeem(p.form("/ask/notes").send("q.roast_notes", polyglots[0], "do", "continue").left)
	p = b.open(sole.authorize()).at("/terms").form("/terms").send("do", "agree")
	for strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	sharing := p.at("/share")
	for _, words := range polyglots {
		change := b.open("/preferences/answers/roast_notes/change?brand=kopi").form("/change?brand=kopi")
		wrong := clone(change.values)
		wrong.Set("q.roast_notes", words+strings.Repeat(" x", 80))
		if p := change.try(wrong); p.status != 422 || !strings.Contains(texts(p.doc), words) {
			t.Errorf("too long, %s: %d\n%s", words, p.status, p.text())
		}
		change.send("q.roast_notes", words, "do", "continue").at("/answers")
		for _, page := range []string{
			"/preferences/answers", "/preferences/answers?done=saved", "/preferences/answers/roast_notes/change?brand=kopi&lang=th", "/preferences/sharing?lang=en",
			"/share?" + sharing.url.RawQuery,
		} {
			if p := b.open(page); !strings.Contains(texts(p.doc), words) {
				t.Errorf("%s does not show %s as it was written:\n%s", page, words, p.text())
			}
		}
		if got := zp(kopi.userinfo(tok.Token))["roast_notes"]; got != words {
			t.Errorf("UserInfo says %q, want %q", got, words)
		}
	}
}

// TestGauntlet_X04_Reflected: what stands in an address is not said on the page;
// a hint is, if it is an address, as a value to change.
func TestGauntlet_X04_Reflected(t *testing.T) {
	l, s := newLab(t, labOptions{}), newStrict(t)
	kopi := l.site("kopi-web")
	b := (&tourist{lab: l, watch: s.see}).browser()
	l.both(b, "birthday")
	const mark = "xzqxzqxzqxzq" // so long that no random token has it by chance
	odd := []string{`"><` + mark + ` onload=alert(1)>`, mark + "\r\nSet-Cookie: " + mark + "=1", "\u202e" + mark + "\u202d", mark + "\x00\x1b[31m",
		strings.Repeat(mark, 900), `{{.}}` + mark + `${7*7}`, `javascript:` + mark + `()`}
	names := []string{"error", "error_description", "error_hint", "error_uri", "ui_locales", "login_hint", "claims_locales", "display", "acr_values", "lang", "done", "question", "brand", "token", "client_id", "visit", "return_to", "continue", "deleted", "anew"}
	look := func(where string, p *shown) {
		t.Helper()
		if p.status >= 500 {
			t.Errorf("%s: %d", where, p.status)
		}
		walkHTML(p.doc, func(n *html.Node) {
			said := n.Type == html.TextNode && strings.Contains(n.Data, mark)
			for _, a := range n.Attr { // a link to this very page in another language has its address
				said = said || strings.Contains(a.Val, mark) && a.Key != "href" && a.Key != "action" && n.Data != "input"
			}
			if said {
				t.Errorf("%s: the page says it: %.200s", where, n.Data)
			}
		})
		if p.header.Get("Set-Cookie") != "" && strings.Contains(fmt.Sprint(p.header), mark+"=1") {
			t.Errorf("%s: a header of theirs: %v", where, p.header)
		}
	}
	for _, value := range odd {
		for _, rt := range l.server.now.Load().routes() {
			if rt.method != http.MethodGet || rt.kind == asset {
				continue
			}
			path := regexp.MustCompile(`\{[\w$]*\}`).ReplaceAllString(rt.path, url.PathEscape(value[:min(len(value), 500)]))
			q := url.Values{}
			for _, name := range names {
				q.Set(name, value)
			}
			who := []*browser{b}
			if rt.kind == page {
				who = append(who, (&tourist{lab: l, watch: s.see}).browser())
			}
			for _, b := range who {
				look(rt.path, b.once(http.MethodGet, path+"?"+q.Encode(), nil))
			}
		}
		var opts []oauth2.AuthCodeOption
		for _, name := range []string{"login_hint", "ui_locales", "claims_locales", "acr_values", "display", "error_description", "unknown"} {
			opts = append(opts, oauth2.SetAuthURLParam(name, value))
		}
		p := l.browser().once(http.MethodGet, kopi.authorize(opts...), nil)
		look("/authorize", p)
		if p.left != nil && strings.HasPrefix(p.left.String(), l.issuer()) {
			look("the page of the visit", l.browser().once(http.MethodGet, p.left.String(), nil))
		} else if p.left != nil && strings.Contains(p.left.Query().Get("error_description"), mark) {
			t.Errorf("error_description says what was sent: %v", p.left)
		}
		visitor := (&tourist{lab: l, watch: s.see}).browser()
		look("a hint", visitor.open(kopi.authorize(oauth2.SetAuthURLParam("login_hint", value))))
	}
	p := l.browser().open(kopi.authorize(oauth2.SetAuthURLParam("login_hint", "o'neil&co@example.com"), oauth2.SetAuthURLParam("ui_locales", "xx th-TH")))
	if f := p.form("/login"); f.values.Get("email") != "o'neil&co@example.com" || !strings.Contains(p.body, `lang="th"`) {
		t.Errorf("a good hint: %q", f.values.Get("email"))
	}
}
