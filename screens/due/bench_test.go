package due

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
	"github.com/proffer-id/proffer/store"
)

// size is how large a set is.
type size struct {
	questions, campaigns int
	languages            []string
}

var sizes = []size{{5, 1, []string{"en"}}, {500, 100, []string{"en", "th", "ar"}}}

func (z size) String() string {
	return fmt.Sprintf("%d questions, %d campaigns, %d languages", z.questions, z.campaigns, len(z.languages))
}

// source is a set of that size: five questions a campaign, each on a screen of its
// own, half of the screens hanging on the answer before.
func (z size) source() []byte {
	var b strings.Builder
	text := func(words string) string {
		var in []string
		for _, lang := range z.languages {
			in = append(in, lang+": "+words)
		}
		return "{" + strings.Join(in, ", ") + "}"
	}
	fmt.Fprintf(&b, "purposes:\n  shelf: {text: %s, keep: 18mo}\nquestions:\n", text("start your shelf with what you like"))
	for i := range z.questions {
		fmt.Fprintf(&b, "  q%d:\n    kind: single\n    scope: brand\n    ask: %s\n    name: %s\n    why: %s\n    purpose: shelf\n    fresh: 12mo\n    options:\n", i, text(fmt.Sprint("What about ", i)), text(fmt.Sprint("About ", i)), text("So that we know."))
		for o := range 4 {
			fmt.Fprintf(&b, "      - {id: o%d, label: %s}\n", o, text(fmt.Sprint("Choice ", o)))
		}
	}
	b.WriteString("screens:\n")
	for i := range z.questions {
		fmt.Fprintf(&b, "  s%d: {ask: [q%d]", i, i)
		if i%2 == 1 {
			fmt.Fprintf(&b, ", show_if: {answer: q%d, any_of: [o0, o1]}", i-1)
		}
		b.WriteString("}\n")
	}
	b.WriteString("campaigns:\n")
	each := z.questions / z.campaigns
	for i := range z.campaigns {
		fmt.Fprintf(&b, "  c%d:\n    when: [sign_in, missing_claim]\n    who: {any: [{client: kopi-web}, {consent: shelf}]}\n    priority: %d\n    snooze: 7d\n    arms: {a: 50, b: 50}\n    show: [", i, i%7)
		for j := range each {
			fmt.Fprintf(&b, "s%d, ", i*each+j)
		}
		b.WriteString("]\n")
	}
	return []byte(b.String())
}

func (z size) load(t testing.TB) *catalogue.Catalogue {
	var out diag.Findings
	o := catalogue.LoadOptions{Brand: "kopi", Name: catalogue.Text{"en": "Kopi Club"}, Languages: z.languages}
	c := catalogue.Join(map[string]*catalogue.Set{"kopi": catalogue.Load("kopi.yaml", z.source(), o, &out)}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// customers are those that cost most: nobody knows them, so that the first campaign
// is due; everything is answered, so that all of it is looked through; and every
// campaign was offered before, so that they are put in order.
func customers(set *catalogue.Set) map[string]catalogue.State {
	answered := map[string]catalogue.Standing{}
	offered := map[string]catalogue.History{}
	for _, q := range set.Questions {
		answered[q.ID] = catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("o0"), At: screentest.Start}
	}
	for i, c := range set.Campaigns {
		offered[c.ID] = catalogue.History{Offers: 1, Offered: screentest.Start.AddDate(0, 0, -40-i*31%97), Visit: store.ID{1}}
	}
	return map[string]catalogue.State{
		"nobody known": {}, "all answered": {Answers: answered}, "all answered, all offered": {Answers: answered, Campaigns: offered},
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, z := range sizes {
		b.Run(z.String(), func(b *testing.B) {
			b.SetBytes(int64(len(z.source())))
			for b.Loop() {
				z.load(b)
			}
		})
	}
}

// BenchmarkNextSizes reports what a decision costs, and that as a part of one ES256
// signature made between decisions of the same run: what a visit costs anyhow.
func BenchmarkNextSizes(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("header.payload"))
	for _, z := range sizes {
		def := z.load(b)
		for name, s := range customers(def.Set("kopi")) {
			b.Run(z.String()+"/"+name, func(b *testing.B) {
				v := catalogue.Facts{Visit: store.ID{7}, Moment: catalogue.SignIn, Client: "kopi-web", Locale: "en", SignIns: 4}
				b.ReportAllocs()
				deciding, signing := time.Hour, time.Hour // the best of many: the machine has other things to do
				for b.Loop() {
					began := time.Now()
					for range 10 {
						Next(def, "kopi", s, v, screentest.Start)
					}
					decided := time.Now()
					for range 10 {
						if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
							b.Fatal(err)
						}
					}
					deciding, signing = min(deciding, decided.Sub(began)), min(signing, time.Since(decided))
				}
				b.ReportMetric(float64(deciding.Nanoseconds())/10, "ns/decision")
				b.ReportMetric(float64(deciding)/float64(signing), "signatures/decision")
			})
		}
	}
}
