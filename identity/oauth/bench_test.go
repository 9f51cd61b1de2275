package oauth

import (
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// BenchmarkVisit is what sealing and opening one visit costs.
func BenchmarkVisit(b *testing.B) {
	s, err := newSealer(make([]byte, 32), "https://id.example.com")
	if err != nil {
		b.Fatal(err)
	}
	q := &request{
		ID: store.ID{1, 2, 3}, Began: time.Now().UnixMilli(), Flow: make([]byte, 12), Client: "kopi-web", Brand: "kopi", Redirect: "https://kopi.example/callback",
		State: "af0ifjsldkjaf0ifjsldkj", Nonce: "n-0S6_WzA2Mjn-0S6_WzA2Mj", Challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Scopes: []string{"openid", "email", "zp", "offline_access"},
	}
	for b.Loop() {
		text, err := s.seal(sealedVisit, q)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.open(sealedVisit, text); err != nil {
			b.Fatal(err)
		}
	}
}
