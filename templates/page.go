package templates

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the templates may ask of a page, beside its fields.

// Say puts words in the page's language; args are names and values in turn.
func (p *Page) Say(key string, args ...any) (string, error) {
	return p.words.text(p.Lang, key, args)
}

// Rich is Say for running text with links or names in it: values are escaped
// and isolated by bdi, so that an address or a name in another script does not
// turn the sentence round.
func (p *Page) Rich(key string, args ...any) (template.HTML, error) {
	return p.words.html(p.Lang, key, args)
}

var link = template.Must(template.New("link").Parse(`<a href="{{.Href}}">{{.Text}}</a>`))

// Link is a link for a place in Rich. With no address it is its words alone.
func (p *Page) Link(href, key string) (template.HTML, error) {
	text, err := p.words.text(p.Lang, key, nil)
	if err != nil || href == "" {
		return template.HTML(template.HTMLEscapeString(text)), err
	}
	var b strings.Builder
	err = link.Execute(&b, struct{ Href, Text string }{href, text})
	return template.HTML(b.String()), err
}

// Last says how long something takes: "10 minutes".
func (p *Page) Last(d time.Duration) string { return duration(p.words, p.Lang, d) }

// Number is a small number in words, "three", and any other in digits.
func (p *Page) Number(n int) string {
	if text, err := p.Say("number." + strconv.Itoa(n)); err == nil {
		return text
	}
	return strconv.Itoa(n)
}

// Dir is the direction of the page's language.
func (p *Page) Dir() string { return Direction(p.Lang) }

// A Fault is the problem of one field, for the part that shows it there.
type Fault struct {
	*Page
	Field, Text string
}

// At returns the problem of a field; its Text is "" if there is none.
func (p *Page) At(field string) Fault { return Fault{p, field, p.Problem(field)} }

// Target is the link to a field, for the summary of problems. The day of a date
// has the date's own id, being its first field.
func (p *Page) Target(field string) string { return "#" + strings.TrimSuffix(field, ".day") }

// Months are the twelve months of a year, to choose from.
func (p *Page) Months() ([]Option, error) {
	out := make([]Option, 12)
	for i := range out {
		n := strconv.Itoa(i + 1)
		text, err := p.Say("month." + n)
		if err != nil {
			return nil, err
		}
		out[i] = Option{Value: n, Label: text}
	}
	return out, nil
}

// DateOrder are the parts of a date in the order in which the language puts
// them: "day", "month", "year".
func (p *Page) DateOrder() ([]string, error) {
	order, err := p.Say("date.order")
	if err != nil {
		return nil, err
	}
	parts := strings.Fields(order)
	if sorted := slices.Sorted(slices.Values(parts)); !slices.Equal(sorted, []string{"day", "month", "year"}) {
		return nil, fmt.Errorf("words date.order in %s: %q is no order of day, month and year", p.Lang, order)
	}
	return parts, nil
}

// A Piece is one question beside the page it stands on, for the part that shows
// its kind.
type Piece struct {
	*Page
	Question
	Alone    bool   // the only one of its screen: its words are the h1
	Why, Who string // why we ask, where it stands alone
}

// Piece returns q for the part of its kind.
func (a *Ask) Piece(q Question) Piece {
	if q.Error == "" {
		q.Error = a.Problem(q.ID)
	}
	if q.Error == "" {
		q.Error = a.Problem(q.ID + ".day")
	}
	p := Piece{Page: &a.Page, Question: q, Alone: len(a.Questions) == 1}
	if p.Alone {
		p.Why, p.Who = a.Why, a.Who
	}
	return p
}

// Pieces are the parts of a plan, in order, each beside the page.
func (p Piece) Pieces() ([]Piece, error) {
	var out []Piece
	for _, part := range p.Parts {
		words, err := p.Say("plan." + part.Part)
		if err != nil {
			return nil, err
		}
		part.Ask, part.Error = words, p.Problem(part.ID)
		out = append(out, Piece{Page: p.Page, Question: part})
	}
	return out, nil
}

// Wrong says whether there is a problem with a field of the question, below its own too.
func (p Piece) Wrong() bool {
	return p.Error != "" || slices.ContainsFunc(p.Problems, func(q Problem) bool { return strings.HasPrefix(q.Field, p.ID+".") })
}

// Fault is the problem of the whole question.
func (p Piece) Fault() Fault { return Fault{p.Page, p.ID, p.Error} }

// FieldID is the id of the i-th option: the first has the question's own, so
// that the summary of problems leads to it.
func (p Piece) FieldID(i int) string {
	if i == 0 {
		return p.ID
	}
	return p.ID + "." + strconv.Itoa(i)
}

// Several says whether more than one option may be chosen.
func (p Piece) Several() bool { return p.Kind == "multi" || p.Kind == "pictures" && p.AtMost != 1 }

// PlaceID is the id of the n-th place of a rank, and the field of its problem: the
// first has the question's own.
func (p Piece) PlaceID(n int) string {
	if n == 1 {
		return p.ID
	}
	return p.FieldID(n)
}

// Misplaced says whether the n-th place has a problem.
func (p Piece) Misplaced(n int) bool { return p.Problem(p.PlaceID(n)) != "" }

// Size is how wide the field of a number is, in characters: a little more than the
// longest number has.
func (p Piece) Size() int { return p.Width + 2 }

// Described lists what is said about the control, for aria-describedby.
func (p Piece) Described() string {
	var ids []string
	if p.Unit != "" {
		ids = append(ids, p.ID+"-unit")
	}
	if p.Hint != "" || p.Several() {
		ids = append(ids, p.ID+"-hint")
	}
	if p.Error != "" {
		ids = append(ids, p.ID+"-problem")
	}
	return strings.Join(ids, " ")
}
