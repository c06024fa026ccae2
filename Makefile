# Two commands do all the set-up: `make demo` and `make test`. `make` alone lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(PATH):$(HOME)/.local/share/swiftly/bin

# Debug builds with optimised C: signatures in tests are 5 to 10 times faster, the build is not slower.
DEBUG := -Xcc -O2
FORMATTED := $(wildcard Sources Tests Snippets Package.swift Fuzz/Package.swift Fuzz/Sources/fuzz)

# Six tests at a time: more of them on two cores only wait for one another, and then run out of time.
WIDTH := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=6

.PHONY: help demo test interop bench fuzz soak format lint vectors models clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: ## set up, build, and see how records follow a patient (ARGS="--data FILE --lang ja")
	@scripts/bootstrap build
	@scripts/build --product warifu
	@.build/debug/warifu demo $(ARGS)

test: ## everything that must hold: format, no warning, all tests, the examples (FILTER=name: some tests)
	@scripts/bootstrap test
	@$(MAKE) lint
	@scripts/build --build-tests
	@$(WIDTH) swift test --skip-build --disable-xctest $(DEBUG) $(if $(FILTER),--filter $(FILTER)) 2>&1 | sed -u '/^◇/d'
	@scripts/snippets
	@$(if $(FILTER),true,scripts/outside-clients 10)

interop: ## the release build, sanitizers, short fuzzing, outside verifiers (everything in scripts/interop.d)
	@scripts/bootstrap interop
	@scripts/run-parts scripts/interop.d

bench: ## the benchmarks, ten to fifteen minutes; writes bench-results.json (ONLY=core: one part)
	@scripts/bootstrap bench
	@scripts/build -c release --product bench
	@.build/release/bench $(if $(ONLY),--only $(ONLY))

fuzz: ## each fuzz target for a minute (SECONDS_EACH=600: longer, ONLY=name: one target)
	@scripts/bootstrap build
	@scripts/fuzz $(or $(SECONDS_EACH),60) $(ONLY)

soak: ## hours: ten minutes of fuzzing for each target, and everything in scripts/soak.d
	@$(MAKE) fuzz SECONDS_EACH=$(or $(SECONDS_EACH),600)
	@scripts/run-parts scripts/soak.d

format: ## formats the code, and wraps comments that are too wide
	@python3 scripts/wrap-comments.py $(FORMATTED)
	@swift format format --in-place --parallel --recursive $(FORMATTED)

lint: ## refuses code that is not formatted
	@swift format lint --strict --parallel --recursive $(FORMATTED)
	@echo "lint: nothing to say"

vectors: ## makes the test vectors again from the model; every byte must be equal (WRITE=1: replaces them)
	@scripts/bootstrap vectors
	@scripts/vectors $(if $(WRITE),--write)

models: ## checks the models of the state logic with Spin (FULL=1: with the two largest runs)
	@scripts/bootstrap models
	@sh docs/models/spin/check.sh $(if $(FULL),,quick)

clean: ## removes everything that was built
	@rm -rf .build .build-* Fuzz/.build bench-results.json
