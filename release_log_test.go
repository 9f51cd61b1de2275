package proffer

import (
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// TestReleaseLog: the log says which client got what, from when on and why; what
// did not change is not said again, and each entry of a client begins where the
// one before it ended.
func TestReleaseLog(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	kopi, _, got, _ := l.both(b, "birthday", "email")
	kopi.userinfo(got.Token)
	b.open("/preferences/answers/coffee_milk/change?brand=kopi").form("/coffee_milk/change").send("q.coffee_milk", "black", "do", "continue")
	for range 2 {
		l.clock.Add(time.Minute)
		got = kopi.refresh(got)
	}
	b.open("/preferences/sharing").form("/stop?claim=coffee_milk").send()
	l.clock.Add(time.Minute)
	kopi.refresh(got)

	l.counts.Numbered(t)
	var log []store.Entry[consent.Handed]
	err := l.db.View(t.Context(), func(tx *store.Tx) (err error) {
		log, err = consent.ReleaseLog(tx, 0, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	names := func(set []string) string { // without the numbers of the entries
		var out []string
		for _, id := range set {
			claim, _, _ := strings.Cut(id, "@")
			out = append(out, claim)
		}
		return strings.Join(out, " ")
	}
	var said []string
	last := map[string]string{}
	for _, e := range log {
		h := e.Record
		said = append(said, h.Client+" "+h.Why+": "+names(h.Now))
		if before := strings.Join(h.Before, " "); before != last[h.Client] {
			t.Errorf("%s had %q, the entry says %q", h.Client, last[h.Client], before)
		}
		last[h.Client] = strings.Join(h.Now, " ")
		if h.Brand == "" || h.Account.IsZero() || h.Grant.IsZero() || h.At.IsZero() {
			t.Errorf("entry %d is %+v", e.Pos, h)
		}
	}
	want := []string{
		"kopi-web code: birthday coffee_milk",
		"sole-web code: birthday shoe_size",
		"sole-web userinfo: birthday email shoe_size",
		"kopi-web refresh: birthday coffee_milk",
		"kopi-web refresh: birthday",
	}
	if got := strings.Join(said, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the log says\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
