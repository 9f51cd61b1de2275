package templates

import "time"

// A Sample is a view filled with plausible data. Every page and every branch of
// it has one: they are executed at start, and they are what pictures of the
// pages are made from.
type Sample struct {
	Name string // "ask-coffee": unique
	View View
}

// A MailSample is the same for a mail.
type MailSample struct {
	Name string
	View MailView
}

// in picks the sample's own words, which are not among the words of the pages:
// they stand for what a brand has written. Their Arabic stands in a table of its
// own, by the English.
func in(lang, en, th string) string {
	switch lang {
	case "th":
		return th
	case "ar":
		if ar, ok := arabicSamples()[en]; ok {
			return ar
		}
	}
	return en
}

// Samples returns samples of every page, in one language and for one brand.
func (s *Set) Samples(lang string, brand Brand) []Sample {
	base := Page{
		Lang: lang, Brand: brand, Home: "https://brand.example/", Action: "/action",
		Hidden: []Hidden{{"visit", "sealed"}, {"form_token", "token"}},
		Static: "/static/0", CSS: "/static/0/proffer.css",
		Privacy: "https://brand.example/privacy", Help: "https://brand.example/help",
	}
	for _, l := range s.languages {
		base.Languages = append(base.Languages, Language{Tag: l, Name: LanguageName(l), Href: "?lang=" + l, Current: l == lang})
	}
	signedIn := base
	signedIn.Account, signedIn.SignOut = "nok@example.com", "/signout"
	out := s.signInSamples(lang, base)
	out = append(out, s.askSamples(lang, signedIn)...)
	out = append(out, s.shareSamples(lang, signedIn)...)
	return append(out, s.deskSamples(lang, signedIn)...)
}

func (s *Set) signInSamples(lang string, base Page) []Sample {
	say := func(key string, args ...any) string { return s.Say(lang, key, args...) }
	wrong := func(p Page, problems ...Problem) Page { p.Problems = problems; return p }
	noticed := func(p Page, kind, text string) Page { p.Notice = &Notice{kind, text}; return p }
	terms := base
	terms.Brand.Terms = "https://brand.example/terms"
	logo := base
	logo.Brand.Logo, logo.Brand.LogoDark = "/static/0/logo.svg", "/static/0/logo-dark.svg"
	bare := base
	bare.Home, bare.Privacy, bare.Help, bare.Languages, bare.Brand = "", "", "", nil, Brand{ID: base.Brand.ID}
	return []Sample{
		{"login", &Login{Page: base, Register: "/register", Recover: "/recover", Code: "/login/code"}},
		{"login-bare", &Login{Page: bare}},
		{"login-logo", &Login{Page: logo, Register: "/register", Recover: "/recover", Code: "/login/code"}},
		{"login-problem", &Login{
			Page:  wrong(base, Problem{"", say("login.mismatch")}),
			Email: "nok@example.com", Register: "/register", Recover: "/recover", Code: "/login/code",
		}},
		{"login-problems", &Login{
			Page:  wrong(base, Problem{"email", say("email.missing")}, Problem{"password", say("password.missing")}),
			Email: "", Register: "/register", Recover: "/recover", Code: "/login/code",
		}},
		{"register", &Register{Page: terms, Login: "/login", MinChars: 8}},
		{"register-problems", &Register{
			Page:  wrong(terms, Problem{"email", say("email.shape")}, Problem{"password", say("password.too_short", "count", 8)}),
			Email: "nok@example", Login: "/login", MinChars: 8,
		}},
		{"verify", &Verify{Page: base, Email: "nok@example.com", Works: 10 * time.Minute, Resend: "/verify/resend", Another: "/register"}},
		{"verify-problem", &Verify{
			Page:  wrong(base, Problem{"code", say("code.wrong")}),
			Email: "nok@example.com", Works: 10 * time.Minute, Resend: "/verify/resend", Another: "/register",
		}},
		{"verify-sent", &Verify{
			Page:  noticed(base, "done", say("verify.sent", "wait", s.Duration(lang, time.Minute))),
			Email: "nok@example.com", Works: 10 * time.Minute, Resend: "/verify/resend", Wait: time.Minute, Another: "/register",
		}},
		{"confirm", &Confirm{Page: base, Email: "nok@example.com", Here: true}},
		{"confirm-elsewhere", &Confirm{Page: base, Code: "482 913"}},
		{"recover", &Recover{Page: base, Login: "/login"}},
		{"recover-problem", &Recover{Page: wrong(base, Problem{"email", say("email.shape")}), Email: "nok", Login: "/login"}},
		{"new-password", &NewPassword{Page: base, Email: "nok@example.com", MinChars: 8}},
		{"new-password-problem", &NewPassword{
			Page:  wrong(base, Problem{"password", say("password.too_common")}),
			Email: "nok@example.com", MinChars: 8,
		}},
		{"terms", &Terms{Page: base, Changes: []string{
			in(lang, "You can now collect points at every branch.", "คุณสะสมแต้มได้ที่ทุกสาขาแล้ว"),
			in(lang, "Points last two years instead of one.", "แต้มมีอายุสองปี จากเดิมหนึ่งปี"),
		}, Whole: "https://brand.example/terms"}},
		{"terms-new", &Terms{Page: base, Whole: "https://brand.example/terms", New: true}},
		{"message-expired", &Message{
			Page: base, Heading: say("visit.expired.heading"), Text: say("visit.expired"),
			Action: "https://brand.example/", ActionIs: say("message.back", "brand", base.Brand.Name),
		}},
		{"message-fault", &Message{Page: base, Heading: say("fault.heading"), Text: say("fault.text"), Reference: "7F3KQ-22MAB"}},
		{"message-sign-out", &Message{
			Page: noticed(base, "info", say("signout.text")), Heading: say("signout.heading"),
			Action: "/signout", ActionIs: say("signout.button"), Post: true, Second: "/preferences", SecondIs: say("cancel"),
		}},
	}
}

func (s *Set) shareSamples(lang string, base Page) []Sample {
	claims := []ShareClaim{
		{ID: "shoe_size", Name: in(lang, "Shoe size", "เบอร์รองเท้า"), Value: "EU 42", Purpose: in(lang, "show what fits", "แสดงคู่ที่ใส่ได้"), From: s.Say(lang, "share.from", "brand", "Sole & Co", "date", s.Date(lang, s.now().AddDate(0, -2, 0)))},
		{ID: "birthday", Name: in(lang, "Birthday", "วันเกิด"), Value: s.DayMonth(lang, 3, 14), Purpose: in(lang, "send you a free drink that week", "ส่งเครื่องดื่มฟรีให้ในสัปดาห์นั้น"), Checked: true},
		{ID: "email", Name: in(lang, "Email", "อีเมล"), Value: "nok@example.com"},
	}
	problem := base
	problem.Problems = []Problem{{"claim", s.Say(lang, "share.none")}}
	unticked := base
	unticked.Problems = []Problem{{"answer", s.Say(lang, "carried.none")}}
	who := s.Say(lang, "ask.who.only", "brand", base.Brand.Name)
	carried := []CarriedAnswer{
		{ID: "coffee", Name: in(lang, "Coffee", "กาแฟ"), Value: in(lang, "With condensed milk", "ใส่นมข้น"), Why: in(lang, "So the shelf starts with coffee you'd order.", "เพื่อให้ชั้นสินค้าเริ่มจากกาแฟที่คุณอยากสั่ง")},
		{ID: "birthday", Name: in(lang, "Birthday", "วันเกิด"), Value: s.DayMonth(lang, 3, 14), Why: in(lang, "We'll send you a free drink that week.", "เราจะส่งเครื่องดื่มฟรีให้ในสัปดาห์นั้น")},
	}
	return []Sample{
		{"share", &Share{Page: base, Claims: claims[:2]}},
		{"share-email", &Share{Page: base, Claims: claims, EmailToo: true}},
		{"share-one", &Share{Page: base, Claims: claims[:1]}},
		{"share-problem", &Share{Page: problem, Claims: claims[:2]}},
		{"carried", &Carried{Page: base, Answers: carried, Who: who}},
		{"carried-problem", &Carried{Page: unticked, Answers: carried, Who: who}},
	}
}

func (s *Set) deskSamples(lang string, base Page) []Sample {
	say := func(key string, args ...any) string { return s.Say(lang, key, args...) }
	desk := func(current string) []Section {
		return []Section{
			{say("desk.answers"), "/preferences/answers", Listed(lang, say("desk.answers.fact", "count", 3), say("desk.answers.confirm", "count", 1)), current == "answers"},
			{say("desk.sharing"), "/preferences/sharing", say("desk.sharing.fact", "count", 2), current == "sharing"},
			{say("desk.delete"), "/preferences/delete", "", current == "delete"},
		}
	}
	told := func(brand, date string) string { return say("answers.told", "brand", brand, "date", date) }
	rows := []AnswerRow{
		{ID: "shoe_size", Name: in(lang, "Shoe size", "เบอร์รองเท้า"), Value: "EU 42", Told: told("Sole & Co", s.Date(lang, s.now().AddDate(-1, -6, 0))), Seen: say("answers.seen", "count", 1), Change: "/c/1", Remove: "/r/1", Confirm: true, Still: "/s/1"},
		{ID: "coffee", Name: in(lang, "Coffee", "กาแฟ"), Value: in(lang, "With condensed milk", "ใส่นมข้น"), Told: told("Kopi Club", s.Date(lang, s.now().AddDate(0, -2, 0))), Seen: say("answers.seen", "count", 2), Kept: say("answers.kept", "date", s.MonthYear(lang, s.now().AddDate(1, 0, 0))), Change: "/c/2", Remove: "/r/2"},
		{ID: "plan", Name: in(lang, "Plans", "แผนจะซื้อ"), Value: say("answers.declined"), Told: told("Sole & Co", s.Date(lang, s.now().AddDate(0, -2, 0))), Seen: say("answers.seen", "count", 0), Change: "/c/3"},
	}
	worked := func(brand string, from ...string) string {
		return say("answers.worked.from", "brand", brand, "names", Listed(lang, from...))
	}
	born, coffee := in(lang, "Date of birth", "วันเดือนปีเกิด"), in(lang, "Coffee", "กาแฟ")
	follows := []WorkedRow{
		{ID: "age_group", Name: in(lang, "Age group", "ช่วงอายุ"), Value: "25-34", From: worked("Sole & Co", born), Seen: say("answers.worked.seen", "brand", "Sole & Co")},
		{ID: "taste", Name: in(lang, "Taste", "รสนิยม"), Value: in(lang, "Mellow", "นุ่มนวล"), From: worked("Kopi Club", coffee, in(lang, "Coffee time", "เวลาดื่มกาแฟ"), in(lang, "Strength", "ความเข้ม")), Seen: say("answers.seen.none")},
	}
	removed := base
	removed.Notice = &Notice{"done", say("answers.removed", "count", 2)}
	saved := base
	saved.Notice = &Notice{"done", say("answers.saved")}
	stopped := base
	stopped.Notice = &Notice{"done", say("sharing.stopped", "brand", "Kopi Club")}
	problem := base
	problem.Problems = []Problem{{"password", say("password.wrong")}}
	shared := []SharingBrand{
		{ID: "sole", Name: "Sole & Co", Last: say("sharing.last", "brand", "Sole & Co", "date", s.Moment(lang, s.now()), "count", 14), StopAll: "/stop/sole", Rows: []SharingRow{
			{ID: "shoe_size", Name: in(lang, "Shoe size", "เบอร์รองเท้า"), Value: "EU 42", Purpose: in(lang, "show what fits", "แสดงคู่ที่ใส่ได้"), Since: say("sharing.since", "date", s.Date(lang, s.now().AddDate(0, -2, 0))), Stop: "/stop/1"},
			{ID: "age_group", Name: in(lang, "Age group", "ช่วงอายุ"), Value: "25-34", Purpose: in(lang, "put your shelf in order", "จัดชั้นสินค้าของคุณ"), From: say("sharing.worked", "names", born)},
			{ID: "style", Name: in(lang, "What you wear", "แบบที่ใส่บ่อย"), Value: in(lang, "Running, Trail", "วิ่ง, เทรล"), Purpose: in(lang, "put your shelf in order", "จัดชั้นสินค้าของคุณ"), Stop: "/stop/2"},
		}},
		{ID: "kopi", Name: "Kopi Club", Rows: []SharingRow{{ID: "coffee", Name: in(lang, "Coffee", "กาแฟ"), Value: in(lang, "With condensed milk", "ใส่นมข้น")}}},
	}
	return []Sample{
		{"preferences", &Preferences{Page: saved, Sections: desk(""), BackTo: "https://brand.example/"}},
		{"answers", &Answers{Page: base, Sections: desk("answers"), Rows: rows}},
		{"answers-worked", &Answers{Page: base, Sections: desk("answers"), Rows: rows[1:], Worked: follows}},
		{"answers-saved", &Answers{Page: saved, Sections: desk("answers"), Rows: rows[1:]}},
		{"answers-removed", &Answers{Page: removed, Sections: desk("answers"), Rows: rows[1:], Undo: "/undo"}},
		{"answers-empty", &Answers{Page: base, Sections: desk("answers")}},
		{"sharing", &Sharing{Page: base, Sections: desk("sharing"), Brands: shared}},
		{"sharing-stopped", &Sharing{Page: stopped, Sections: desk("sharing"), Brands: shared[:1]}},
		{"sharing-empty", &Sharing{Page: base, Sections: desk("sharing")}},
		{"delete", &Delete{Page: base, Sections: desk("delete"), Cancel: "/preferences"}},
		{"delete-problem", &Delete{Page: problem, Sections: desk("delete"), Cancel: "/preferences"}},
	}
}

// SampleMails returns samples of every mail, as a person at Kopi Club gets them.
func SampleMails() []MailSample {
	kopi := Brand{ID: "kopi", Name: "Kopi Club", Privacy: "https://kopi.example/privacy"}
	when := time.Date(2026, 11, 23, 2, 4, 0, 0, time.UTC)
	const link = "https://id.example.com/confirm?token=4f9a"
	return []MailSample{
		{"mail-code", CodeMail{Brand: kopi, Code: "482913", Link: link, Works: 10 * time.Minute, When: when, Device: "Chrome on Windows"}},
		{"mail-code-plain", CodeMail{Brand: Brand{Name: "Kopi Club"}, Code: "482913", Works: 10 * time.Minute, For: ForSignIn}},
		{"mail-code-recover", CodeMail{Brand: kopi, Code: "482913", Link: link, Works: 10 * time.Minute, For: ForRecover, When: when}},
		{"mail-known", KnownMail{Brand: kopi, Code: "482913", Link: link, Works: 10 * time.Minute, When: when}},
		{"mail-no-account", NoAccountMail{Brand: kopi, Link: "https://id.example.com/register", When: when}},
		{"mail-password-changed", PasswordChangedMail{Brand: kopi, Link: "https://id.example.com/recover", When: when, Device: "Chrome on Windows"}},
	}
}
