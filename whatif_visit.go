package proffer

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// What says may tell of a question, beside a value.
const (
	saysSkip    = "skip"
	saysDecline = "decline"
	saysUnsure  = "unsure"
	saysLeave   = "leave"
	saysAnswer  = "answer"
)

// visit reads what the customer does.
func (c *casting) visit() {
	p, f, node := c.p, c.file, c.node
	p.moment = catalogue.Moment(f.Moment)
	if p.moment == "" {
		p.moment = catalogue.SignIn
	} else if moments := []string{string(catalogue.Registration), string(catalogue.SignIn)}; !slices.Contains(moments, f.Moment) {
		node.Field("moment").Errorf("%q is no moment of a visit; write %s%s", f.Moment, strings.Join(moments, " or "), diag.DidYouMean(f.Moment, moments, nil))
	}
	if f.Prompt != "" && f.Prompt != "none" {
		node.Field("prompt").Errorf("%q: write none, or leave it out", f.Prompt)
	}
	p.silent, p.scopes, p.claims = f.Prompt == "none", f.Scopes, f.Claims
	c.brought()
	switch f.Otherwise {
	case "", saysSkip:
		p.otherwise = catalogue.Skipped
	case saysAnswer:
		p.otherwise = catalogue.Answered
	case saysDecline:
		p.otherwise = catalogue.Declined
	case saysUnsure:
		p.otherwise = catalogue.Unsure
	default:
		ways := []string{saysSkip, saysAnswer, saysDecline, saysUnsure}
		node.Field("otherwise").Errorf("%q: write %s%s", f.Otherwise, strings.Join(ways, ", "), diag.DidYouMean(f.Otherwise, ways, nil))
	}
	p.says = map[string]*intent{}
	for _, id := range f.Says.Keys {
		at := node.Field("says").Field(id)
		q := c.own(node.Field("says").Key(id), id)
		if q == nil {
			continue
		}
		p.says[id] = c.intent(q, at)
	}
	p.share = c.picked(f.Share.at, func(at diag.Node, id string) bool { return id == "email" || c.question(at, id) != nil })
}

// own finds a question that the brand asks itself.
func (c *casting) own(at diag.Node, id string) *catalogue.Question {
	q := c.set.Question(id)
	if q == nil {
		var known []string
		for _, q := range c.set.Questions {
			known = append(known, q.ID)
		}
		at.Errorf("%s asks no question %q%s", c.brand, id, diag.DidYouMean(id, known, nil))
	}
	return q
}

// brought reads what brings the visit: a link, or a site that asks for a campaign and
// hands answers over.
func (c *casting) brought() {
	p, f, node := c.p, c.file, c.node
	if p.link = f.Link; p.link != "" {
		c.campaign(node.Field("link"), p.link)
		for _, key := range []string{"prompt", "ask", "carried", "keep", "share", "scopes", "claims"} {
			if node.Field(key).Set() {
				node.Key(key).Errorf("a link is no visit to the brand's site, which asks for nothing and gets nothing; leave out this or link")
			}
		}
		return
	}
	if p.ask = f.Ask; p.ask != "" {
		c.campaign(node.Field("ask"), p.ask)
	}
	p.carried = map[string]json.RawMessage{}
	in := node.Field("carried")
	for _, id := range f.Carried.Keys {
		q := c.own(in.Key(id), id)
		if q == nil {
			continue
		}
		v, ok := c.value(q, in.Field(id), c.at)
		if !ok {
			continue
		}
		b, err := v.MarshalJSON()
		if err == nil {
			p.carried[q.Claim] = b
			err = screens.Carryable(c.def, c.brand, map[string]json.RawMessage{q.Claim: b}, c.at)
		}
		if err != nil {
			in.Field(id).Errorf("a site cannot carry this in: %v", err)
			delete(p.carried, q.Claim)
		}
	}
	if err := screens.Carryable(c.def, c.brand, p.carried, c.at); err != nil {
		in.Errorf("a site cannot carry this in: %v", err)
	}
	p.keep = c.picked(f.Keep.at, func(at diag.Node, id string) bool {
		_, ok := f.Carried.Of[id]
		if !ok {
			at.Errorf("%q is not among what is carried in%s", id, diag.DidYouMean(id, f.Carried.Keys, nil))
		}
		return ok
	})
}

func (c *casting) intent(q *catalogue.Question, at diag.Node) *intent {
	switch s, _ := at.Scalar(); s {
	case saysSkip:
		return &intent{Line: screens.Line{Outcome: catalogue.Skipped}}
	case saysDecline:
		if !q.Decline {
			at.Errorf("%s does not offer “I'd rather not say”", q.ID)
		}
		return &intent{Line: screens.Line{Outcome: catalogue.Declined}}
	case saysUnsure:
		if !q.Unsure {
			at.Errorf("%s does not offer “I'm not sure”", q.ID)
		}
		return &intent{Line: screens.Line{Outcome: catalogue.Unsure}}
	case saysLeave:
		return &intent{leaves: true}
	}
	if at.IsMap() && slices.Equal(at.Keys(), []string{"value"}) { // a text that reads like one of the above
		at = at.Field("value")
	}
	v, _ := c.value(q, at, c.at)
	return &intent{Line: screens.Line{Outcome: catalogue.Answered, Value: v}}
}

// picked reads what the customer ticks: all, nothing, or a list of what is known.
func (c *casting) picked(at diag.Node, known func(at diag.Node, id string) bool) (out picked) {
	if !at.Set() {
		return out
	}
	out.said = true
	if at.IsList() {
		for i := range at.Len() {
			if id, _ := at.Index(i).Scalar(); known(at.Index(i), id) {
				out.ids = append(out.ids, id)
			}
		}
		return out
	}
	switch s, _ := at.Scalar(); s {
	case "all":
		out.all = true
	case "nothing":
	default:
		at.Errorf("write all, nothing, or a list such as [birthday, email]")
	}
	return out
}
