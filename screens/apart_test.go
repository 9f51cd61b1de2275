package screens_test

import (
	"strings"
	"testing"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// One brand never learns what another asked, and a person-wide answer is not
// asked twice.
func TestBrandsApart(t *testing.T) {
	g := newGround(t)
	v := g.reach("kopi", "birthday")
	g.say(v, "birthday", "q.birthday.day", "14", "q.birthday.month", "3")
	at := g.visit("sole")
	g.wantDue(at, "/ask/size")
	g.say(at, "size", "q.shoe_size", "42")
	g.wantDue(at, "") // the birthday is known; it is for /share to ask
	if got := g.release("sole", "birthday"); got != "" {
		t.Errorf("release %q", got)
	}
	if got := g.release("kopi", "shoe_size"); got != "" {
		t.Errorf("release %q", got)
	}
}

// A skip at one brand puts nothing off at another.
func TestBrandsApart_Skip(t *testing.T) {
	g := newGround(t)
	v := g.reach("kopi", "birthday")
	g.say(v, "birthday", "do", "skip")
	at := g.visit("sole")
	g.due(at)
	g.say(at, "size", "q.shoe_size", "42")
	g.wantDue(at, "/ask/birthday")
	g.say(at, "birthday", "q.birthday.day", "1", "q.birthday.month", "1")
	if got := g.profile("sole", "birthday"); got != "answered --01-01" {
		t.Errorf("profile %q", got)
	}
}

// Everything of an account goes, and nothing of another one.
func TestForget(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "coffee", "q.coffee_milk", "oat")
	g.update(func(tx *store.Tx) error { return screens.Forget(tx, g.account) })
	wantLedger(t, g)
	if got := g.profile("kopi", "coffee_milk"); got != "" {
		t.Errorf("profile %q", got)
	}
}

// Two brands may each have a question of one name: nothing of one is the other's.
func TestBrandsApart_SameName(t *testing.T) {
	g := newGround(t)
	same := strings.NewReplacer("shoe_size", "coffee_milk", "scope: person", "scope: brand").Replace(soleSet)
	g.define(joined(t, kopiSet, same))
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "coffee", "q.coffee_milk", "oat")
	at := g.visit("sole")
	g.wantDue(at, "/ask/size")
	g.say(at, "size", "q.coffee_milk", "42")
	for brand, want := range map[string]string{"kopi": "answered oat", "sole": "answered 42"} {
		if got := g.profile(brand, "coffee_milk"); got != want {
			t.Errorf("%s: %q, want %q", brand, got, want)
		}
	}
	g.press("/preferences/answers/coffee_milk/remove?brand=sole")
	if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
		t.Errorf("removed at Sole & Co, at Kopi Club it is %q", got)
	}
	if got := g.release("kopi", "coffee_milk"); got != consent.Given {
		t.Errorf("removed at Sole & Co, the release to Kopi Club is %q", got)
	}
}
