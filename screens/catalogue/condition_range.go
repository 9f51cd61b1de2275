package catalogue

import (
	"github.com/proffer-id/proffer/internal/diag"
)

// rangeKeys are comparisons of a number with others.
func rangeKeys() []string {
	return []string{"at_least", "at_most", "more_than", "less_than", "between"}
}

// numbers are the least and the greatest number that an answer can be, and how they
// are written; ok is false where answers are no numbers.
func (q *Question) numbers() (least, greatest Decimal, ok bool) {
	if q.Sizes != nil {
		return q.Sizes.span()
	}
	return q.Min, q.Max, isNumber(q)
}

// isNumber says whether the answers to a question are numbers.
func isNumber(q *Question) bool { return q.Kind.Name() == "number" || q.Kind.Name() == "scale" }

// rangeCondition compares an answer that is a number. Both ends are included in
// between, at_least and at_most. What is always or never so is refused: it was
// meant otherwise.
func (l *loading) rangeCondition(c *Condition, q *Question, said string, in diag.Node) *Condition {
	c.op, c.said = opRange, said
	if q.Kind == nil { // shared: its definition is in another set
		l.set.late = append(l.set.late, func(out *diag.Findings) {
			if q.Kind != nil {
				c.readRange(q, in.To(out))
			}
		})
		return c
	}
	if !c.readRange(q, in) {
		return nil
	}
	return c
}

func (c *Condition) readRange(q *Question, in diag.Node) bool {
	least, greatest, ok := q.numbers()
	if !ok {
		in.Errorf("%s is a %s, and %s compares numbers; write one of %s", q.ID, q.Kind.Name(), c.said, sayable(q))
		return false
	}
	if least >= greatest || isNumber(q) && q.Step <= 0 {
		return true // reported where it stands
	}
	places := []diag.Node{in}
	if c.said == "between" {
		if !in.IsList() || in.Len() != 2 {
			in.Errorf("write the least and the greatest number: [%s, %s]", least, greatest)
			return false
		}
		places = []diag.Node{in.Index(0), in.Index(1)}
	}
	var numbers []Decimal
	for _, at := range places {
		s, _ := at.Scalar()
		d, err := ParseDecimal(s)
		if err != nil {
			at.Errorf("%s is a %s: write a number from %s to %s", q.ID, q.Kind.Name(), least, greatest)
			return false
		}
		numbers = append(numbers, d)
	}
	c.low, c.high = -largest, largest
	switch first := numbers[0]; c.said {
	case "at_least":
		c.low = first
	case "more_than":
		c.low = first + 1
	case "at_most":
		c.high = first
	case "less_than":
		c.high = first - 1
	case "between":
		c.low, c.high = first, numbers[1]
		if c.low > c.high {
			in.Errorf("%s is more than %s; write the lesser first", c.low, c.high)
			return false
		}
	}
	switch {
	case c.low > greatest || c.high < least:
		in.Errorf("can never be true: %s goes from %s to %s", q.ID, least, greatest)
		return false
	case c.low <= least && c.high >= greatest:
		in.Errorf("is true of every answer: %s goes from %s to %s; write answered: true", q.ID, least, greatest)
		return false
	}
	c.bounds, c.sizes = numbers, q.Sizes != nil
	return true
}

// holds says whether an answer is in the range. One that is no number, of a
// definition that was otherwise, is unknown.
func (c *Condition) holds(v Value) Truth {
	if c.sizes {
		v = v.number()
	}
	if v.form != formNumber {
		return Unknown
	}
	return truth(v.num >= c.low && v.num <= c.high)
}

// number is a size as a number; none where it is written in letters.
func (v Value) number() Value {
	d, err := ParseDecimal(v.canonical().text)
	if err != nil {
		return Value{}
	}
	return Amount(d)
}

// rangeString is the comparison in words: "cups at least 3".
func (c *Condition) rangeString() string {
	s := c.question + " " + map[string]string{
		"at_least": "at least", "at_most": "at most", "more_than": "more than", "less_than": "less than", "between": "between",
	}[c.said]
	for i, d := range c.bounds {
		if i > 0 {
			s += " and"
		}
		s += " " + d.String()
	}
	return s
}
