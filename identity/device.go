package identity

import (
	"net/http"
	"strings"
)

// deviceOf names the browser and system of a request as its owner would:
// "Chrome on Windows". It is "" if neither is known. A header is only words: the
// name is for recognising, never for deciding, and none of it is copied.
func deviceOf(r *http.Request) string {
	ua := r.UserAgent()
	browser := firstOf(ua, "Edg/", "Edge", "OPR/", "Opera", "SamsungBrowser/", "Samsung Internet", "Firefox/", "Firefox", "FxiOS/", "Firefox", "CriOS/", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari")
	system := firstOf(ua, "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "CrOS", "ChromeOS", "Windows", "Windows", "Macintosh", "Mac", "Linux", "Linux")
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// firstOf takes pairs of what to look for and what it is called.
func firstOf(ua string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.Contains(ua, pairs[i]) {
			return pairs[i+1]
		}
	}
	return ""
}
