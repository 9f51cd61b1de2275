package catalogue

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
)

func testOptions(brand string) LoadOptions {
	return LoadOptions{Brand: brand, Name: Text{"en": strings.ToUpper(brand), "th": brand}, Languages: []string{"en", "th"}}
}

// testCatalogue is testdata/kopi.yaml and sole.yaml, joined without findings.
func testCatalogue(t testing.TB) *Catalogue {
	t.Helper()
	var out diag.Findings
	sets := map[string]*Set{}
	for _, brand := range []string{"kopi", "sole"} {
		sets[brand] = Load("testdata/"+brand+".yaml", []byte(testFile(brand+".yaml")), testOptions(brand), &out)
	}
	c := Join(sets, &out)
	if s := out.String(); s != "" {
		t.Fatal(s)
	}
	return c
}

func TestLoad(t *testing.T) {
	c := testCatalogue(t)
	kopi := c.Set("kopi")
	var ids []string
	for _, q := range kopi.Questions {
		ids = append(ids, q.ID+" "+q.Kind.Name()+" "+string(q.Scope)+" "+q.Claim+" "+q.Purpose)
	}
	want := []string{"coffee_milk single brand coffee_milk personalise", "coffee_when multi brand coffee_when personalise",
		"birthday month_day person birthday gift", "at_home boolean brand at_home personalise", "given_name text person given_name delivery"}
	if d := cmp.Diff(want, ids); d != "" {
		t.Errorf("questions (-want +got):\n%s", d)
	}
	q := kopi.Question("coffee_milk")
	if !q.Decline || q.Limit != 40 || q.Fresh != (diag.Period{Months: 12}) || q.Option("other").Label.In("th") == "" || q.Option("black").Hint.In("en") != "Kopi O" {
		t.Errorf("coffee_milk: %+v", q)
	}
	if kopi.Question("at_home").Decline || kopi.Question("at_home").Option("yes").Label.In("th") != "ใช่" {
		t.Error("at_home")
	}
	w := kopi.Campaign("welcome")
	if w.AtMost != 3 || w.Lifetime != 6 || w.Cooldown.Days != 30 || w.Offer != "free_drink" || w.Blocking {
		t.Errorf("welcome: %+v", w)
	}
	if got := kopi.Condition("lapsed").Reads(); !cmp.Equal(got, []string{"coffee_milk"}) {
		t.Errorf("lapsed reads %q", got)
	}
	if got := kopi.Condition("lapsed").String(); got != "all(coffee_milk older than 6mo, not(any(coffee_milk is condensed, coffee_milk is oat)))" {
		t.Error(got)
	}
	if p := kopi.Purpose("delivery"); p.Basis != "contract" || kopi.Purpose("gift").Basis != "consent" || kopi.Purpose("gift").Keep.Months != 24 {
		t.Errorf("purposes")
	}
	if kopi.Question("nothing") != nil || kopi.Screen("nothing") != nil || kopi.Condition("nothing") != nil || kopi.Offer("") != nil {
		t.Error("something is nothing")
	}
}

// small is a set that is right; each case below puts one thing wrong.
var small = testFile("small.yaml")

// testFile is a file that the tests of other rooms read too.
func testFile(name string) string {
	b, err := os.ReadFile(filepath.Join("..", "screentest", "testdata", name))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func loadSmall(t *testing.T, old, new string) string {
	t.Helper()
	src := small
	if old != "" {
		if !strings.Contains(src, old) {
			t.Fatalf("%q is not in the set", old)
		}
		src = strings.Replace(src, old, new, 1)
	}
	var out diag.Findings
	o := testOptions("kopi")
	o.Clients = []string{"kopi-web", "kopi-app"}
	s := Load("kopi.yaml", []byte(src), o, &out)
	Join(map[string]*Set{"kopi": s}, &out)
	return out.String()
}

func TestLoadFindings(t *testing.T) {
	kinds := strings.Join(kindNames(), ", ")
	const question = "  sugar:\n    kind: boolean\n"
	for _, c := range []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"unknown part", "offers:\n", "offerings:\n", `kopi.yaml:28:12: campaigns.welcome.offer: unknown offer "cup"
kopi.yaml:29:1: offerings: unknown key "offerings"; did you mean "offers"?`},
		{"unknown key of a question", "    ask: {en: With", "    aks: {en: With", `kopi.yaml:13:3: questions.sugar.ask: is missing; write it in en, th
kopi.yaml:15:5: questions.sugar.aks: unknown key "aks"; did you mean "ask"?`},
		{"missing translation", "{en: Sugar, th: น้ำตาล}", "{en: Sugar}", `kopi.yaml:16:11: questions.sugar.name: has no th; every text stands in en, th`},
		{"missing translation of an option", "{en: Tea, th: ชา}", "{th: ชา}", `kopi.yaml:11:26: questions.drink.options[0].label: has no en; every text stands in en, th`},
		{"unknown language", "{en: Sugar, th: น้ำตาล}", "{en: Sugar, ht: น้ำตาล, th: x}", `kopi.yaml:16:23: questions.sugar.name.ht: language "ht" is not configured`},
		{"HTML", "With sugar?", "With <b>sugar</b>?", `kopi.yaml:15:15: questions.sugar.ask.en: has HTML in it (<b); texts are shown as they are written, so write plain words`},
		{"HTML in an offer", "{en: A cup,", "{en: A &quot;cup&quot;,", `kopi.yaml:30:20: offers.cup.text.en: has HTML in it (&quot;); texts are shown as they are written, so write plain words`},
		{"unknown kind", "kind: boolean", "kind: bolean", `kopi.yaml:14:11: questions.sugar.kind: unknown kind "bolean"; known here: ` + kinds + `; did you mean "boolean"?`},
		{"kind of a later version", "kind: boolean", "kind: slider", `kopi.yaml:14:11: questions.sugar.kind: unknown kind "slider"; known here: ` + kinds},
		{"no kind", question, "  sugar:\n", `kopi.yaml:13:3: questions.sugar.kind: is missing; write one of ` + kinds},
		{"unknown purpose", "purpose: shelf\n    options", "purpose: shelv\n    options", `kopi.yaml:9:14: questions.drink.purpose: unknown purpose "shelv"; did you mean "shelf"? (kopi.yaml:2)`},
		{"no purpose", "    purpose: shelf\nconditions", "conditions", `kopi.yaml:13:3: questions.sugar.purpose: is missing; every question says what its answer is for`},
		{"unknown basis", "จัดชั้น}}", "จัดชั้น}, basis: legitimate_interest}", `kopi.yaml:2:59: purposes.shelf.basis: unknown basis "legitimate_interest"; write consent or contract`},
		{"unknown scope", question, question + "    scope: global\n", `kopi.yaml:15:12: questions.sugar.scope: unknown scope "global"; write person (one answer for all brands) or brand`},
		{"special data", question, question + "    sensitivity: special\n", `kopi.yaml:28:19: campaigns.welcome.show[1]: sugar is special data, which is not asked for at registration; show it in a campaign with when: [sign_in]`},
		{"unknown sensitivity", question, question + "    sensitivity: high\n", `kopi.yaml:15:18: questions.sugar.sensitivity: unknown sensitivity "high"; write special, or leave it out`},
		{"order", question, question + "    order: shuffled\n", `kopi.yaml:15:12: questions.sugar.order: says nothing for kind boolean; leave it out`},
		{"order of no name", "kind: single", "kind: single\n    order: shufled", `kopi.yaml:6:12: questions.drink.order: unknown order "shufled"; write fixed, shuffled or alphabetical; did you mean "shuffled"?`},
		{"fresh", question, question + "    fresh: soon\n", `kopi.yaml:15:12: questions.sugar.fresh: write a period such as 12h, 30d, 18mo, 1y or never, not "soon"`},
		{"a key of another kind", question, question + "    limit: 3\n", `kopi.yaml:15:12: questions.sugar.limit: says nothing for kind boolean; leave it out`},
		{"limit without other", "kind: single", "kind: single\n    limit: 9", `kopi.yaml:6:12: questions.drink.limit: only a question with an "other" option has a limit`},
		{"name of a question", "  sugar:\n    kind", "  Sugar Cane:\n    kind", `kopi.yaml:13:3: questions["Sugar Cane"]: "Sugar Cane" cannot be a name; write small letters, digits and _, a letter first, 40 at most; did you mean "sugar_cane"?
kopi.yaml:13:3: warning: questions["Sugar Cane"]: no screen asks this question
kopi.yaml:23:18: screens.second.ask[0]: unknown question "sugar"`},
		{"one option", "      - {id: coffee, label: {en: Coffee, th: กาแฟ}}\n", "", `kopi.yaml:10:5: questions.drink.options: write 2 options at least`},
		{"option twice", "{id: coffee,", "{id: tea,", `kopi.yaml:12:14: questions.drink.options[1].id: the option tea stands here twice (kopi.yaml:11)`},
		{"option's id", "{id: coffee,", "{id: Iced Coffee,", `kopi.yaml:12:14: questions.drink.options[1].id: write an id of small letters, digits, _, - and ., 40 at most: it is what the brand's site gets; did you mean "iced_coffee"?`},
		{"option without an id", "{id: coffee, label", "{label", `kopi.yaml:12:9: questions.drink.options[1].id: write an id of small letters, digits, _, - and ., 40 at most: it is what the brand's site gets`},
		{"an option with a colon", "{id: coffee,", "{id: 'other:x',", `kopi.yaml:12:14: questions.drink.options[1].id: write an id of small letters, digits, _, - and ., 40 at most: it is what the brand's site gets`},
		{"other not opened", "{id: coffee,", "{id: other,", `kopi.yaml:12:14: questions.drink.options[1].id: other is the option that opens a text; write other: true, or another id`},
		{"other of another name", "{id: coffee,", "{id: else, other: true,", `kopi.yaml:12:14: questions.drink.options[1].id: the option with other: true is called other`},
		{"at_most of a multi", "kind: single", "kind: multi\n    at_most: 3", `kopi.yaml:6:14: questions.drink.at_most: write 1 to 2, the number of options, or leave it out`},
		{"options of a boolean", question, question + "    options: [{id: 'yes', label: {en: a, th: b}}, {id: maybe, label: {en: a, th: b}}]\n", `kopi.yaml:15:14: questions.sugar.options: a boolean has the options yes and no; for others choose kind: single`},
		{"autocomplete", "kind: boolean", "kind: text\n    autocomplete: given_name", `kopi.yaml:15:19: questions.sugar.autocomplete: "given_name" is no autofill name of HTML; did you mean "given-name"?`},
		{"claims collide", question, question + "    claim: drink\n", `kopi.yaml:15:12: questions.sugar.claim: the claim drink is written by drink too (kopi.yaml:4); give one of them another`},
		{"claim's name", question, question + "    claim: https://kopi.example/sugar\n", `kopi.yaml:15:12: questions.sugar.claim: "https://kopi.example/sugar" cannot be a claim; write small letters, digits and _, a letter first, 40 at most`},

		{"unknown question on a screen", "ask: [sugar]", "ask: [suger]", `kopi.yaml:13:3: warning: questions.sugar: no screen asks this question
kopi.yaml:23:18: screens.second.ask[0]: unknown question "suger"; did you mean "sugar"? (kopi.yaml:13)`},
		{"question twice on a screen", "ask: [sugar]", "ask: [sugar, sugar]", `kopi.yaml:23:25: screens.second.ask[1]: sugar stands here twice`},
		{"screen without a question", "first: {ask: [drink]}", "first: {ask: []}", `kopi.yaml:4:3: warning: questions.drink: no screen asks this question
kopi.yaml:22:16: screens.first.ask: name a question at least
kopi.yaml:23:35: screens.second.show_if: can never be true: nothing asks drink before it`},
		{"screen no campaign shows", "show: [first, second]", "show: [first]", `kopi.yaml:23:3: screens.second: no campaign shows this screen; name it in the show of one, or take it out`},
		{"unknown screen", "show: [first, second]", "show: [first, secund]", `kopi.yaml:23:3: screens.second: no campaign shows this screen; name it in the show of one, or take it out
kopi.yaml:27:19: campaigns.welcome.show[1]: unknown screen "secund"; did you mean "second"? (kopi.yaml:23)`},
		{"screen twice", "show: [first, second]", "show: [first, second, first]", `kopi.yaml:27:27: campaigns.welcome.show[2]: the screen first stands here twice`},
		{"show_if reads what comes later", "show: [first, second]", "show: [second, first]", `kopi.yaml:27:12: campaigns.welcome.show[0]: the show_if of second (kopi.yaml:23) reads drink, which is asked later, on first; put first first`},
		{"show_if reads its own question", "show_if: tea_drinker", "show_if: {answer: sugar, is: true}", `kopi.yaml:23:35: screens.second.show_if: reads sugar, which this screen asks: nobody has answered it yet when that is decided`},
		{"screens wait for one another", "first: {ask: [drink]}", "first: {ask: [drink], show_if: {answer: sugar, is: false}}", `kopi.yaml:22:34: screens.first.show_if: can never be true: these screens wait for one another: first → second → first
kopi.yaml:23:35: screens.second.show_if: can never be true: these screens wait for one another: second → first → second
kopi.yaml:27:12: campaigns.welcome.show[0]: the show_if of first (kopi.yaml:22) reads sugar, which is asked later, on second; put second first`},
		{"unknown condition", "show_if: tea_drinker", "show_if: tea_drinkers", `kopi.yaml:23:35: screens.second.show_if: unknown condition "tea_drinkers"; did you mean "tea_drinker"? (kopi.yaml:20)`},
		{"condition in itself", "{answer: drink, is: tea}", "{not: {any: [tea_drinker]}}", `kopi.yaml:20:29: conditions.tea_drinker.not.any[0]: tea_drinker contains itself: tea_drinker → tea_drinker`},
		{"conditions in a ring", "{answer: drink, is: tea}", "{not: b}\n  b: {not: tea_drinker}", `kopi.yaml:21:12: conditions.b.not: tea_drinker contains itself: tea_drinker → b → tea_drinker`},
		{"condition on an unknown question", "{answer: drink, is: tea}", "{answer: drinks, is: tea}", `kopi.yaml:20:25: conditions.tea_drinker.answer: unknown question "drinks"; did you mean "drink"? (kopi.yaml:4)`},
		{"condition on an unknown option", "is: tea}", "is: tae}", `kopi.yaml:20:36: conditions.tea_drinker.is: "tae" is no option of drink; did you mean "tea"? (kopi.yaml:11)`},
		{"condition of the wrong type", "{answer: drink, is: tea}", "{answer: sugar, is: tea}", `kopi.yaml:20:36: conditions.tea_drinker.is: sugar is a boolean: write true or false`},
		{"condition that says nothing", "{answer: drink, is: tea}", "{answer: drink}", `kopi.yaml:20:16: conditions.tea_drinker: say what of drink: is, any_of, answered, declined, older_than`},
		{"condition that says two things", "is: tea}", "is: tea, answered: true}", `kopi.yaml:20:41: conditions.tea_drinker.answered: say one thing of an answer; put is and answered under all`},
		{"condition that is two", "{answer: drink, is: tea}", "{client: kopi-web, locale: th}", `kopi.yaml:20:35: conditions.tea_drinker.locale: a condition is one thing; put client and locale under all or any`},
		{"unknown condition key", "{answer: drink, is: tea}", "{al: [tea_drinker]}", `kopi.yaml:20:17: conditions.tea_drinker.al: unknown key "al"; a condition is one of all, any, not, answer, consent, client, locale, moment, answers, between`},
		{"mistyped condition key", "is: tea}", "older_then: 3d}", `kopi.yaml:20:32: conditions.tea_drinker.older_then: unknown key "older_then"; did you mean "older_than"?`},
		{"empty all", "{answer: drink, is: tea}", "{all: []}", `kopi.yaml:20:22: conditions.tea_drinker.all: write a list of conditions here`},
		{"age", "is: tea}", "older_than: never}", `kopi.yaml:20:44: conditions.tea_drinker.older_than: write a period such as 30d or 12mo`},
		{"unknown client", "{answer: drink, is: tea}", "{client: kopi-wep}", `kopi.yaml:20:25: conditions.tea_drinker.client: unknown client "kopi-wep"; did you mean "kopi-web"?`},
		{"unknown locale", "{answer: drink, is: tea}", "{locale: [de]}", `kopi.yaml:20:26: conditions.tea_drinker.locale[0]: unknown locale "de"`},
		{"unknown consent", "{answer: drink, is: tea}", "{consent: shelve}", `kopi.yaml:20:26: conditions.tea_drinker.consent: unknown purpose "shelve"; did you mean "shelf"? (kopi.yaml:2)`},
		{"count", "{answer: drink, is: tea}", "{answers: {at_least: 3, at_most: 2}}", `kopi.yaml:20:26: conditions.tea_drinker.answers: at_most (2) is less than at_least (3)`},
		{"days", "{answer: drink, is: tea}", "{between: [2026-12-31, 2026-12-01]}", `kopi.yaml:20:26: conditions.tea_drinker.between: ends before it begins`},
		{"no day", "{answer: drink, is: tea}", "{between: [2026-02-30, 2026-12-01]}", `kopi.yaml:20:27: conditions.tea_drinker.between[0]: write a day such as 2026-12-01, not "2026-02-30"`},

		{"no moment", "when: [registration]", "when: []", `kopi.yaml:26:11: campaigns.welcome.when: name what brings it: registration, sign_in, {sign_in: 3}, missing_claim, expired, link, ask, {between: [2026-12-01, 2026-12-31]}`},
		{"unknown moment", "when: [registration]", "when: [registraton]", `kopi.yaml:26:12: campaigns.welcome.when[0]: unknown moment "registraton"; did you mean "registration"?`},
		{"no when", "    when: [registration]\n", "", `kopi.yaml:25:3: campaigns.welcome.when: is missing`},
		{"too many a visit", "    offer: cup", "    offer: cup\n    at_most: 4", `kopi.yaml:29:14: campaigns.welcome.at_most: write 1 to 3: no visit asks more`},
		{"lifetime", "    offer: cup", "    offer: cup\n    lifetime: 0", `kopi.yaml:29:15: campaigns.welcome.lifetime: write how often it may be offered in all, 1 at least`},
		{"unknown offer", "offer: cup", "offer: cap", `kopi.yaml:28:12: campaigns.welcome.offer: unknown offer "cap"; did you mean "cup"? (kopi.yaml:30)
kopi.yaml:30:3: warning: offers.cup: no campaign makes this offer`},
		{"offer on a condition", "th: ถ้วย}}", "th: ถ้วย}, if: tea_drinker}", `kopi.yaml:30:42: offers.cup.if: an offer depends on nothing: it is given for taking part, whatever is answered and whether or not anything is agreed to; leave this out`},
		{"offer for a consent", "    offer: cup", "    offer: cup\n    who: {not: {consent: shelf}}", `kopi.yaml:29:10: campaigns.welcome.who: an offer cannot depend on a consent: it is given for taking part; leave the consent or the offer out`},
		{"offer for an answer", "    offer: cup", "    offer: cup\n    who: tea_drinker", `kopi.yaml:29:10: campaigns.welcome.who: an offer cannot depend on the answer given: this reads drink, which the campaign asks`},
		{"an arm", "    offer: cup", "    offer: cup\n    arms: {a: 100}", `kopi.yaml:29:11: campaigns.welcome.arms: one arm is no experiment; write two or more, or leave arms out`},
		{"shared by nobody", question, "  birthday: {shared: true, purpose: shelf, why: {en: a, th: b}}\n" + question, `kopi.yaml:13:3: questions.birthday: is shared, but no other brand defines it with scope: person
kopi.yaml:13:3: warning: questions.birthday: no screen asks this question`},
		{"shared with more", question, "  birthday: {shared: true, purpose: shelf, why: {en: a, th: b}, kind: text}\n" + question, `kopi.yaml:13:3: warning: questions.birthday: no screen asks this question
kopi.yaml:13:71: questions.birthday.kind: a shared question has this from the set that defines it; leave it out`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, strings.TrimSpace(loadSmall(t, c.old, c.new))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Everything is found at once, not the first thing only.
func TestLoadAllAtOnce(t *testing.T) {
	src := strings.NewReplacer("kind: single", "kind: singel", "is: tea", "is: the", "first, second", "first, secnd", "purpose: shelf\nconditions", "purpose: shef\nconditions").Replace(small)
	var out diag.Findings
	Load("kopi.yaml", []byte(src), testOptions("kopi"), &out)
	if n := out.Errors(); n < 4 {
		t.Errorf("%d findings:\n%s", n, out.String())
	}
}

func TestLoadBlockingAsksTooMuch(t *testing.T) {
	src := strings.Replace(small, "    offer: cup", "    offer: cup\n    blocking: true", 1)
	for i := range 3 {
		id := string(rune('a' + i))
		src = strings.Replace(src, "  sugar:\n", "  "+id+": {kind: text, ask: {en: a, th: b}, name: {en: a, th: b}, why: {en: a, th: b}, purpose: shelf}\n  sugar:\n", 1)
		src = strings.Replace(src, "screens:\n", "screens:\n  "+id+": {ask: ["+id+"]}\n", 1)
		src = strings.Replace(src, "first, second", id+", first, second", 1)
	}
	var out diag.Findings
	Load("kopi.yaml", []byte(src), testOptions("kopi"), &out)
	if got := out.String(); !strings.Contains(got, "campaigns.welcome.blocking: asks 5 questions that cannot be skipped; a visit has 3 at most") {
		t.Error(got)
	}
}

// A condition made of conditions must not unfold without end.
func TestLoadConditionBomb(t *testing.T) {
	bomb := "conditions:\n  a: {answer: drink, is: tea}\n"
	for c := 'b'; c <= 'z'; c++ {
		p := string(c - 1)
		bomb += "  " + string(c) + ": {all: [" + p + ", " + p + "]}\n"
	}
	var out diag.Findings
	Load("kopi.yaml", []byte(strings.Replace(small, "conditions:\n", bomb, 1)), testOptions("kopi"), &out)
	if got := out.String(); !strings.Contains(got, "has more than 500 parts") {
		t.Error(got)
	}
}

// CVE-2024-29892 and its like: a question that writes what relying parties take
// for the provider's own word.
func TestGauntlet_Z01_ReservedClaimInjection(t *testing.T) {
	for _, claim := range []string{"sub", "email_verified", "aud", "iss", "acr", "amr", "SUB", "Email_Verified", "__proto__", "_claim_names", "_claim_sources",
		"cnf", "events", "zp", "zp_more", "ZP_Meta", "exp", "nonce", "email", "phone_number_verified", "roles", "groups", "scope", "birthdate", "address", "locale", "constructor"} {
		for name, edit := range map[string]func(string) string{
			"claim": func(s string) string {
				return strings.Replace(s, "    kind: boolean", "    kind: boolean\n    claim: "+claim, 1)
			},
			"question": func(s string) string {
				return strings.NewReplacer("  sugar:\n", "  "+claim+":\n", "ask: [sugar]", "ask: ["+claim+"]").Replace(s)
			},
		} {
			var out diag.Findings
			Load("kopi.yaml", []byte(edit(small)), testOptions("kopi"), &out)
			list := out.All()
			if out.Err() == nil || !strings.Contains(list[0].Message, "no question can write") || list[0].Line == 0 {
				t.Errorf("%s %s: %s", name, claim, out.String())
			}
		}
		if !Reserved(claim) {
			t.Errorf("%s is not reserved", claim)
		}
	}
	for _, claim := range []string{"coffee_milk", "birthday", "shoe_size", "given_name", "phone_number", "state_of_mind"} {
		if Reserved(claim) {
			t.Errorf("%s is reserved", claim)
		}
	}
	if !Standard("given_name") || Standard("coffee_milk") || Standard("email_verified") {
		t.Error("standard claims")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(testFile("kopi.yaml")))
	f.Add([]byte(testFile("sole.yaml")))
	f.Add([]byte(small))
	f.Add([]byte("conditions: {a: {not: a}}"))
	f.Add([]byte(working))
	f.Add([]byte("derived: {a: {band_of: b, bands: [0, 1]}, b: {match: [{if: c, is: true}]}, d: }\nconditions: {c: {answer: b, is: true}}"))
	f.Add([]byte("questions: {a: {kind: single, options: [{other: true}, {other: true}]}}\nscreens: {b: {ask: [a, a], show_if: {answer: a, is: x}}}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		var out diag.Findings
		s := Load("f", src, testOptions("kopi"), &out)
		Join(map[string]*Set{"kopi": s}, &out)
		if out.Err() != nil {
			return
		}
		for _, q := range s.Questions {
			if Reserved(q.Claim) || q.Kind == nil || s.Purpose(q.Purpose) == nil {
				t.Errorf("question %s was let in", q.ID)
			}
		}
		for _, d := range s.Derived {
			if Reserved(d.Claim) || len(d.sources) == 0 || s.Purpose(d.Purpose) == nil || s.Question(d.ID) != nil {
				t.Errorf("derived value %s was let in", d.ID)
			}
			if _, ok := d.Value(State{}, thatDay); ok {
				t.Errorf("%s is known of nothing", d.ID)
			}
		}
	})
}
