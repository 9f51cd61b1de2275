package oauth

import (
	"net/http"
	"slices"
	"time"
)

// metadata is what the provider says of itself: only what is true (OpenID
// Connect Discovery 1.0, 3; RFC 8414, 2). Arrays whose default would say more
// than we do are there although they are optional.
type metadata struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
	UserInfoEndpoint      string `json:"userinfo_endpoint"`
	RevocationEndpoint    string `json:"revocation_endpoint"`
	EndSessionEndpoint    string `json:"end_session_endpoint"`
	PushedEndpoint        string `json:"pushed_authorization_request_endpoint"`
	JWKSURI               string `json:"jwks_uri"`

	ScopesSupported        []string `json:"scopes_supported"`
	ResponseTypesSupported []string `json:"response_types_supported"`
	ResponseModesSupported []string `json:"response_modes_supported"`
	GrantTypesSupported    []string `json:"grant_types_supported"`
	SubjectTypesSupported  []string `json:"subject_types_supported"`
	IDTokenAlgs            []string `json:"id_token_signing_alg_values_supported"`
	TokenAuthMethods       []string `json:"token_endpoint_auth_methods_supported"`
	RevocationAuthMethods  []string `json:"revocation_endpoint_auth_methods_supported"`
	CodeChallengeMethods   []string `json:"code_challenge_methods_supported"`
	PromptValuesSupported  []string `json:"prompt_values_supported"`
	DisplayValuesSupported []string `json:"display_values_supported"`
	ClaimTypesSupported    []string `json:"claim_types_supported"`
	ClaimsSupported        []string `json:"claims_supported"`
	ACRValuesSupported     []string `json:"acr_values_supported,omitempty"`
	UILocalesSupported     []string `json:"ui_locales_supported,omitempty"`
	ClaimsParameter        bool     `json:"claims_parameter_supported"`
	RequestParameter       bool     `json:"request_parameter_supported"`
	RequestURIParameter    bool     `json:"request_uri_parameter_supported"`
	RequireRequestURI      bool     `json:"require_request_uri_registration"`
	IssParameter           bool     `json:"authorization_response_iss_parameter_supported"`
}

// Discovery handles the metadata at both of its addresses below the prefix:
// /.well-known/openid-configuration and /.well-known/oauth-authorization-server.
// Where the issuer has a path, RFC 8414, 3.1 wants the second one between host
// and path, at MetadataPath.
func (p *Provider) Discovery(w http.ResponseWriter, r *http.Request) {
	at := p.deps.Site.URL
	methods := []string{authBasic, authPost, authNone}
	p.writePublic(w, r, metadata{
		Issuer:                p.cfg.Issuer,
		AuthorizationEndpoint: at("/authorize"),
		TokenEndpoint:         at("/token"),
		UserInfoEndpoint:      at("/userinfo"),
		RevocationEndpoint:    at("/revoke"),
		EndSessionEndpoint:    at("/logout"),
		PushedEndpoint:        at("/par"),
		JWKSURI:               at("/jwks"),

		ScopesSupported:        union([]string{scopeOpenID}, p.cfg.Scopes, []string{scopeOffline}),
		ResponseTypesSupported: []string{"code"},
		ResponseModesSupported: []string{"query"},
		GrantTypesSupported:    []string{grantCode, grantRefresh},
		SubjectTypesSupported:  []string{"pairwise", "public"},
		IDTokenAlgs:            []string{algRS256, algES256},
		TokenAuthMethods:       methods,
		RevocationAuthMethods:  methods,
		CodeChallengeMethods:   []string{"S256"},
		PromptValuesSupported:  prompts,
		DisplayValuesSupported: []string{"page"},
		ClaimTypesSupported:    []string{"normal"},
		ClaimsSupported: union([]string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"},
			p.cfg.Claims),
		ACRValuesSupported: p.cfg.ACRValues,
		UILocalesSupported: p.cfg.Locales,
		ClaimsParameter:    true,
		IssParameter:       true,
	}, time.Hour)
}

// MetadataPath is where Discovery is looked for by who goes by RFC 8414, 3.1,
// such as "/.well-known/oauth-authorization-server/id".
func (p *Provider) MetadataPath() string {
	return "/.well-known/oauth-authorization-server" + p.deps.Site.Prefix()
}

// union keeps the order, and each once.
func union(sets ...[]string) []string {
	var out []string
	for _, s := range slices.Concat(sets...) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
