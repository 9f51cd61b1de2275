package problem_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/proffer-id/proffer/internal/problem"
)

func TestError(t *testing.T) {
	cause := errors.New("record 7 is torn")
	for _, c := range []struct {
		err  error
		want string
	}{
		{problem.New("visit.expired"), "visit.expired"},
		{problem.At("email", "email.shape"), "email.shape at email"},
		{&problem.Problem{Code: "visit.broken", Err: cause}, "visit.broken: record 7 is torn"},
		{&problem.Problem{Code: "email.shape", Field: "email", Err: cause}, "email.shape at email: record 7 is torn"},
		{problem.New("rate.limited").With("typed", "correct horse"), "rate.limited"}, // what was typed stays out of the log
		{problem.List{problem.At("email", "email.shape"), problem.New("form.foreign")}, "email.shape at email; form.foreign"},
		{problem.List{}, ""},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("says %q, want %q", got, c.want)
		}
	}
}

func TestUnwrap(t *testing.T) {
	cause := errors.New("cause")
	wrapped := fmt.Errorf("log in: %w", &problem.Problem{Code: "code.wrong", Err: cause})
	p, ok := errors.AsType[*problem.Problem](wrapped)
	if !ok || p.Code != "code.wrong" || !errors.Is(wrapped, cause) {
		t.Errorf("found %v in %v", p, wrapped)
	}
	if errors.Unwrap(problem.New("code.wrong")) != nil {
		t.Error("a problem without a cause has one")
	}
}

func TestWith_LeavesTheOriginal(t *testing.T) {
	first := problem.At("password", "password.too_short").With("count", 8)
	second := first.With("count", 12).With("brand", "Kopi Club")
	if !maps.Equal(first.Args, map[string]any{"count": 8}) || !maps.Equal(second.Args, map[string]any{"count": 12, "brand": "Kopi Club"}) {
		t.Errorf("values are %v and %v", first.Args, second.Args)
	}
	if second.Code != first.Code || second.Field != first.Field {
		t.Errorf("the copy is %+v", second)
	}
}

func TestList_Err(t *testing.T) {
	if err := (problem.List)(nil).Err(); err != nil {
		t.Errorf("an empty list is the error %v", err)
	}
	var list problem.List
	if err := (problem.List{problem.New("code.wrong")}).Err(); !errors.As(err, &list) || len(list) != 1 {
		t.Errorf("a list of one is %v", err)
	}
}
