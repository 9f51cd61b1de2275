// Package templates has every page and mail: a view struct each, its HTML, and
// the words in every language. It renders and knows nothing of requests, visits
// or stores. Start at view.go; set.go says how a page is made and checked,
// words.go how it speaks.
//
// The fields of the forms, as they are sent. All forms also carry Page.Hidden.
//
//	login         email, password; "email me a code" sends the same to Login.Code
//	register      email, password
//	verify        code; the new code is asked for by a form of its own, without fields
//	confirm       none; the code is in Hidden
//	recover       email
//	new_password  password
//	terms         do = agree | later
//	check         none
//	ask           do = continue | skip | decline | unsure | later | snooze, and for each question
//	              single     ID = option;   other words: ID.other
//	              multi      ID = option, repeated;   other words: ID.other
//	              pictures   as single where one may be chosen, else as multi
//	              rank       ID.1, ID.2, … = option or empty
//	              text       ID
//	              number     ID, as typed
//	              scale      ID = point
//	              boolean    ID = yes | no
//	              month_day  ID.day, ID.month = 1 to 12
//	              date       ID.day, ID.month = 1 to 12, ID.year
//	              year_month ID.month = 1 to 12, ID.year
//	              country    ID = code
//	              size       ID = notation:size, such as uk:42
//	              plan       ID.what = option or words, other words: ID.what.other; ID.when = option,
//	                         or ID.month and ID.year; ID.sure = option
//	              consent    ID = channel, repeated
//	              one that asks for an agreement has do = agree | refuse, and for special data ID.agree = yes
//	still         do = yes | changed | skip
//	carried       do = keep | nothing, answer = CarriedAnswer.ID, repeated
//	share         do = share | nothing, claim = ShareClaim.ID, repeated
//	answers       none; each button is a form to its row's path
//	sharing       none; the same
//	delete        password
//
// A Problem's Field is one of these names. At month_day it is ID, or ID.month
// where the month is missing; at rank ID for the first place, ID.2 and on; at date ID, ID.month or ID.year.
package templates

import "time"

// A View is what one template shows: a struct per page, with the page's own
// data in finished words and paths, and an embedded Page for what all share.
type View interface {
	File() string // the template's name, such as "login.html"
	page() *Page
}

// Page is what every page shares. Rooms get one from internal/web, filled for
// the request, and add Problems, Notice and Hidden.
type Page struct {
	Lang      string // BCP 47, one of the languages that ship: "en", "th", "ar"
	Brand     Brand
	Home      string     // the brand's site, where leaving loses nothing; "" elsewhere
	Action    string     // path a form on this page posts to
	Hidden    []Hidden   // what every form on this page carries: visit, form token
	Languages []Language // for the footer
	Account   string     // e-mail of who is signed in, "" if nobody
	SignOut   string     // path of the page that signs out; "" hides it
	Notice    *Notice
	Problems  []Problem // first the whole form's, then in field order
	Static    string    // path prefix of static files, with their hash
	CSS       string    // path of the theme's style sheet
	Prefix    string    // what the provider is mounted below: "" or "/id"
	Privacy   string    // address of the privacy notice; "" hides it
	Help      string    // address of help; "" hides it
	Nonce     string    // of this answer's script-src; set by internal/web
	Forms     []string  // origins that a form on this page may lead to, beside our own

	words *Words // set by Set.Write
}

func (p *Page) page() *Page { return p }

// Problem returns the sentence at a field, or "".
func (p *Page) Problem(field string) string {
	for _, q := range p.Problems {
		if q.Field == field {
			return q.Text
		}
	}
	return ""
}

// Brand is how a brand looks and what it is called in the page's language. The
// zero value is Proffer itself.
type Brand struct {
	ID       string // "kopi"; "" is Proffer's own pages
	Name     string // "Kopi Club"
	Tagline  string // "Coffee the way you like it."
	Mark     string // path of the small picture beside the name; may be ""
	Logo     string // path of the picture that stands for mark and name; may be ""
	LogoDark string // its twin for dark; "": the same
	Panel    string // path of the panel's picture; may be ""
	Terms    string // address of the brand's terms; may be ""
	Privacy  string // absolute address of its privacy notice, for mails; may be ""
}

// Hidden is one hidden form field.
type Hidden struct{ Name, Value string }

// Language is one link of the footer's language list.
type Language struct {
	Tag, Name, Href string // "th", "ไทย", "?lang=th"
	Current         bool
}

// Notice is the one message a page may carry under its h1.
type Notice struct {
	Kind string // "info", "done" or "bad"
	Text string
}

// Problem is one thing to put right, in words.
type Problem struct {
	Field string // form field; "" is the whole form
	Text  string
}

// Login is what login.html shows.
type Login struct {
	Page
	Email    string // as typed
	Register string // path
	Recover  string // path
	Code     string // path "email me a code" posts to, through formaction
}

func (Login) File() string { return "login.html" }

// Carried is what carried.html shows: what the brand's site knows of before there
// was an account.
type Carried struct {
	Page
	Answers []CarriedAnswer
	Who     string // who gets what is kept
}

func (Carried) File() string { return "carried.html" }

// CarriedAnswer is one answer to be confirmed.
type CarriedAnswer struct {
	ID          string // value of the field "answer"
	Name, Value string
	Why         string
	Checked     bool
}

// Register is what register.html shows.
type Register struct {
	Page
	Email    string // as typed
	Login    string // path
	MinChars int    // of a password
}

func (Register) File() string { return "register.html" }

// Verify is what verify.html shows: the code page of registration, sign-in by
// code and recovery.
type Verify struct {
	Page
	Email   string        // where the code went
	Works   time.Duration // how long the code works
	Resend  string        // path a new code is asked for at, by POST
	Wait    time.Duration // until another code may be asked for; zero: now
	Another string        // path to use another address
}

func (Verify) File() string { return "verify.html" }

// Confirm is what confirm.html shows: where the link in a mail leads. In the
// browser of the visit it has one button; anywhere else only the code to type.
type Confirm struct {
	Page
	Email string
	Here  bool   // this is the browser of the visit: show the button
	Code  string // shown when not Here
}

func (Confirm) File() string { return "confirm.html" }

// Recover is what recover.html shows.
type Recover struct {
	Page
	Email string
	Login string
}

func (Recover) File() string { return "recover.html" }

// NewPassword is what new_password.html shows, after a recovery code.
type NewPassword struct {
	Page
	Email    string // for the password manager
	MinChars int
}

func (NewPassword) File() string { return "new_password.html" }

// Terms is what terms.html shows.
type Terms struct {
	Page
	Changes []string // three at most; may be empty
	Whole   string   // address
	New     bool     // first time, not changed
}

func (Terms) File() string { return "terms.html" }

// Ask is what ask.html shows: one screen, normally one question.
type Ask struct {
	Page
	Back      string     // path; "" on the first
	First     bool       // the first of the visit: the eyebrow says how many at most
	AtMost    int        // questions in this visit
	Questions []Question // in order
	Optional  bool       // offers "Skip for now"
	Later     bool       // offers "Save and go on later"
	Unsure    bool       // offers "I'm not sure"
	PutOff    string     // day until which "Not now" puts all of the campaign off; "" does not offer it
	Decline   bool       // offers "I'd rather not say"
	Offer     string     // what is given for taking part; may be ""
	Why       string     // why we ask
	Who       string     // who gets the answer
	UsedFor   string     // for the details under the buttons
	KeptUntil string     // "March 2028"; "" means until removed
	Title     string     // of a screen with several questions; "" says so in general
	Edit      bool       // from /preferences: no skip, no eyebrow, "Save"
	Cancel    string     // path; for Edit
	Agree     string     // a question that asks for an agreement: what its button says; else ""
	Refuse    string     // the other button, which looks the same
	Box       *Box       // special data: the statement to be ticked; nil: none
}

// Box is a statement with a box, which is never ticked beforehand.
type Box struct {
	ID   string // form field; it sends "yes"
	Text string
}

func (Ask) File() string { return "ask.html" }

// Check is what check.html shows: what was said in this visit, to be put right.
type Check struct {
	Page
	Back string // path
	Rows []CheckRow
}

func (Check) File() string { return "check.html" }

// CheckRow is one question that was decided.
type CheckRow struct {
	Name, Value string
	Change      string // path
}

// Question is one question on a screen, with what the customer gave so far.
type Question struct {
	ID      string // form field prefix: "q.coffee_milk"
	Kind    string // "single", "multi", "pictures", "rank", "text", "number", "scale", "boolean", "month_day", "date", "year_month", "country", "size", "plan", "consent"
	Ask     string
	Hint    string
	Options []Option   // scale: its points; Hint names one, where it has a name
	Short   bool       // options are short: lay them out as a grid
	AtMost  int        // multi and pictures: how many may be chosen; 0: any
	AtLeast int        // multi and pictures: how many must be chosen; 0: one
	Text    string     // text and number, or the words typed beside "other"
	Unit    string     // number: stands after the field; may be ""
	Keys    string     // number: inputmode, such as "decimal"
	Width   int        // number: characters of the longest one
	Low     string     // scale: what the first point means
	Middle  string     // scale: the middle one; may be ""
	High    string     // scale: the last one
	Limit   int        // text: characters; 0: no word of it
	Long    bool       // text: several lines
	Fill    string     // text: autocomplete token, such as "given-name"; "" is off
	Day     string     // month_day and date, as typed
	Month   string     // with Day, and year_month: "1" to "12" or ""
	Year    string     // date and year_month, as typed
	Top     int        // country: how many options stand on top, before the others
	Parts   []Question // plan: its parts, of kind single, text or year_month; their words are plan.<Part>
	Part    string     // of a part: "what", "when" or "sure"
	Groups  []Group    // size: the sizes of each notation
	Places  []Place    // rank: each may hold one of the options
	Error   string
}

// Group is the sizes of one notation; its words are size.<Notation>.
type Group struct {
	Notation string // "uk"
	Options  []Option
}

// Place is one place of a rank.
type Place struct {
	Number int    // from 1
	Chosen string // value of an option; "" is none
}

// Option is one choice of a question.
type Option struct {
	Value, Label, Hint string
	Checked            bool
	Other              bool   // opens a text field
	Picture            string // path below the mount prefix; may be ""
	Alt                string // what the picture shows
}

// Still is what still.html shows: an answer whose time ran out, to confirm.
type Still struct {
	Page
	Name   string // short name of the question: "Shoe size"
	Value  string // "42"
	ToldOn string // "3 May 2025"
	Why    string
	Back   string
	PutOff string // day until which "Not now" puts all of the campaign off; "" does not offer it
}

func (Still) File() string { return "still.html" }

// Share is what share.html shows.
type Share struct {
	Page
	Claims   []ShareClaim
	EmailToo bool // the brand gets the e-mail in any case, or it is among Claims
}

func (Share) File() string { return "share.html" }

// ShareClaim is one thing that would go to the brand.
type ShareClaim struct {
	ID      string // value of the check box
	Name    string // "Shoe size"
	Value   string // "EU 42"
	Purpose string // "show what fits"
	From    string // "You told Sole & Co on 3 May"; may be ""
	Checked bool   // as sent, after a problem
}

// Message is what notice.html shows: one heading, a sentence or two, one action.
type Message struct {
	Page
	Heading   string
	Text      string
	Action    string // path or address; "" has none
	ActionIs  string // its words
	Post      bool   // the action is a form
	Second    string // a quiet second link; may be ""
	SecondIs  string
	Reference string // number to tell the operator
}

func (Message) File() string { return "message.html" }

// Preferences is what preferences.html shows: the start page of the desk.
type Preferences struct {
	Page
	Sections []Section
	BackTo   string // the brand's site; "" has none
}

func (Preferences) File() string { return "preferences.html" }

// Section is one row of the desk's list.
type Section struct {
	Name, Path, Fact string // "My answers", "/preferences/answers", "4 answers, 1 to confirm"
	Current          bool
}

// Answers is what answers.html shows: my answers.
type Answers struct {
	Page
	Sections []Section
	Rows     []AnswerRow
	Worked   []WorkedRow
	Undo     string // what the last removal can be undone with; "" has none
}

func (Answers) File() string { return "answers.html" }

// AnswerRow is one current answer.
type AnswerRow struct {
	ID      string // question
	Name    string // "Coffee"
	Value   string // "With oat milk", or "You'd rather not say"
	Told    string // "You told Kopi Club on 3 May."
	Seen    string // "2 shops can see it."
	Kept    string // "Kept until May 2027."; may be ""
	Change  string // path
	Remove  string // path, by POST
	Confirm bool   // its time ran out
	Still   string // path that says it still holds, by POST; for Confirm
}

// WorkedRow is one value that is worked out from answers, and said by nobody.
type WorkedRow struct {
	ID    string
	Name  string // "Age group"
	Value string // "25–34"
	From  string // "Worked out for Kopi Club from: Date of birth."
	Seen  string // "Kopi Club can see it."
}

// Sharing is what sharing.html shows: who knows what.
type Sharing struct {
	Page
	Sections []Section
	Brands   []SharingBrand
}

func (Sharing) File() string { return "sharing.html" }

// SharingBrand is one brand and what it gets.
type SharingBrand struct {
	ID, Name string
	Last     string // "Kopi Club last got this today, 09:12."; may be ""
	Rows     []SharingRow
	StopAll  string // path, by POST
}

// SharingRow is one claim a brand gets.
type SharingRow struct {
	ID, Name, Value, Purpose string
	Since                    string // "Since 3 May"; may be ""
	From                     string // of what is worked out: the answers behind it, and how it ends; "" for an answer
	Stop                     string // path, by POST; "" for what is worked out
}

// Delete is what delete.html shows: delete my account.
type Delete struct {
	Page
	Sections []Section
	Cancel   string
}

func (Delete) File() string { return "delete.html" }

// PageOf returns the shared part of a view, for internal/web to fill.
func PageOf(v View) *Page { return v.page() }
