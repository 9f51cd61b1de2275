package screens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// A said is what a customer did with one question on one page.
type said struct {
	question string
	version  string
	scope    string // where it is kept: "" or a brand
	purpose  string
	outcome  catalogue.Outcome
	value    catalogue.Value // where answered
	expires  time.Time       // where answered or unsure
	removed  *removed        // where withdrawn
	refused  bool            // the consent that the page asked for
	salt     []byte
	seed     store.ID
	order    []string // of the options on the page, where each visit has its own
}

// say prepares an outcome. Its chance is drawn here, before the Update, so that
// a second run of the transaction writes the same.
func say(q *catalogue.Question, brand string, o catalogue.Outcome, v catalogue.Value) said {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails (crypto/rand)
	return said{
		question: q.ID, version: q.Version, scope: q.ScopeKey(brand), purpose: q.Purpose,
		outcome: o, value: v, salt: salt, seed: store.NewID(), order: q.Arrangement(),
	}
}

// until sets when what was said about a question runs out.
func (s *said) until(q *catalogue.Question, set *catalogue.Set, now time.Time) {
	switch {
	case s.refused: // does not run out
	case s.outcome == catalogue.Answered:
		s.expires = q.Expires(set, now)
	case s.outcome == catalogue.Unsure:
		s.expires = q.UnsureUntil(now)
	}
}

// An occasion is the page on which something was said: all that the entries of
// the ledger have in common.
type occasion struct {
	account, session, visit store.ID
	brand                   string
	set                     *catalogue.Set // of the brand
	source                  Source
	asked, at               time.Time
	client, campaign, offer string
	arm                     string // of the campaign
	locale                  string
	screen                  catalogue.Hash
	how                     string // for the consent
	explicit                bool   // it is given by a statement of its own
	release                 bool   // the page names the brand as who gets the answer
}

// save writes one outcome: the ledger entry, where the question stands, the
// consent and the release, and the event. It returns false and writes nothing
// if the same was said before in this visit. p is brought up to date, and must
// be put by the caller if true comes back.
func save(tx *store.Tx, o occasion, s said, was *Current, p *person) (bool, error) {
	if was == nil {
		was = &Current{}
	}
	if same(o, s, was) {
		return false, nil
	}
	p.Seq++
	a := o.entry(s, was, p.Seq)
	if (s.outcome == catalogue.Answered || s.refused) && o.release {
		state := consent.Given
		if s.refused {
			state = consent.Refused
		}
		id, err := consent.Record(tx, o.decision(s, state))
		if err != nil {
			return false, fmt.Errorf("answer %s: %w", a.Question, err)
		}
		a.Consent = id
	}
	var err error
	if a.Commit, err = a.commitment(); err != nil {
		return false, err
	}
	answers.Insert(tx, a)
	current.Put(tx, a.current(s, was))
	return true, tellAnswer(tx, a, s.seed)
}

// entry is what the ledger keeps of it, but for the consent it gives and the
// commitment.
func (o occasion) entry(s said, was *Current, seq uint32) *Answer {
	a := &Answer{
		Account: o.account, Seq: seq, Brand: o.brand, Question: s.question, Version: s.version,
		State: s.outcome, Value: s.value, Source: o.source, Asked: o.asked, At: o.at,
		Visit: o.visit, Client: o.client, Campaign: o.campaign, Arm: o.arm, Offer: o.offer, Locale: o.locale, Screen: o.screen,
		Salt: s.salt, Order: s.order,
	}
	switch s.outcome {
	case catalogue.Answered:
		a.Expires, a.Consent = s.expires, was.Consent
	case catalogue.Unsure:
		a.Expires = s.expires
	}
	return a
}

// same says whether the visit has already said so. Outside of a visit, it says
// whether that is what stands.
func same(o occasion, s said, was *Current) bool {
	switch {
	case s.outcome == catalogue.Skipped:
		return was.SkippedVisit == o.visit && was.Skipped.After(was.At)
	case was.State != s.outcome || s.outcome == catalogue.Answered && !was.Value.Equal(s.value):
		return false
	case o.visit.IsZero():
		return was.fresh(o.at)
	}
	return was.Visit == o.visit && !was.Skipped.After(was.At)
}

// fresh says whether the time of an answer has not run out.
func (c *Current) fresh(now time.Time) bool { return c.Expires.IsZero() || now.Before(c.Expires) }

// decision is what saving an answer decides: on a page that names the brand and
// the purpose, it is the consent and the release to that brand.
func (o occasion) decision(s said, state consent.State) consent.Decision {
	d := consent.Decision{
		Account: o.account, Brand: o.brand, State: state, Claims: []string{s.question}, Seed: s.seed,
		Asked: o.asked, At: o.at, How: o.how, Explicit: o.explicit, Locale: o.locale, Screen: o.screen,
		Visit: o.visit, Session: o.session, Client: o.client,
		Purpose: consent.Purpose{ID: s.purpose},
	}
	if p := o.set.Purpose(s.purpose); p != nil {
		d.Purpose.Text, d.Purpose.Basis = p.Text.In(o.locale), p.Basis
	}
	d.Purpose.Controller = o.set.Controller
	return d
}

// current is where a question stands after an entry.
func (a *Answer) current(s said, was *Current) *Current {
	if a.State == catalogue.Skipped { // stands beside what was said before
		c := &Current{Account: a.Account, Scope: a.Brand, Question: a.Question, Brand: a.Brand, Version: a.Version}
		if was.Scope == a.Brand && was.State != "" {
			*c = *was
		}
		c.Skipped, c.SkippedVisit = a.At, a.Visit
		return c
	}
	return &Current{
		Account: a.Account, Scope: s.scope, Question: a.Question, Seq: a.Seq, Brand: a.Brand, Version: a.Version,
		State: a.State, Value: a.Value, Source: a.Source, At: a.At, Expires: a.Expires,
		Visit: a.Visit, Screen: a.Screen, Consent: a.Consent, Removed: s.removed,
	}
}

// commitment is the SHA-256 of the salt and the entry's JSON without salt and
// commitment. It may stand in a public log: with the salt gone, it says nothing.
func (a *Answer) commitment() (catalogue.Hash, error) {
	bare := *a
	bare.Salt, bare.Commit = nil, catalogue.Hash{}
	b, err := json.Marshal(&bare)
	if err != nil {
		return catalogue.Hash{}, fmt.Errorf("commit to entry %d: %w", a.Seq, err)
	}
	return sha256.Sum256(slices.Concat(a.Salt, b)), nil
}

// Holds says whether the entry is the one its commitment was made for.
func (a *Answer) Holds() bool {
	h, err := a.commitment()
	return err == nil && h == a.Commit
}

// tellAnswer writes the event that destinations hear of.
func tellAnswer(tx *store.Tx, a *Answer, seed store.ID) error {
	kind := map[catalogue.Outcome]string{catalogue.Answered: "answer.updated", catalogue.Declined: "answer.updated", catalogue.Unsure: "answer.updated", catalogue.Skipped: "answer.skipped", catalogue.Withdrawn: "answer.removed"}[a.State]
	data, err := json.Marshal(struct {
		Question string            `json:"question"`
		Version  string            `json:"version"`
		Seq      uint32            `json:"seq"`
		State    catalogue.Outcome `json:"state"`
		Value    catalogue.Value   `json:"value,omitzero"`
		Source   Source            `json:"source"`
		Asked    time.Time         `json:"asked_at"`
		At       time.Time         `json:"answered_at"`
		Expires  time.Time         `json:"expires_at,omitzero"`
		Client   string            `json:"client,omitzero"`
		Campaign string            `json:"campaign,omitzero"`
		Arm      string            `json:"arm,omitzero"`
		Screen   catalogue.Hash    `json:"screen,omitzero"`
		Consent  store.ID          `json:"consent_id,omitzero"`
	}{a.Question, a.Version, a.Seq, a.State, a.Value, a.Source, a.Asked, a.At, a.Expires, a.Client, a.Campaign, a.Arm, a.Screen, a.Consent})
	if err != nil {
		return fmt.Errorf("event of entry %d: %w", a.Seq, err)
	}
	outbox.Append(tx, &outbox.Event{ID: seed, Account: a.Account, Brand: a.Brand, Type: kind, At: a.At, Data: data})
	return nil
}

// count adds a decided question to what the customer's attention has borne, and
// lets go of what no longer counts.
func (p *person) count(at time.Time, every diag.Period) {
	const most = 100 // whatever the period is
	p.Asked = slices.DeleteFunc(append(p.Asked, at), func(t time.Time) bool {
		end := every.After(t)
		return !end.IsZero() && end.Before(at)
	})
	p.Asked = p.Asked[max(0, len(p.Asked)-most):]
}
