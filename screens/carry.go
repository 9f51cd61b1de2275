package screens

import (
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// What a visitor told a brand's site before there was an account may come along to
// the sign-in. It waits here until then, readable with its handle alone: the record
// is found by one half of the handle's digest and opened with the other, and the
// handle stands nowhere but in the visit. It counts for nothing until the customer
// has seen and confirmed it.

// A CarryError is what is wrong with answers that a site hands over, one line an
// answer, for its developer.
type CarryError struct{ lines []string }

func (e *CarryError) Error() string { return strings.Join(e.lines, "; ") }

// carryLife is how long answers wait: as long as a visit may take, and the time in
// which its site sends the visitor on.
const carryLife = 3 * time.Hour

// mostCarried is how many answers may be carried in at once: as many as a customer
// can be expected to look through.
const mostCarried = 12

// A carriedAnswer is one answer that waits.
type carriedAnswer struct {
	Question string          `json:"q"`
	Value    catalogue.Value `json:"v"`
}

// CarryIn keeps the answers that a brand's site hands over, by claim, and gives the
// handle that a visit is to have. The error is a *CarryError if any cannot be an
// answer: then nothing is kept.
func (a *Asking) CarryIn(ctx context.Context, brand string, answers map[string]json.RawMessage) (handle string, err error) {
	c, handle, err := carryIn(a.force.Catalogue, brand, answers, a.now())
	if err != nil {
		return "", err
	}
	err = a.deps.DB.Update(ctx, func(tx *store.Tx) error {
		carriedIn.Put(tx, c)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("carry in: %w", err)
	}
	return handle, nil
}

// carryIn is the record of what a site hands over, and the handle that opens it.
func carryIn(def *catalogue.Catalogue, brand string, answers map[string]json.RawMessage, now time.Time) (c *carried, handle string, err error) {
	list, err := carryable(def, brand, answers, now)
	if err != nil {
		return nil, "", err
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails (crypto/rand)
	key, seal := carryKeys(secret)
	plain, err := json.Marshal(list)
	if err != nil {
		return nil, "", fmt.Errorf("carry in: %w", err)
	}
	c = &carried{ID: key, Brand: brand, Sealed: seal.Seal(nil, nil, plain, []byte(brand)), Until: now.Add(carryLife)}
	return c, base64.RawURLEncoding.EncodeToString(secret), nil
}

// Carryable says what keeps answers from being carried in to a brand, as CarryIn does.
func Carryable(def *catalogue.Catalogue, brand string, answers map[string]json.RawMessage, now time.Time) error {
	_, err := carryable(def, brand, answers, now)
	return err
}

// carryable checks what a site hands over, and puts it in the order of the set.
func carryable(def *catalogue.Catalogue, brand string, answers map[string]json.RawMessage, now time.Time) ([]carriedAnswer, error) {
	bad := &CarryError{}
	if len(answers) > mostCarried {
		bad.lines = append(bad.lines, fmt.Sprintf("%d answers: %d at most, or nobody looks through them", len(answers), mostCarried))
	}
	set := def.Set(brand)
	var out []carriedAnswer
	for claim, raw := range answers {
		q, own := def.Claim(brand, claim)
		var v catalogue.Value
		switch {
		case q == nil || !own || set == nil:
			bad.lines = append(bad.lines, claimName(claim)+": this brand asks no question with such a claim")
		case askedHere(set, q) != "":
			bad.lines = append(bad.lines, claimName(claim)+": "+askedHere(set, q))
		case json.Unmarshal(raw, &v) != nil || !q.AcceptsOn(v, now):
			bad.lines = append(bad.lines, claimName(claim)+": the value is none that "+q.Kind.Name()+" "+q.ID+" can have")
		default:
			out = append(out, carriedAnswer{q.ID, v})
		}
	}
	if len(bad.lines) > 0 {
		slices.Sort(bad.lines)
		return nil, bad
	}
	place := func(c carriedAnswer) int {
		return slices.IndexFunc(set.Questions, func(q *catalogue.Question) bool { return q.ID == c.Question })
	}
	slices.SortFunc(out, func(x, y carriedAnswer) int { return cmp.Compare(place(x), place(y)) })
	return out, nil
}

// askedHere says why a question is answered here alone; "" where a site may hand its
// answer over.
func askedHere(set *catalogue.Set, q *catalogue.Question) string {
	switch {
	case q.ID == set.AgeQuestion:
		return "how old somebody is decides here what they are asked; it is asked here"
	case q.Agrees():
		return "what needs an agreement is not carried in; it is asked here"
	}
	return ""
}

// claimName is a claim as a site sent it, fit for a message.
func claimName(s string) string {
	if len(s) > 60 {
		s = s[:60]
	}
	return fmt.Sprintf("%q", s)
}

// carryKeys makes of a handle what its record is found by and what it is sealed
// with. A handle seals once, so the nonce may be chance (AES-256-GCM).
func carryKeys(secret []byte) (key [32]byte, seal cipher.AEAD) {
	sum := func(use string) [32]byte {
		return sha256.Sum256(append([]byte("proffer carry-in "+use+"\x00"), secret...))
	}
	k := sum("seal")
	block, err := aes.NewCipher(k[:])
	if err == nil {
		seal, err = cipher.NewGCMWithRandomNonce(block)
	}
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return sum("key"), seal
}

// carrySecret reads a handle; false if it is none.
func carrySecret(handle string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(handle)
	return b, err == nil && len(b) == 32
}

// wantCarried puts what a visit carries in into the batch; nil if it carries nothing.
func wantCarried(b *store.Batch, handle string) *store.Wanted[carried] {
	secret, ok := carrySecret(handle)
	if !ok {
		return nil
	}
	key, _ := carryKeys(secret)
	return carriedIn.Want(b, store.K(key))
}

// open reads a record with the handle of its visit. What another brand handed over
// is not there.
func (c *carried) open(handle, brand string) ([]carriedAnswer, error) {
	secret, ok := carrySecret(handle)
	if !ok || c.Brand != brand {
		return nil, nil
	}
	_, seal := carryKeys(secret)
	plain, err := seal.Open(nil, nil, c.Sealed, []byte(brand))
	if err != nil {
		return nil, fmt.Errorf("carried in: %w", err)
	}
	var list []carriedAnswer
	if err := json.Unmarshal(plain, &list); err != nil {
		return nil, fmt.Errorf("carried in: %w", err)
	}
	return list, nil
}

// A carriedItem is one answer that the customer may confirm.
type carriedItem struct {
	question *catalogue.Question
	value    catalogue.Value
}

// toConfirm are the carried answers that may still count: nothing is overwritten,
// and neither what was declined nor what was taken back comes in by this door.
func (s *standing) toConfirm(now time.Time) ([]carriedItem, error) {
	if s.carried == nil || s.set == nil || s.pass.Carried {
		return nil, nil
	}
	list, err := s.carried.open(s.visit.Carry, s.visit.Brand)
	if err != nil {
		return nil, err
	}
	var out []carriedItem
	for _, c := range list {
		q := s.set.Question(c.Question)
		if q == nil || askedHere(s.set, q) != "" || !q.AcceptsOn(c.Value, now) || !s.old(q, now) { // the set changed meanwhile, or it is not for them
			continue
		}
		switch st := s.state.Answers[c.Question]; {
		case st.Fresh(now), st.Outcome != "" && st.Outcome != catalogue.Answered:
		default:
			out = append(out, carriedItem{q, c.Value})
		}
	}
	return out, nil
}

// Carried is the gate before the screens: it names the page on which the customer
// confirms what the brand's site carried in. It may always be passed by, so it never
// closes for prompt=none.
func (a *Asking) Carried(w *Wish, who Respondent) (page string, err error) {
	if w.carried == nil || w.visit.Asks("none") {
		return "", nil
	}
	s, err := a.standing(w, who)
	if err != nil {
		return "", err
	}
	items, err := s.toConfirm(a.now())
	if err != nil || len(items) == 0 {
		return "", err
	}
	return "/carried", nil
}

// carriedOf is the record of a wish; nil if there is none, or none any more.
func (w *Wish) carriedOf() (*carried, error) {
	if w.carried == nil {
		return nil, nil
	}
	c, err := w.carried.Get()
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return c, err
}
