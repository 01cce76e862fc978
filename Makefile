# Everything a person types. `make help` lists it.
#
# The first `make up` or `make test` installs Debian's packages (through sudo when you are not root) and builds; later
# ones notice that there is nothing to do.

BUILD    := build
PRESET   := release
VARS     ?= infra/environments/local.tfvars
SUITES   ?= unit,integration
TARGETS  ?=
BENCHES  ?=
PACKAGES := cmake/packages.txt
SUDO     := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
MEETINITY := $(BUILD)/meetinity

.DEFAULT_GOAL := help
.PHONY: help up down test soak fuzz bench lint fmt clean setup build clients

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: TARGETS := meetinity
up: build ## build, start the cloud in the background, create the stack, print what to try
	@$(MEETINITY) up --detach --var-file $(VARS)

down: ## stop the cloud; its data stays
	@if [ -x $(MEETINITY) ]; then $(MEETINITY) down; else echo "nothing is built, so nothing runs"; fi

test: build clients ## build and run the test suites (SUITES=unit,integration,asan,tsan,fuzz,lint)
	@/usr/bin/python3 tests/run.py --build $(BUILD) --suites $(SUITES)

soak: build ## the long tests: 100 crashes, a million requests, a file of 5 GiB, the network by Terraform
	@/usr/bin/python3 tests/run.py --build $(BUILD) --suites soak

fuzz: setup ## run every fuzzer (FUZZ_SECONDS=30 each)
	@/usr/bin/python3 tests/run.py --build $(BUILD) --suites fuzz

bench: build ## measure against nginx, and by itself (BENCHES="net idle edge edge-idle edge-many api footprint")
	@/usr/bin/python3 bench/run.py --build $(BUILD) $(BENCHES)

lint: build ## formatting, clang-tidy and the structure of the house
	@/usr/bin/python3 tests/run.py --build $(BUILD) --suites lint

fmt: ## format every C++ file
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

clean: ## remove what was built; the cloud's data stays
	@rm -rf $(BUILD)

build: setup
	@[ -f $(BUILD)/build.ninja ] || cmake --preset $(PRESET) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	@cmake --build $(BUILD) $(if $(TARGETS),--target $(TARGETS)) -- --quiet

# The one client of the tests that is no package of Debian's. npm comes with Node.js from elsewhere; from Debian it is a
# package of its own, which is not in the list because the two exclude each other. Without it those tests are skipped.
SDK := tests/clients/js
clients: $(SDK)/node_modules/.package-lock.json

$(SDK)/node_modules/.package-lock.json: $(SDK)/package-lock.json | setup
	@echo "installing the AWS SDK for JavaScript, for the tests"
	@command -v npm >/dev/null \
	    || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm >/dev/null; \
	cd $(SDK) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
	    || echo "it could not be installed: its tests will be skipped"

# Asks dpkg first, so that a machine that has everything needs no network and no password.
setup:
	@missing=$$(grep -v '^#' $(PACKAGES) | xargs dpkg-query -W -f '$${Package} $${db:Status-Status}\n' 2>&1 \
	    | awk '/no packages found/{print $$NF} $$2 && $$2 != "installed" && !/no packages/{print $$1}'); \
	if [ -n "$$missing" ]; then \
	  echo "installing from Debian:" $$missing; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
