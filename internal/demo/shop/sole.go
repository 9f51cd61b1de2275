package shop

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/proffer-id/proffer/relying"
)

// Sole is Sole & Co, a running shop. Size hides what is not there, what one
// wears orders the shelf.
func Sole() Brand {
	return Brand{ID: "sole", Name: "Sole & Co", Home: "running shoes", front: soleFront, rows: soleRows}
}

// A shoe is one model and what is left of it.
type shoe struct {
	name, picture string
	baht          int
	use           string      // option of the question style
	stock         map[int]int // pairs by EU size
}

// sizes fills a stock evenly, but for the sizes named as nearly gone or gone.
func sizes(from, to int, few map[int]int) map[int]int {
	stock := map[int]int{}
	for s := from; s <= to; s++ {
		stock[s] = 8
	}
	for s, n := range few {
		stock[s] = n
	}
	return stock
}

// soleStock is everything Sole & Co has, in the order of the plain shelf.
func soleStock() []shoe {
	return []shoe{
		{"Tempo", "tempo", 3590, "run", sizes(36, 47, map[int]int{38: 0, 45: 1})},
		{"Tempo Volt", "tempo-volt", 3790, "run", sizes(38, 46, map[int]int{40: 0, 42: 2})},
		{"Ridge 3", "ridge-3", 4290, "trail", sizes(39, 47, map[int]int{41: 1, 43: 0})},
		{"Avenue", "avenue", 3190, "city", sizes(36, 46, map[int]int{37: 2, 44: 0})},
		{"Avenue Mid", "avenue-mid", 3890, "city", sizes(37, 45, map[int]int{39: 0, 43: 1})},
		{"Court Low", "court-low", 2990, "court", sizes(36, 45, map[int]int{41: 0, 38: 1})},
	}
}

var (
	soleUses  = []string{"run", "trail", "city", "court"} // order of the words in a sentence
	soleWears = map[string]string{"run": "running", "trail": "trail", "city": "city", "court": "court"}
	soleMade  = map[string]string{"run": "Made for your runs", "trail": "Made for your trails", "city": "Made for your days in town", "court": "Made for the court"}
	solePlans = map[string]string{"month": "within a month", "year": "later this year", "looking": "just looking"}
	counts    = []string{"No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"}
)

// soleFront arranges the shelf. "Just looking" says nothing.
func soleFront(c Customer) Front {
	f := Front{Heading: []string{"Shoes for", "the way you run."}, Art: "/assets/sole/lanes.svg"}
	if !c.SignedIn {
		f.Lead = "Sign in, and we show what fits."
		f.First = Shelf{"All shoes", products(soleStock(), 0)}
		return f
	}
	size := soleSize(c.Answers)
	shoes := soleStock()
	if size > 0 {
		shoes = slices.DeleteFunc(shoes, func(s shoe) bool { return s.stock[size] == 0 })
	}
	wears, _ := c.Answers.Strings("style")
	first, rest := worn(shoes, wears)

	f.Heading = []string{"Welcome back.", "Good to see you."}
	if size > 0 {
		f.Heading[0] = fmt.Sprintf("%s in EU %d.", pairs(len(shoes)), size)
		f.Heading[1] = "Nothing that does not fit."
	}
	if len(first) > 0 {
		f.Heading[1] = sentence(soleWords(wears)) + " first."
	}
	if plan, _ := c.Answers.String("plan"); plan == "month" {
		f.Lead = "Thinking of buying this month? Delivery before Friday."
	}
	if d, ok := c.Answers.MonthDay("birthday"); ok && f.Lead == "" {
		f.Lead = "10% off is yours in the week of " + day(d) + "."
	}
	all, also := "All shoes", "Also here"
	if size > 0 {
		all, also = fmt.Sprintf("All in EU %d", size), fmt.Sprintf("Also in EU %d", size)
	}
	if len(first) == 0 || len(rest) == 0 {
		f.First = Shelf{all, products(shoes, size)}
		return f
	}
	f.First, f.Rest = Shelf{soleHeading(wears), products(first, size)}, &Shelf{also, products(rest, size)}
	return f
}

// soleSize is the customer's EU size, or 0.
func soleSize(a relying.Answers) int {
	text, _ := a.String("shoe_size")
	size, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return size
}

// worn parts the shoes made for what the customer wears from the rest.
func worn(shoes []shoe, wears []string) (first, rest []shoe) {
	for _, s := range shoes {
		if slices.Contains(wears, s.use) {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	return first, rest
}

func soleHeading(wears []string) string {
	if slices.Contains(wears, "run") {
		return soleMade["run"]
	}
	for _, use := range soleUses {
		if slices.Contains(wears, use) {
			return soleMade[use]
		}
	}
	return "Made for you"
}

// soleWords says several uses: running, trail.
func soleWords(wears []string) []string {
	var out []string
	for _, use := range soleUses {
		if slices.Contains(wears, use) {
			out = append(out, soleWears[use])
		}
	}
	for _, other := range wears {
		if !slices.Contains(soleUses, other) {
			out = append(out, word(nil, other))
		}
	}
	return out
}

// sentence joins words for the start of a sentence: Running, trail and city.
func sentence(words []string) string {
	if len(words) == 0 {
		return ""
	}
	text := words[0]
	if last := len(words) - 1; last > 0 {
		text = strings.Join(words[:last], ", ") + " and " + words[last]
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func pairs(n int) string {
	what := " pairs"
	if n == 1 {
		what = " pair"
	}
	if n < len(counts) {
		return counts[n] + what
	}
	return strconv.Itoa(n) + what
}

// products turns shoes into what the page shows; size 0 has no tags.
func products(shoes []shoe, size int) []Product {
	var out []Product
	for _, s := range shoes {
		p := Product{Name: s.name, Price: baht(s.baht), Picture: "/assets/sole/" + s.picture + ".svg"}
		switch n := s.stock[size]; {
		case size == 0:
		case n == 1:
			p.Tag = fmt.Sprintf("EU %d, last pair", size)
		case n == 2:
			p.Tag = fmt.Sprintf("EU %d, last two", size)
		default:
			p.Tag = fmt.Sprintf("EU %d in stock", size)
		}
		out = append(out, p)
	}
	return out
}

func baht(n int) string { return fmt.Sprintf("%d,%03d baht", n/1000, n%1000) }

func soleRows(c Customer) []Row {
	a := c.Answers
	rows := []Row{
		row("Shoe size", "shoe_size", a, func() (string, bool) {
			size, ok := a.String("shoe_size")
			return "EU " + size, ok
		}),
		row("Wears", "style", a, func() (string, bool) {
			wears, ok := a.Strings("style")
			return strings.Join(soleWords(wears), ", "), ok
		}),
		row("Buying", "plan", a, func() (string, bool) {
			plan, ok := a.String("plan")
			return word(solePlans, plan), ok
		}),
	}
	rows = append(rows, birthdayRow(c), emailRow(c))
	// Coffee is what the other brand asked. Nobody tells this one, and one can
	// see that.
	return append(rows, row("Coffee", "coffee_milk", a, func() (string, bool) { return a.String("coffee_milk") }))
}
