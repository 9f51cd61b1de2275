// Package problem has the error that its reader can do something about: a
// sentence of templates/words, the form field it concerns, and the cause for
// the log. It knows nothing of HTTP; internal/web turns it into an answer.
package problem

// A Problem is an error a person can act on. Its zero value is not useful: Code
// is always set.
type Problem struct {
	Code   string         // sentence in templates/words, such as "password.too_common"
	Field  string         // form field it concerns; "" means the whole form
	Args   map[string]any // values in the sentence
	Status int            // HTTP status; 0 means 422
	Err    error          // the cause, for the log only
}

// New makes a problem of the whole form.
func New(code string) *Problem { return &Problem{Code: code} }

// At makes a problem of one field.
func At(field, code string) *Problem { return &Problem{Code: code, Field: field} }

// With returns a copy that has one more value for the sentence.
func (p *Problem) With(name string, value any) *Problem {
	c := *p
	c.Args = make(map[string]any, len(p.Args)+1)
	for k, v := range p.Args {
		c.Args[k] = v
	}
	c.Args[name] = value
	return &c
}

// Error names the sentence, the field and the cause; never what was typed.
func (p *Problem) Error() string {
	s := p.Code
	if p.Field != "" {
		s += " at " + p.Field
	}
	if p.Err != nil {
		s += ": " + p.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// A List is several problems of one form, in the order of its fields.
type List []*Problem

// Error names every problem.
func (l List) Error() string {
	s := ""
	for i, p := range l {
		if i > 0 {
			s += "; "
		}
		s += p.Error()
	}
	return s
}

// Err returns l, or nil if it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}
