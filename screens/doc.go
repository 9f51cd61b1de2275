// Package screens asks customers, keeps what they said and shows it to them. It
// knows no OAuth and no credentials.
//
// What may be asked is in catalogue: questions, screens and campaigns, as a brand
// writes them. What is due here and now is decided in due, a pure function of the
// catalogue and what is known of a customer. This package does what needs a store:
// Wish and Due read where a customer stands, GetAsk and PostAsk are the pages of a
// visit, the rest is /preferences. Start with records.go.
package screens
