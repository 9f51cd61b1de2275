package catalogue

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

const agreements = `
purposes:
  news: {text: {en: tell you news, th: แจ้งข่าว}}
  calls: {text: {en: call you, th: โทรหา}}
  health: {text: {en: leave out what you cannot eat, th: เว้นสิ่งที่คุณกินไม่ได้}}
  orders: {text: {en: deliver, th: จัดส่ง}, basis: contract}
questions:
  news: {kind: consent, channels: [email, sms, push], ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: news}
  calls: {kind: consent, ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: calls}
  faith: {kind: text, sensitivity: special, ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: health}
conditions:
  mailed: {answer: news, is: email}
  called: {answer: calls, is: true}
screens:
  news: {ask: [news]}
  calls: {ask: [calls], show_if: mailed}
  faith: {ask: [faith], show_if: called}
campaigns:
  welcome: {when: [sign_in], show: [news, calls, faith]}
`

func agreementSet(t testing.TB, old, new string) (*Set, string) {
	t.Helper()
	if !strings.Contains(agreements, old) {
		t.Fatalf("%q is not in the set", old)
	}
	var out diag.Findings
	s := Load("agree.yaml", []byte(strings.Replace(agreements, old, new, 1)), testOptions("kopi"), &out)
	Join(map[string]*Set{"kopi": s}, &out)
	return s, out.String()
}

func TestAgree(t *testing.T) {
	s, found := agreementSet(t, "", "")
	if found != "" {
		t.Fatal(found)
	}
	for _, x := range []struct{ question, form, want string }{
		{"news", "q.news=sms&q.news=email", `["email","sms"]`},
		{"news", "q.news=sms&q.news=sms", "q.news answer.not_offered"},
		{"news", "q.news=post", "q.news answer.not_offered"},
		{"news", "q.news=", "q.news answer.not_offered"},
		{"news", "", "q.news answer.consent.channel"},
		{"calls", "", "true"},
		{"faith", "q.faith=x&q.faith.agree=yes", `"x"`},
		{"faith", "q.faith=x", "q.faith.agree answer.explicit"},
		{"faith", "q.faith=x&q.faith.agree=on", "q.faith.agree answer.explicit"},
		{"faith", "q.faith=", "q.faith answer.none; q.faith.agree answer.explicit"},
		{"faith", "q.faith.agree=yes", "q.faith answer.none"},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := agreed(t, s.Question(x.question), form); got != x.want {
			t.Errorf("%s: %s, want %s", x.form, got, x.want)
		}
	}
	for _, id := range []string{"news", "calls"} {
		q := s.Question(id)
		if _, err := q.Parse(url.Values{q.Field(): {"email"}}); err == nil {
			t.Errorf("%s is agreed to without its button", id)
		}
		if v := q.Refusal(); !q.Accepts(v) || !q.Refuses(v) || q.Show(v, "en", nil) != "Not agreed" {
			t.Errorf("%s cannot be refused", id)
		}
	}
	for v, want := range map[string]bool{`["email","push"]`: true, `[]`: true, `["push","email"]`: false, `["email","email"]`: false, `["post"]`: false, `true`: false, `"email"`: false} {
		var value Value
		if err := json.Unmarshal([]byte(v), &value); err != nil {
			t.Fatal(err)
		}
		if got := s.Question("news").Accepts(value); got != want {
			t.Errorf("%s is accepted: %v", v, got)
		}
	}
	state := State{Answers: map[string]Standing{"news": {Outcome: Answered, Value: Words([]string{"email"}), At: today}}}
	if got := s.Condition("mailed").Eval(state, Facts{}, today); got != True {
		t.Errorf("mailed is %s", got)
	}
}

// agreed is the value's JSON, or the fields and codes of the problems.
func agreed(t *testing.T, q *Question, form url.Values) string {
	t.Helper()
	v, err := q.Agree(form, today)
	if err == nil {
		if !q.Accepts(v) || q.Refuses(v) || q.Show(v, "th", nil) == "" {
			t.Errorf("%s: what was agreed to is not accepted", q.ID)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if !v.IsZero() {
		t.Errorf("%s: a value beside the problem", q.ID)
	}
	list, ok := errors.AsType[problem.List](err)
	if one, is := errors.AsType[*problem.Problem](err); is {
		list, ok = problem.List{one}, true
	}
	if !ok {
		t.Fatalf("%s: %T %v", q.ID, err, err)
	}
	var out []string
	for _, p := range list {
		out = append(out, p.Field+" "+p.Code)
	}
	return strings.Join(out, "; ")
}

func FuzzAgree(f *testing.F) {
	s, _ := agreementSet(f, "", "")
	for _, x := range []string{"q.news=sms&q.news=email", "q.faith=x&q.faith.agree=yes", "q.faith.agree=yes&q.faith.agree=no", "q.news=%00"} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, q := range s.Questions {
			if got := agreed(t, q, form); q.Special && form.Get(q.BoxField()) != "yes" && !strings.HasSuffix(got, "answer.explicit") {
				t.Errorf("%s without the box: %s", q.ID, got)
			}
		}
	})
}

func TestLoadAgreements(t *testing.T) {
	for _, x := range []struct{ old, new, want string }{
		{"[email, sms, push]", "[mail, sms]", `questions.news.channels[0]: unknown channel "mail"; known here: email, sms, push, post; did you mean "email"?`},
		{"[email, sms, push]", "[]", `questions.news.channels: name a channel at least, or leave the key out for a plain yes or no: email, sms, push, post`},
		{"kind: consent, ask", "kind: consent, decline: true, ask", `questions.calls.decline: a consent is refused by a button of its own, as easy to see as the one that agrees; leave this out`},
		{"kind: consent, ask", "kind: consent, sensitivity: special, ask", `questions.calls.sensitivity: a consent is no data; leave this out`},
		{"kind: consent, ask", "kind: consent, scope: person, ask", `questions.calls.scope: a consent is given to one brand; leave this out`},
		{"sensitivity: special", "sensitivity: special, scope: person", `questions.faith.scope: special data stays with the brand that asked; leave this out`},
		{"sensitivity: special", "sensitivity: special, decline: true", `questions.faith.decline: who does not agree declines by that; leave this out`},
		{"purpose: health", "purpose: orders", `questions.faith.purpose: orders has the basis contract, and this question asks for a consent; write a purpose with basis: consent`},
		{"purpose: health", "purpose: news", `questions.faith.purpose: news is agreed to on its own, by news (agree.yaml:8): an answer to another question must not agree to it along the way; write a purpose of its own`},
		{"news: {ask: [news]}", "news: {ask: [news, faith]}", `screens.news.ask[0]: news is a consent, and nothing else is agreed to by its button; give it a screen of its own`},
		{"news: {ask: [news]}", "news: {ask: [news, faith]}", `screens.news.ask[1]: faith is special data, and is agreed to on its own; give it a screen of its own`},
		{"when: [sign_in]", "when: [registration, sign_in]", `campaigns.welcome.show[2]: faith is special data, which is not asked for at registration; show it in a campaign with when: [sign_in]`},
		{"when: [sign_in]", "when: [sign_in], blocking: true", `consent is free: nobody can be kept waiting for it`},
	} {
		if _, found := agreementSet(t, x.old, x.new); !strings.Contains(found, x.want) {
			t.Errorf("%s: found\n%swant %s", x.new, found, x.want)
		}
	}
}
