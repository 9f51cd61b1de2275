package proffer_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
)

// A shop's own program has the provider below /id: a configuration, a store, a
// handler, and Run for the work behind it.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir := exampleFolder()
	defer os.RemoveAll(dir)

	cfg, err := proffer.Load(filepath.Join(dir, "config.yaml"))
	check(err)
	_, err = cfg.MakeSecrets()
	check(err)
	driver, err := bolt.Open(filepath.Join(dir, "proffer.db"), bolt.Options{})
	check(err)
	keys, err := store.OpenKeys(filepath.Join(dir, "master.key"), filepath.Join(dir, "buckets.key"))
	check(err)
	db, err := store.Open(ctx, driver, proffer.Tables(), store.Options{Now: time.Now, Keys: keys})
	check(err)
	id, err := proffer.New(ctx, cfg, proffer.Options{DB: db})
	check(err)
	go id.Run(ctx)

	shop := http.NewServeMux()
	shop.Handle("/id/", id)
	shop.Handle(id.Metadata())
	shop.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the shop's own front page") })

	r := httptest.NewRequest("GET", cfg.Issuer+"/.well-known/openid-configuration", nil)
	w := httptest.NewRecorder()
	shop.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Type"))

	stop()
	check(db.Close())
	// Output: 200 application/json
}

// exampleFolder is a folder with the example configuration in it, its issuer
// moved below /id.
func exampleFolder() string {
	dir, err := os.MkdirTemp("", "proffer")
	check(err)
	check(os.CopyFS(dir, proffer.Example()))
	text, err := fs.ReadFile(proffer.Example(), "config.example.yaml")
	check(err)
	check(os.WriteFile(filepath.Join(dir, "config.yaml"), bytes.Replace(text, []byte("issuer: http://localhost:8080"), []byte("issuer: http://localhost:8080/id"), 1), 0o600))
	return dir
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
