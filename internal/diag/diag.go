// Package diag reads configuration strictly and says what is to be put right
// in it, all at once and each with its place:
//
//	kopi.yaml:41:14: campaigns.welcome.show[2]: unknown screen "drink"; did you mean "drinks"? (kopi.yaml:12)
//
// Decode fills a Go value from YAML; checks that come afterwards report at the
// Node it returns. Start at Decode. It knows nothing of what is configured, and
// it is the only package that sees a YAML node.
package diag
