package catalogue

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"

	"github.com/proffer-id/proffer/screens/consent"
)

// A Hash is the SHA-256 of a resolved screen: its version. Its text is 64 hex digits.
type Hash = consent.Hash

// Resolved is every word and option of a screen as served in one language,
// before anything personal is filled in.
type Resolved struct {
	Hash  Hash
	Bytes []byte // canonical JSON (RFC 8785)
}

// Say puts words of the pages in a language, as templates.Set.Say does.
type Say func(lang, key string, args ...any) string

// shownKey is what a page depends on.
type shownKey struct {
	brand, campaign, arm, screen, question, lang string
	carried                                      bool
}

// Wordings are all pages that a catalogue can show, resolved: with the words of
// the brands and those that the pages themselves put beside them. It is not
// changed once made.
type Wordings struct{ all map[shownKey]Resolved }

// Resolve resolves all that the sets can show, in all their languages.
func (c *Catalogue) Resolve(say Say) *Wordings {
	w := &Wordings{map[shownKey]Resolved{}}
	for _, brand := range c.Brands() {
		s := c.Set(brand)
		for _, lang := range s.Languages {
			for _, one := range s.Campaigns {
				for _, c := range one.Ways() {
					for _, screen := range s.ScreensOf(c) {
						w.all[shownKey{brand: brand, campaign: c.ID, arm: c.Arm, screen: screen.ID, lang: lang}] = s.screenAsShown(c, screen, lang, say)
					}
				}
			}
			for _, q := range s.Questions {
				if q.Kind != nil {
					w.all[shownKey{brand: brand, question: q.ID, lang: lang}] = s.questionAsShown(q, lang, say)
					w.all[shownKey{brand: brand, question: q.ID, lang: lang, carried: true}] = s.carriedAsShown(q, lang, say)
				}
			}
		}
	}
	return w
}

// Screen gives a screen of a brand's campaign, as one of its arms has it where it has
// arms, in a language. ok is false if the campaign has no such screen, or the brand
// not that language.
func (w *Wordings) Screen(brand string, c *Campaign, screen, lang string) (r Resolved, ok bool) {
	r, ok = w.all[shownKey{brand: brand, campaign: c.ID, arm: c.Arm, screen: screen, lang: lang}]
	return r, ok
}

// Question gives the page on which one question is answered outside of any
// campaign: under /preferences.
func (w *Wordings) Question(brand, question, lang string) (r Resolved, ok bool) {
	r, ok = w.all[shownKey{brand: brand, question: question, lang: lang}]
	return r, ok
}

// Carried gives the page on which an answer is confirmed that the brand's site
// carried in.
func (w *Wordings) Carried(brand, question, lang string) (r Resolved, ok bool) {
	r, ok = w.all[shownKey{brand: brand, question: question, lang: lang, carried: true}]
	return r, ok
}

// Every gives all of them, in no order.
func (w *Wordings) Every() []Resolved { return slices.Collect(maps.Values(w.all)) }

func (s *Set) screenAsShown(c *Campaign, screen *Screen, lang string, say Say) Resolved {
	doc := s.page(lang, "ask")
	doc["campaign"], doc["screen"] = c.ID, screen.ID
	var questions []any
	decline, unsure := false, true
	for _, id := range screen.Ask {
		if q := s.Question(id); q != nil && q.Kind != nil {
			questions = append(questions, s.asShown(screen.Put(q), lang, say))
			decline, unsure = decline || q.Decline, unsure && q.Unsure
		}
	}
	doc["questions"] = questions
	keys := []string{"continue", "ask.why"}
	if !c.Blocking {
		keys = append(keys, "ask.skip")
		if c.AtMost > 1 || len(screen.Ask) > 1 {
			keys = append(keys, "ask.later")
		}
	}
	if !c.Snooze.IsZero() {
		keys = append(keys, "ask.snooze")
		doc["snooze"] = c.Snooze.String()
	}
	if decline {
		keys = append(keys, "ask.decline")
	}
	if unsure {
		keys = append(keys, "ask.unsure")
	}
	doc["words"] = words(lang, say, keys...)
	if o := s.Offer(c.Offer); o != nil {
		doc["offer"] = map[string]any{"id": o.ID, "text": o.Text.In(lang)}
	}
	return canonical(doc)
}

func (s *Set) questionAsShown(q *Question, lang string, say Say) Resolved {
	doc := s.page(lang, "edit")
	doc["questions"] = []any{s.asShown(q, lang, say)}
	keys := []string{"save", "ask.why"}
	if q.Decline {
		keys = append(keys, "ask.decline")
	}
	if q.Unsure {
		keys = append(keys, "ask.unsure")
	}
	doc["words"] = words(lang, say, keys...)
	return canonical(doc)
}

func (s *Set) carriedAsShown(q *Question, lang string, say Say) Resolved {
	doc := s.page(lang, "carried")
	doc["questions"] = []any{s.asShown(q, lang, say)}
	doc["words"] = words(lang, say, "carried.ticked", "carried.nothing")
	doc["heading"] = say(lang, "carried.heading", "brand", s.Name.In(lang))
	doc["lead"] = say(lang, "carried.lead")
	return canonical(doc)
}

// words are the pages' own words that a customer pressed or read, by key.
func words(lang string, say Say, keys ...string) map[string]any {
	m := map[string]any{}
	for _, k := range keys {
		m[k] = say(lang, k)
	}
	return m
}

// WhoGets is the sentence that says who gets the answer to a question, before
// anything is known of the customer.
func (s *Set) WhoGets(q *Question, lang string, say Say) string {
	switch p := s.Purpose(q.Purpose); {
	case p != nil && p.Basis == "contract":
		return say(lang, "ask.who.needed", "purpose", p.Text.In(lang))
	case q.Scope == ScopeBrand:
		return say(lang, "ask.who.only", "brand", s.Name.In(lang))
	}
	return say(lang, "ask.who.first", "brand", s.Name.In(lang))
}

// page is what every resolved page has.
func (s *Set) page(lang, page string) map[string]any {
	return map[string]any{"format": 1, "page": page, "brand": s.Brand, "brand_name": s.Name.In(lang), "lang": lang}
}

// asShown is one question with its purpose.
func (s *Set) asShown(q *Question, lang string, say Say) map[string]any {
	m := map[string]any{
		"id": q.ID, "version": q.Version, "kind": q.Kind.Name(), "scope": string(q.Scope), "claim": q.Claim,
		"ask": q.Ask.In(lang), "name": q.Name.In(lang), "why": q.Why.In(lang), "decline": q.Decline,
		"who": s.WhoGets(q, lang, say),
	}
	if len(q.Hint) > 0 {
		m["hint"] = q.Hint.In(lang)
	}
	if p := s.Purpose(q.Purpose); p != nil {
		m["purpose"] = map[string]any{"id": p.ID, "text": p.Text.In(lang), "basis": p.Basis, "keep": p.Keep.String()}
	}
	if !q.Fresh.IsZero() {
		m["fresh"] = q.Fresh.String()
	}
	if q.AtMost > 0 {
		m["at_most"] = q.AtMost
	}
	if q.AtLeast > 0 {
		m["at_least"] = q.AtLeast
	}
	if q.Long {
		m["long"] = true
	}
	if q.Limit > 0 {
		m["limit"] = q.Limit
	}
	if q.Step > 0 {
		m["min"], m["max"], m["step"] = q.Min, q.Max, q.Step
	}
	for key, t := range map[string]Text{"unit": q.Unit, "low": q.Labels.Low, "middle": q.Labels.Middle, "high": q.Labels.High} {
		if len(t) > 0 {
			m[key] = t.In(lang)
		}
	}
	if !q.From.IsZero() {
		m["from"] = q.From.String()
	}
	if !q.To.IsZero() {
		m["to"] = q.To.String()
	}
	if q.First > 0 {
		m["first"] = q.First
	}
	if q.Special {
		m["special"] = true
	}
	if a, ok := s.Asks(q, lang, say); ok {
		m["agreement"] = a.asShown()
	}
	if q.Plan != nil {
		m["plan"] = q.Plan.asShown(q, lang, say)
	}
	if q.Sizes != nil {
		m["size"] = q.Sizes.asShown(lang, say)
	}
	if q.shuffled {
		m["order"] = "shuffled"
	}
	if options := optionsAsShown(q.offeredIn(lang), lang); options != nil {
		m["options"] = options
	}
	return m
}

// asShown are the parts of a plan beside the question's options.
func (p *Plan) asShown(q *Question, lang string, say Say) map[string]any {
	m := map[string]any{partWhen: say(lang, "plan.when"), partSure: say(lang, "plan.sure"), "sure_options": optionsAsShown(p.Sure, lang)}
	if q.hasWhat() {
		m[partWhat] = say(lang, "plan.what")
	}
	if p.When != nil {
		m["when_options"] = optionsAsShown(p.When, lang)
	}
	return m
}

func optionsAsShown(list []*Option, lang string) []any {
	var options []any
	for _, o := range list {
		x := map[string]any{"id": o.ID, "label": o.Label.In(lang)}
		if len(o.Hint) > 0 {
			x["hint"] = o.Hint.In(lang)
		}
		if o.Other {
			x["other"] = true
		}
		if o.Picture != nil {
			x["picture"] = map[string]any{"sha256": o.Picture.File.Hash.String(), "alt": o.Picture.Alt.In(lang)}
		}
		options = append(options, x)
	}
	return options
}

// canonical writes JSON as RFC 8785 has it: keys sorted, no blanks, no escapes but
// the needed ones. All our keys are ASCII and all numbers of 15 digits at most, which is what
// makes encoding/json do for it; the characters it would escape in spite of that are
// refused in texts.
func canonical(doc map[string]any) Resolved {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		panic(err) // maps of strings, numbers and booleans can always be written
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return Resolved{Hash: sha256.Sum256(out), Bytes: out}
}
