package lint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/lint"
	"github.com/proffer-id/proffer/screens/screentest"
)

// found is what is said about a set, which must load without errors.
func found(t *testing.T, src string) string {
	t.Helper()
	var out diag.Findings
	set := catalogue.Load("kopi.yaml", []byte(src), screentest.Options("kopi"), &out)
	catalogue.Join(map[string]*catalogue.Set{"kopi": set}, &out)
	if out.Errors() > 0 {
		t.Fatal(out.String())
	}
	lint.Check(set, &out)
	return strings.TrimSpace(out.String())
}

// A set with nothing wrong has nothing said about it; each case puts one thing in.
func TestCheck(t *testing.T) {
	small := strings.Replace(screentest.File(t, "small.yaml"), "shelf: {text: {en: sort the shelf, th: จัดชั้น}}", "shelf: {text: {en: sort the shelf, th: จัดชั้น}, keep: 12mo}", 1)
	if got := found(t, small); got != "" {
		t.Fatalf("a set with nothing wrong:\n%s", got)
	}
	for _, x := range []struct{ name, old, new, want string }{
		{"kept for ever", ", keep: 12mo", "", `purposes.shelf: answers given for it are kept until`},
		{"long label", "label: {en: Tea, th: ชา}", "label: {en: " + strings.Repeat("Tea ", 20) + "Tea, th: " + strings.Repeat("ชา", 30) + "}", `questions.drink.options[0].label.en: has 83 characters; more than 64`},
		{"long heading", "{en: With sugar?, th: ใส่น้ำตาลไหม}", "{en: With sugar?, th: " + strings.Repeat("ใส่น้ำตาลไหม", 20) + "}", `questions.sugar.ask.th: has`},
		{"not translated", "{en: What do you drink?, th: ดื่มอะไร}", "{en: What do you drink?, th: What do you drink?}", `questions.drink.ask.th: has no letter of the language; is it translated?`},
		{"same", "{en: What do you drink?, th: ดื่มอะไร}", "{en: What do you drink?, th: What do you drink?}", `questions.drink.ask.th: is the same as in en; is it translated?`},
		{"other letters", "en: With sugar?", "en: With น้ำตาล sugar?", `questions.sugar.ask.en: has letters of another language (th) in it`},
		{"other numbers", "{en: To sort the shelf., th: เพื่อจัดชั้น}", "{en: To sort 20 shelves., th: เพื่อจัด ๓๐ ชั้น}", `questions.drink.why.th: has other numbers than in en`},
		{"unfinished", "en: With sugar?", "en: TODO sugar?", `questions.sugar.ask.en: looks unfinished: "TODO"`},
		{"blanks", "en: With sugar?", "en: With  sugar?", `questions.sugar.ask.en: has blanks`},
		{"half a translation", "{en: A cup, th: ถ้วย}", "{en: A cup, th: " + strings.Repeat("ถ้วย ฟรี ", 12) + "ถ้วย}", `offers.cup.text.th: is`},
		{"shaming", "label: {en: Coffee, th: กาแฟ}", "label: {en: \"No thanks, I like it cold\", th: กาแฟ}", `questions.drink.options[1].label.en: makes whoever chooses it feel bad`},
		{"louder", "label: {en: Tea, th: ชา}", "label: {en: Tea!, th: ชา}", `questions.drink.options: one option is louder`},
		{"one explains itself", "label: {en: Tea, th: ชา}", "label: {en: Tea, th: ชา}, hint: {en: Hot, th: ร้อน}", `questions.drink.options: one option explains itself`},
		{"no way out", "    purpose: shelf\n    options:", "    purpose: shelf\n    decline: false\n    options:", `questions.drink.decline: nobody can say`},
		{"special", "en: With sugar?", "en: \"With sugar, or are you diabetic?\"", `questions.sugar: may be about health ("diabet")`},
		{"special in Thai", "th: ใส่น้ำตาลไหม", "th: คุณนับถือศาสนาอะไร", `questions.sugar: may be about religion ("ศาสนา")`},
		{"nagging", "    when: [registration]", "    when: [sign_in]\n    cooldown: 1d", `campaigns.welcome.cooldown: comes back after 1d, up to 6 times`},
		{"for ever", "    when: [registration]", "    when: [sign_in]\n    lifetime: 40", `campaigns.welcome.lifetime: is offered up to 40 times`},
	} {
		t.Run(x.name, func(t *testing.T) {
			if !strings.Contains(small, x.old) {
				t.Fatalf("no %q", x.old)
			}
			got := found(t, strings.Replace(small, x.old, x.new, 1))
			if !strings.Contains(got, "warning: "+x.want) || !strings.HasPrefix(got, "kopi.yaml:") {
				t.Errorf("%s\nwant %s", got, x.want)
			}
		})
	}
}

// Whoever says that it is normal has looked at it.
func TestCheckLookedAt(t *testing.T) {
	small := strings.NewReplacer("th: จัดชั้น}}", "th: จัดชั้น}, keep: 12mo}", "en: With sugar?", "en: \"With sugar, or are you diabetic?\"",
		"  sugar:\n    kind: boolean", "  sugar:\n    kind: boolean\n    sensitivity: normal").Replace(screentest.File(t, "small.yaml"))
	if d := cmp.Diff("", found(t, small)); d != "" {
		t.Error(d)
	}
}
