package catalogue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
)

func TestJoin(t *testing.T) {
	c := testCatalogue(t)
	if d := cmp.Diff([]string{"kopi", "sole"}, c.Brands()); d != "" {
		t.Error(d)
	}
	ids := func(list []*Question) (out []string) {
		for _, q := range list {
			out = append(out, q.Brand+" "+q.ID)
		}
		return out
	}
	if d := cmp.Diff([]string{"sole shoe_size", "sole plan", "sole sure", "sole birthday", "kopi given_name"}, ids(c.Questions("sole"))); d != "" {
		t.Errorf("what sole may receive (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"kopi birthday", "kopi given_name", "sole shoe_size"}, ids(c.Questions("nobody"))); d != "" {
		t.Errorf("person-wide (-want +got):\n%s", d)
	}
	q := c.Set("sole").Question("birthday")
	if q.Kind.Name() != "month_day" || q.Purpose != "treat" || q.Brand != "sole" || !strings.Contains(q.Why.In("en"), "discount") || q.Ask.In("en") != "When is your birthday?" {
		t.Errorf("shared question: %+v", q)
	}
	if q.Version != c.Question("kopi", "birthday").Version {
		t.Error("a shared question means something else")
	}
	if c.Question("sole", "coffee_milk") != nil || c.Question("kopi", "plan") != nil || c.Question("nobody", "plan") != nil {
		t.Error("a brand's own question is seen by another")
	}
	if c.Question("nobody", "birthday") == nil || c.Question("kopi", "shoe_size") == nil {
		t.Error("a person-wide question is not seen")
	}
	if q, own := c.Claim("kopi", "shoe_size"); q == nil || own {
		t.Errorf("kopi shoe_size: %v, own %v", q, own)
	}
	if q, own := c.Claim("sole", "birthday"); q == nil || !own {
		t.Errorf("sole birthday: %v, own %v", q, own)
	}
	if q, _ := c.Claim("sole", "coffee_milk"); q != nil {
		t.Error("sole gets what is kopi's own")
	}
	if c.Attention.Screens != 6 || c.Attention.Every.Days != 30 {
		t.Errorf("attention %+v", c.Attention)
	}
}

func TestJoinFindings(t *testing.T) {
	shop := func(question string) string {
		return "purposes: {shelf: {text: {en: a, th: b}}}\nquestions:\n" + question + "screens: {s: {ask: [q]}}\ncampaigns: {c: {when: [sign_in], show: [s]}}\n"
	}
	texts := "ask: {en: a, th: b}, name: {en: a, th: b}, why: {en: a, th: b}, purpose: shelf"
	person := "  q: {kind: text, scope: person, " + texts + "}\n"
	for _, c := range []struct{ name, a, b, want string }{
		{"the same twice", person, person, ""},
		{"other words", person, strings.Replace(person, "ask: {en: a", "ask: {en: x", 1), ""},
		{"shared", person, "  q: {shared: true, purpose: shelf, why: {en: a, th: b}}\n", ""},
		{"another kind", person, strings.Replace(person, "kind: text", "kind: month_day", 1),
			"b.yaml:3:3: questions.q: is person-wide and defined by a too (a.yaml:3), with another kind; write shared: true with a purpose and a why of your own instead\n"},
		{"another claim", person, strings.Replace(person, "kind: text", "kind: text, claim: z", 1),
			"b.yaml:3:3: questions.q: is person-wide and defined by a too (a.yaml:3), with another claim; write shared: true with a purpose and a why of your own instead\n"},
		{"another freshness", person, strings.Replace(person, "kind: text", "kind: text, fresh: 1y", 1),
			"b.yaml:3:3: questions.q: is person-wide and defined by a too (a.yaml:3), with another fresh; write shared: true with a purpose and a why of your own instead\n"},
		{"person and brand", person, strings.Replace(person, "person", "brand", 1),
			"b.yaml:3:3: questions.q: a has a person-wide question of this name (a.yaml:3); write shared: true to ask it, or choose another name\n"},
		{"both of their own", strings.Replace(person, "person", "brand", 1), strings.Replace(person, "person", "brand", 1), ""},
		{"claim of a person-wide one", strings.Replace(person, "kind: text", "kind: text, claim: z", 1), strings.NewReplacer("q:", "q: {kind: text, claim: z, "+texts+"}\n  q2:", "scope: person, ", "").Replace(person),
			"b.yaml:3:3: questions.q: a has a person-wide question of this name (a.yaml:3); write shared: true to ask it, or choose another name\nb.yaml:4:3: warning: questions.q2: no screen asks this question\n"},
		{"condition on a shared one", "  q: {kind: boolean, scope: person, " + texts + "}\n", "  q: {shared: true, purpose: shelf, why: {en: a, th: b}}\nconditions: {x: {answer: q, is: maybe}}\n",
			"b.yaml:4:33: conditions.x.is: q is a boolean: write true or false\n"},
		{"shared, mistyped", strings.NewReplacer("  q:", "  shoe_size:").Replace(person), "  q: {kind: text, " + texts + "}\n  shoe_sise: {shared: true, purpose: shelf, why: {en: a, th: b}}\n",
			"b.yaml:4:3: questions.shoe_sise: is shared, but no other brand defines it with scope: person; did you mean \"shoe_size\"? (a.yaml:3)\nb.yaml:4:3: warning: questions.shoe_sise: no screen asks this question\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out diag.Findings
			a := Load("a.yaml", []byte(strings.Replace(shop(c.a), "[q]", "["+strings.TrimSpace(c.a[:strings.Index(c.a, ":")])+"]", 1)), testOptions("a"), &out)
			b := Load("b.yaml", []byte(shop(c.b)), testOptions("b"), &out)
			Join(map[string]*Set{"a": a, "b": b}, &out)
			got := out.String()
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A set that cannot be read must not make findings against others that refer to it.
func TestJoinOneBroken(t *testing.T) {
	var out diag.Findings
	c := testCatalogue(t)
	_ = c
	broken := Load("kopi.yaml", []byte("questions: [\n"), testOptions("kopi"), &out)
	n := out.Errors()
	sole := Load("sole.yaml", []byte(`
purposes: {treat: {text: {en: a, th: b}}}
questions: {birthday: {shared: true, purpose: treat, why: {en: a, th: b}}}
screens: {s: {ask: [birthday]}}
campaigns: {c: {when: [sign_in], show: [s]}}
`), testOptions("sole"), &out)
	Join(map[string]*Set{"kopi": broken, "sole": sole}, &out)
	if out.Errors() != n {
		t.Error(out.String())
	}
}

func TestCheckClaim(t *testing.T) {
	c := testCatalogue(t)
	for _, x := range []struct{ brand, claim, purpose, want string }{
		{"kopi", "coffee_milk", "", ""},
		{"kopi", "coffee_milk", "gift", ""},
		{"kopi", "shoe_size", "personalise", ""},
		{"sole", "birthday", "", ""},
		{"kopi", "shoe_size", "", "claims.shoe_size: shoe_size is asked by sole; write the purpose for which this brand uses it, one of its own: personalise, gift, delivery\n"},
		{"kopi", "shoe_size", "fit", "claims.shoe_size.purpose: unknown purpose \"fit\"\n"},
		{"kopi", "shoe_size", "gifts", "claims.shoe_size.purpose: unknown purpose \"gifts\"; did you mean \"gift\"? (testdata/kopi.yaml:6)\n"},
		{"kopi", "plan", "gift", "claims.plan: unknown claim \"plan\"\n"},
		{"kopi", "cofee_milk", "", "claims.cofee_milk: unknown claim \"cofee_milk\"; did you mean \"coffee_milk\"? (testdata/kopi.yaml:15)\n"},
	} {
		var out diag.Findings
		c.CheckClaim(diag.Root("", &out).Field("claims").Field(x.claim), x.brand, x.claim, x.purpose)
		if got := out.String(); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.brand, x.claim, got, x.want)
		}
	}
}
