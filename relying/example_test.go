package relying_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/proffer-id/proffer/relying"
)

// A shop reads what its customer said, and what it does not know.
func ExampleAnswers() {
	// The claims of a verified ID token, or the body of UserInfo.
	claims := []byte(`{"sub":"k7Qm3GdVjWb9sQ2xk1LzTA","zp":{"coffee_milk":"oat","birthday":"--03-14"}}`)
	answers, err := relying.ReadAnswers(claims, "zp")
	if err != nil {
		log.Fatal(err)
	}
	if milk, ok := answers.String("coffee_milk"); ok {
		fmt.Println("milk:", milk)
	}
	if day, ok := answers.MonthDay("birthday"); ok {
		fmt.Println("birthday:", day.Day, day.Month)
	}
	fmt.Println("shoe size:", answers.Standing("shoe_size"))
	// Output:
	// milk: oat
	// birthday: 14 March
	// shoe size: not shared
}

// The two handlers of a site that signs its customers in.
func ExampleClient() {
	var (
		client *relying.Client // made once, by relying.New
		keep   func(http.ResponseWriter, relying.Attempt)
		take   func(*http.Request) relying.Attempt // once
		greet  func(http.ResponseWriter, *relying.Tokens)
	)
	http.HandleFunc("GET /sign-in", func(w http.ResponseWriter, r *http.Request) {
		attempt, to := client.Begin()
		keep(w, attempt)
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
	http.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		tokens, err := client.Finish(r.Context(), take(r), r.URL.Query())
		if err != nil {
			http.Error(w, "Signing in did not work. Try it once more.", http.StatusBadRequest)
			return
		}
		greet(w, tokens)
	})
}
