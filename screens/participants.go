package screens

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/experiment"
	"github.com/proffer-id/proffer/store"
)

// participantsAtOnce is how many customers are read in one View: a snapshot is not to
// be held for long.
const participantsAtOnce = 200

// Count adds every customer to whom a campaign of one of the tallies was offered. It
// looks through all customers there are, each for a moment, so what is written
// meanwhile is counted or not; read, which may be nil, hears of every few how many were
// looked at. unreadable is how many could not be opened, and are left out.
func Count(ctx context.Context, db *store.DB, tallies []*experiment.Tally, read func(offers int)) (unreadable int, err error) {
	from, seen := store.Key(nil), 0
	for {
		var n, lost int
		var next store.Key
		var found []participant
		err := db.View(ctx, func(tx *store.Tx) error {
			next, lost = from, 0
			list, err := histories.List(tx, store.Range{From: from, Limit: participantsAtOnce})
			var sealed *store.SealedError
			if errors.As(err, &sealed) {
				lost = len(sealed.Keys)
				next = latest(next, sealed.Keys...)
			} else if err != nil {
				return err
			}
			for _, h := range list {
				next = latest(next, store.K(h.Account, h.Brand, h.Campaign))
			}
			n = len(list) + lost
			var more int
			found, more, err = readParticipants(tx, list, tallies)
			lost += more
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("count customers: %w", err)
		}
		for _, p := range found {
			p.tally.Add(p.Customer)
		}
		unreadable += lost
		if n == 0 {
			return unreadable, nil
		}
		from = next.After()
		if seen += n; read != nil {
			read(seen)
		}
		if n < participantsAtOnce {
			return unreadable, nil
		}
	}
}

func latest(of store.Key, others ...store.Key) store.Key {
	for _, k := range others {
		if bytes.Compare(k, of) > 0 {
			of = k
		}
	}
	return of
}

// participant is a customer and where they are counted.
type participant struct {
	tally *experiment.Tally
	experiment.Customer
}

// readParticipants reads what those have said who were offered what is counted.
func readParticipants(tx *store.Tx, list []*history, tallies []*experiment.Tally) (out []participant, lost int, err error) {
	var b store.Batch
	type wanted struct {
		participant
		brand           string
		ledger          *store.WantedList[Answer]
		person, profile *store.WantedList[Current]
	}
	var all []*wanted
	for _, h := range list {
		i := slices.IndexFunc(tallies, func(t *experiment.Tally) bool { return t.Brand() == h.Brand && t.Campaign() == h.Campaign })
		if i < 0 || h.Arm == "" || h.Offers == 0 {
			continue
		}
		w := &wanted{participant: participant{tally: tallies[i]}, brand: h.Brand, ledger: answers.WantList(&b, store.Range{Prefix: store.K(h.Account)})}
		w.Arm = h.Arm
		w.person = current.WantList(&b, store.Range{Prefix: store.K(h.Account, "")})
		w.profile = current.WantList(&b, store.Range{Prefix: store.K(h.Account, h.Brand)})
		all = append(all, w)
	}
	if len(all) == 0 {
		return nil, 0, nil
	}
	if err := tx.Read(&b); err != nil {
		return nil, 0, err
	}
	for _, w := range all {
		ledger, err1 := w.ledger.All()
		person, err2 := w.person.All()
		profile, err3 := w.profile.All()
		if err := errors.Join(err1, err2, err3); errors.Is(err, store.ErrSealed) {
			lost++
			continue
		} else if err != nil {
			return nil, 0, err
		}
		for _, a := range ledger {
			if a.Brand == w.brand { // what another asked is its own business, even in numbers
				w.Entries = append(w.Entries, a.counted())
			}
		}
		for _, c := range slices.Concat(person, profile) {
			if c.State == catalogue.Answered || c.State == catalogue.Declined || c.State == catalogue.Unsure {
				w.Settled = append(w.Settled, c.Question)
			}
		}
		out = append(out, w.participant)
	}
	return out, lost, nil
}

// counted is the entry as an experiment looks at it.
func (a *Answer) counted() experiment.Entry {
	return experiment.Entry{
		Question: a.Question, Outcome: a.State, Value: a.Value, Campaign: a.Campaign, Arm: a.Arm,
		Visit: a.Visit, Asked: a.Asked, At: a.At, Expires: a.Expires,
	}
}
