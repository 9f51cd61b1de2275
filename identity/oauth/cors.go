package oauth

import "net/http"

// crossOrigin lets the scripts of clients' own origins call an endpoint (Fetch,
// 3.2). It has answered, and returns true, for a preflight. Who calls is not
// known yet, so an origin counts if it is any client's; onlyFor takes that back.
func (p *Provider) crossOrigin(w http.ResponseWriter, r *http.Request, methods string) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	allowed := origin != "" && p.clients.origins[origin]
	if allowed {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	if allowed {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "3600")
	}
	h.Set("Allow", methods+", OPTIONS")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// onlyFor hides the answer from scripts of origins that are another client's.
func (p *Provider) onlyFor(w http.ResponseWriter, r *http.Request, c *Client) {
	for _, o := range c.Origins {
		if o == r.Header.Get("Origin") {
			return
		}
	}
	w.Header().Del("Access-Control-Allow-Origin")
	w.Header().Del("Access-Control-Expose-Headers")
}
