package templates

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// TestOverrideKeeps: a page in a brand's own dress keeps what guards and frees
// whoever reads it. Each case drops one thing from our own template.
func TestOverrideKeeps(t *testing.T) {
	for _, c := range []struct{ file, drop, with, want string }{
		{"login.html", `{{template "hidden" .}}`, "", `login.html:7: the form POST /action lacks the hidden field form_token`},
		{"login.html", `{{template "hidden" .}}`, "", `login.html:7: the form POST /action lacks the hidden field visit`},
		{"parts/hidden.html", `name="{{.Name}}"`, `name="visit"`, `parts/hidden.html:1: the form POST /action lacks the hidden field form_token`},
		{"ask.html", `<button class="secondary" name="do" value="skip">{{.Say "ask.skip"}}</button>`, "", `the form POST /action lacks the button do=skip`},
		{"ask.html", `{{if .Decline}}`, `{{if false}}`, `the form POST /action lacks the button do=decline`},
		{"share.html", `value="nothing"`, `value="share"`, `the form POST /action lacks the button do=nothing`},
		{"share.html", `<input id="{{if $i}}claim.{{$i}}{{else}}claim{{end}}" type="checkbox" name="claim" value="{{.ID}}"{{if .Checked}} checked{{end}}>`, "", `lacks the choice claim=shoe_size`},
		{"parts/kind_month_day.html", `name="{{.ID}}.day"`, `name="day"`, `parts/kind_month_day.html:1: the form POST /action lacks the field q.birthday.day`},
		{"register.html", `"privacy" (.Link .Privacy "privacy.link")`, `"privacy" (.Link "" "privacy.link")`, ``},
		{"parts/foot.html", `<a href="{{.}}">{{$.Say "privacy"}}</a>`, "", `parts/foot.html:1: has no link to https://brand.example/privacy`},
		{"layout.html", `<a class="skip" href="#main">{{.Say "skip_to_content"}}</a>`, "", `layout.html:1: has no link to #main`},
		{"layout.html", ` dir="{{.Dir}}"`, "", `layout.html:1: does not begin with <html lang="en" dir="ltr">`},
		{"verify.html", `<h1>`, `<style>h1{color:red}</style><h1>`, `verify.html:3: the content security policy refuses "<style"`},
		{"verify.html", `<h1>`, `<h1 style="color:red">`, `verify.html:3: the content security policy refuses "style="`},
		{"verify.html", `<h1>`, `<img src="https://track.example/p.gif" alt=""><h1>`, `refuses "<img src=\"https://"`},
		{"verify.html", `<h1>`, `<h1 onclick="x()">`, `refuses "onclick=\""`},
		{"message.html", `<h1>{{.Heading}}</h1>`, `<p>{{.Heading}}</p>`, `message.html:1: has 0 h1; a page has one`},
	} {
		src, err := pageFiles.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		own := strings.ReplaceAll(string(src), c.drop, c.with)
		if own == string(src) {
			t.Errorf("%s has no %s", c.file, c.drop)
			continue
		}
		_, err = New(Options{Languages: []string{"en"}, Overrides: map[string]fs.FS{"kopi": fstest.MapFS{c.file: {Data: []byte(own)}}}})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s without %s: %v", c.file, c.drop, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "templates of brand kopi: "+c.file) {
			t.Errorf("%s without %s:\n%v\nwant %s", c.file, c.drop, err, c.want)
		}
	}
}

// TestOverrideOurs: our own templates, taken over whole, are what they were.
func TestOverrideOurs(t *testing.T) {
	if _, err := New(Options{Overrides: map[string]fs.FS{"kopi": pageFiles}}); err != nil {
		t.Error(err)
	}
}
