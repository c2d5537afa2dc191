# The commands of the project: `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.PHONY: help run test build web demo account bench fmt lint unit fuzz openapi e2e clean serve

# Where the register lies and where it is served: `make run LISTEN=127.0.0.1:9000 STORE=data/other.gpkg`.
STORE ?= data/onemap.gpkg
LISTEN ?= 127.0.0.1:8080
# The account that `make account` makes: clerk keeps the register, admin keeps accounts; the others are in docs/api.md.
NAME ?=
ROLE ?= clerk
# How long each reader is fuzzed: `make fuzz FUZZ_SECONDS=600`.
FUZZ_SECONDS ?= 5

export ONEMAP_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/onemap
export PATH := $(ONEMAP_CACHE)/tools/bin:$(PATH):$(HOME)/.cargo/bin

# PROJ is 240 C++ files; with ccache the profiles and the clones share one compilation of them.
ifneq ($(shell command -v ccache),)
export CMAKE_C_COMPILER_LAUNCHER ?= ccache
export CMAKE_CXX_COMPILER_LAUNCHER ?= ccache
export CCACHE_NOHASHDIR ?= 1
export CCACHE_BASEDIR ?= $(abspath $(or $(CARGO_TARGET_DIR),target))
endif

NPM := npm --prefix web --no-fund --no-audit --no-update-notifier
ONEMAP := cargo run --release --locked --quiet --
NODE_MODULES := web/node_modules/.installed
DIST := web/dist/index.html
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/test*' 2>/dev/null)

help: ## list the commands
	@sed -n 's/^\([a-z0-9]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: ## install what is missing, build, load the demonstration district, serve it
	@scripts/setup.sh run
	@$(MAKE) serve

test: ## everything CI runs: checks, unit tests, integration tests, fuzzing, browser tests
	@scripts/setup.sh test
	@$(MAKE) lint
	@$(MAKE) unit
	@$(MAKE) fuzz
	@$(MAKE) e2e

build: $(DIST) ## the front end and the release binary
	cargo build --release --locked

web: $(DIST) ## the front end alone, into web/dist

demo: build ## load the demonstration district into STORE, unless it already holds a register
	@mkdir -p $(dir $(STORE))
	$(ONEMAP) demo --store $(STORE)

account: build ## an account that signs in on STORE: make account NAME=you ROLE=clerk|district|admin|auditor
	@[[ -n "$(NAME)" ]] || { echo "make account needs NAME=..." >&2; exit 2; }
	@$(ONEMAP) account add "$(NAME)" --role "$(ROLE)" --store "$(STORE)"

bench: $(DIST) ## the benchmarks, in process, of the whole server and of deliveries
	cargo bench --locked --bench '*'
	scripts/bench-server.sh
	scripts/bench-deliveries.sh
	node web/test/bench-ledger.mjs

fmt: ## format the Rust code
	cargo fmt
	cargo fmt --manifest-path fuzz/Cargo.toml

lint: $(DIST) ## fmt, clippy, docs, cargo-deny, npm audit, typos, eslint, tsc
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	scripts/deny.sh
	scripts/audit-web.sh
	typos
	$(NPM) run lint
	$(NPM) run check

unit: $(DIST) ## unit and integration tests, front end first
	$(NPM) test
	ONEMAP_REQUIRE_POSTGIS=1 cargo test --locked

fuzz: ## every reader of delivered files against files that nobody would deliver
	scripts/fuzz.sh $(FUZZ_SECONDS)

openapi: $(DIST) ## generated questions after the description of the API; needs schemathesis, not part of `test`
	scripts/openapi.sh

e2e: $(DIST) ## the real binary in a real browser
	scripts/e2e.sh

clean: ## remove what was built; the data stays
	cargo clean
	rm -rf fuzz/target web/dist web/node_modules web/test-results

# Not for typing: `run` starts it anew after the set-up, so that tools installed a moment ago are seen.
serve: build
	@mkdir -p $(dir $(STORE))
	@[[ -e "$(STORE)" ]] || $(ONEMAP) demo --store "$(STORE)"
	@echo "serving http://$(LISTEN) from $(STORE); Ctrl-C ends it"
	@echo "the demonstration map is shown without signing in; 'make account NAME=you' makes an account that keeps the register"
	@$(ONEMAP) serve --store "$(STORE)" --listen "$(LISTEN)"

# The binary embeds web/dist. Its index.html is touched last, so that cargo sees every change of the front end.
$(DIST): $(NODE_MODULES) $(WEB_SOURCES)
	$(NPM) run build
	@touch $@

$(NODE_MODULES): web/package.json web/package-lock.json
	$(NPM) ci
	@touch $@
