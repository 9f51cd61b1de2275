package templates

import (
	"strconv"
	"strings"
	"time"
)

// askSamples has a screen of every kind of question, as it arrives, with a
// choice made, with a problem, and as it is changed later.
func (s *Set) askSamples(lang string, base Page) []Sample {
	coffee := Question{ID: "q.coffee_milk", Kind: "single", Ask: in(lang, "How do you take your coffee?", "คุณดื่มกาแฟแบบไหน"), Options: []Option{
		{Value: "black", Label: in(lang, "Black", "กาแฟดำ"), Hint: in(lang, "Kopi O", "โกปี้โอ")},
		{Value: "condensed", Label: in(lang, "With condensed milk", "ใส่นมข้น"), Hint: in(lang, "Kopi, the classic", "โกปี้แบบดั้งเดิม")},
		{Value: "fresh", Label: in(lang, "With fresh milk", "ใส่นมสด")},
		{Value: "oat", Label: in(lang, "With oat milk", "ใส่นมโอ๊ต")},
		{Value: "depends", Label: in(lang, "It depends on the day", "แล้วแต่วัน")},
	}}
	chosen := coffee
	chosen.Options = append([]Option(nil), coffee.Options...)
	chosen.Options[1].Checked = true
	other := chosen
	other.Options = append(append([]Option(nil), coffee.Options[:2]...), Option{Value: "other", Label: in(lang, "Another way", "แบบอื่น"), Other: true, Checked: true})
	other.Text = in(lang, "With coconut milk", "ใส่กะทิ")
	otherOpen := other
	otherOpen.Text = ""
	size := Question{ID: "q.shoe_size", Kind: "single", Ask: in(lang, "What is your shoe size?", "รองเท้าของคุณเบอร์อะไร"), Hint: in(lang, "EU sizes. Between two? Choose the larger.", "เบอร์ EU อยู่ระหว่างสองเบอร์ เลือกเบอร์ใหญ่กว่า"), Short: true}
	for _, n := range []string{"36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47"} {
		size.Options = append(size.Options, Option{Value: n, Label: n, Checked: n == "42"})
	}
	style := Question{ID: "q.style", Kind: "multi", Ask: in(lang, "What do you wear most?", "คุณใส่แบบไหนบ่อยที่สุด"), AtMost: 3, Options: []Option{
		{Value: "run", Label: in(lang, "Running", "วิ่ง"), Checked: true},
		{Value: "city", Label: in(lang, "City", "ในเมือง")},
		{Value: "trail", Label: in(lang, "Trail", "เทรล"), Checked: true},
		{Value: "court", Label: in(lang, "Court", "คอร์ต")},
		{Value: "other", Label: in(lang, "Something else", "แบบอื่น"), Other: true},
	}}
	some := style
	some.AtLeast = 2
	pictured := style
	pictured.Kind, pictured.AtMost = "pictures", 0
	pictured.Options = append([]Option(nil), style.Options[:4]...)
	picture := base.Brand.Panel // any picture will do
	if picture == "" {
		picture = "/picture.svg"
	}
	for i := range pictured.Options {
		pictured.Options[i].Picture, pictured.Options[i].Alt = picture, in(lang, "A shoe on its track", "รองเท้าบนลู่วิ่ง")
	}
	shoes := Question{ID: "q.shoes", Kind: "size", Ask: size.Ask, Hint: in(lang, "In the sizes you know. Between two? Choose the larger.", "เลือกตามระบบที่คุณคุ้นเคย อยู่ระหว่างสองเบอร์ เลือกเบอร์ใหญ่กว่า")}
	for _, of := range []struct{ notation, sizes string }{{"eu", "41 41.5 42 42.5 43"}, {"uk", "7 7.5 8 8.5 9"}, {"us", "8 8.5 9 9.5 10"}} {
		group := Group{Notation: of.notation}
		for i, n := range strings.Fields(of.sizes) {
			value := of.notation + ":" + []string{"41", "41.5", "42", "42.5", "43"}[i]
			group.Options = append(group.Options, Option{Value: value, Label: strings.ToUpper(of.notation) + " " + n, Checked: value == "uk:42"})
		}
		shoes.Groups = append(shoes.Groups, group)
	}
	shirt := Question{ID: "q.shirt", Kind: "size", Ask: in(lang, "Which size is your shirt?", "คุณใส่เสื้อไซซ์ไหน"), Groups: []Group{{Notation: "letters"}}}
	for _, n := range []string{"S", "M", "L", "XL"} {
		shirt.Groups[0].Options = append(shirt.Groups[0].Options, Option{Value: "letters:" + n, Label: n})
	}
	story := Question{ID: "q.story", Kind: "text", Ask: in(lang, "What would make your morning better?", "อะไรจะทำให้เช้าของคุณดีขึ้น"), Long: true, Limit: 500, Text: in(lang, "A shop that opens at six.\nAnd oat milk.", "ร้านที่เปิดหกโมง\nกับนมโอ๊ต")}
	onePicture := pictured
	onePicture.AtMost, onePicture.Options = 1, append([]Option{}, pictured.Options...)
	onePicture.Options[2].Checked = false
	onePicture.Options = append(onePicture.Options, Option{Value: "other", Label: in(lang, "Something else", "แบบอื่น"), Other: true})
	matters := Question{ID: "q.matters", Kind: "rank", Ask: in(lang, "What matters most in a shoe?", "คุณเลือกรองเท้าจากอะไร"), Hint: in(lang, "Your three, the most important first.", "เลือกสามข้อ สำคัญที่สุดก่อน"), Options: []Option{
		{Value: "fit", Label: in(lang, "How it fits", "ใส่สบาย")}, {Value: "look", Label: in(lang, "How it looks", "รูปทรง")},
		{Value: "price", Label: in(lang, "What it costs", "ราคา")}, {Value: "last", Label: in(lang, "How long it lasts", "ความทนทาน")},
	}, Places: []Place{{Number: 1}, {Number: 2}, {Number: 3}}}
	ranked := matters
	ranked.Places = []Place{{1, "fit"}, {2, "price"}, {3, "fit"}}
	name := Question{ID: "q.name", Kind: "text", Ask: in(lang, "What shall we call you?", "ให้เราเรียกคุณว่าอะไร"), Hint: in(lang, "As you want to be called", "ชื่อที่คุณอยากให้เรียก"), Limit: 40, Fill: "nickname"}
	hot := Question{ID: "q.hot", Kind: "boolean", Ask: in(lang, "Do you like it very hot?", "คุณชอบแบบร้อนมากไหม")}
	birthday := Question{ID: "q.birthday", Kind: "month_day", Ask: in(lang, "When is your birthday?", "วันเกิดของคุณคือวันไหน"), Day: "14", Month: "3"}
	weight := Question{ID: "q.weight", Kind: "number", Ask: in(lang, "How much does your dog weigh?", "สุนัขของคุณหนักเท่าไร"), Hint: in(lang, "To the nearest half kilogram.", "ใกล้เคียงครึ่งกิโลกรัม"), Unit: in(lang, "kg", "กก."), Keys: "decimal", Width: 4, Text: "7.5"}
	heavy := weight
	heavy.Text = "750"
	strength := Question{ID: "q.strength", Kind: "scale", Ask: in(lang, "How strong do you like your coffee?", "คุณชอบกาแฟเข้มแค่ไหน"),
		Low: in(lang, "very mild", "อ่อนมาก"), Middle: in(lang, "balanced", "กลางๆ"), High: in(lang, "very strong", "เข้มมาก"), Options: points(1, 5)}
	for i, words := range map[int]string{0: strength.Low, 2: strength.Middle, 4: strength.High} {
		strength.Options[i].Hint = words
	}
	likely := Question{ID: "q.likely", Kind: "scale", Ask: in(lang, "How likely are you to tell a friend about us?", "คุณจะบอกต่อเพื่อนเรื่องร้านเราแค่ไหน"),
		Low: in(lang, "not at all likely", "ไม่บอกแน่นอน"), High: in(lang, "certain to", "บอกแน่นอน"), Options: points(0, 10)}
	likely.Options[0].Hint, likely.Options[10].Hint, likely.Options[7].Checked = likely.Low, likely.High, true
	delivery := Question{ID: "q.delivery", Kind: "date", Ask: in(lang, "When do you need it?", "คุณต้องใช้วันไหน"), Day: "24", Month: "11", Year: in(lang, "2026", "2569")}
	buying := Question{ID: "q.buying", Kind: "year_month", Ask: in(lang, "When do you plan to buy?", "คุณวางแผนจะซื้อเดือนไหน")}
	bought := buying
	bought.Month, bought.Year = "11", "26"
	where := Question{ID: "q.country", Kind: "country", Ask: in(lang, "Where shall we send your orders?", "ให้เราส่งของไปที่ประเทศไหน"), Fill: "country", Top: 2, Options: []Option{
		{Value: "TH", Label: in(lang, "Thailand", "ไทย")},
		{Value: "MY", Label: in(lang, "Malaysia", "มาเลเซีย")},
		{Value: "KH", Label: in(lang, "Cambodia", "กัมพูชา")},
		{Value: "LA", Label: in(lang, "Laos", "ลาว")},
		{Value: "SG", Label: in(lang, "Singapore", "สิงคโปร์")},
	}}
	machine := Question{ID: "q.machine", Kind: "plan", Ask: in(lang, "Are you planning to buy a coffee machine?", "คุณวางแผนจะซื้อเครื่องชงกาแฟไหม"), Parts: []Question{
		{ID: "q.machine.what", Part: "what", Kind: "single", Options: []Option{
			{Value: "espresso", Label: in(lang, "An espresso machine", "เครื่องเอสเปรสโซ")},
			{Value: "drip", Label: in(lang, "A drip machine", "เครื่องดริป")},
			{Value: "other", Label: in(lang, "Something else", "แบบอื่น"), Other: true},
		}},
		{ID: "q.machine.when", Part: "when", Kind: "single", Options: []Option{
			{Value: "month", Label: in(lang, "Within a month", "ภายในหนึ่งเดือน")},
			{Value: "year", Label: in(lang, "Later this year", "ภายในปีนี้")},
			{Value: "no", Label: in(lang, "Just looking", "แค่ดูก่อน")},
		}},
		{ID: "q.machine.sure", Part: "sure", Kind: "single", Options: []Option{
			{Value: "sure", Label: in(lang, "Quite sure", "ค่อนข้างแน่")},
			{Value: "likely", Label: in(lang, "Probably", "น่าจะ")},
			{Value: "perhaps", Label: in(lang, "Perhaps", "อาจจะ")},
		}},
	}}
	trip := machine
	trip.ID, trip.Parts = "q.trip", []Question{
		{ID: "q.trip.what", Part: "what", Kind: "text", Limit: 60, Text: in(lang, "A bag of beans", "เมล็ดกาแฟหนึ่งถุง")},
		{ID: "q.trip", Part: "when", Kind: "year_month", Month: "11", Year: "26"},
		{ID: "q.trip.sure", Part: "sure", Kind: "single", Options: machine.Parts[2].Options},
	}
	news := Question{ID: "q.news", Kind: "consent", Ask: in(lang, "May we write to you about new roasts?", "ให้เราแจ้งข่าวกาแฟคั่วใหม่ได้ไหม")}
	channels := news
	channels.Hint, channels.Options = s.Say(lang, "consent.channels"), []Option{
		{Value: "email", Label: in(lang, "Email", "อีเมล")},
		{Value: "sms", Label: in(lang, "Text message", "ข้อความ SMS")},
		{Value: "post", Label: in(lang, "Post", "ไปรษณีย์")},
	}
	diet := Question{ID: "q.diet", Kind: "single", Ask: in(lang, "Is there something you cannot eat?", "มีอาหารที่คุณกินไม่ได้ไหม"), Options: []Option{
		{Value: "milk", Label: in(lang, "Milk", "นม")},
		{Value: "nuts", Label: in(lang, "Nuts", "ถั่ว")},
		{Value: "none", Label: in(lang, "Nothing", "ไม่มี")},
	}}
	brand := base.Brand.Name
	ask := func(p Page, q ...Question) *Ask {
		return &Ask{
			Page: p, Questions: q, AtMost: 3, Optional: true, Decline: true,
			Why:       in(lang, "So the shelf you see starts with coffee you'd actually order.", "เพื่อให้ชั้นสินค้าของคุณเริ่มจากกาแฟที่คุณอยากสั่งจริงๆ"),
			Who:       s.Say(lang, "ask.who.only", "brand", brand),
			UsedFor:   in(lang, "start your shelf with what you like", "จัดชั้นสินค้าให้เริ่มจากสิ่งที่คุณชอบ"),
			KeptUntil: s.MonthYear(lang, time.Date(2028, 3, 1, 12, 0, 0, 0, time.UTC)),
		}
	}
	wrong := func(field, key string, args ...any) Page {
		p := base
		p.Problems = []Problem{{field, s.Say(lang, key, args...)}}
		return p
	}
	first := ask(base, coffee)
	first.First = true
	one := ask(base, chosen)
	one.Back, one.Offer = "/ask/before", in(lang, "A free drink for taking part, whatever you answer.", "รับเครื่องดื่มฟรีเมื่อร่วมตอบ ไม่ว่าจะตอบอะไร")
	putOff := ask(base, coffee)
	putOff.PutOff = in(lang, "1 December 2026", "1 ธันวาคม 2569")
	edit := ask(base, chosen)
	edit.Edit, edit.Cancel, edit.KeptUntil = true, "/preferences/answers", ""
	edit.Back, edit.UsedFor = "/preferences/answers", ""
	needed := ask(base, hot)
	needed.Decline, needed.Unsure = false, true
	birth := ask(base, birthday)
	birth.Why = in(lang, "We'll send you a free drink that week. We don't need the year.", "เราจะส่งเครื่องดื่มฟรีให้ในสัปดาห์นั้น ไม่ต้องบอกปีเกิด")
	birth.Back = "/ask/before"
	several := ask(base, coffee, name, hot, birthday, weight, strength)
	several.Title = in(lang, "About your coffee", "เกี่ยวกับกาแฟของคุณ")
	dates := ask(base, delivery, buying, where)
	dates.Title = in(lang, "About your order", "เกี่ยวกับคำสั่งซื้อของคุณ")
	untitled := ask(base, coffee, hot)
	untitled.Why, untitled.Who, untitled.KeptUntil, untitled.Decline = "", "", "", false
	agreed := func(p Page, q Question) *Ask {
		a := ask(p, q)
		a.Decline, a.Agree, a.Refuse = false, s.Say(lang, "consent.agree"), s.Say(lang, "consent.refuse")
		if q.Kind != "consent" {
			a.Agree, a.Refuse = s.Say(lang, "continue"), s.Say(lang, "special.refuse")
			a.Box = &Box{ID: q.ID + ".agree", Text: s.Say(lang, "special.box", "brand", brand, "purpose", a.UsedFor)}
		}
		return a
	}
	agreedEdit := agreed(base, channels)
	agreedEdit.Agree, agreedEdit.Edit, agreedEdit.Cancel = s.Say(lang, "consent.agree_ticked"), true, "/preferences/answers"
	dayWrong := birthday
	dayWrong.Day = "31"
	return []Sample{
		{"ask-coffee", first},
		{"ask-coffee-chosen", one},
		{"ask-coffee-put-off", putOff},
		{"ask-coffee-problem", ask(wrong("q.coffee_milk", "answer.none"), coffee)},
		{"ask-coffee-edit", edit},
		{"ask-other", ask(base, other)},
		{"ask-other-problem", ask(wrong("q.coffee_milk.other", "answer.other_empty"), otherOpen)},
		{"ask-size", ask(base, size)},
		{"ask-style", ask(base, style)},
		{"ask-style-problem", ask(wrong("q.style", "answer.too_many", "count", 3), style)},
		{"ask-style-some", ask(base, some)},
		{"ask-pictures", ask(base, pictured)},
		{"ask-pictures-one", ask(base, onePicture)},
		{"ask-pictures-problem", ask(wrong("q.style", "answer.none"), pictured)},
		{"ask-rank", ask(base, matters)},
		{"ask-rank-none-problem", ask(wrong("q.matters", "answer.rank.none"), matters)},
		{"ask-rank-problem", ask(wrong("q.matters.3", "answer.rank.twice", "option", in(lang, "How it fits", "ใส่สบาย")), ranked)},
		{"ask-shoes", ask(base, shoes)},
		{"ask-shirt-problem", ask(wrong("q.shirt", "answer.size"), shirt)},
		{"ask-name", ask(base, name)},
		{"check", &Check{Page: base, Back: "/ask/coffee", Rows: []CheckRow{
			{in(lang, "Coffee", "กาแฟ"), in(lang, "With condensed milk", "ใส่นมข้น"), "/ask/coffee"},
			{in(lang, "Birthday", "วันเกิด"), s.DayMonth(lang, 3, 14), "/ask/birthday"},
		}}},
		{"ask-story", ask(base, story)},
		{"ask-name-problem", ask(wrong("q.name", "answer.too_long", "count", 40), name)},
		{"ask-hot", needed},
		{"ask-birthday", birth},
		{"ask-birthday-problem", ask(wrong("q.birthday.day", "answer.day", "max", 30), dayWrong)},
		{"ask-birthday-month", ask(wrong("q.birthday.month", "answer.month"), birthday)},
		{"ask-number", ask(base, weight)},
		{"ask-number-problem", ask(wrong("q.weight", "answer.number.max", "max", "90 "+weight.Unit), heavy)},
		{"ask-scale", ask(base, strength)},
		{"ask-scale-problem", ask(wrong("q.strength", "answer.none"), strength)},
		{"ask-scale-eleven", ask(base, likely)},
		{"ask-date", ask(base, delivery)},
		{"ask-date-problem", ask(wrong("q.delivery.day", "answer.date_early", "date", Day{2026, 12, 1}), delivery)},
		{"ask-year-month", ask(base, buying)},
		{"ask-year-month-problem", ask(wrong("q.buying.year", "answer.year"), bought)},
		{"ask-country", ask(base, where)},
		{"ask-country-problem", ask(wrong("q.country", "answer.country"), where)},
		{"ask-dates", dates},
		{"ask-consent", agreed(base, news)},
		{"ask-consent-channels", agreed(wrong("q.news", "answer.consent.channel"), channels)},
		{"ask-consent-edit", agreedEdit},
		{"ask-special", agreed(base, diet)},
		{"ask-special-problem", agreed(wrong("q.diet.agree", "answer.explicit"), diet)},
		{"ask-plan", ask(base, machine)},
		{"ask-plan-problem", ask(wrong("q.machine.sure", "Choose how sure you are", "เลือกว่าแน่ใจแค่ไหน"), machine)},
		{"ask-plan-month", ask(wrong("q.trip.year", "Enter a year with four digits", "ใส่ปีเป็นตัวเลข 4 หลัก พ.ศ. หรือ ค.ศ. ก็ได้"), trip)},
		{"ask-several", several},
		{"ask-untitled", untitled},
		{"still", &Still{
			Page: base, Name: in(lang, "Shoe size", "เบอร์รองเท้า"), Value: "42", ToldOn: in(lang, "3 May 2025", "3 พ.ค. 2025"),
			Why:  in(lang, "Sizes change. We would rather ask than send the wrong pair.", "ขนาดเปลี่ยนได้ เราอยากถามก่อนดีกว่าส่งคู่ที่ไม่พอดี"),
			Back: "/ask/before",
		}},
		{"still-put-off", &Still{Page: base, Name: in(lang, "Coffee", "กาแฟ"), Value: in(lang, "With oat milk", "ใส่นมโอ๊ต"), PutOff: putOff.PutOff}},
		{"still-plain", &Still{Page: base, Name: in(lang, "Coffee", "กาแฟ"), Value: in(lang, "With oat milk", "ใส่นมโอ๊ต")}},
	}
}

// points are the points of a scale, none of them named.
func points(from, to int) []Option {
	var out []Option
	for n := from; n <= to; n++ {
		out = append(out, Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	return out
}
