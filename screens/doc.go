// Package screens knows what may be asked, what was said and what is due. It
// knows no OAuth and no credentials.
//
// Definitions come from one screen set a brand (Load) and are joined across
// brands (Join). Decide, a pure function, says which screen is due; kinds read
// and check what a form sends; Resolve gives the words of a screen as shown,
// under whose hash an answer records them. Records, pages and preferences stand
// beside it and do what needs a store.
package screens
