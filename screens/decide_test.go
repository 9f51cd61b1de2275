package screens

import "time"

var decideStart = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
