package catalogue

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/consent"
)

// LoadOptions are what a set is checked against.
type LoadOptions struct {
	Brand      string
	Name       Text               // of the brand, as customers read it
	Controller consent.Controller // of the brand: stands in every consent
	Languages  []string           // every text must have them all; first is the fallback
	Clients    []string           // of the brand; nil: not checked

	// Open reads a file that stands beside the set, by its path from there: valid
	// for io/fs, without "..". More than MaxFile bytes need not be read. nil: the set
	// cannot name files.
	Open func(name string) ([]byte, error)
}

// Load reads one brand's set. Everything that is to be put right is reported at
// once. The set is never nil; it is whole only if nothing stands against it.
// What only the sets of other brands can tell, Join checks.
func Load(file string, src []byte, o LoadOptions, out *diag.Findings) *Set {
	l := &loading{o: o, compiled: map[string]*Condition{}, worked: map[string]*Derived{}}
	l.set = &Set{Brand: o.Brand, Name: o.Name, Controller: o.Controller, Languages: o.Languages}
	before := out.Errors()
	l.root = diag.Decode(file, src, &l.raw, out)
	l.set.at = l.root
	l.purposes()
	l.questions()
	l.derived()
	l.conditions()
	l.screens()
	l.offers()
	l.campaigns()
	l.agreements()
	l.ages()
	l.unused()
	l.set.makeIndex()
	l.set.broken = out.Errors() > before
	return l.set
}

// loading is a set while it is read and checked.
type loading struct {
	o        LoadOptions
	raw      rawSet
	root     diag.Node
	set      *Set
	compiled map[string]*Condition // by name; nil if it was reported
	open     []string              // named conditions being compiled, outermost first
	worked   map[string]*Derived   // by id; nil if it was reported
	working  []string              // derived values being read, outermost first
}

type rawSet struct {
	AgeQuestion string

	Purposes   diag.Map[rawPurpose]
	Questions  diag.Map[rawQuestion]
	Derived    diag.Map[rawDerived]
	Conditions diag.Map[rawCondition]
	Screens    diag.Map[rawScreen]
	Campaigns  diag.Map[rawCampaign]
	Offers     diag.Map[rawOffer]
}

type rawPurpose struct {
	At    diag.Node `yaml:"-"`
	Text  Text
	Basis string
	Keep  diag.Period
}

// bases are what the use of an answer may rest on (GDPR, art. 6).
func bases() []string { return []string{"consent", "contract"} }

func (l *loading) purposes() {
	for _, id := range l.raw.Purposes.Keys {
		raw := l.raw.Purposes.Of[id]
		at := l.root.Field("purposes").Key(id)
		l.id(at, id)
		p := &Purpose{ID: id, Text: raw.Text, Basis: raw.Basis, Keep: raw.Keep}
		l.text(&p.Text, at, "text", true)
		switch p.Basis {
		case "":
			p.Basis = "consent"
		case "consent", "contract":
		default:
			raw.At.Field("basis").Errorf("unknown basis %q; write consent or contract%s", clip(p.Basis), diag.DidYouMean(p.Basis, bases(), nil))
		}
		l.set.Purposes = append(l.set.Purposes, p)
	}
}

func (l *loading) conditions() {
	for _, id := range l.raw.Conditions.Keys {
		at := l.root.Field("conditions").Key(id)
		l.id(at, id)
		raw := l.raw.Conditions.Of[id]
		if !raw.at.Set() {
			at.Errorf("write a condition here")
			continue
		}
		if c := l.named(id, raw.at); c != nil {
			l.set.Conditions = append(l.set.Conditions, &NamedCondition{ID: id, Condition: c})
		}
	}
}

type rawScreen struct {
	At     diag.Node    `yaml:"-"`
	Ask    []string     `diag:"required"`
	ShowIf rawCondition `yaml:"show_if"`
	Texts  diag.Map[Wording]
}

func (l *loading) screens() {
	for _, id := range l.raw.Screens.Keys {
		raw := l.raw.Screens.Of[id]
		at := l.root.Field("screens").Field(id)
		l.id(l.root.Field("screens").Key(id), id)
		s := &Screen{ID: id, Ask: raw.Ask, ShowIf: l.condition(raw.ShowIf.at)}
		switch n := len(s.Ask); {
		case n == 0 && at.Field("ask").IsList():
			at.Field("ask").Errorf("name a question at least")
		case n > MaxQuestions:
			at.Field("ask").Errorf("asks %d questions; a visit has %d at most", n, MaxQuestions)
		}
		for i, q := range s.Ask {
			in := at.Field("ask").Index(i)
			if _, ok := l.raw.Questions.Get(q); !ok {
				in.Errorf("unknown question %q%s", clip(q), diag.DidYouMean(q, l.raw.Questions.Keys, l.at("questions")))
			} else if slices.Contains(s.Ask[:i], q) {
				in.Errorf("%s stands here twice", q)
			}
			if slices.Contains(s.ShowIf.Reads(), q) {
				at.Field("show_if").Errorf("reads %s, which this screen asks: nobody has answered it yet when that is decided", q)
			}
		}
		l.alone(s, at.Field("ask"))
		l.wordings(s, raw.Texts, at.Field("texts"))
		s.at = at
		l.set.Screens = append(l.set.Screens, s)
	}
}

// alone reports a question that cannot stand beside others. A shared one is known
// only when its defining set is at hand.
func (l *loading) alone(s *Screen, in diag.Node) {
	if len(s.Ask) < 2 {
		return
	}
	for i, id := range s.Ask {
		q := l.set.Question(id)
		check := func(in diag.Node) {
			if why := q.alone(); why != "" {
				in.Errorf("%s %s; give it a screen of its own", id, why)
			}
		}
		switch {
		case q == nil:
		case q.Kind != nil:
			check(in.Index(i))
		default:
			l.set.late = append(l.set.late, func(out *diag.Findings) {
				if q.Kind != nil {
					check(in.Index(i).To(out))
				}
			})
		}
	}
}

// A rawOffer has keys that it may not have, so that it can be said why.
type rawOffer struct {
	At      diag.Node `yaml:"-"`
	Text    Text
	If      rawCondition `yaml:"if"`
	Who     rawCondition `yaml:"who"`
	When    rawCondition `yaml:"when"`
	ShowIf  rawCondition `yaml:"show_if"`
	Answer  rawCondition `yaml:"answer"`
	Answers rawCondition `yaml:"answers"`
	Consent rawCondition `yaml:"consent"`
}

func (l *loading) offers() {
	for _, id := range l.raw.Offers.Keys {
		raw := l.raw.Offers.Of[id]
		at := l.root.Field("offers").Key(id)
		l.id(at, id)
		o := &Offer{ID: id, Text: raw.Text}
		l.text(&o.Text, at, "text", true)
		for _, c := range []rawCondition{raw.If, raw.Who, raw.When, raw.ShowIf, raw.Answer, raw.Answers, raw.Consent} {
			if c.at.Set() {
				c.at.Errorf("an offer depends on nothing: it is given for taking part, whatever is answered and whether or not anything is agreed to; leave this out")
			}
		}
		l.set.Offers = append(l.set.Offers, o)
	}
}

// at gives the place of an entry in one of the set's parts, for suggestions.
func (l *loading) at(part string) func(string) string {
	return func(id string) string { return l.root.Field(part).Key(id).Pos() }
}

// text checks a text of an entry. Where the whole entry is not written, that is
// reported elsewhere.
func (l *loading) text(t *Text, at diag.Node, name string, required bool) {
	t.Check(at.Field(name), l.o.Languages, required)
}

// id checks the name of an entry: it stands in addresses, forms and records.
func (l *loading) id(at diag.Node, id string) {
	if !isName(id) {
		at.Errorf("%q cannot be a name; write small letters, digits and _, a letter first, 40 at most%s", clip(id), meant(id))
	}
}

func meant(id string) string {
	s := strings.ToLower(strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(id))
	if isName(s) {
		return "; did you mean \"" + s + "\"?"
	}
	return ""
}

func isName(id string) bool {
	if id == "" || len(id) > 40 || id[0] < 'a' || id[0] > 'z' {
		return false
	}
	for _, r := range id {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// clip shortens what a message quotes.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}

// sorted sorts the names and leaves each once.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
