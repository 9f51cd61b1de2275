package screens

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// A Hash is the SHA-256 of a resolved screen: its version. Its text is 64 hex digits.
type Hash [32]byte

// IsZero says whether there is no hash.
func (h Hash) IsZero() bool { return h == Hash{} }

// String is the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*len(h) {
		return fmt.Errorf("a screen's hash has %d hex digits, not %d", 2*len(h), len(b))
	}
	if _, err := hex.Decode(h[:], b); err != nil {
		return fmt.Errorf("a screen's hash: %w", err)
	}
	return nil
}

// Resolved is every word and option of a screen as served in one language,
// before anything personal is filled in.
type Resolved struct {
	Hash  Hash
	Bytes []byte // canonical JSON (RFC 8785)
}

// shownKey is what a page of a set depends on.
type shownKey struct{ campaign, screen, question, lang string }

// Resolve gives a screen of a campaign in a language. ok is false if the set has
// no such campaign or screen, or not the language.
func (s *Set) Resolve(campaign, screen, lang string) (r Resolved, ok bool) {
	return s.resolve(shownKey{campaign: campaign, screen: screen, lang: lang})
}

// ResolveQuestion gives the page on which one question is answered outside of
// any campaign: under /preferences.
func (s *Set) ResolveQuestion(question, lang string) (r Resolved, ok bool) {
	return s.resolve(shownKey{question: question, lang: lang})
}

func (s *Set) resolve(k shownKey) (Resolved, bool) {
	if s.resolved == nil { // not joined
		s = &Set{resolved: s.resolveAll()}
	}
	r, ok := s.resolved[k]
	return r, ok
}

// Every resolves all that the set can show, in all its languages, in no order.
func (s *Set) Every() []Resolved {
	all := s.resolved
	if all == nil {
		all = s.resolveAll()
	}
	var out []Resolved
	for _, r := range all {
		out = append(out, r)
	}
	return out
}

func (s *Set) resolveAll() map[shownKey]Resolved {
	all := map[shownKey]Resolved{}
	for _, lang := range s.Languages {
		for _, c := range s.Campaigns {
			for _, id := range c.Show {
				if screen := s.Screen(id); screen != nil {
					all[shownKey{campaign: c.ID, screen: id, lang: lang}] = s.screenAsShown(c, screen, lang)
				}
			}
		}
		for _, q := range s.Questions {
			if q.Kind != nil {
				all[shownKey{question: q.ID, lang: lang}] = s.questionAsShown(q, lang)
			}
		}
	}
	return all
}

func (s *Set) screenAsShown(c *Campaign, screen *Screen, lang string) Resolved {
	doc := s.page(lang, "ask")
	doc["campaign"], doc["screen"] = c.ID, screen.ID
	var questions []any
	decline := false
	for _, id := range screen.Ask {
		if q := s.Question(id); q != nil && q.Kind != nil {
			questions = append(questions, s.asShown(q, lang))
			decline = decline || q.Decline
		}
	}
	doc["questions"] = questions
	words := []string{"ask.continue", "ask.why"}
	if !c.Blocking {
		words = append(words, "ask.skip")
	}
	if decline {
		words = append(words, "ask.decline")
	}
	doc["words"] = sorted(words)
	if o := s.Offer(c.Offer); o != nil {
		doc["offer"] = map[string]any{"id": o.ID, "text": o.Text.In(lang)}
	}
	return canonical(doc)
}

func (s *Set) questionAsShown(q *Question, lang string) Resolved {
	doc := s.page(lang, "edit")
	doc["questions"] = []any{s.asShown(q, lang)}
	words := []string{"ask.why", "edit.save"}
	if q.Decline {
		words = append(words, "ask.decline")
	}
	doc["words"] = sorted(words)
	return canonical(doc)
}

// page is what every resolved page has.
func (s *Set) page(lang, page string) map[string]any {
	return map[string]any{"format": 1, "page": page, "brand": s.Brand, "brand_name": s.Name.In(lang), "lang": lang}
}

// asShown is one question with its purpose.
func (s *Set) asShown(q *Question, lang string) map[string]any {
	m := map[string]any{
		"id": q.ID, "version": q.Version, "kind": q.Kind.Name(), "scope": string(q.Scope), "claim": q.Claim,
		"ask": q.Ask.In(lang), "name": q.Name.In(lang), "why": q.Why.In(lang), "decline": q.Decline,
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
	if q.Limit > 0 {
		m["limit"] = q.Limit
	}
	var options []any
	for _, o := range q.Options {
		x := map[string]any{"id": o.ID, "label": o.Label.In(lang)}
		if len(o.Hint) > 0 {
			x["hint"] = o.Hint.In(lang)
		}
		if o.Other {
			x["other"] = true
		}
		options = append(options, x)
	}
	if options != nil {
		m["options"] = options
	}
	return m
}

// canonical writes JSON as RFC 8785 has it: keys sorted, no blanks, no escapes but
// the needed ones. All our keys are ASCII and all numbers whole, which is what makes
// encoding/json do for it; the characters it would escape in spite of that are
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
