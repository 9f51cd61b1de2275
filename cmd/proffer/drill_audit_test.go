package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// found is what an audit came to.
type found struct {
	accounts, answers  int // acknowledged
	lost, double, half int
}

// account is as much of an account as an audit needs to know, declared here once
// more: the rooms show no list of all of them.
type account struct {
	ID       store.ID `json:"id"`
	Email    string   `json:"email"`
	Address  [32]byte `json:"address"`
	Password string   `json:"password"`
}

var accounts = store.Sealed("account", func(a *account) store.Key { return store.K(a.ID) },
	store.Unique("address", func(a *account) store.Key { return store.K(a.Address) }))

// audit opens the store of a provider that has ended, and compares it with the
// ledger: what was acknowledged is there once, what was not at most once, and
// each entry with everything that goes with it.
func audit(t testing.TB, p *provider, l *ledger) found {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	driver, keys := p.keeps(ctx)
	tables := slices.Concat([]store.Table{accounts}, screens.Records, consent.Records, outbox.Records)
	db, err := store.Open(ctx, driver, tables, store.Options{Now: time.Now, Keys: keys, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ran := make(chan error, 1)
	go func() { ran <- driver.Run(ctx) }() // numbers what the last process had no time for
	a := &auditor{TB: t, ledger: l.read(), tried: l.tried}
	p.numbered(ctx)
	if err := db.View(ctx, a.look); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	return a.found
}

// numbered waits until every entry of a log has its position. Who was at it when
// the network went silent has the lease for as long as the database thinks so.
func (p *provider) numbered(ctx context.Context) {
	p.Helper()
	if p.database == "" {
		return // on a file they have it at once
	}
	conn, err := pgx.Connect(ctx, p.database)
	if err != nil {
		p.Fatal(err)
	}
	defer conn.Close(ctx)
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		var waiting int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM proffer._inbox").Scan(&waiting); err != nil {
			p.Fatal(err)
		}
		if waiting == 0 {
			return
		}
		if time.Since(began) > 90*time.Second {
			p.Fatalf("%d entries of logs get no position", waiting)
		}
	}
}

// keeps opens what a provider that has ended keeps things in.
func (p *provider) keeps(ctx context.Context) (store.Driver, *store.Keys) {
	p.Helper()
	cfg := &proffer.Config{Dir: p.dir, Store: "bolt:data/proffer.db", Keys: proffer.KeyFiles{Master: "data/master.key", Buckets: "data/buckets.key"}}
	if p.database != "" {
		cfg.Store = proffer.StoreAddress(p.database)
	}
	driver, keys, err := openDriver(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		p.Fatal(err)
	}
	return driver, keys
}

type auditor struct {
	testing.TB
	found
	ledger []deed
	tried  map[deed]bool
	born   map[store.ID]int               // account.created
	told   map[store.ID]map[uint32][]told // answer.updated, by account and entry
}

// told is what the event of an answer says.
type told struct {
	Question string
	Seq      uint32
	State    catalogue.Outcome
	Value    catalogue.Value
	Consent  store.ID `json:"consent_id"`
}

func (a *auditor) look(tx *store.Tx) error {
	if err := a.readEvents(tx); err != nil {
		return err
	}
	all, err := accounts.List(tx, store.Range{})
	if err != nil {
		return err // an account that cannot be opened, too
	}
	byEmail := map[string][]*account{}
	for _, one := range all {
		byEmail[one.Email] = append(byEmail[one.Email], one)
		if !a.tried[deed{What: registered, Email: one.Email}] {
			a.wrong(&a.double, "%s has an account and never registered", one.Email)
		}
		if n := a.born[one.ID]; n != 1 || one.Password == "" {
			a.wrong(&a.half, "%s: %d events say that the account was made; password %v", one.Email, n, one.Password != "")
		}
	}
	acknowledged := map[string][]deed{} // answers, by address
	seen := map[string]bool{}
	for _, d := range a.ledger {
		switch d.What {
		case registered:
			if !seen[d.Email] {
				seen[d.Email] = true
				a.accounts++
				if n := len(byEmail[d.Email]); n == 0 {
					a.wrong(&a.lost, "the account of %s is lost", d.Email)
				} else if n > 1 {
					a.wrong(&a.double, "%s has %d accounts", d.Email, n)
				}
			}
		case answered:
			a.answers++
			acknowledged[d.Email] = append(acknowledged[d.Email], d)
		}
	}
	for _, one := range all {
		if err := a.account(tx, one, acknowledged[one.Email]); err != nil {
			return fmt.Errorf("%s: %w", one.Email, err)
		}
	}
	return nil
}

func (a *auditor) wrong(n *int, format string, args ...any) {
	a.Helper()
	*n++
	a.Errorf(format, args...)
}

func (a *auditor) readEvents(tx *store.Tx) error {
	a.born, a.told = map[store.ID]int{}, map[store.ID]map[uint32][]told{}
	for pos := uint64(0); ; {
		page, err := outbox.After(tx, pos, 500)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		for _, e := range page {
			if pos++; e.Pos != pos {
				a.wrong(&a.half, "the log of events has a gap before %d", e.Pos)
				pos = e.Pos
			}
			switch e.Record.Type {
			case "account.created":
				a.born[e.Record.Account]++
			case "answer.updated":
				var s told
				if err := json.Unmarshal(e.Record.Data, &s); err != nil {
					return err
				}
				if a.told[e.Record.Account] == nil {
					a.told[e.Record.Account] = map[uint32][]told{}
				}
				a.told[e.Record.Account][s.Seq] = append(a.told[e.Record.Account][s.Seq], s)
			}
		}
	}
}

// account compares the entries of one customer with what was acknowledged, and
// each entry with the profile, the consent, the release and the event.
func (a *auditor) account(tx *store.Tx, one *account, acknowledged []deed) error {
	entries, err := screens.Ledger(tx, one.ID)
	if err != nil {
		return err
	}
	profile, err := screens.Profile(tx, one.ID)
	if err != nil {
		return err
	}
	releases, err := consent.Releases(tx, one.ID, "kopi")
	if err != nil {
		return err
	}
	chain, err := consent.Chain(tx, one.ID, "kopi", "personalise")
	if err != nil {
		return err
	}
	left := acknowledged
	last := map[string]*screens.Answer{}
	times := map[deed]int{}
	for i, e := range entries {
		d := deed{What: answered, Email: one.Email, Question: e.Question, Value: fmt.Sprint(e.Value.Any())}
		if times[d]++; times[d] > 1 {
			a.wrong(&a.double, "%v stands there %d times", d, times[d])
		}
		if len(left) > 0 && left[0] == d {
			left = left[1:]
		} else if !a.tried[d] {
			a.wrong(&a.double, "%v was never said", d)
		}
		last[e.Question] = e
		if e.Seq != uint32(i+1) || !e.Holds() {
			a.wrong(&a.half, "%v: entry %d has the number %d, commitment holds %v", d, i+1, e.Seq, e.Holds())
		}
		if _, err := screens.Wording(tx, e.Screen); err != nil {
			a.wrong(&a.half, "%v: words as shown: %v", d, err)
		}
		events := a.told[one.ID][e.Seq]
		if len(events) != 1 || events[0].Question != e.Question || !events[0].Value.Equal(e.Value) || events[0].Consent != e.Consent {
			a.wrong(&a.half, "%v: events %v", d, events)
		}
		if e.Consent.IsZero() || releases[e.Question].State != consent.Given || releases[e.Question].Consent != e.Consent {
			a.wrong(&a.half, "%v: consent %v, release %+v", d, e.Consent, releases[e.Question])
		}
		if !slices.ContainsFunc(chain, func(c *consent.Event) bool { return c.At.Equal(e.At) && slices.Contains(c.Claims, e.Question) }) {
			a.wrong(&a.half, "%v: no consent event", d)
		}
	}
	for _, d := range left {
		a.wrong(&a.lost, "%v is lost, or out of order", d)
	}
	if len(a.told[one.ID]) != len(entries) {
		a.wrong(&a.half, "%s: %d events of %d entries", one.Email, len(a.told[one.ID]), len(entries))
	}
	if len(profile) != len(last) {
		a.wrong(&a.half, "%s: %d questions in the profile, %d in the entries", one.Email, len(profile), len(last))
	}
	for _, c := range profile {
		if e := last[c.Question]; e == nil || c.Seq != e.Seq || !c.Value.Equal(e.Value) {
			a.wrong(&a.half, "%s: the profile has %s of entry %d, the last one is %+v", one.Email, c.Question, c.Seq, e)
		}
	}
	return nil
}
