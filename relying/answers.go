package relying

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Answers is what a customer shares with the brand, as one token or UserInfo
// says it. The zero value says nothing at all.
type Answers struct {
	values map[string]json.RawMessage // nil: the claim was absent
	more   bool
}

// Standing is what one message says about one answer.
type Standing int

const (
	// Unknown: this message does not say. Keep what you have.
	Unknown Standing = iota
	// NotShared: there is no such answer, or the customer does not share it, or
	// no longer. Drop what you have.
	NotShared
	// Shared: the value is here.
	Shared
)

func (s Standing) String() string {
	return [...]string{"unknown", "not shared", "shared"}[s]
}

// ReadAnswers reads the answers out of the claims of an ID token or of
// UserInfo; claim is the name of the object claim, usually "zp". It fails if
// the claim is there and is not an object.
func ReadAnswers(claims []byte, claim string) (Answers, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(claims, &all); err != nil {
		return Answers{}, fmt.Errorf("read claims: %w", err)
	}
	var a Answers
	raw, ok := all[claim]
	if !ok {
		return a, nil
	}
	if err := json.Unmarshal(raw, &a.values); err != nil {
		return Answers{}, fmt.Errorf("claim %s: %w", claim, err)
	}
	if a.values == nil {
		return Answers{}, fmt.Errorf("claim %s: null is not an object", claim)
	}
	if more, ok := all[claim+"_more"]; ok {
		if err := json.Unmarshal(more, &a.more); err != nil {
			return Answers{}, fmt.Errorf("claim %s_more: %w", claim, err)
		}
	}
	return a, nil
}

// Known is false when the message did not speak of answers at all.
func (a Answers) Known() bool { return a.values != nil }

// Complete is true when a missing answer means "not shared". An ID token that
// left something out for its size or by policy is not complete; UserInfo is.
func (a Answers) Complete() bool { return a.values != nil && !a.more }

// Keys are the names of the answers that are here, in order.
func (a Answers) Keys() []string { return slices.Sorted(maps.Keys(a.values)) }

// Standing tells what this message says about an answer.
func (a Answers) Standing(key string) Standing {
	if _, ok := a.values[key]; ok {
		return Shared
	}
	if a.Complete() {
		return NotShared
	}
	return Unknown
}

// Then returns what a site that knew a knows after it has heard news: nothing
// changes when the news does not speak of answers, what it names is replaced,
// and what it leaves out is dropped, unless it says there is more.
func (a Answers) Then(news Answers) Answers {
	if !news.Known() {
		return a
	}
	if news.Complete() || !a.Known() {
		return news
	}
	values := maps.Clone(a.values)
	maps.Copy(values, news.values)
	return Answers{values: values, more: a.more}
}

// String is the answer to a question with one choice or a line of text; false
// if it is not here or of another type.
func (a Answers) String(key string) (string, bool) { return as[string](a, key) }

// Strings is the answer to a question with several choices.
func (a Answers) Strings(key string) ([]string, bool) { return as[[]string](a, key) }

// Bool is the answer to a yes-or-no question.
func (a Answers) Bool(key string) (value, ok bool) { return as[bool](a, key) }

// Number is the answer to a question for a number, in the unit the question has,
// and the point of a scale.
func (a Answers) Number(key string) (float64, bool) { return as[float64](a, key) }

// A Plan is what a customer is going to buy, by when, and how sure they are.
type Plan struct {
	What string `json:"what"` // an option, "other:" and own words, or own words; "" where the question itself says what
	When string `json:"when"` // a period's name, or a month: "2026-11"
	Sure string `json:"sure"` // "" where there is no plan
}

// Plan is the answer to a question for a plan.
func (a Answers) Plan(key string) (Plan, bool) { return as[Plan](a, key) }

// MonthDay is the answer to a question for a day without a year.
func (a Answers) MonthDay(key string) (MonthDay, bool) {
	text, ok := a.String(key)
	if !ok {
		return MonthDay{}, false
	}
	return ParseMonthDay(text)
}

// Raw is the answer's JSON as it came.
func (a Answers) Raw(key string) (json.RawMessage, bool) {
	raw, ok := a.values[key]
	return raw, ok
}

func as[T any](a Answers, key string) (T, bool) {
	var value *T // a pointer, so that null is told from the zero value
	raw, ok := a.values[key]
	if !ok || json.Unmarshal(raw, &value) != nil || value == nil {
		var zero T
		return zero, false
	}
	return *value, true
}

// answersJSON is how Answers rest in a site's own session store.
type answersJSON struct {
	Values map[string]json.RawMessage `json:"values"` // null: unknown
	More   bool                       `json:"more,omitempty"`
}

// MarshalJSON writes the answers so that [Answers.UnmarshalJSON] reads them
// back, the difference between nothing said and nothing shared included.
func (a Answers) MarshalJSON() ([]byte, error) {
	return json.Marshal(answersJSON{a.values, a.more})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Answers) UnmarshalJSON(b []byte) error {
	var j answersJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	a.values, a.more = j.Values, j.More
	return nil
}
