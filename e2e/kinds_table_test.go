package e2e

import "github.com/proffer-id/proffer/e2e/browser"

// A visit answers questions of testdata/kinds.
type visit struct {
	campaign string
	carries  string // instead of a campaign: answers that the shop hands over
	steps    []step
	want     map[string]string // by question: the JSON that the shop receives
}

// A step answers one page.
type step struct {
	page   string // names its pictures
	wrong  keys   // what is not taken and makes the page come again; nil: nothing
	keys   keys   // then: what a keyboard does, at each field or box
	form   string // the same answer as fields of a form
	button string // that sends it; "" is the primary one
}

type keys browser.Keys

// one is the visit of a page that has a question of its own name.
func one(s step, want string) visit {
	return visit{campaign: s.page, steps: []step{s}, want: map[string]string{s.page: want}}
}

func kindVisits() []visit {
	const space = browser.Space
	return []visit{
		one(step{page: "single", wrong: keys{"q.single": down(3)}, keys: keys{"q.single.other": "Soya"},
			form: "q.single=other&q.single.other=Soya"}, `"other:Soya"`),
		one(step{page: "multi", wrong: keys{"q.multi=ice": space}, keys: keys{"q.multi=sugar": space},
			form: "q.multi=ice&q.multi=sugar"}, `["sugar","ice"]`),
		one(step{page: "pictures", wrong: keys{}, keys: keys{"q.pictures": down(1)}, form: "q.pictures=home"}, `"home"`),
		one(step{page: "rank", wrong: keys{"q.rank.1": down(1), "q.rank.2": down(1)}, keys: keys{"q.rank.2": down(2)},
			form: "q.rank.1=taste&q.rank.2=farm"}, `["taste","farm"]`),
		one(step{page: "text", wrong: keys{"q.text": "Nok, who is at the counter every single morning"}, keys: keys{"q.text": "Nok"},
			form: "q.text=Nok"}, `"Nok"`),
		one(step{page: "story", wrong: keys{}, keys: keys{"q.story": "Six o'clock" + browser.Enter + "and oat milk"},
			form: "q.story=Six+o'clock%0Aand+oat+milk"}, `"Six o'clock\nand oat milk"`),
		one(step{page: "number", wrong: keys{"q.number": "21"}, keys: keys{"q.number": "2.5"}, form: "q.number=2.5"}, `2.5`),
		one(step{page: "scale", wrong: keys{}, keys: keys{"q.scale": down(7)}, form: "q.scale=7"}, `7`),
		one(step{page: "boolean", wrong: keys{}, keys: keys{"q.boolean": down(1)}, form: "q.boolean=no"}, `false`),
		one(step{page: "birthday", wrong: keys{"q.birthday.day": "31", "q.birthday.month": down(2)}, keys: keys{"q.birthday.day": "29"},
			form: "q.birthday.day=29&q.birthday.month=2"}, `"--02-29"`),
		one(step{page: "date", wrong: keys{"q.date.day": "30", "q.date.month": down(2), "q.date.year": "2099"}, keys: keys{"q.date.day": "28"},
			form: "q.date.day=28&q.date.month=2&q.date.year=2099"}, `"2099-02-28"`),
		one(step{page: "year_month", wrong: keys{"q.year_month.month": down(11), "q.year_month.year": "26"}, keys: keys{"q.year_month.year": "2099"},
			form: "q.year_month.month=11&q.year_month.year=2099"}, `"2099-11"`),
		one(step{page: "country", wrong: keys{}, keys: keys{"q.country": down(2)}, form: "q.country=MY"}, `"MY"`),
		one(step{page: "size", wrong: keys{}, keys: keys{"q.size": "UK 8"}, form: "q.size=uk:42"}, `"42"`),
		one(step{page: "plan", wrong: keys{"q.plan.what": down(1)}, keys: keys{"q.plan.when": space, "q.plan.sure": down(1)},
			form: "q.plan.what=drip&q.plan.when=month&q.plan.sure=likely"}, `{"sure":"likely","what":"drip","when":"month"}`),
		one(step{page: "plan_words", wrong: keys{"q.plan_words.what": "A grinder", "q.plan_words.month": down(11), "q.plan_words.year": "26"},
			keys: keys{"q.plan_words.year": "2099", "q.plan_words.sure": space},
			form: "q.plan_words.what=A+grinder&q.plan_words.month=11&q.plan_words.year=2099&q.plan_words.sure=sure"}, `{"sure":"sure","what":"A grinder","when":"2099-11"}`),
		one(step{page: "consent", button: "agree", wrong: keys{}, keys: keys{"q.consent=email": space, "q.consent=sms": space},
			form: "q.consent=email&q.consent=sms"}, `["email","sms"]`),
		one(step{page: "consent_plain", button: "agree"}, `true`),
		one(step{page: "special", button: "agree", wrong: keys{"q.special=nuts": space}, keys: keys{"q.special.agree=yes": space},
			form: "q.special=nuts&q.special.agree=yes"}, `["nuts"]`),
		{campaign: "several", want: map[string]string{"roast": `"dark"`, "grind": `"fine"`, "bag": `250`}, steps: []step{
			{page: "several", wrong: keys{"q.roast": down(2), "q.bag": "1"}, keys: keys{"q.grind": down(1), "q.bag": "250"}, form: "q.roast=dark&q.grind=fine&q.bag=250"},
		}},
		{campaign: "check", want: map[string]string{"cups": `4`, "saucers": `true`}, steps: []step{
			{page: "cups", keys: keys{"q.cups": "4"}, form: "q.cups=4"},
			{page: "saucers", keys: keys{"q.saucers": space}, form: "q.saucers=yes"},
			{page: "check"},
		}},
		{campaign: "age", want: map[string]string{"born": `"1990-02-01"`, "rum": `true`}, steps: []step{
			{page: "born", wrong: keys{"q.born.day": "1", "q.born.month": down(2), "q.born.year": "90"}, keys: keys{"q.born.year": "1990"}, form: "q.born.day=1&q.born.month=2&q.born.year=1990"},
			{page: "rum", keys: keys{"q.rum": space}, form: "q.rum=yes"},
		}},
		{carries: `{"tea": "green"}`, want: map[string]string{"tea": `"green"`}, steps: []step{
			{page: "carried", button: "keep", wrong: keys{}, keys: keys{"answer=tea": space}, form: "answer=tea"},
		}},
	}
}
