package main

// screensCommand is `proffer screens`: what a brand does with its screen set.
type screensCommand struct {
	Preview screensPreviewCommand `cmd:"" help:"Write every screen in every language, light and dark, to a folder to look at."`
	Test    screensTestCommand    `cmd:"" help:"Run a folder of cases: a customer, a client and a time, and what the visit comes to."`
}
