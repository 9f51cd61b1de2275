package catalogue

import (
	"net/url"
	"slices"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// consenting asks for the consent to one purpose: yes or no, or the channels that
// may be used. Nothing is chosen beforehand, and a form alone never agrees: the
// buttons do, see Question.Agree and Question.Refusal.
type consenting struct{}

// channelNames are the channels there are.
func channelNames() []string { return []string{"email", "sms", "push", "post"} }

func (consenting) Name() string { return "consent" }

func (consenting) keys() []string { return []string{"channels"} }

// parse refuses whatever is sent: only a button agrees.
func (consenting) parse(_ *Question, _ url.Values, field string) (Value, error) {
	return Value{}, problem.At(field, "answer.consent")
}

// agreed is what a form agrees to whose button says so.
func (consenting) agreed(q *Question, form url.Values, field string) (Value, error) {
	if len(q.Options) == 0 {
		return YesNo(true), nil
	}
	sent := form[field]
	if len(sent) == 0 {
		return Value{}, problem.At(field, "answer.consent.channel")
	}
	var list []string
	for _, o := range q.Options {
		if slices.Contains(sent, o.ID) {
			list = append(list, o.ID)
		}
	}
	if len(list) != len(sent) { // one that is not offered, or one twice
		return Value{}, problem.At(field, "answer.not_offered")
	}
	return Words(list), nil
}

func (consenting) accepts(q *Question, v Value) bool {
	if len(q.Options) == 0 {
		return v.form == formBool
	}
	return v.form == formList && slices.Equal(v.list, slices.DeleteFunc(ids(q.Options), func(id string) bool { return !slices.Contains(v.list, id) }))
}

func (consenting) show(q *Question, v Value, lang string, _ Dates) string {
	switch {
	case q.Refuses(v):
		return consentWords(lang).refused
	case len(q.Options) == 0:
		return consentWords(lang).agreed
	}
	labels := make([]string, len(v.list))
	for i, id := range v.list {
		labels[i] = q.Option(id).Label.In(lang)
	}
	return templates.Listed(lang, labels...)
}

// consentWords are what a consent is shown as. A language that is not here gets English.
func consentWords(lang string) (w struct{ agreed, refused string }) {
	for tag := lang; tag != ""; tag = diag.Parent(tag) {
		switch tag {
		case "th":
			w.agreed, w.refused = "ยินยอม", "ไม่ยินยอม"
			return w
		case "ar":
			w.agreed, w.refused = "موافَق عليه", "غير موافَق عليه"
			return w
		}
	}
	w.agreed, w.refused = "Agreed", "Not agreed"
	return w
}

func (consenting) load(q *Question, raw *rawQuestion, l *loading) {
	if raw.Decline != nil && *raw.Decline {
		raw.At.Field("decline").Errorf("a consent is refused by a button of its own, as easy to see as the one that agrees; leave this out")
	}
	q.Decline = false
	if q.Scope == ScopePerson {
		raw.At.Field("scope").Errorf("a consent is given to one brand; leave this out")
	}
	at := raw.At.Field("channels")
	if at.IsList() && len(raw.Channels) == 0 {
		at.Errorf("name a channel at least, or leave the key out for a plain yes or no: %s", list(channelNames()))
	}
	for i, id := range raw.Channels {
		switch in := at.Index(i); {
		case !slices.Contains(channelNames(), id):
			in.Errorf("unknown channel %q; known here: %s%s", clip(id), list(channelNames()), diag.DidYouMean(id, channelNames(), nil))
		case q.Option(id) != nil:
			in.Errorf("%s stands here twice", id)
		default:
			q.Options = append(q.Options, &Option{ID: id, Label: l.builtin(in, id), pos: in.Pos()})
		}
	}
}

func (consenting) want(q *Question, at diag.Node) (Value, bool) {
	if len(q.Options) > 0 {
		return wantOption(q, at)
	}
	return boolean{}.want(q, at)
}

// list is names as a message has them: "email, sms, push, post".
func list(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}
