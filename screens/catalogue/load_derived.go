package catalogue

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// A kept is a place that is read once more is known.
type kept struct{ at diag.Node }

// DecodeNode keeps the place.
func (k *kept) DecodeNode(at diag.Node) { k.at = at }

type rawDerived struct {
	At          diag.Node `yaml:"-"`
	Name        Text
	Purpose     string
	Claim       string
	Sensitivity string
	Sum         kept
	AgeOf       string
	BandOf      string
	Bands       []int
	Match       []rawCase
	Else        kept
	Words       diag.Map[Text]
}

type rawCase struct {
	At diag.Node    `yaml:"-"`
	If rawCondition `yaml:"if"`
	Is kept
}

// mostSources keeps a sum within what a Decimal can hold.
const mostSources = 100

// derived reads what is worked out from answers, and checks what it is called against
// questions and each other.
func (l *loading) derived() {
	claims := map[string]string{} // lower case, to who writes it
	for _, q := range l.set.Questions {
		if q.Kind != nil {
			claims[strings.ToLower(q.Claim)] = q.ID + " (" + q.at.Pos() + ")"
		} else {
			l.set.late = append(l.set.late, func(out *diag.Findings) { l.sharedClaim(q, out) })
		}
	}
	for _, id := range l.raw.Derived.Keys {
		at := l.root.Field("derived").Key(id)
		switch _, asked := l.raw.Questions.Get(id); {
		case Reserved(id):
			at.Errorf("%q is the name of a claim that nothing here can write; choose another", clip(id))
		case asked:
			at.Errorf("there is a question of this name (%s); choose another", l.at("questions")(id))
		default:
			l.id(at, id)
		}
		d := l.derivedOf(id, at)
		if d == nil {
			continue
		}
		in := at
		if l.raw.Derived.Of[id].Claim != "" {
			in = l.raw.Derived.Of[id].At.Field("claim")
		}
		key := strings.ToLower(d.Claim)
		if other, ok := claims[key]; ok {
			in.Errorf("the claim %s is written by %s too; give one of them another", d.Claim, other)
		} else {
			claims[key] = id + " (" + at.Pos() + ")"
		}
		l.set.Derived = append(l.set.Derived, d)
	}
}

// sharedClaim reports a derived value that writes the claim of a shared question.
func (l *loading) sharedClaim(q *Question, out *diag.Findings) {
	for _, d := range l.set.Derived {
		if q.Kind != nil && strings.EqualFold(d.Claim, q.Claim) {
			d.at.To(out).Errorf("the claim %s is written by %s too (%s); give it another", d.Claim, q.ID, q.at.Pos())
		}
	}
}

// derivedOf reads one derived value, once: conditions and bands may name it before
// its turn. nil if there is none, or none that can be used, which was reported.
func (l *loading) derivedOf(id string, at diag.Node) *Derived {
	if d, ok := l.worked[id]; ok {
		return d
	}
	if i := slices.Index(l.working, id); i >= 0 {
		at.Errorf("%s is worked out from itself: %s", id, strings.Join(append(slices.Clone(l.working[i:]), id), " → "))
		return nil
	}
	l.working = append(l.working, id)
	d := l.oneDerived(id)
	l.working = l.working[:len(l.working)-1]
	l.worked[id] = d
	return d
}

func (l *loading) oneDerived(id string) *Derived {
	raw := l.raw.Derived.Of[id]
	at := l.root.Field("derived").Key(id)
	raw.At = at
	d := &Derived{ID: id, Brand: l.o.Brand, Claim: raw.Claim, Name: raw.Name, Purpose: raw.Purpose, at: at, size: 1}
	l.text(&d.Name, at, "name", true)
	l.derivedClaim(d, &raw)
	switch raw.Sensitivity {
	case "", "normal":
	case "special":
		d.Special = true
	default:
		raw.At.Field("sensitivity").Errorf("unknown sensitivity %q; write special, or leave it out%s", clip(raw.Sensitivity), diag.DidYouMean(raw.Sensitivity, []string{"special", "normal"}, nil))
	}
	if !l.work(d, &raw, at) {
		return nil
	}
	slices.SortFunc(d.sources, func(a, b *Question) int { return strings.Compare(a.ID, b.ID) })
	d.sources = slices.Compact(d.sources)
	switch {
	case len(d.sources) > mostSources:
		at.Errorf("is worked out from %d answers; %d are the most", len(d.sources), mostSources)
		return nil
	case d.size > maxCondition:
		at.Errorf("has more than %d parts with all that it names written out; divide it", maxCondition)
		return nil
	}
	l.sourcesOf(d, &raw, at)
	l.agedFor(d)
	return d
}

// agedFor has a value wait for the age that one of its sources is for, whatever is
// asked first: nothing follows from an answer that is withheld for its customer's age.
func (l *loading) agedFor(d *Derived) {
	years := 0
	for _, q := range d.sources {
		years = max(years, q.MinAge)
	}
	if years > 0 { // without an age_question the set is refused: see ages
		d.aged = &Condition{op: opAge, question: l.raw.AgeQuestion, min: years, reads: []string{l.raw.AgeQuestion}, size: 1}
	}
}

func (l *loading) derivedClaim(d *Derived, raw *rawDerived) {
	in := raw.At.Field("claim")
	if d.Claim == "" {
		d.Claim, in = d.ID, d.at
	}
	switch {
	case Reserved(d.Claim) && raw.Claim != "":
		in.Errorf("%q is a claim that nothing here can write; choose another name", clip(d.Claim))
	case Standard(d.Claim):
		in.Errorf("%q is a standard claim, which holds what customers said themselves; choose another name", d.Claim)
	case raw.Claim != "" && !isName(d.Claim):
		in.Errorf("%q cannot be a claim; write small letters, digits and _, a letter first, 40 at most%s", clip(d.Claim), meant(d.Claim))
	}
}

// work reads how it is worked out. It says whether that is whole.
func (l *loading) work(d *Derived, raw *rawDerived, at diag.Node) bool {
	said := ""
	for _, key := range []string{"sum", "age_of", "band_of", "match"} {
		if !raw.At.Field(key).Set() {
			continue
		}
		if said != "" {
			raw.At.Key(key).Errorf("is worked out one way; write %s or %s", said, key)
			return false
		}
		said = key
	}
	for _, x := range []struct{ key, of string }{{"bands", "band_of"}, {"else", "match"}, {"words", "match"}} {
		if in := raw.At.Field(x.key); in.Set() && said != x.of && said != "" {
			in.Errorf("belongs to %s; leave it out", x.of)
		}
	}
	switch said {
	case "sum":
		return l.sum(d, raw.Sum.at)
	case "age_of":
		return l.ageOf(d, raw.AgeOf, raw.At.Field("age_of"))
	case "band_of":
		return l.bandOf(d, raw)
	case "match":
		return l.match(d, raw)
	}
	at.Errorf("say how it is worked out: sum, age_of, band_of or match")
	return false
}

// source finds a question; nil if there is none, which is reported.
func (l *loading) source(id string, in diag.Node) *Question {
	q := l.set.Question(id)
	if _, written := l.raw.Questions.Get(id); q == nil && !written {
		in.Errorf("unknown question %q%s", clip(id), diag.DidYouMean(id, l.raw.Questions.Keys, l.at("questions")))
	}
	return q
}

// known calls a check of a question when its definition is at hand: of a shared one
// that is in another set.
func (l *loading) known(q *Question, in diag.Node, check func(in diag.Node)) {
	if q.Kind != nil {
		check(in)
		return
	}
	l.set.late = append(l.set.late, func(out *diag.Findings) {
		if q.Kind != nil {
			check(in.To(out))
		}
	})
}

func (l *loading) ageOf(d *Derived, id string, in diag.Node) bool {
	q := l.source(id, in)
	if q == nil {
		return false
	}
	l.known(q, in, func(in diag.Node) {
		if q.Kind.Name() != "date" {
			in.Errorf("%s is a %s, and an age is reckoned from a date", q.ID, q.Kind.Name())
		}
	})
	d.of, d.sources = q, []*Question{q}
	d.like = &Question{ID: d.ID, Kind: numeric{}, Min: 0, Max: Whole(lastYear - firstYear), Step: one, at: d.at}
	return true
}

func (l *loading) bandOf(d *Derived, raw *rawDerived) bool {
	in := raw.At.Field("band_of")
	if _, ok := l.raw.Derived.Get(raw.BandOf); ok {
		from := l.derivedOf(raw.BandOf, in)
		if from == nil {
			return false
		}
		if !isNumber(from.like) {
			in.Errorf("%s is no number; name a date, a sum or an age", from.ID)
			return false
		}
		d.from, d.sources, d.size = from, from.Sources(), from.size+1
	} else {
		known := append(slices.Clone(l.raw.Questions.Keys), l.raw.Derived.Keys...)
		if _, ok := l.raw.Questions.Get(raw.BandOf); !ok {
			in.Errorf("unknown question or derived value %q%s", clip(raw.BandOf), diag.DidYouMean(raw.BandOf, known, nil))
			return false
		}
		if !l.ageOf(d, raw.BandOf, in) {
			return false
		}
	}
	at := raw.At.Field("bands")
	if len(raw.Bands) < 2 || len(raw.Bands) > 50 {
		if !at.Set() || at.IsList() {
			at.Errorf("write where each band begins, 2 to 50 of them: [0, 18, 65]")
		}
		return false
	}
	d.bands = raw.Bands
	d.like = &Question{ID: d.ID, Kind: single{}, at: d.at}
	for i, from := range d.bands {
		if from < 0 || from > 1_000_000 {
			at.Index(i).Errorf("write a whole number from 0 to 1000000")
			return false
		}
		if i > 0 && from <= d.bands[i-1] {
			at.Index(i).Errorf("%d does not come after %d; write the bands from the least on", from, d.bands[i-1])
			return false
		}
	}
	for i := range d.bands {
		name, label := bandName(d.bands, i), Text{}
		for _, lang := range l.o.Languages {
			label[lang] = name
		}
		d.like.Options = append(d.like.Options, &Option{ID: name, Label: label, pos: at.Index(i).Pos()})
	}
	return true
}

// sum reads the points. An option that has none would be a mistake nobody sees, so
// each has some, if only 0.
func (l *loading) sum(d *Derived, in diag.Node) bool {
	if !in.IsMap() || len(in.Keys()) == 0 {
		in.Errorf("write questions with the points of their options: coffee_milk: {black: 2, oat: 1}; of a number write value")
		return false
	}
	whole := true
	for _, id := range in.Keys() {
		q := l.source(id, in.Key(id))
		if q == nil {
			whole = false
			continue
		}
		d.sources = append(d.sources, q)
		p := points{question: q}
		at := in.Field(id)
		if at.IsMap() {
			p.of = map[string]Decimal{}
			for _, o := range at.Keys() {
				s, _ := at.Field(o).Scalar()
				n, err := ParseDecimal(s)
				if err != nil || n > Whole(1_000_000) || n < -Whole(1_000_000) {
					at.Field(o).Errorf("write a number of points, such as 2 or -0.5")
					whole = false
				}
				p.of[o] = n
			}
		} else if s, _ := at.Scalar(); s != "value" {
			at.Errorf("write the points of each option, or of a number the word value")
			whole = false
			continue
		}
		d.points = append(d.points, p)
		l.known(q, at, p.check)
	}
	d.like = &Question{ID: d.ID, Kind: numeric{}, Min: -largest, Max: largest, Step: 1, at: d.at}
	return whole
}

// check reports points that do not fit the question.
func (p points) check(at diag.Node) {
	q := p.question
	switch q.Kind.Name() {
	case "number", "scale":
		if p.of != nil {
			at.Errorf("%s is a %s and has no options; write value", q.ID, q.Kind.Name())
		}
		return
	case "single", "multi", "pictures", "boolean":
	default:
		at.Errorf("%s is a %s, which cannot be added up; choose a single, multi, pictures, boolean, number or scale", q.ID, q.Kind.Name())
		return
	}
	if p.of == nil {
		at.Errorf("%s is a %s; write the points of each option", q.ID, q.Kind.Name())
		return
	}
	known := ids(q.Options)
	for _, o := range at.Keys() {
		if !slices.Contains(known, o) {
			at.Key(o).Errorf("%q is no option of %s%s", clip(o), q.ID, diag.DidYouMean(o, known, nil))
		}
	}
	var without []string
	for _, o := range known {
		if _, ok := p.of[o]; !ok {
			without = append(without, o)
		}
	}
	if len(without) > 0 {
		at.Errorf("says no points for %s; write 0 where an option adds none", strings.Join(without, ", "))
	}
}
