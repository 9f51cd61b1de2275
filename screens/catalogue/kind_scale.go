package catalogue

import (
	"net/url"
	"strconv"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// scale is one of a row of points whose ends are named: 4 of 5, where 5 is "very
// strong". No point is chosen beforehand.
type scale struct{}

// mostPoints is how many fit side by side on the narrowest screen, and more than
// anybody can tell apart.
const mostPoints = 11

func (scale) Name() string { return "scale" }

func (scale) keys() []string { return []string{"min", "max", "step", "labels"} }

func (scale) parse(q *Question, form url.Values, field string) (Value, error) {
	s, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	if s == "" {
		return Value{}, problem.At(field, "answer.none")
	}
	d, err := ParseDecimal(s)
	if err != nil || !q.fits(d) || d.String() != s {
		return Value{}, problem.At(field, "answer.not_offered")
	}
	return Amount(d), nil
}

func (scale) accepts(q *Question, v Value) bool { return v.form == formNumber && q.fits(v.num) }

// show says what the point means, where it has a name; else what the last one does.
func (scale) show(q *Question, v Value, lang string, _ Dates) string {
	words := scaleWords(lang)
	said := v.num.String() + words.of + q.Max.String()
	if q.Min < 0 {
		said = v.num.String() + " (" + q.Min.String() + words.to + q.Max.String() + ")"
	}
	if label := q.pointLabel(v.num).In(lang); label != "" {
		return said + " (" + label + ")"
	}
	return said + " (" + q.Max.String() + words.is + q.Labels.High.In(lang) + ")"
}

// scaleWords are what a point is said with. A language that is not here gets
// signs that all can read.
func scaleWords(lang string) (w struct{ of, to, is string }) {
	for tag := lang; tag != ""; tag = diag.Parent(tag) {
		switch tag {
		case "en":
			w.of, w.to, w.is = " of ", " to ", " is "
			return w
		case "th":
			w.of, w.to, w.is = " จาก ", " ถึง ", " คือ "
			return w
		case "ar":
			w.of, w.to, w.is = " من ", " إلى ", " يعني "
			return w
		}
	}
	w.of, w.to, w.is = " / ", " … ", ": "
	return w
}

// Labels name points of a scale.
type Labels struct {
	Low, High Text // the first and the last point
	Middle    Text // the one between; may be empty
}

// pointLabel is the name of a point; nil if it has none.
func (q *Question) pointLabel(d Decimal) Text {
	switch {
	case d == q.Min:
		return q.Labels.Low
	case d == q.Max:
		return q.Labels.High
	case 2*d == q.Min+q.Max:
		return q.Labels.Middle
	}
	return nil
}

func (scale) draw(q *Question, v *templates.Question, form url.Values, lang string) {
	v.Low, v.Middle, v.High = q.Labels.Low.In(lang), q.Labels.Middle.In(lang), q.Labels.High.In(lang)
	chosen := form.Get(q.Field())
	for d := q.Min; d <= q.Max; d += one {
		s := d.String()
		v.Options = append(v.Options, templates.Option{Value: s, Label: s, Hint: q.pointLabel(d).In(lang), Checked: s == chosen})
	}
}

func (scale) load(q *Question, raw *rawQuestion, l *loading) {
	l.refuseOne(raw, "step", "a scale goes from point to point; leave it out, or choose kind: number")
	q.Step, q.Labels = one, Labels{Low: raw.Labels.Low, Middle: raw.Labels.Middle, High: raw.Labels.High}
	at := raw.At.Field("labels")
	l.text(&q.Labels.Low, at, "low", true)
	l.text(&q.Labels.Middle, at, "middle", false)
	l.text(&q.Labels.High, at, "high", true)
	if !l.limits(q, raw) {
		return
	}
	points := int((q.Max-q.Min)/one) + 1
	switch {
	case !q.Min.IsWhole():
		raw.At.Field("min").Errorf("points are whole numbers; write %s", (q.Min - q.Min%one).String())
	case !q.Max.IsWhole():
		raw.At.Field("max").Errorf("points are whole numbers; write %s", (q.Max - q.Max%one).String())
	case points > mostPoints:
		raw.At.Field("max").Errorf("makes %d points; a scale has %d at most: write %s or less, or choose kind: number", points, mostPoints, q.Min+Whole(mostPoints-1))
	case points%2 == 0 && len(q.Labels.Middle) > 0:
		at.Field("middle").Errorf("%d points have none in the middle; leave it out, or make them %s", points, oddPoints(points))
	}
}

// oddPoints are the numbers of points beside an even one that a scale can have.
func oddPoints(n int) string {
	if n == 2 {
		return "3"
	}
	return strconv.Itoa(n-1) + " or " + strconv.Itoa(n+1)
}

func (scale) want(q *Question, at diag.Node) (Value, bool) { return wantNumber(q, at) }
