package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// duties are what a page owes to who reads it, whatever it looks like: its forms
// with their fields and buttons, the links the law or a way out needs, and its
// language. A brand's own template may move them; it may not drop them.
type duties struct {
	lang, dir string
	forms     map[string]map[string]bool // by address: what each sends
	links     map[string]bool
	h1        int
}

// dutiesOf reads them from a page as it is sent.
func dutiesOf(page string) (duties, error) {
	root, err := html.Parse(strings.NewReader(page))
	d := duties{forms: map[string]map[string]bool{}, links: map[string]bool{}}
	if err != nil {
		return d, err
	}
	var walk func(n *html.Node, form string)
	walk = func(n *html.Node, form string) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "html":
				d.lang, d.dir = attribute(n, "lang"), attribute(n, "dir")
			case "h1":
				d.h1++
			case "a":
				d.links[attribute(n, "href")] = true
			case "form":
				form = strings.ToUpper(attribute(n, "method")) + " " + attribute(n, "action")
				if d.forms[form] == nil {
					d.forms[form] = map[string]bool{}
				}
			case "input", "select", "textarea", "button":
				if form != "" {
					d.forms[form][sends(n)] = true
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, form)
		}
	}
	walk(root, "")
	return d, nil
}

// sends says what one control adds to its form.
func sends(n *html.Node) string {
	name, value := attribute(n, "name"), attribute(n, "value")
	switch kind := attribute(n, "type"); {
	case n.Data == "button" && name == "" && attribute(n, "formaction") != "":
		return "a button to " + attribute(n, "formaction")
	case n.Data == "button" && name == "":
		return "a button that sends it"
	case n.Data == "button":
		return fmt.Sprintf("the button %s=%s", name, value)
	case kind == "hidden" && name != "claim":
		return "the hidden field " + name
	case kind == "radio" || kind == "checkbox" || kind == "hidden":
		return fmt.Sprintf("the choice %s=%s", name, value)
	}
	return "the field " + name
}

// dropped lists what theirs lacks of what ours has. needed are the links that
// must stay.
func dropped(ours, theirs duties, needed []string) []string {
	var out []string
	for _, form := range keys(ours.forms) {
		kept, ok := theirs.forms[form]
		if !ok {
			out = append(out, "has no form "+form)
			continue
		}
		for _, what := range keys(ours.forms[form]) {
			if !kept[what] {
				out = append(out, fmt.Sprintf("the form %s lacks %s", form, what))
			}
		}
	}
	for _, link := range needed {
		if link != "" && ours.links[link] && !theirs.links[link] {
			out = append(out, "has no link to "+link)
		}
	}
	if theirs.lang != ours.lang || theirs.dir != ours.dir {
		out = append(out, fmt.Sprintf(`does not begin with <html lang="%s" dir="%s">`, ours.lang, ours.dir))
	}
	if theirs.h1 != 1 {
		out = append(out, fmt.Sprintf("has %d h1; a page has one", theirs.h1))
	}
	return out
}

// refused is what the content security policy keeps from working, so that a page
// with it would look right to nobody: styles and scripts inside of it, handlers,
// and whatever comes from elsewhere.
var refused = regexp.MustCompile(`(?i)<style|<script[^>]*>[^<]|<script>|<iframe|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<(?:img|script|source|link)[^>]*\s(?:src|srcset|href)\s*=\s*["']?(?:https?:)?//`)

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
