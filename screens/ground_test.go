package screens_test

import (
	"fmt"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/screens/screentest"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
	"github.com/proffer-id/proffer/templates"
)

const kopiSet = `
purposes:
  personalise: {text: start your shelf with what you like, basis: consent, keep: 18mo}
  gift: {text: send you a free drink, basis: consent, keep: 24mo}
questions:
  coffee_milk:
    kind: single
    scope: brand
    ask: How do you take your coffee?
    name: Coffee
    why: So the shelf starts with coffee you'd order.
    purpose: personalise
    options:
      - {id: black, label: Black}
      - {id: condensed, label: Condensed milk}
      - {id: oat, label: Oat milk}
      - {id: other, label: Something else, other: true}
    fresh: 12mo
  coffee_when:
    kind: multi
    scope: brand
    ask: When do you drink coffee?
    name: Coffee time
    why: So what we suggest suits the hour.
    purpose: personalise
    at_most: 2
    options:
      - {id: morning, label: In the morning}
      - {id: afternoon, label: In the afternoon}
      - {id: evening, label: In the evening}
  birthday:
    kind: month_day
    scope: person
    ask: When is your birthday?
    name: Birthday
    why: We send you a free drink that week.
    purpose: gift
    fresh: never
  home:
    kind: boolean
    scope: brand
    ask: Do you make coffee at home?
    name: Coffee at home
    why: So we only show beans if you have a use for them.
    purpose: personalise
  taste:
    kind: text
    scope: brand
    ask: What do you taste?
    name: Taste
    why: So we can tell you when such a roast comes in.
    purpose: personalise
    limit: 20
conditions:
  milk_drinker: {any: [{answer: coffee_milk, is: condensed}, {answer: coffee_milk, is: oat}]}
screens:
  coffee: {ask: [coffee_milk]}
  when: {ask: [coffee_when], show_if: milk_drinker}
  birthday: {ask: [birthday]}
  home: {ask: [home]}
  taste: {ask: [taste]}
campaigns:
  welcome:
    when: [registration, sign_in]
    show: [coffee, when, birthday, home, taste]
    at_most: 3
    cooldown: 30d
    lifetime: 3
`

const soleSet = `
purposes:
  fit: {text: show what fits, basis: consent, keep: 24mo}
  treat: {text: take 10% off that week, basis: consent, keep: 24mo}
questions:
  shoe_size:
    kind: single
    scope: person
    ask: What is your shoe size?
    name: Shoe size
    why: So we only show what we have in your size.
    purpose: fit
    options:
      - {id: "41", label: "41"}
      - {id: "42", label: "42"}
  birthday: {shared: true, purpose: treat, why: We take 10% off that week.}
screens:
  size: {ask: [shoe_size]}
  birthday: {ask: [birthday]}
campaigns:
  fitting:
    when: [registration, sign_in]
    show: [size, birthday]
    at_most: 3
    cooldown: 30d
    lifetime: 3
`

// ground serves the pages of this room to one customer.
type ground struct {
	t        *testing.T
	db       *store.DB
	clock    *storetest.Clock
	counter  *storetest.Counter
	failer   *storetest.Failer
	site     *web.Site
	deps     screens.Deps
	asking   *screens.Asking
	mux      *http.ServeMux
	account  store.ID
	session  store.ID
	signedIn bool
	worked   map[string][]consent.Worked // by brand
	visits   map[string]*web.Visit
}

func joined(t *testing.T, kopi, sole string, languages ...string) *catalogue.Catalogue {
	t.Helper()
	if languages == nil {
		languages = []string{"en"}
	}
	var out diag.Findings
	sets := map[string]*catalogue.Set{}
	for brand, src := range map[string]string{"kopi": kopi, "sole": sole} {
		sets[brand] = catalogue.Load(brand+".yaml", []byte(src), catalogue.LoadOptions{Brand: brand, Name: catalogue.Text{"en": names[brand], "th": names[brand]}, Languages: languages, Open: screentest.Picture}, &out)
	}
	c := catalogue.Join(sets, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	c.Attention = catalogue.Attention{Screens: 50, Every: diag.Period{Days: 30}}
	return c
}

// pages are parsed and tried out once; for them it is always the first day.
var pages = sync.OnceValues(func() (*templates.Set, error) {
	return templates.New(templates.Options{Now: func() time.Time { return storetest.Epoch }})
})

var names = map[string]string{"kopi": "Kopi Club", "sole": "Sole & Co"}

func newGround(t *testing.T) *ground {
	t.Helper()
	g := &ground{
		t: t, clock: storetest.NewClock(), account: store.NewID(), session: store.NewID(), signedIn: true,
		visits: map[string]*web.Visit{},
	}
	g.counter = storetest.Count(storetest.Driver(t))
	g.failer = storetest.Fail(g.counter)
	g.db = storetest.OpenOn(t, g.failer, g.clock, screens.Records, consent.Records, outbox.Records)
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{
		Issuer: "http://localhost:8080", Languages: []string{"en", "th"}, Secret: g.db.Secret, Pages: pages,
		Brand:   func(id, _ string) templates.Brand { return templates.Brand{ID: id, Name: names[id]} },
		CSS:     func(string, string) string { return "/static/theme.css" },
		Account: func(*http.Request) string { return "nok@example.com" },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	g.site = site
	g.deps = screens.Deps{
		DB: g.db, Now: g.clock.Now, Site: site, Words: pages,
		Visit: func(r *http.Request) (*web.Visit, error) {
			if v := g.visits[r.FormValue("visit")]; v != nil {
				return v, nil
			}
			return nil, &problem.Problem{Code: "visit.expired", Status: http.StatusBadRequest}
		},
		Respondent: func(*store.Tx, *http.Request) (screens.Respondent, bool, error) { return g.who(), g.signedIn, nil },
		Worked:     func(_ *store.Tx, _ store.ID, brand, _ string) ([]consent.Worked, error) { return g.worked[brand], nil },
		BrandName:  func(brand, _ string) string { return names[brand] },
		BrandSite:  func(string) string { return "http://localhost:8081" },
	}
	g.update(func(tx *store.Tx) error { tx.CreateKey(g.account); return nil })
	g.define(joined(t, kopiSet, soleSet))
	return g
}

// define makes the room of other definitions, as a changed configuration does.
func (g *ground) define(c *catalogue.Catalogue) {
	g.t.Helper()
	g.asking, g.mux = screens.New(g.deps, screens.Define(c, g.deps.Words)), http.NewServeMux()
	if err := g.asking.Publish(g.t.Context(), g.asking.InForce()); err != nil {
		g.t.Fatal(err)
	}
	for path, h := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /ask/{screen}":                           g.asking.GetAsk,
		"POST /ask/{screen}":                          g.asking.PostAsk,
		"GET /carried":                                g.asking.GetCarried,
		"POST /carried":                               g.asking.PostCarried,
		"GET /media/{file}":                           g.asking.GetMedia,
		"GET /check/{campaign}":                       g.asking.GetCheck,
		"POST /check/{campaign}":                      g.asking.PostCheck,
		"GET /preferences":                            g.asking.GetPreferences,
		"GET /preferences/answers":                    g.asking.GetAnswers,
		"GET /preferences/answers/{question}/change":  g.asking.GetChange,
		"POST /preferences/answers/{question}/change": g.asking.PostChange,
		"POST /preferences/answers/{question}/still":  g.asking.PostStill,
		"POST /preferences/answers/{question}/remove": g.asking.PostRemove,
		"POST /preferences/answers/{question}/undo":   g.asking.PostUndo,
	} {
		g.mux.Handle(path, g.site.Handler(h))
	}
}

func (g *ground) who() screens.Respondent {
	return screens.Respondent{Account: g.account, Session: g.session, Lang: "en"}
}

// visit begins a visit at a brand.
func (g *ground) visit(brand string) *web.Visit {
	v := &web.Visit{ID: store.NewID(), Began: g.clock.Now(), Client: brand + "-web", Brand: brand}
	v.Sealed = v.ID.String()
	g.visits[v.Sealed] = v
	return v
}

func (g *ground) update(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.Update(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *ground) view(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.View(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

// gate asks gate 5.
func (g *ground) gate(tx *store.Tx, v *web.Visit) (page string, offered *screens.Offered, err error) {
	var b store.Batch
	w := screens.Want(&b, v, g.account)
	if err := tx.Read(&b); err != nil {
		return "", nil, err
	}
	return g.asking.Due(w, g.who())
}

// gate asks gate 5 and records the offer, as the walk does.
func (g *ground) due(v *web.Visit) string {
	g.t.Helper()
	var page string
	var offered *screens.Offered
	g.view(func(tx *store.Tx) (err error) {
		page, offered, err = g.gate(tx, v)
		return err
	})
	if err := g.asking.NoteOffered(g.t.Context(), v, g.who(), offered); err != nil {
		g.t.Fatal(err)
	}
	return page
}

func (g *ground) wantDue(v *web.Visit, want string) {
	g.t.Helper()
	if got := g.due(v); got != want {
		g.t.Fatalf("due is %q, want %q", got, want)
	}
}

func (g *ground) get(path string) *httptest.ResponseRecorder {
	g.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(g.t.Context(), http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: g.site.CookieName("b"), Value: "kopi"})
	g.mux.ServeHTTP(w, r)
	if w.Code >= 500 {
		g.t.Errorf("GET %s: %d", path, w.Code)
	}
	return w
}

func (g *ground) post(path string, form url.Values) *httptest.ResponseRecorder {
	g.t.Helper()
	r := httptest.NewRequestWithContext(g.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	if w.Code >= 500 {
		g.t.Errorf("POST %s: %d", path, w.Code)
	}
	return w
}

// ask opens a screen in a visit.
func (g *ground) ask(v *web.Visit, screen string) string {
	g.t.Helper()
	w := g.get("/ask/" + screen + "?visit=" + v.Sealed)
	if w.Code != http.StatusOK {
		g.t.Fatalf("GET /ask/%s: %d", screen, w.Code)
	}
	return w.Body.String()
}

// say opens a screen and sends it with these fields, as a customer does.
func (g *ground) say(v *web.Visit, screen string, pairs ...string) {
	g.t.Helper()
	w := g.post("/ask/"+screen, with(hidden(g.ask(v, screen)), pairs...))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/authorize?visit="+v.Sealed {
		g.t.Fatalf("POST /ask/%s: %d to %q", screen, w.Code, w.Header().Get("Location"))
	}
	g.clock.Add(time.Second)
}

// ledger is the whole history, oldest first, as "question state value".
func (g *ground) ledger() []string {
	g.t.Helper()
	var out []string
	g.view(func(tx *store.Tx) error {
		list, err := screens.Ledger(tx, g.account)
		for i, a := range list {
			if a.Seq != uint32(i+1) {
				g.t.Errorf("entry %d has number %d", i+1, a.Seq)
			}
			if !a.Holds() {
				g.t.Errorf("the commitment of entry %d does not hold", a.Seq)
			}
			out = append(out, line(a.Question, string(a.State), a.Value))
		}
		return err
	})
	return out
}

// profile is where a question stands, as "state value"; "" where it does not.
func (g *ground) profile(brand, question string) string {
	g.t.Helper()
	var out string
	g.view(func(tx *store.Tx) error {
		list, err := screens.Profile(tx, g.account)
		for _, c := range list {
			if c.Brand == brand && c.Question == question && c.State != "" {
				out = line(string(c.State), "", c.Value)
			}
		}
		return err
	})
	return out
}

func line(a, b string, v catalogue.Value) string {
	out := a
	if b != "" {
		out += " " + b
	}
	switch x := v.Any().(type) {
	case string:
		out += " " + x
	case []string:
		out += " " + strings.Join(x, "+")
	case float64:
		out += " " + strconv.FormatFloat(x, 'f', -1, 64)
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(x)) {
			parts = append(parts, fmt.Sprint(name, "=", x[name]))
		}
		out += " " + strings.Join(parts, ",")
	case bool:
		out += map[bool]string{true: " yes", false: " no"}[x]
	}
	return out
}

func (g *ground) release(brand, claim string) consent.State {
	g.t.Helper()
	var out consent.State
	g.view(func(tx *store.Tx) error {
		all, err := consent.Releases(tx, g.account, brand)
		out = all[claim].State
		return err
	})
	return out
}

func (g *ground) events() (out []string) {
	g.t.Helper()
	g.counter.Numbered(g.t)
	g.view(func(tx *store.Tx) error {
		list, err := outbox.After(tx, 0, 100)
		for _, e := range list {
			out = append(out, e.Record.Brand+" "+e.Record.Type)
		}
		return err
	})
	return out
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hidden are the fields that a form of the page carries.
func hidden(page string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = append(out[pairs[i]][:len(out[pairs[i]]):len(out[pairs[i]])], pairs[i+1])
	}
	return out
}

func contains(t *testing.T, page string, wants ...string) {
	t.Helper()
	page = html.UnescapeString(strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(page))
	for _, w := range wants {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}
