package catalogue

import (
	"net/url"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

// boolean is yes or no, neither of them chosen beforehand.
type boolean struct{}

func (boolean) Name() string { return "boolean" }

func (boolean) keys() []string { return []string{"options", "short"} }

func (boolean) parse(_ *Question, form url.Values, field string) (Value, error) {
	id, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	switch id {
	case "":
		return Value{}, problem.At(field, "answer.none")
	case "yes", "no":
		return YesNo(id == "yes"), nil
	}
	return Value{}, problem.At(field, "answer.not_offered")
}

func (boolean) accepts(_ *Question, v Value) bool { return v.form == formBool }

func (boolean) show(q *Question, v Value, lang string, _ Dates) string {
	id := "no"
	if v.yes {
		id = "yes"
	}
	return q.Option(id).Label.In(lang)
}

// load lets the options yes and no be worded; both have words of their own.
func (boolean) load(q *Question, raw *rawQuestion, l *loading) {
	if len(raw.Options) > 0 {
		l.options(q, raw, 2)
		if len(q.Options) != 2 || q.Option("yes") == nil || q.Option("no") == nil {
			raw.At.Field("options").Errorf("a boolean has the options yes and no; for others choose kind: single")
		}
		l.keepAll(raw, "a boolean needs both")
		return
	}
	for _, id := range []string{"yes", "no"} {
		q.Options = append(q.Options, &Option{ID: id, Label: l.builtin(raw.At, id)})
	}
}

func (boolean) want(q *Question, at diag.Node) (Value, bool) {
	s, _ := at.Scalar()
	switch s {
	case "true", "yes":
		return YesNo(true), true
	case "false", "no":
		return YesNo(false), true
	}
	at.Errorf("%s is a boolean: write true or false", q.ID)
	return Value{}, false
}
