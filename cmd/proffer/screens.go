package main

// screensCommand is `proffer screens`: what a brand does with its screen set.
type screensCommand struct {
	Init     screensInitCommand     `cmd:"" help:"Write a set to begin with."`
	Check    screensCheckCommand    `cmd:"" help:"Say everything that is wrong with a set."`
	Schema   screensSchemaCommand   `cmd:"" help:"Print a JSON Schema of a set, for editors."`
	Preview  screensPreviewCommand  `cmd:"" help:"Write every screen in every language, light and dark, to a folder to look at."`
	Test     screensTestCommand     `cmd:"" help:"Run a folder of cases: a customer, a client and a time, and what the visit comes to."`
	Texts    screensTextsCommand    `cmd:"" help:"Hand the words of a set to translators, and take them back."`
	Diff     screensDiffCommand     `cmd:"" help:"Say what a changed set changes for customers."`
	Deploy   screensDeployCommand   `cmd:"" help:"Put a set in force, while the provider runs."`
	Rollback screensRollbackCommand `cmd:"" help:"Put an older version in force again."`
	List     screensListCommand     `cmd:"" help:"List what was deployed, and what is in force."`
	Show     screensShowCommand     `cmd:"" help:"Print a set as it was deployed."`
	Token    screensTokenCommand    `cmd:"" help:"Make a token to deploy with."`
}
