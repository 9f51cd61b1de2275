package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// printForeseen prints a visit for people: what is shown, why, and what leaves.
func printForeseen(w io.Writer, f *proffer.Foreseen) {
	from := "from " + f.Client
	if f.Link != "" {
		from = "by a link to " + f.Link
	}
	fmt.Fprintf(w, "%s, %s: a %s on %s, in %s\n", f.Brand, from, strings.ReplaceAll(f.Moment, "_", "-"), catalogue.Day(f.At), f.Locale)
	if len(f.Assumed) > 0 {
		fmt.Fprintln(w, "\nassumed, as the file does not say:")
		for _, s := range f.Assumed {
			fmt.Fprintln(w, "  -", s)
		}
	}
	fmt.Fprintln(w, "\nwhat is shown:")
	if len(f.Steps) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
	for i, s := range f.Steps {
		printStep(w, i+1, s)
	}
	fmt.Fprintf(w, "  then %s\n", f.Ends.Why)
	if f.Ends.As != "code" && f.Ends.As != "left" && f.Ends.As != "end" {
		fmt.Fprintf(w, "  the site gets the error %s\n", f.Ends.As)
	}
	fmt.Fprintln(w, "\nwhy:")
	for _, c := range f.Looked {
		printCampaign(w, c)
	}
	if len(f.Worked) > 0 {
		fmt.Fprintln(w, "\nworked out:")
	}
	for _, d := range f.Worked {
		value := "no value"
		if d.Shown != "" {
			value = "“" + d.Shown + "”"
		}
		fmt.Fprintf(w, "  %s: %s, from %s\n", d.Derived, value, strings.Join(d.From, ", "))
	}
	printHanded(w, "ID token", f.IDToken)
	printHanded(w, "UserInfo", f.UserInfo)
}

func printStep(w io.Writer, n int, s proffer.Step) {
	name := s.Page
	if s.Screen != "" {
		name = s.Screen + ", of " + s.Campaign
	}
	var notes []string
	if s.Arm != "" {
		notes = append(notes, "arm "+s.Arm)
	}
	if s.Still {
		notes = append(notes, "asks whether it still holds")
	}
	if s.Page == "ask" && !s.Optional {
		notes = append(notes, "has to be answered")
	}
	if s.Offer != "" {
		notes = append(notes, "offers "+s.Offer)
	}
	if len(notes) > 0 {
		name += " (" + strings.Join(notes, ", ") + ")"
	}
	fmt.Fprintf(w, "  %d  %s\n", n, name)
	for _, q := range s.Questions {
		does := q.Does
		if q.Shown != "" {
			does += " with “" + q.Shown + "”"
		}
		if q.Assumed {
			does += ", assumed: the file says nothing of it"
		}
		fmt.Fprintf(w, "     %s: “%s” — %s\n", q.Question, q.Ask, does)
	}
	for _, c := range s.Carried {
		fmt.Fprintf(w, "     %s: “%s” — %s\n", c.Question, c.Shown, map[bool]string{true: "kept", false: "not kept"}[c.Kept])
	}
	for _, c := range s.Shares {
		fmt.Fprintf(w, "     %s: “%s” — %s\n", c.Claim, c.Value, map[bool]string{true: "shared", false: "not shared"}[c.Shared])
	}
}

// until is how long something lasts, in words.
func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return "; until " + catalogue.Day(t)
}

func printCampaign(w io.Writer, c proffer.CampaignReason) {
	shown := map[bool]string{true: "shown", false: "not shown"}
	why := c.Why
	if c.Arm != "" {
		why += ", in the arm " + c.Arm
	}
	fmt.Fprintf(w, "  %s is %s: %s%s\n", c.Campaign, shown[c.Shown], why, until(c.Until))
	if c.Who != nil {
		printTold(w, "    ", "who ", *c.Who)
	}
	for _, s := range c.Screens {
		fmt.Fprintf(w, "    %s is %s: %s%s\n", s.Screen, shown[s.Shown], s.Why, until(s.Until))
		if s.ShowIf != nil {
			printTold(w, "      ", "show_if ", *s.ShowIf)
		}
		for _, q := range s.Questions {
			fmt.Fprintf(w, "      %s: %s%s\n", q.Question, q.Why, until(q.Until))
		}
	}
}

// printTold prints a condition, its parts below it.
func printTold(w io.Writer, indent, label string, t catalogue.Told) {
	is := map[string]string{"true": "yes", "false": "no", "unknown": "not known"}[t.Truth]
	name := t.Condition
	if t.Name != "" {
		name = t.Name + " (" + t.Condition + ")"
	}
	fmt.Fprintf(w, "%s%s%s? %s", indent, label, name, is)
	if t.Why != "" {
		fmt.Fprintf(w, ": %s", t.Why)
	}
	fmt.Fprintln(w)
	for _, p := range t.Parts {
		printTold(w, indent+"  ", "", p)
	}
}

func printHanded(w io.Writer, where string, h *proffer.Handed) {
	if h == nil {
		return
	}
	b, err := json.Marshal(h.Claims)
	if err != nil {
		b = []byte(err.Error())
	}
	fmt.Fprintf(w, "\n%s: %s\n", where, b)
	for _, x := range h.Withheld {
		fmt.Fprintf(w, "  without %s (%s): %s\n", x.Claim, x.Reason, x.Why)
	}
}

var index = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Foreseen.Client}}: a visit</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-inline-size: 46rem; margin: 2rem auto; padding-inline: 1rem; color-scheme: light dark }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem }
</style>
<h1>{{.Foreseen.Client}}: a visit</h1>
<ol>{{range .Foreseen.Steps}}
<li><a href="{{.File}}">{{if .Screen}}{{.Screen}}, of {{.Campaign}}{{else}}{{.Page}}{{end}}</a></li>{{else}}
<li>nothing is shown</li>{{end}}
</ol>
<pre>{{.Text}}</pre>
</html>
`))

// indexPage leads to the pages of a visit and says what `proffer whatif` prints.
func indexPage(f *proffer.Foreseen) ([]byte, error) {
	var text, page bytes.Buffer
	printForeseen(&text, f)
	err := index.Execute(&page, struct {
		Foreseen *proffer.Foreseen
		Text     string
	}{f, text.String()})
	return page.Bytes(), err
}
