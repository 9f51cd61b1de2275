package catalogue

import (
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/templates"
)

// View is a question as the page shows it, with what form has filled in.
func (q *Question) View(lang string, form url.Values, bad string) templates.Question {
	field := q.Field()
	v := templates.Question{
		ID: field, Kind: q.Kind.Name(), Ask: q.Ask.In(lang), Hint: q.Hint.In(lang), Short: q.Short, AtMost: q.AtMost, AtLeast: q.AtLeast, Limit: q.Limit, Long: q.Long, Fill: q.Autocomplete, Error: bad,
		Day: form.Get(field + ".day"), Month: form.Get(field + ".month"), Year: form.Get(field + ".year"), Top: q.First, Text: form.Get(field + ".other"),
	}
	if v.Kind == "text" {
		v.Text = form.Get(field)
	}
	if k, ok := q.Kind.(drawn); ok {
		k.draw(q, &v, form, lang)
	}
	if v.Parts != nil {
		return v
	}
	for _, o := range q.offeredIn(lang) {
		one := templates.Option{
			Value: o.ID, Label: o.Label.In(lang), Hint: o.Hint.In(lang), Other: o.Other, Checked: slices.Contains(form[field], o.ID),
		}
		if o.Picture != nil {
			one.Picture, one.Alt = o.Picture.File.Path(), o.Picture.Alt.In(lang)
		}
		v.Options = append(v.Options, one)
	}
	return v
}

// Fill writes a value into a form, as the customer would have on a page in the language.
func (q *Question) Fill(form url.Values, v Value, lang string) {
	if k, ok := q.Kind.(filler); ok {
		k.fill(q, form, v, lang)
		return
	}
	field := q.Field()
	add := func(s string) {
		if words, ok := strings.CutPrefix(s, "other:"); ok && q.Option("other") != nil {
			form.Add(field, "other")
			form.Set(field+".other", words)
			return
		}
		form.Add(field, s)
	}
	switch x := v.Any().(type) {
	case float64:
		form.Set(field, v.num.String())
	case bool:
		form.Set(field, map[bool]string{true: "yes", false: "no"}[x])
	case []string:
		for _, s := range x {
			add(s)
		}
	case string:
		add(x)
	}
}
