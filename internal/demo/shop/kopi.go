package shop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/relying"
)

// Kopi is Kopi Club: coffee the kopitiam way. Milk orders its shelf.
func Kopi() Brand {
	return Brand{ID: "kopi", Name: "Kopi Club", Home: "coffee the way you like it", front: kopiFront, rows: kopiRows}
}

func drink(name string, baht int, picture, tag string) Product {
	return Product{Name: name, Price: fmt.Sprintf("%d baht", baht), Picture: "/assets/kopi/" + picture + ".svg", Tag: tag}
}

// kopiMenu is everything Kopi Club has, in the order of the plain shelf.
func kopiMenu() []Product {
	return []Product{
		drink("Kopi O", 55, "kopi-o", ""),
		drink("Kopi", 60, "kopi", ""),
		drink("Kopi peng", 70, "kopi-peng", ""),
		drink("Flat white", 85, "flat-white", ""),
		drink("Oat cortado", 95, "oat-cortado", ""),
		drink("House roast, 250 g", 260, "house-roast", ""),
		drink("Robusta for kopi, 250 g", 240, "robusta", ""),
	}
}

// taste is what one way of taking coffee does to the page.
type taste struct {
	words   string            // in the panel
	greets  string            // second line of the heading
	picture string            // the cup beside it
	first   []string          // what stands first
	tags    map[string]string // and why
}

func kopiTastes() map[string]taste {
	return map[string]taste{
		"black": {"black", "Your kopi, black.", "kopi-o",
			[]string{"Kopi O", "House roast, 250 g", "Robusta for kopi, 250 g"},
			map[string]string{"Kopi O": "black, as you like it", "House roast, 250 g": "for black coffee at home", "Robusta for kopi, 250 g": "strong on its own"}},
		"condensed": {"condensed milk", "Your kopi, with condensed milk.", "kopi",
			[]string{"Kopi", "Kopi peng", "Robusta for kopi, 250 g"},
			map[string]string{"Kopi": "condensed milk, as you like it", "Kopi peng": "the same, on ice", "Robusta for kopi, 250 g": "made for condensed milk"}},
		"fresh": {"fresh milk", "Your coffee, with fresh milk.", "flat-white",
			[]string{"Flat white", "Kopi", "House roast, 250 g"},
			map[string]string{"Flat white": "fresh milk, as you like it", "Kopi": "ask for fresh milk", "House roast, 250 g": "made for milk"}},
		"oat": {"oat milk", "Your coffee, with oat milk.", "oat-cortado",
			[]string{"Oat cortado", "Flat white", "House roast, 250 g"},
			map[string]string{"Oat cortado": "oat milk, as you like it", "Flat white": "ask for oat milk", "House roast, 250 g": "good with oat milk"}},
		"depends": {"it depends", "Something for any day.", "kopi",
			[]string{"Kopi O", "Kopi", "Flat white"},
			map[string]string{"Kopi O": "for a long day", "Kopi": "for a sweet one", "Flat white": "for a slow one"}},
	}
}

// kopiFront arranges the shelf. Who said nothing, or would rather not say, sees
// the plain shelf and no nagging.
func kopiFront(c Customer) Front {
	f := Front{Heading: []string{"Coffee,", "the way you like it."}, Art: "/assets/kopi/kopi.svg"}
	if !c.SignedIn {
		f.Lead = "Sign in, and the shelf starts with yours."
		f.First = Shelf{"On the shelf today", kopiMenu()}
		return f
	}
	f.Heading = []string{"Welcome back.", "The kettle is on."}
	menu := kopiMenu()
	if brews, ok := c.Answers.Bool("home_brew"); ok && !brews {
		menu = slices.DeleteFunc(menu, func(p Product) bool { return strings.HasSuffix(p.Name, " g") })
	}
	if when, _ := c.Answers.Strings("coffee_when"); slices.Contains(when, "morning") {
		f.Lead = "The first pot is ready at seven."
	}
	if d, ok := c.Answers.MonthDay("birthday"); ok {
		f.Lead = "A free drink is waiting in the week of " + day(d) + "."
	}
	milk, _ := c.Answers.String("coffee_milk")
	t, ok := kopiTastes()[milk]
	if !ok {
		f.First = Shelf{"On the shelf today", menu}
		return f
	}
	f.Heading[1], f.Art = t.greets, "/assets/kopi/"+t.picture+".svg"
	yours, rest := part(menu, t.first)
	for i := range yours {
		yours[i].Tag = t.tags[yours[i].Name]
	}
	f.First, f.Rest = Shelf{"Yours first", yours}, &Shelf{"And the rest", rest}
	return f
}

// part takes the named products out of the menu, in the order named.
func part(menu []Product, names []string) (named, rest []Product) {
	byName := map[string]Product{}
	for _, p := range menu {
		byName[p.Name] = p
	}
	for _, n := range names {
		if p, ok := byName[n]; ok { // a bag may be hidden
			named = append(named, p)
			delete(byName, n)
		}
	}
	for _, p := range menu {
		if _, ok := byName[p.Name]; ok {
			rest = append(rest, p)
		}
	}
	return named, rest
}

func kopiRows(c Customer) []Row {
	a := c.Answers
	rows := []Row{
		row("Coffee", "coffee_milk", a, func() (string, bool) {
			milk, ok := a.String("coffee_milk")
			if t, known := kopiTastes()[milk]; known {
				return t.words, ok
			}
			return word(nil, milk), ok
		}),
	}
	if a.Standing("coffee_when") == relying.Shared {
		rows = append(rows, row("When", "coffee_when", a, func() (string, bool) { return plain(a, "coffee_when"), true }))
	}
	return append(rows, birthdayRow(c), emailRow(c))
}

func birthdayRow(c Customer) Row {
	return row("Birthday", "birthday", c.Answers, func() (string, bool) {
		d, ok := c.Answers.MonthDay("birthday")
		return day(d), ok
	})
}

func emailRow(c Customer) Row {
	if c.Email != "" {
		return Row{Name: "Email", Value: c.Email, Known: true}
	}
	return Row{Name: "Email", Value: "not shared"}
}

// day writes a day without a year: 14 March.
func day(d relying.MonthDay) string { return fmt.Sprintf("%d %s", d.Day, d.Month) }
