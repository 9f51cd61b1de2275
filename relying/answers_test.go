package relying_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/proffer-id/proffer/relying"
)

func read(t *testing.T, claims string) relying.Answers {
	t.Helper()
	a, err := relying.ReadAnswers([]byte(claims), "zp")
	if err != nil {
		t.Fatalf("%s: %v", claims, err)
	}
	return a
}

func TestStanding(t *testing.T) {
	for _, c := range []struct {
		claims string
		want   relying.Standing // of shoe_size
	}{
		{`{"sub":"x"}`, relying.Unknown},
		{`{"zp":{}}`, relying.NotShared},
		{`{"zp":{"style":["run"]}}`, relying.NotShared},
		{`{"zp":{"style":["run"]},"zp_more":true}`, relying.Unknown},
		{`{"zp":{"style":["run"]},"zp_more":false}`, relying.NotShared},
		{`{"zp":{"shoe_size":"42"}}`, relying.Shared},
		{`{"zp":{"shoe_size":"42"},"zp_more":true}`, relying.Shared},
		{`{"zp_more":true}`, relying.Unknown},
	} {
		if got := read(t, c.claims).Standing("shoe_size"); got != c.want {
			t.Errorf("%s: %s, want %s", c.claims, got, c.want)
		}
	}
	if (relying.Answers{}).Standing("shoe_size") != relying.Unknown {
		t.Error("the zero value knows something")
	}
}

func TestReadAnswersRefuses(t *testing.T) {
	for _, claims := range []string{``, `[]`, `{"zp":null}`, `{"zp":[]}`, `{"zp":"x"}`, `{"zp":{},"zp_more":"yes"}`} {
		if a, err := relying.ReadAnswers([]byte(claims), "zp"); err == nil {
			t.Errorf("%s: read as %v", claims, a.Keys())
		}
	}
}

func TestTypes(t *testing.T) {
	a := read(t, `{"zp":{"size":"42","wears":["run","trail"],"brews":false,"birthday":"--02-29","gone":null,"cups":3,"weight":7.5,"odd":{"x":1}}}`)
	if s, ok := a.String("size"); !ok || s != "42" {
		t.Errorf("String: %q %v", s, ok)
	}
	if l, ok := a.Strings("wears"); !ok || !slices.Equal(l, []string{"run", "trail"}) {
		t.Errorf("Strings: %q %v", l, ok)
	}
	if b, ok := a.Bool("brews"); !ok || b {
		t.Errorf("Bool: %v %v", b, ok)
	}
	if d, ok := a.MonthDay("birthday"); !ok || d != (relying.MonthDay{Month: time.February, Day: 29}) {
		t.Errorf("MonthDay: %v %v", d, ok)
	}
	if n, ok := a.Number("weight"); !ok || n != 7.5 {
		t.Errorf("Number: %v %v", n, ok)
	}
	if p, ok := read(t, `{"zp":{"machine":{"what":"drip","when":"2026-11","sure":"likely"}}}`).Plan("machine"); !ok || p != (relying.Plan{What: "drip", When: "2026-11", Sure: "likely"}) {
		t.Errorf("Plan: %v %v", p, ok)
	}
	if n, ok := a.Number("cups"); !ok || n != 3 {
		t.Errorf("Number: %v %v", n, ok)
	}
	// Another type is not a value, and null is none at all.
	for _, key := range []string{"wears", "brews", "gone", "odd", "cups", "nowhere"} {
		if s, ok := a.String(key); ok {
			t.Errorf("String(%s) is %q", key, s)
		}
	}
	for _, key := range []string{"size", "gone", "nowhere"} {
		if _, ok := a.Bool(key); ok {
			t.Errorf("Bool(%s) is there", key)
		}
		if _, ok := a.Number(key); ok {
			t.Errorf("Number(%s) is there", key)
		}
		if _, ok := a.MonthDay(key); ok {
			t.Errorf("MonthDay(%s) is there", key)
		}
	}
	if want := []string{"birthday", "brews", "cups", "gone", "odd", "size", "wears", "weight"}; !slices.Equal(a.Keys(), want) {
		t.Errorf("Keys: %q", a.Keys())
	}
}

func TestThen(t *testing.T) {
	had := read(t, `{"zp":{"milk":"oat","size":"42"}}`)
	for _, c := range []struct {
		news       string
		milk, size relying.Standing
	}{
		{`{}`, relying.Shared, relying.Shared},                       // unknown: keep
		{`{"zp":{}}`, relying.NotShared, relying.NotShared},          // not shared: drop
		{`{"zp":{"milk":"oat"}}`, relying.Shared, relying.NotShared}, // one dropped
		{`{"zp":{"milk":"fresh"},"zp_more":true}`, relying.Shared, relying.Shared},
	} {
		now := had.Then(read(t, c.news))
		if now.Standing("milk") != c.milk || now.Standing("size") != c.size {
			t.Errorf("%s: milk %s, size %s", c.news, now.Standing("milk"), now.Standing("size"))
		}
	}
	now := had.Then(read(t, `{"zp":{"milk":"fresh"},"zp_more":true}`))
	if milk, _ := now.String("milk"); milk != "fresh" {
		t.Errorf("milk is %q, the news were not taken", milk)
	}
	if milk, _ := had.String("milk"); milk != "oat" {
		t.Errorf("what was had changed to %q", milk)
	}
	first := relying.Answers{}.Then(read(t, `{"zp":{"milk":"fresh"},"zp_more":true}`))
	if first.Standing("size") != relying.Unknown {
		t.Error("a partial first message proved an absence")
	}
}

func TestAnswersJSON(t *testing.T) {
	for _, claims := range []string{`{}`, `{"zp":{}}`, `{"zp":{"milk":"oat"},"zp_more":true}`} {
		a := read(t, claims)
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back relying.Answers
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if back.Known() != a.Known() || back.Complete() != a.Complete() || !slices.Equal(back.Keys(), a.Keys()) {
			t.Errorf("%s came back as %s", claims, b)
		}
	}
}

func TestMonthDay(t *testing.T) {
	for _, s := range []string{"--01-01", "--02-29", "--12-31"} {
		if d, ok := relying.ParseMonthDay(s); !ok || d.String() != s {
			t.Errorf("%s: %v %v", s, d, ok)
		}
	}
	for _, s := range []string{"", "--", "--2-29", "--02-30", "--13-01", "--00-10", "--04-31", "2000-02-29", "--02-29 ", "--+2-29"} {
		if d, ok := relying.ParseMonthDay(s); ok {
			t.Errorf("%q was read as %v", s, d)
		}
	}
	leap := relying.MonthDay{Month: time.February, Day: 29}
	if got := leap.In(2028, time.UTC).Format(time.DateOnly); got != "2028-02-29" {
		t.Error(got)
	}
	if got := leap.In(2027, time.UTC).Format(time.DateOnly); got != "2027-02-28" {
		t.Error(got)
	}
}

func FuzzReadAnswers(f *testing.F) {
	for _, s := range []string{`{"zp":{"a":"b"}}`, `{"zp":null}`, `{"zp":{"a":[1,2]},"zp_more":true}`, `{"zp":{"d":"--02-29"}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, claims []byte) {
		a, err := relying.ReadAnswers(claims, "zp")
		if err != nil && a.Known() {
			t.Error("an error, and answers all the same")
		}
		for _, key := range a.Keys() {
			if a.Standing(key) != relying.Shared {
				t.Errorf("%s is a key and %s", key, a.Standing(key))
			}
			if d, ok := a.MonthDay(key); ok {
				if s, _ := a.String(key); d.String() != s {
					t.Errorf("%s is %s", s, d)
				}
			}
		}
	})
}
