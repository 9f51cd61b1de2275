package proffer

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
)

// What may leave: one pure function of what a client may have, what it asks for,
// what is known of the customer, and the time. The token endpoint, UserInfo and
// whatif call it; claims.go reads what it looks at.

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
	Unsure       Reason = "unsure"        // "I'm not sure"
	Removed      Reason = "removed"       // the customer took it back
	Stale        Reason = "stale"         // its time ran out
	Young        Reason = "young"         // the customer is not known to be as old as the question has it
	NotOffered   Reason = "not_offered"   // the question cannot have this answer any more
	NoValue      Reason = "no_value"      // worked out from answers that come to nothing
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
	id       string              // of the release: the question's id, or "email"
	claim    string              // its name, in zp or as a standard claim
	question *catalogue.Question // nil for email, and for what is worked out
	set      *catalogue.Set      // of the brand; nil if it has none
	derived  *catalogue.Derived  // what is worked out from answers
	from     []rule              // of derived: one for each answer behind it
	purpose  string              // of the client's brand
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
		ru := rule{claim: name, set: catalogue.Set(brand), policy: policy, purpose: policy.Purpose, alias: c.Aliases[name], scope: claimScope(name)}
		ru.inToken = policy.IDToken
		if ru.scope != answersClaim {
			ru.inToken = slices.Contains(c.IDTokenClaims, name)
		}
		if name == "email" {
			ru.id = name
		} else if d := catalogue.Derived(brand, name); d != nil {
			ru.id, ru.derived, ru.purpose = d.ID, d, d.Purpose
			ru.from = sources(d, ru.set, c.Claims)
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

// value is what there is to hand over for a rule, whoever may have it: the JSON
// value, and which entry it came of.
func (k *known) value(ru *rule, now time.Time) (value any, entry string, why Reason) {
	if ru.derived != nil {
		return k.workedOut(ru, now)
	}
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
	case c.State == catalogue.Unsure:
		return nil, "", Unsure
	case c.State == catalogue.Withdrawn:
		return nil, "", Removed
	case c.State != catalogue.Answered:
		return nil, "", NoAnswer
	case !c.Expires.IsZero() && !now.Before(c.Expires):
		return nil, "", Stale
	}
	if ru.question.MinAge > 0 && !screens.Old(ru.set, ru.question, k.profile, k.releases, now) {
		return nil, "", Young
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
	if ru.derived != nil { // each answer behind it is let go, or there is no value: see workedOut
		if c := k.consents[ru.purpose]; !c.State.Allows() || ru.derived.Special && !c.Explicit {
			return NoConsent
		}
		return ""
	}
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
	case ru.question != nil && ru.question.Special && !k.consents[ru.purpose].Explicit:
		return NoConsent
	}
	return ""
}

// An ask is what one answer to a client is asked for.
type ask struct {
	use    oauth.Use
	brand  string   // of the client
	scopes []string // as granted
	names  []string // in the claims parameter, of this place (OpenID Connect Core 1.0, 5.5)
	meta   bool     // zp_meta is among those of UserInfo
}

// leave says what leaves and what is withheld, with the reason for each claim. It
// is pure: the same arguments give the same claims.
func leave(list []rule, a ask, k *known, now time.Time) oauth.Claims {
	may, withheld := release(list, a.scopes, a.names, k, now)
	out := fill(may, a, k)
	for name, why := range withheld {
		out.Withheld[name] = string(why)
	}
	return out
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

// fill lays the claims out: answers in zp, aliases flat beside it, standard
// claims by their own names; in an ID token only what the client lists there,
// while there is room.
func fill(may []leaving, a ask, k *known) oauth.Claims {
	out := oauth.Claims{Values: map[string]any{}, Withheld: map[string]string{}}
	answers := map[string]any{}
	room := idTokenRoom
	for _, l := range may {
		// Refused when the configuration is loaded; and here, whatever was loaded:
		// no answer says who a customer is, or what is proven of them.
		if (l.rule.question != nil || l.rule.derived != nil) && catalogue.Reserved(l.rule.claim) {
			out.Withheld[l.rule.claim] = string(ByPolicy)
			continue
		}
		if a.use == oauth.IDToken {
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
	if slices.Contains(a.scopes, answersClaim) || slices.Contains(a.names, answersClaim) || len(answers) > 0 {
		out.Values[answersClaim] = answers
	}
	if a.meta && a.use == oauth.UserInfo {
		out.Values[metaClaim] = meta(may, a.brand, k)
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
		if l.rule.derived != nil {
			out[l.rule.claim] = l.rule.derivedMeta(brand, k)
			continue
		}
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
