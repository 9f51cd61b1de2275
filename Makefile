# Everything one does with this tree. Plain `make` lists it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

FUZZTIME ?= 20s

.PHONY: help demo build setup test check bench drill fuzz shots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build and start everything for looking: provider, two shops, caught mail (ARGS="--fresh --port 9000")
	@go build -o bin/proffer ./cmd/proffer
	@exec bin/proffer demo $(ARGS)

build: ## build bin/proffer as it is released: static, stripped, the same bytes everywhere
	@CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/proffer ./cmd/proffer

setup: ## install what the tests need and this machine lacks: Chromium, fonts, axe-core, PostgreSQL
	@tools/setup

test: ## set up, then everything that must be green, on a file and on PostgreSQL; says how long each part took
	@tools/test

check: ## the fast part of test: vet, staticcheck, tests on a file without browser and race detector
	@tools/test vet staticcheck unit

bench: ## what a visit costs the released binary, into docs/benchmarks.md; then the benchmarks of each package
	@tools/postgres run --durable go test -count=1 -timeout 20m -run '^$$' -bench '^BenchmarkProvider$$' -benchtime 1x ./cmd/proffer -args -report '$(CURDIR)/docs/benchmarks.md'
	@go test -run '^$$' -bench . -benchmem $$(go list ./... | grep -v -e /third_party/ -e /cmd/proffer$$ -e /store/postgres)
	@tools/postgres run --durable go test -run '^$$' -bench . -benchmem ./store/postgres

drill: ## kill -9, failing disks, crashing databases, longer than in test
	@PROFFER_TEST_DRILL=long go test -count=1 -v -timeout 60m -run 'Drill' ./...

fuzz: ## run every fuzz target for FUZZTIME (20s)
	@tools/fuzz $(FUZZTIME)

shots: setup ## PNGs of every page in shots/: 375 and 1280 px, English and Thai, light and dark
	@tools/test shots

clean: ## remove what was built; demo-data stays
	@rm -rf bin shots .cache e2e/node_modules
