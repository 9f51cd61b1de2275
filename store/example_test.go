package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
)

// A Drink is what a customer likes: personal, so it is sealed.
type Drink struct {
	Account store.ID `json:"account"`
	Brand   string   `json:"brand"`
	Name    string   `json:"name"`
}

// The schema of a room stands on one page.
var (
	drinks  = store.Sealed("drink", func(d *Drink) store.Key { return store.K(d.Account, d.Brand) })
	changes = store.SealedLog("drink_change", func(d *Drink) store.ID { return d.Account })

	Records = []store.Table{drinks, changes}
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	keys, err := store.OpenKeys(filepath.Join(dir, "master.key"), filepath.Join(dir, "bucket.keys"))
	if err != nil {
		log.Fatal(err)
	}
	driver, err := bolt.Open(filepath.Join(dir, "proffer.db"), bolt.Options{})
	if err != nil {
		log.Fatal(err)
	}
	db, err := store.Open(ctx, driver, Records, store.Options{Now: time.Now, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	kim := store.NewID() // made outside: an Update may run again
	err = db.Update(ctx, func(tx *store.Tx) error {
		tx.CreateKey(kim)
		d := &Drink{Account: kim, Brand: "kopi", Name: "flat white"}
		drinks.Put(tx, d)
		changes.Append(tx, d)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	err = db.View(ctx, func(tx *store.Tx) error {
		d, err := drinks.Get(tx, store.K(kim, "kopi"))
		if err == nil {
			fmt.Println(d.Name)
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}

	// Erased: what is deleted, and what a log or a backup still has.
	err = db.Update(ctx, func(tx *store.Tx) error {
		drinks.Delete(tx, store.K(kim, "kopi"))
		tx.DestroyKey(kim)
		return nil
	})
	if err == nil {
		err = db.Rekey(ctx, kim)
	}
	if err != nil {
		log.Fatal(err)
	}
	err = db.View(ctx, func(tx *store.Tx) error {
		_, err := drinks.Get(tx, store.K(kim, "kopi"))
		fmt.Println(errors.Is(err, store.ErrNotFound))
		left, err := changes.After(tx, 0, 10)
		fmt.Println(len(left), left[0].Record)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// flat white
	// true
	// 1 <nil>
}
