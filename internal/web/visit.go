package web

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A Visit is what a page may know of the visit it stands in. identity/oauth
// seals and opens it; the root hands the opened one to the rooms. It is never
// stored.
type Visit struct {
	ID     store.ID  // random, from when the visit was sealed
	Sealed string    // as it stands in the URL and in hidden fields; "" until identity/oauth was asked to seal it
	Began  time.Time // UTC
	Client string    // client_id; "" in a visit that ends at a page of our own
	Brand  string    // brand of the client; may be "" where Client is
	// Edition names the screen set that Brand had when the visit began, with which
	// it ends too; "" where the brand had none.
	Edition string
	End     string // path of our own the visit ends at, such as "/preferences"; "" ends at the brand's site
	Ask     string // campaign that the client asks for and may; where End is set, that a link led to; may be ""

	LoginHint string   // OpenID Connect Core 1.0, 3.1.2.1
	Locales   []string // ui_locales
	Prompt    []string // none, login, consent, select_account, create
	MaxAge    *int     // seconds
	ACR       []string // acr_values
	Scopes    []string // what the client asked for and may have
	Claims    []string // names in the claims parameter, of either place (OpenID Connect Core 1.0, 5.5)
	Subject   string   // subject of a verified id_token_hint; may be ""
	Carry     string   // handle of answers that the brand's site carried in; may be ""
	Return    string   // origin (or scheme: of a native client) of the validated redirect_uri, for form-action

	Request any // the request as identity/oauth has it, for its own use
}

// Asks says whether prompt has value.
func (v *Visit) Asks(value string) bool { return slices.Contains(v.Prompt, value) }

// Asking says whether screens may be due in the visit: it ends at a brand's site,
// or a link to a campaign began it.
func (v *Visit) Asking() bool { return v.End == "" || v.Ask != "" }
