package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

type rawQuestion struct {
	At           diag.Node `yaml:"-"`
	Kind         string
	Scope        Scope
	Shared       bool
	Claim        string
	Purpose      string
	Sensitivity  string
	Ask          Text
	Name         Text
	Hint         Text
	Why          Text
	Options      []rawOption
	Order        string
	Decline      *bool
	Unsure       bool
	Fresh        diag.Period
	AtMost       *int
	AtLeast      *int
	Limit        *int
	Long         bool
	Autocomplete string
	Short        bool
	Min          string
	Max          string
	Step         string
	Unit         Text
	Labels       rawLabels
	From, To     string
	First        []string
	What         string
	When         rawWhen
	Sure         []rawOption
	Channels     []string
	System       string
	Notations    []string
	MinAge       *int
}

type rawLabels struct{ Low, Middle, High Text }

// sensitivities are what a question may say of its answers.
func sensitivities() []string { return []string{"special", "normal"} }

type rawOption struct {
	At      diag.Node `yaml:"-"`
	ID      string    `yaml:"id"`
	Label   Text
	Hint    Text
	Other   bool
	Retired bool
	NoPlan  bool
	Picture rawPicture
	Code    string `yaml:"-"` // of a country, written alone
}

// DecodeNode reads the keys of an option, or the code of a country.
func (o *rawOption) DecodeNode(at diag.Node) {
	if s, ok := at.Scalar(); ok && s != "" {
		o.At, o.Code = at, s
		return
	}
	type plain rawOption
	at.Decode((*plain)(o))
}

func (l *loading) questions() {
	claims := map[string]string{} // lower case, to the question
	for _, id := range l.raw.Questions.Keys {
		raw := l.raw.Questions.Of[id]
		at := l.root.Field("questions").Key(id)
		if Reserved(id) {
			at.Errorf("%q is the name of a claim that no question can write; choose another", clip(id))
		} else {
			l.id(at, id)
		}
		q := &Question{ID: id, Brand: l.o.Brand, at: at, Purpose: raw.Purpose, Why: raw.Why, Shared: raw.Shared}
		l.text(&q.Why, at, "why", true)
		l.purposeOf(&raw, at)
		if raw.Shared {
			l.refuse(&raw)
			l.set.Questions = append(l.set.Questions, q)
			continue
		}
		if !l.question(q, &raw, at) {
			continue
		}
		if other, ok := claims[strings.ToLower(q.Claim)]; ok {
			in := at
			if raw.Claim != "" {
				in = raw.At.Field("claim")
			}
			in.Errorf("the claim %s is written by %s too (%s); give one of them another", q.Claim, other, l.at("questions")(other))
		} else if q.Claim != "" {
			claims[strings.ToLower(q.Claim)] = id
		}
		l.set.Questions = append(l.set.Questions, q)
	}
}

func (l *loading) purposeOf(raw *rawQuestion, at diag.Node) {
	in := at.Field("purpose")
	switch _, ok := l.raw.Purposes.Get(raw.Purpose); {
	case ok:
	case raw.Purpose != "":
		in.Errorf("unknown purpose %q%s", clip(raw.Purpose), diag.DidYouMean(raw.Purpose, l.raw.Purposes.Keys, l.at("purposes")))
	case !in.IsMap() && !in.IsList():
		in.Errorf("is missing; every question says what its answer is for")
	}
}

// question reads what is no shared question. It says whether the question can
// be used in further checks.
func (l *loading) question(q *Question, raw *rawQuestion, at diag.Node) bool {
	q.Scope, q.Claim, q.Fresh, q.Short = raw.Scope, raw.Claim, raw.Fresh, raw.Short
	q.Ask, q.Name, q.Hint = raw.Ask, raw.Name, raw.Hint
	l.text(&q.Ask, at, "ask", true)
	l.text(&q.Name, at, "name", true)
	l.text(&q.Hint, at, "hint", false)
	q.Unsure = raw.Unsure
	q.Decline = raw.Decline == nil || *raw.Decline
	switch q.Scope {
	case "":
		q.Scope = ScopeBrand
	case ScopePerson, ScopeBrand:
	default:
		at.Field("scope").Errorf("unknown scope %q; write person (one answer for all brands) or brand", clip(string(q.Scope)))
	}
	l.claim(q, at)
	switch raw.Sensitivity {
	case "", "normal":
	case "special":
		l.special(q, raw)
	default:
		at.Field("sensitivity").Errorf("unknown sensitivity %q; write special, or leave it out%s", clip(raw.Sensitivity), diag.DidYouMean(raw.Sensitivity, sensitivities(), nil))
	}
	l.minAge(q, raw)
	q.Kind = kindOf(raw.Kind)
	if q.Kind == nil {
		in := at.Field("kind")
		switch {
		case raw.Kind != "":
			in.Errorf("unknown kind %q; known here: %s%s", clip(raw.Kind), strings.Join(kindNames(), ", "), diag.DidYouMean(raw.Kind, kindNames(), nil))
		case !in.IsMap() && !in.IsList():
			in.Errorf("is missing; write one of %s", strings.Join(kindNames(), ", "))
		}
		return false
	}
	l.refuse(raw)
	q.Kind.load(q, raw, l)
	l.order(q, raw)
	if q.Unsure && q.Agrees() {
		q.Unsure = false
		raw.At.Field("unsure").Errorf("an agreement is given or refused, or skipped until one is sure; leave this out")
	}
	q.Version = q.version()
	return true
}

func (l *loading) claim(q *Question, at diag.Node) {
	if q.Claim == "" {
		q.Claim = q.ID
		return
	}
	in := at.Field("claim")
	switch {
	case Reserved(q.Claim):
		in.Errorf("%q is a claim that no question can write; choose another name", clip(q.Claim))
	case !isName(q.Claim):
		in.Errorf("%q cannot be a claim; write small letters, digits and _, a letter first, 40 at most%s", clip(q.Claim), meant(q.Claim))
	}
}

// options reads the options of a question, at least as many as said.
func (l *loading) options(q *Question, raw *rawQuestion, least int) {
	l.optionsAt(q, raw.At.Field("options"), raw.Options, least)
	for i, o := range raw.Options {
		if o.NoPlan {
			raw.At.Field("options").Index(i).Field("no_plan").Errorf("belongs to the when of a plan; leave it out")
		}
	}
}

func (l *loading) optionsAt(q *Question, in diag.Node, raw []rawOption, least int) {
	if len(raw) < least {
		if !in.Set() || in.IsList() {
			in.Errorf("write %d options at least", least)
		}
	}
	for i := range raw {
		o := raw[i]
		at := in.Index(i)
		if o.Code != "" {
			at.Errorf("write keys and values here, not %q", clip(o.Code))
			continue
		}
		if o.Other && o.ID == "" {
			o.ID = "other"
		}
		opt := &Option{ID: o.ID, Label: o.Label, Hint: o.Hint, Other: o.Other, Retired: o.Retired, NoPlan: o.NoPlan, pos: at.Pos()}
		switch {
		case o.Other && o.ID != "other":
			at.Field("id").Errorf("the option with other: true is called other")
		case o.ID == "other" && !o.Other:
			at.Field("id").Errorf("other is the option that opens a text; write other: true, or another id")
		case !isOption(o.ID):
			at.Field("id").Errorf("write an id of small letters, digits, _, - and ., 40 at most: it is what the brand's site gets%s", meantOption(o.ID))
		case q.Option(o.ID) != nil:
			at.Field("id").Errorf("the option %s stands here twice (%s)", o.ID, q.Option(o.ID).pos)
		}
		if o.Other && len(opt.Label) == 0 {
			opt.Label = l.builtin(at.Field("label"), "other")
		} else {
			l.text(&opt.Label, at, "label", true)
		}
		l.text(&opt.Hint, at, "hint", false)
		q.Options = append(q.Options, opt)
	}
	if n := len(q.choices()); n < least && len(q.Options) >= least {
		in.Errorf("offers %d of its options, the others being retired; write %d at least that are offered", n, least)
	}
}

func isOption(id string) bool {
	if id == "" || len(id) > 40 {
		return false
	}
	for i, r := range id {
		letter := r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '_' && r != '-' && r != '.') {
			return false
		}
	}
	return true
}

func meantOption(id string) string {
	s := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(id), " ", "_"))
	if s != id && isOption(s) {
		return "; did you mean \"" + s + "\"?"
	}
	return ""
}

// builtin is a label that a set need not write, in the languages we have it in.
func (l *loading) builtin(at diag.Node, id string) Text {
	words := map[string]map[string]string{
		"yes":     {"en": "Yes", "th": "ใช่", "ar": "نعم"},
		"no":      {"en": "No", "th": "ไม่ใช่", "ar": "لا"},
		"email":   {"en": "Email", "th": "อีเมล", "ar": "البريد الإلكتروني"},
		"sms":     {"en": "Text message", "th": "ข้อความ SMS", "ar": "رسائل نصية"},
		"push":    {"en": "Messages in the app", "th": "การแจ้งเตือนในแอป", "ar": "إشعارات التطبيق"},
		"post":    {"en": "Post", "th": "ไปรษณีย์", "ar": "البريد العادي"},
		"sure":    {"en": "Quite sure", "th": "ค่อนข้างแน่", "ar": "متأكد"},
		"likely":  {"en": "Probably", "th": "น่าจะ", "ar": "على الأرجح"},
		"perhaps": {"en": "Perhaps", "th": "อาจจะ", "ar": "ربما"},
		"other":   {"en": "Something else", "th": "อย่างอื่น", "ar": "شيء آخر"},
	}[id]
	t := Text{}
	for _, lang := range l.o.Languages {
		for tag := lang; tag != ""; tag = diag.Parent(tag) {
			if w, ok := words[tag]; ok {
				t[lang] = w
				break
			}
		}
		if t[lang] == "" {
			delete(t, lang)
			at.Errorf("there are no words for %q in %s; write the option with a label", id, lang)
		}
	}
	return t
}

// limit reads how many characters may be typed.
func (l *loading) limit(q *Question, raw *rawQuestion) {
	q.Limit = defaultLimit
	if raw.Limit == nil {
		return
	}
	q.Limit = *raw.Limit
	if q.Limit < 1 || q.Limit > maxLimit {
		raw.At.Field("limit").Errorf("write 1 to %d characters", maxLimit)
	}
}

// otherLimit reads how many characters may be typed beside "other".
func (l *loading) otherLimit(q *Question, raw *rawQuestion) {
	if q.Option("other") == nil {
		l.refuseOne(raw, "limit", "only a question with an \"other\" option has a limit")
	} else {
		l.limit(q, raw)
	}
}

func (l *loading) refuseOne(raw *rawQuestion, name, message string) {
	if at := raw.At.Field(name); at.Set() {
		at.Errorf("%s", message)
	}
}

// version names what an answer to the question means. A new wording is no new
// meaning; a new option, scope or claim is.
func (q *Question) version() string {
	means := []any{q.Kind.Name(), q.Scope, q.Claim, ids(q.Options), q.AtMost, q.Limit}
	if q.Step > 0 { // 5 kg are not 5 lb, and 5 of 5 is not 5 of 10
		means = append(means, q.Min, q.Max, q.Step, q.Unit, q.Labels)
	}
	if q.AtLeast > 0 {
		means = append(means, q.AtLeast)
	}
	if q.Long {
		means = append(means, "long")
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		means = append(means, q.From.String(), q.To.String())
	}
	if q.Special {
		means = append(means, "special")
	}
	if q.Plan != nil {
		means = append(means, q.Plan.Words, ids(q.Plan.When), ids(q.Plan.Sure))
	}
	if q.Sizes != nil { // the other notations are ways to say the same
		means = append(means, q.Sizes.System, q.Sizes.First(), q.Sizes.Last())
	}
	b, err := json.Marshal(means)
	if err != nil {
		panic(err) // strings and numbers can always be written
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:6])
}
