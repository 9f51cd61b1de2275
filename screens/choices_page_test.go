package screens_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

const picturesSet = `
purposes: {shelf: {text: sort the shelf}}
questions:
  wear:
    kind: pictures
    fresh: 12mo
    ask: What do you wear most?
    name: Wear
    why: To sort by it.
    purpose: shelf
    options:
      - {id: run, label: Running, picture: {file: run.png, alt: A runner}}
      - {id: walk, label: Walking, picture: {file: walk.png, alt: A walker}}
  colour:
    kind: pictures
    at_most: 1
    ask: Which colour?
    name: Colour
    why: To sort by it.
    purpose: shelf
    options:
      - {id: red, label: Red, picture: {file: red.png, alt: A red shoe}}
      - {id: blue, label: Blue, picture: {file: blue.png, alt: A blue shoe}}
screens:
  wear: {ask: [wear]}
  colour: {ask: [colour], show_if: {answer: wear, is: run}}
campaigns:
  welcome: {when: [sign_in], show: [wear, colour], at_most: 3, cooldown: 30d, lifetime: 9}
`

var pictureSource = regexp.MustCompile(`<img src="(/media/[0-9a-f]{64}\.png)" alt="([^"]+)"`)

// Pictures, several and one: asked, refused, answered, released, listed, changed; and
// the files themselves.
func TestAsk_Pictures(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, picturesSet, soleSetAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/wear")
	page := g.ask(v, "wear")
	contains(t, page, `type="checkbox" name="q.wear" value="run"`, "Choose all that suit you")
	sources := pictureSource.FindAllStringSubmatch(page, -1)
	if len(sources) != 2 || sources[0][2] != "A runner" || sources[0][1] == sources[1][1] {
		t.Fatalf("the page has the pictures %q", sources)
	}
	w := g.post("/ask/wear", with(hidden(page), "do", "continue"))
	if contains(t, w.Body.String(), "Choose one, or skip this question"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("nothing is answered with %d", w.Code)
	}
	g.say(v, "wear", "q.wear", "walk", "q.wear", "run", "do", "continue")
	g.wantDue(v, "/ask/colour")
	contains(t, g.ask(v, "colour"), `type="radio" name="q.colour" value="blue"`)
	g.say(v, "colour", "q.colour", "blue", "do", "continue")
	wantLedger(t, g, "wear answered run+walk", "colour answered blue")
	if got := g.release("kopi", "wear"); got != consent.Given {
		t.Errorf("release is %q", got)
	}
	contains(t, g.get("/preferences/answers").Body.String(), "Running, Walking", "Blue")
	contains(t, g.get("/preferences/answers/colour/change?brand=kopi").Body.String(), `value="blue" checked`)

	got := g.get(sources[0][1])
	if h := got.Header(); got.Code != http.StatusOK || h.Get("Content-Type") != "image/png" || !strings.Contains(h.Get("Cache-Control"), "immutable") ||
		h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the picture comes with %d %v", got.Code, h)
	}
	for _, path := range []string{"/media/" + strings.Repeat("0", 64) + ".png", "/media/run.png", "/media/..%2frun.png"} {
		if none := g.get(path); none.Code != http.StatusNotFound || strings.Contains(none.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, none.Code, none.Header())
		}
	}
}

// soleSetAlone asks nothing that another brand defines.
var soleSetAlone = func() string {
	own, _, _ := strings.Cut(soleSet, "  birthday: {shared")
	return own + "screens:\n  size: {ask: [shoe_size]}\ncampaigns:\n  fitting: {when: [sign_in], show: [size]}\n"
}()

const rankSet = `
purposes: {shelf: {text: sort the shelf}}
questions:
  matters:
    kind: rank
    at_most: 2
    ask: What matters most?
    name: What matters
    why: To sort by it.
    purpose: shelf
    options: [{id: fit, label: How it fits}, {id: look, label: How it looks}, {id: price, label: What it costs}]
screens: {matters: {ask: [matters]}}
campaigns: {welcome: {when: [sign_in], show: [matters], cooldown: 30d, lifetime: 9}}
`

// Options put in order: asked, twice the same, put right, listed, changed.
func TestAsk_Rank(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, rankSet, soleSetAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/matters")
	page := g.ask(v, "matters")
	contains(t, page, `<label for="q.matters">Number 1</label>`, `<select id="q.matters" name="q.matters.1"`, `<select id="q.matters.2" name="q.matters.2"`)
	if strings.Contains(page, " selected") {
		t.Error("something is chosen beforehand")
	}
	for _, x := range []struct {
		first, second, says, at string
	}{
		{"", "", "Choose what comes first, or skip this question", "#q.matters"},
		{"", "look", "Put something on place 1, or leave the later places empty", "#q.matters"},
		{"look", "look", "How it looks stands on two places; choose another here", "#q.matters.2"},
	} {
		w := g.post("/ask/matters", with(hidden(page), "q.matters.1", x.first, "q.matters.2", x.second, "do", "continue"))
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q and %q are answered with %d", x.first, x.second, w.Code)
		}
		contains(t, w.Body.String(), x.says, `href="`+x.at+`"`)
	}
	g.say(v, "matters", "q.matters.1", "price", "q.matters.2", "fit", "do", "continue")
	wantLedger(t, g, "matters answered price+fit")
	contains(t, g.get("/preferences/answers").Body.String(), "1. What it costs, 2. How it fits")
	page = g.get("/preferences/answers/matters/change?brand=kopi").Body.String()
	contains(t, page, `<option value="price" selected>`, `<option value="fit" selected>`)
}

const sizeSet = `
purposes: {fit: {text: show what fits}}
questions:
  shoes:
    kind: size
    system: shoes_men
    from: 40
    to: 46
    ask: Which size?
    name: Shoes
    why: So they fit.
    purpose: fit
  care:
    kind: boolean
    ask: Wide ones?
    name: Width
    why: So they fit.
    purpose: fit
screens:
  shoes: {ask: [shoes]}
  care: {ask: [care], show_if: {answer: shoes, between: [42, 44]}}
campaigns: {welcome: {when: [sign_in], show: [shoes, care], at_most: 3, cooldown: 30d, lifetime: 9}}
`

// A size: asked in every notation, refused, answered in one, compared as it is kept,
// shown as it was said.
func TestAsk_Size(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, sizeSet, soleSetAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/shoes")
	page := g.ask(v, "shoes")
	contains(t, page, `<label for="q.shoes">Which size?</label>`, `<optgroup label="British sizes (UK)">`, `<option value="uk:42">UK 8</option>`, `<option value="jp:42">JP 27</option>`)
	if strings.Contains(page, " selected") || strings.Contains(page, "EU 39") || strings.Contains(page, "EU 46.5") {
		t.Error("something is chosen beforehand, or offered outside of the range")
	}
	for sent, says := range map[string]string{"": "Choose a size", "42": "Choose one of the answers shown", "uk:39": "Choose one of the answers shown"} {
		w := g.post("/ask/shoes", with(hidden(page), "q.shoes", sent, "do", "continue"))
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q is answered with %d", sent, w.Code)
		}
		contains(t, w.Body.String(), says, `href="#q.shoes"`)
	}
	g.say(v, "shoes", "q.shoes", "uk:42", "do", "continue")
	g.wantDue(v, "/ask/care")
	contains(t, g.get("/preferences/answers").Body.String(), "UK 8")
	contains(t, g.get("/preferences/answers/shoes/change?brand=kopi").Body.String(), `<option value="uk:42" selected>UK 8</option>`)
}

var offeredValue = regexp.MustCompile(`name="q\.matters" value="([a-z]+)"`)

// Each visit has the options in an order of its own, and the ledger says which.
func TestAsk_Shuffled(t *testing.T) {
	g := newGround(t)
	shuffled := strings.NewReplacer("kind: rank\n    at_most: 2", "kind: single\n    order: shuffled", "What it costs}]", "What it costs}, {id: last, label: How long it lasts}]").Replace(rankSet)
	g.define(joined(t, shuffled, soleSetAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/matters")
	order := func() (out []string) {
		for _, m := range offeredValue.FindAllStringSubmatch(g.ask(v, "matters"), -1) {
			out = append(out, m[1])
		}
		return out
	}
	seen := order()
	if len(seen) != 4 || !slices.Equal(seen, order()) {
		t.Fatalf("one visit sees %q, then %q", seen, order())
	}
	g.say(v, "matters", "q.matters", "price", "do", "continue")
	page := g.get("/preferences/answers/matters/change?brand=kopi").Body.String()
	w := g.post("/preferences/answers/matters/change?brand=kopi", with(hidden(page), "q.matters", "fit", "do", "continue"))
	if w.Code != http.StatusSeeOther {
		t.Fatalf("changed with %d", w.Code)
	}
	g.view(func(tx *store.Tx) error {
		list, err := screens.Ledger(tx, g.account)
		if len(list) != 2 || !slices.Equal(list[0].Order, seen) || list[1].Order != nil {
			t.Errorf("the ledger has %d entries; shown was %q", len(list), seen)
		}
		return err
	})
	wantLedger(t, g, "matters answered price", "matters answered fit")
}

// Who is not sure gives no answer and no consent, and is asked again when the time has
// come, not before.
func TestAsk_Unsure(t *testing.T) {
	g := newGround(t)
	unsure := strings.NewReplacer("at_most: 2", "at_most: 2\n    fresh: 6mo\n    unsure: true").Replace(rankSet)
	g.define(joined(t, rankSet, soleSetAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/matters")
	page := g.ask(v, "matters")
	if strings.Contains(page, `value="unsure"`) {
		t.Error("a question that has no such answer offers it")
	}
	if w := g.post("/ask/matters", with(hidden(page), "do", "unsure")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("what is not offered is answered with %d", w.Code)
	}
	g.define(joined(t, unsure, soleSetAlone))
	contains(t, g.ask(v, "matters"), `<button class="quiet" name="do" value="unsure">I'm not sure</button>`)
	g.say(v, "matters", "do", "unsure")
	g.wantDue(v, "")
	wantLedger(t, g, "matters unsure")
	if got := g.release("kopi", "matters"); got != "" {
		t.Errorf("it is released: %q", got)
	}
	body := g.get("/preferences/answers").Body.String()
	contains(t, body, "You are not sure")
	contains(t, g.get("/preferences").Body.String(), "1 answer")

	g.clock.Add(170 * day) // the cooldown is long over, the time is not
	g.wantDue(g.visit("kopi"), "")
	g.clock.Add(30 * day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/matters")
	if page = g.ask(v, "matters"); strings.Contains(page, "still") {
		t.Error("there is nothing to confirm, and it is asked")
	}
	if strings.Contains(g.get("/preferences").Body.String(), "to confirm") {
		t.Error("it is to be confirmed")
	}
	g.say(v, "matters", "q.matters.1", "fit", "do", "continue")

	const path = "/preferences/answers/matters/change?brand=kopi"
	page = g.get(path).Body.String()
	if w := g.post(path, with(hidden(page), "do", "unsure")); w.Code != http.StatusSeeOther {
		t.Errorf("changed to unsure with %d", w.Code)
	}
	wantLedger(t, g, "matters unsure", "matters answered fit", "matters unsure")
}
