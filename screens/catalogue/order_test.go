package catalogue

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/store"
)

const orderSet = `
purposes: {shelf: {text: {en: sort the shelf, th: จัดชั้น}}}
questions:
  fruit:
    kind: multi
    order: ORDER
    ask: {en: Which fruit?, th: ผลไม้อะไร}
    name: {en: Fruit, th: ผลไม้}
    why: {en: To have it., th: เพื่อเตรียมไว้}
    purpose: shelf
    options:
      - {other: true}
      - {id: pear, label: {en: Pear, th: สาลี่}}
      - {id: apple, label: {en: apple, th: แอปเปิล}}
      - {id: orange, label: {en: Orange, th: ส้ม}}
      - {id: fig, label: {en: Fig, th: มะเดื่อ}, retired: true}
      - {id: melon, label: {en: melon, th: แตง}}
      - {id: elder, label: {en: Élder, th: เอลเดอร์}}
screens: {fruit: {ask: [fruit]}}
campaigns: {welcome: {when: [sign_in], show: [fruit], cooldown: 30d, lifetime: 3}}
`

func listed(q *Question, lang string) string {
	var out []string
	for _, o := range q.View(lang, url.Values{}, "").Options {
		out = append(out, o.Value)
	}
	return strings.Join(out, " ")
}

func TestOrder(t *testing.T) {
	for _, x := range []struct{ order, lang, want string }{
		{"fixed", "en", "other pear apple orange melon elder"},
		{"alphabetical", "en", "apple elder melon orange pear other"},
		{"alphabetical", "th", "melon orange pear elder apple other"}, // แตง ส้ม สาลี่ เอลเดอร์ แอปเปิล: by the consonant
	} {
		q := oneSet(t, strings.Replace(orderSet, "ORDER", x.order, 1)).Question("fruit")
		if got := listed(q, x.lang); got != x.want {
			t.Errorf("%s in %s: %s", x.order, x.lang, got)
		}
		if one := q.Shuffled(store.NewID()); one != q || one.Arrangement() != nil {
			t.Errorf("%s is shuffled", x.order)
		}
	}
}

// A visit has one order, others have others; "other" stays last and nothing is lost.
func TestShuffled(t *testing.T) {
	q := oneSet(t, strings.Replace(orderSet, "ORDER", "shuffled", 1)).Question("fruit")
	if q.Shuffled(store.ID{}) != q || q.Arrangement() != nil {
		t.Error("without a visit, the options stand as they are written")
	}
	first := map[string]int{}
	for range 600 {
		visit := store.NewID()
		own := q.Shuffled(visit)
		if got := listed(own, "en"); got != strings.Join(own.Arrangement(), " ") || got != listed(q.Shuffled(visit), "th") {
			t.Fatalf("one visit sees %s and %s", got, own.Arrangement())
		}
		a := own.Arrangement()
		if a[5] != "other" || len(a) != 6 || slices.Contains(a, "fig") {
			t.Fatalf("shuffled to %s", a)
		}
		first[a[0]]++
		if v, err := own.Parse(url.Values{"q.fruit": {"pear", "apple"}}); err != nil || !v.Equal(Words([]string{"pear", "apple"})) {
			t.Fatalf("the order of the page is in the answer: %v", err)
		}
	}
	for id, n := range first {
		if n < 60 || n > 180 { // 120 of 600, by far
			t.Errorf("%s comes first %d times of 600", id, n)
		}
	}
}
