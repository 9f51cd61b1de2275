package proffer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// answersClaim is the object that holds what customers told: {"shoe_size":"42"}.
const answersClaim = "zp"

// idTokenRoom is how many bytes of JSON answers may take in an ID token; what
// does not fit is left for UserInfo, and zp_more says so.
const idTokenRoom = 2 << 10

// Reason says why a claim does not leave. It stands in the log and in what
// privacy officers read, never in a token.
type Reason string

// Every reason there is. The first that applies is given.
const (
	ByPolicy     Reason = "policy"        // the client's policy withholds it
	NotRequested Reason = "not_requested" // by no scope and no claims parameter
	NoAnswer     Reason = "no_answer"     // never answered, or skipped
	Declined     Reason = "declined"      // "I'd rather not say"
	Removed      Reason = "removed"       // the customer took it back
	Stale        Reason = "stale"         // its time ran out
	NotOffered   Reason = "not_offered"   // the question cannot have this answer any more
	NotAgreed    Reason = "not_agreed"    // the customer was never asked to share it with this brand
	Refused      Reason = "refused"       // they were, and said no
	Stopped      Reason = "stopped"       // they shared it once, and stopped
	NoConsent    Reason = "no_consent"    // the purpose is not agreed to
	UserInfoOnly Reason = "userinfo_only" // not on the client's list for ID tokens
	NoRoom       Reason = "no_room"       // the ID token is full
)

// A rule is one claim that one client may receive, resolved against the
// catalogue when the configuration is loaded.
type rule struct {
	id       string            // of the release: the question's id, or "email"
	claim    string            // its name, in zp or as a standard claim
	question *catalogue.Question // nil for email
	purpose  string            // of the client's brand
	policy   *ClaimPolicy
	alias    string
	scope    string // that asks for it: "zp", "email", "profile" or "phone"
	inToken  bool   // may stand in an ID token
}

// rules resolves the client's policy, in the order of the claims' names.
func rules(brand string, c *Client, catalogue *catalogue.Catalogue) []rule {
	var out []rule
	for _, name := range slices.Sorted(maps.Keys(c.Claims)) {
		policy := c.Claims[name]
		ru := rule{claim: name, policy: policy, purpose: policy.Purpose, alias: c.Aliases[name], scope: claimScope(name)}
		ru.inToken = policy.IDToken
		if ru.scope != answersClaim {
			ru.inToken = slices.Contains(c.IDTokenClaims, name)
		}
		if name == "email" {
			ru.id = name
		} else {
			q, _ := catalogue.Claim(brand, name)
			if q == nil {
				continue // refused when loaded
			}
			ru.id, ru.question = q.ID, q
			if ru.purpose == "" {
				ru.purpose = q.Purpose
			}
		}
		out = append(out, ru)
	}
	return out
}

// claimScope is the scope that asks for a claim (OpenID Connect Core 1.0, 5.4).
func claimScope(name string) string {
	switch {
	case name == "email":
		return "email"
	case name == "phone_number":
		return "phone"
	case catalogue.Standard(name):
		return "profile"
	}
	return answersClaim
}

// asked says whether a request with these scopes and claims parameter asks for
// the rule's claim.
func (ru *rule) asked(scopes, names []string) bool {
	if slices.Contains(scopes, ru.scope) || slices.Contains(names, ru.claim) {
		return true
	}
	return ru.scope == answersClaim && slices.Contains(names, answersClaim) || ru.alias != "" && slices.Contains(names, ru.alias)
}

// known is what the store has about one customer and one brand: all that a
// decision on release looks at.
type known struct {
	email    string
	profile  map[string]*screens.Current
	releases map[string]consent.Release
	consents map[string]consent.Consent
}

func newKnown(email string, profile *screens.Reading, decided *consent.Reading) (*known, error) {
	k := &known{email: email}
	var err error
	if k.profile, err = profile.Get(); err != nil {
		return nil, err
	}
	if k.releases, err = decided.Releases(); err != nil {
		return nil, err
	}
	k.consents, err = decided.Consents()
	return k, err
}

// A wanted is the wish for what is known, and for the account itself.
type wanted struct {
	account *store.Wanted[identity.Account]
	profile *screens.Reading
	decided *consent.Reading
}

func wantKnown(b *store.Batch, account store.ID, brand string) *wanted {
	return &wanted{identity.WantAccount(b, account), screens.WantProfile(b, account, brand), consent.Want(b, account, brand)}
}

// get returns it, with the address only if it is needed.
func (w *wanted) get(email bool) (*known, error) {
	if !email {
		return newKnown("", w.profile, w.decided)
	}
	a, err := w.account.Get()
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	return newKnown(a.Email, w.profile, w.decided)
}

// knows reads it, in one round trip.
func (s *rooms) knows(tx *store.Tx, account store.ID, brand string, email bool) (*known, error) {
	var b store.Batch
	w := wantKnown(&b, account, brand)
	if err := tx.Read(&b); err != nil {
		return nil, fmt.Errorf("what %s may know of %s: %w", brand, account, err)
	}
	return w.get(email)
}

// value is what there is to hand over for a rule, whoever may have it: the JSON
// value, and which entry it came of.
func (k *known) value(ru *rule, now time.Time) (value any, entry string, why Reason) {
	if ru.question == nil {
		if k.email == "" {
			return nil, "", NoAnswer
		}
		return k.email, "0", ""
	}
	c := k.profile[ru.id]
	switch {
	case c == nil || c.State == "":
		return nil, "", NoAnswer
	case c.State == catalogue.Declined:
		return nil, "", Declined
	case c.State == catalogue.Withdrawn:
		return nil, "", Removed
	case c.State != catalogue.Answered:
		return nil, "", NoAnswer
	case !c.Expires.IsZero() && !now.Before(c.Expires):
		return nil, "", Stale
	}
	v, ok := ru.question.Release(c.Value)
	if !ok {
		return nil, "", NotOffered
	}
	return v, strconv.FormatUint(uint64(c.Seq), 10), ""
}

// agreed says whether the customer lets the rule's claim leave: the release to
// this brand, and the consent to its purpose.
func (k *known) agreed(ru *rule) Reason {
	rel, ok := k.releases[ru.id]
	switch {
	case !ok:
		return NotAgreed
	case rel.State == consent.Refused:
		return Refused
	case !rel.State.Allows():
		return Stopped
	case ru.purpose != "" && !k.consents[ru.purpose].State.Allows():
		return NoConsent
	}
	return ""
}

// leaving is one claim that may leave now.
type leaving struct {
	rule  *rule
	value any
	entry string
}

// release is the formula: requested, by policy, answered, fresh, released by
// this customer to this brand, consented to. It is pure.
func release(list []rule, scopes, names []string, k *known, now time.Time) ([]leaving, map[string]Reason) {
	var out []leaving
	withheld := map[string]Reason{}
	for i := range list {
		ru := &list[i]
		if ru.policy.As == "withheld" {
			withheld[ru.claim] = ByPolicy
			continue
		}
		if !ru.asked(scopes, names) {
			withheld[ru.claim] = NotRequested
			continue
		}
		v, entry, why := k.value(ru, now)
		if why == "" {
			why = k.agreed(ru)
		}
		if why != "" {
			withheld[ru.claim] = why
			continue
		}
		out = append(out, leaving{ru, v, entry})
	}
	return out, withheld
}

// facts is the wish of oauth for what a client may know of an account.
func (s *rooms) facts(b *store.Batch, account store.ID, c *oauth.Client) oauth.Facts {
	w := wantKnown(b, account, c.Brand)
	return oauth.Facts{
		Active: func() (bool, error) {
			a, err := identity.InUse(w.account)
			return a != nil, err
		},
		Claims: func(q oauth.ClaimsQuery) (oauth.Claims, error) { return s.claims(w, q) },
	}
}

// claims says what may leave now to a grant's client, for oauth: read when a
// token is made, so that what was withdrawn a second ago is absent.
func (s *rooms) claims(w *wanted, q oauth.ClaimsQuery) (oauth.Claims, error) {
	c, ok := s.clients[q.Client.ID]
	if !ok {
		return oauth.Claims{}, fmt.Errorf("client %s is no longer configured", q.Client.ID)
	}
	k, err := w.get(c.email)
	if err != nil {
		return oauth.Claims{}, err
	}
	names := slices.Collect(maps.Keys(q.Requested.For(q.Use)))
	may, withheld := release(c.rules, q.Scopes, names, k, s.now())
	out := fill(may, q, k, names)
	for name, why := range withheld {
		out.Withheld[name] = string(why)
	}
	s.log.Debug("claims", "client", q.Client.ID, "use", q.Use, "released", len(out.Set), "withheld", out.Withheld)
	return out, nil
}

// fill lays the claims out: answers in zp, aliases flat beside it, standard
// claims by their own names; in an ID token only what the client lists there,
// while there is room.
func fill(may []leaving, q oauth.ClaimsQuery, k *known, names []string) oauth.Claims {
	out := oauth.Claims{Values: map[string]any{}, Withheld: map[string]string{}}
	answers := map[string]any{}
	room := idTokenRoom
	for _, l := range may {
		// Refused when the configuration is loaded; and here, whatever was loaded:
		// no answer says who a customer is, or what is proven of them.
		if l.rule.question != nil && catalogue.Reserved(l.rule.claim) {
			out.Withheld[l.rule.claim] = string(ByPolicy)
			continue
		}
		if q.Use == oauth.IDToken {
			if !l.rule.inToken {
				out.Withheld[l.rule.claim], out.More = string(UserInfoOnly), true
				continue
			}
			size := len(l.rule.claim) + len(l.rule.alias) + 8 + jsonSize(l.value)
			if l.rule.alias != "" {
				size += jsonSize(l.value)
			}
			if size > room {
				out.Withheld[l.rule.claim], out.More = string(NoRoom), true
				continue
			}
			room -= size
		}
		out.Set = append(out.Set, l.rule.id+"@"+l.entry)
		switch {
		case l.rule.scope == answersClaim:
			answers[l.rule.claim] = l.value
			if l.rule.alias != "" && !catalogue.Reserved(l.rule.alias) {
				out.Values[l.rule.alias] = l.value
			}
		default:
			out.Values[l.rule.claim] = l.value
			if l.rule.claim == "email" {
				out.Values["email_verified"] = true // an account begins with a proven address
			}
		}
	}
	// Present and empty says "nothing is shared"; absent says nothing at all.
	if slices.Contains(q.Scopes, answersClaim) || slices.Contains(names, answersClaim) || len(answers) > 0 {
		out.Values[answersClaim] = answers
	}
	if _, ok := q.Requested.UserInfo[metaClaim]; ok && q.Use == oauth.UserInfo {
		out.Values[metaClaim] = meta(may, q.Client.Brand, k)
	}
	slices.Sort(out.Set)
	return out
}

func jsonSize(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return idTokenRoom
	}
	return len(b)
}

// metaClaim, on request in UserInfo, says where each answer comes from.
const metaClaim = "zp_meta"

// An answerMeta is the provenance of one released answer.
type answerMeta struct {
	Source     string `json:"source"`
	AnsweredAt string `json:"answered_at"`          // RFC 3339; of another brand's answer only the month
	ExpiresAt  string `json:"expires_at,omitempty"` // the same
	Screen     string `json:"screen,omitempty"`     // SHA-256; of the brand's own answers alone
	Consent    string `json:"consent,omitempty"`
}

func meta(may []leaving, brand string, k *known) map[string]answerMeta {
	out := map[string]answerMeta{}
	for _, l := range may {
		if l.rule.question == nil {
			continue
		}
		c := k.profile[l.rule.id]
		m := answerMeta{Source: string(c.Source), Consent: k.consents[l.rule.purpose].ID.String()}
		format := time.RFC3339
		if c.Brand != brand {
			format = "2006-01"
		} else if !c.Screen.IsZero() {
			m.Screen = c.Screen.String()
		}
		m.AnsweredAt = c.At.Format(format)
		if !c.Expires.IsZero() {
			m.ExpiresAt = c.Expires.Format(format)
		}
		out[l.rule.claim] = m
	}
	return out
}

// wishes are the rules of what the visit's client asks for and there is something
// to hand over for: what gate 6 asks about.
func (s *rooms) wishes(v *web.Visit, k *known) []*rule {
	c, ok := s.clients[v.Client]
	if !ok {
		return nil
	}
	now := s.now()
	var out []*rule
	for i := range c.rules {
		ru := &c.rules[i]
		if ru.policy.As == "withheld" || !ru.asked(v.Scopes, v.Claims) {
			continue
		}
		if _, _, why := k.value(ru, now); why == "" {
			out = append(out, ru)
		}
	}
	return out
}

// undecided is gate 6: the customer has neither given nor refused the brand
// something that its site asks for. What was given by answering the brand is
// decided.
func (s *rooms) undecided(v *web.Visit, k *known) bool {
	return slices.ContainsFunc(s.wishes(v, k), func(ru *rule) bool { return consent.Undecided(v, k.releases, ru.id) })
}

// candidates are the wishes in words, for the page of gate 6.
func (s *rooms) candidates(tx *store.Tx, v *web.Visit, account store.ID, lang string) ([]consent.Candidate, error) {
	k, err := s.knows(tx, account, v.Brand, true)
	if err != nil {
		return nil, err
	}
	var out []consent.Candidate
	for _, ru := range s.wishes(v, k) {
		w := s.describe(ru, k, v.Brand, lang)
		one := consent.Candidate{Claim: ru.id, Name: w.Name, Value: w.Value, Purpose: consent.Purpose{ID: ru.purpose, Text: w.Purpose}}
		if p := s.purpose(v.Brand, ru.purpose); p != nil {
			one.Purpose.Basis = p.Basis
		}
		one.Purpose.Controller = consent.Controller(s.cfg.Brands[v.Brand].Controller)
		if ru.question != nil {
			cur := k.profile[ru.id]
			one.From = s.pages.Say(lang, "share.from", "brand", s.brandName(cur.Brand, lang), "date", s.pages.Date(lang, cur.At))
		}
		out = append(out, one)
	}
	return out, nil
}

// describe puts a rule's claim in words, with the value there is now.
func (s *rooms) describe(ru *rule, k *known, brand, lang string) consent.Words {
	var w consent.Words
	if p := s.purpose(brand, ru.purpose); p != nil {
		w.Purpose = p.Text.In(lang)
	}
	if ru.question == nil {
		w.Name, w.Value = s.pages.Say(lang, "email.name"), k.email
		return w
	}
	w.Name = ru.question.Name.In(lang)
	if c := k.profile[ru.id]; c != nil && c.State == catalogue.Answered {
		w.Value = ru.question.Show(c.Value, lang, s.pages)
	}
	return w
}

// describeAll puts what a brand was given in words, for "who knows what".
func (s *rooms) describeAll(tx *store.Tx, account store.ID, brand, lang string, claims []string) (map[string]consent.Words, error) {
	k, err := s.knows(tx, account, brand, slices.Contains(claims, "email"))
	if err != nil {
		return nil, err
	}
	out := map[string]consent.Words{}
	for _, id := range claims {
		ru := rule{id: id}
		if id != "email" {
			if ru.question = s.catalogue.Question(brand, id); ru.question == nil {
				continue
			}
			ru.purpose = ru.question.Purpose
		}
		if rel, ok := k.releases[id]; ok && rel.Purpose != "" {
			ru.purpose = rel.Purpose
		}
		out[id] = s.describe(&ru, k, brand, lang)
	}
	return out, nil
}

// received says what each grant of an account has handed over.
func (s *rooms) received(tx *store.Tx, account store.ID) ([]consent.Received, error) {
	grants, err := s.oauth.GrantsOf(tx, account)
	if err != nil {
		return nil, err
	}
	var out []consent.Received
	for _, g := range grants {
		got := consent.Received{Brand: g.Brand, Times: g.InIDToken.Times + g.InUserInfo.Times, Last: g.InIDToken.Last}
		if g.InUserInfo.Last.After(got.Last) {
			got.Last = g.InUserInfo.Last
		}
		for _, id := range g.Released() {
			claim, _, _ := strings.Cut(id, "@")
			if !slices.Contains(got.Claims, claim) {
				got.Claims = append(got.Claims, claim)
			}
		}
		out = append(out, got)
	}
	return out, nil
}
