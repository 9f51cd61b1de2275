package catalogue

import "strings"

// Reserved says whether a claim belongs to a protocol, to a registry or to
// Proffer itself, in any letter case: no question may write it. A relying party would
// believe that the provider says so.
func Reserved(claim string) bool {
	c := strings.ToLower(claim)
	return reserved[c] || strings.HasPrefix(c, "_") || c == "zp" || strings.HasPrefix(c, "zp_")
}

// Standard says whether a claim is one of the profile claims of OpenID Connect
// Core 1.0, 5.1 that a question may fill.
func Standard(claim string) bool { return standard[claim] }

var standard = set(`name given_name family_name middle_name nickname preferred_username
	profile picture website gender zoneinfo phone_number`)

// reserved are the claims of the IANA registry of JSON Web Token claims as far as
// a question could collide with them, what OpenID Connect and OAuth answers carry, what
// Proffer itself says of a customer, and names that trip JavaScript.
var reserved = set(`
	iss sub aud exp nbf iat jti
	azp nonce auth_time at_hash c_hash s_hash acr amr sub_jwk sid
	email email_verified phone_number_verified birthdate locale address updated_at
	cnf act may_act scope client_id authorization_details events toe txn sub_id
	active username token_type token_introspection
	cty typ alg kid jku jwk x5u x5c x5t crit enc zip htm htu ath rat
	roles groups entitlements permissions
	vot vtm vc vp verified_claims claims_locales _claim_names _claim_sources
	place_of_birth nationalities birth_family_name birth_given_name birth_middle_name salutation title msisdn also_known_as
	orig dest mky attest ppt rph div opt sip_from_tag sip_date sip_callid sip_cseq_num sip_via_branch
	rcd rcdi rcn crn mdn sip_date lpa_token nfts bm cdniv cdnicrit cdniip cdniuc cdniets cdnistt cdnistd sig_val_claims
	eat_profile eat_nonce ueid sueids oemid hwmodel hwversion oemboot dbgstat location uptime bootcount bootseed dloas
	swname swversion manifests measurements measres submods intuse secboot psa
	status status_list ttl vct credential_identifiers cat grant_id
	proto constructor prototype __proto__ hasownproperty tostring valueof
	zp zp_meta zp_more error error_description state code access_token id_token refresh_token`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
