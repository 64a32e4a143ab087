# `make` alone says what there is. Nothing but Python 3.11+ and make is needed.
.DEFAULT_GOAL := help
.PHONY: help run demo setup setup-deploy setup-test test bench check format package deploy destroy check-template \
	clean-local clean

# The newest Python that really runs here: a name on the PATH may be a shim that only fails.
# ensurepip is missing where Debian and Ubuntu split venv off into a package of its own.
NEEDS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON = $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	"$$python" -c '$(NEEDS)' >/dev/null 2>&1 && { echo "$$python"; break; }; done)
NO_PYTHON := Aftercall needs Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3-venv). \
	None of python3.11 to python3.14 and python3 runs here; or name one: make PYTHON=/path/to/python3

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what running needs (make run does it by itself)
	@$(or $(PYTHON),$(error $(NO_PYTHON))) -m infra.install run

setup-deploy:
	@$(or $(PYTHON),$(error $(NO_PYTHON))) -m infra.install deploy

setup-test:
	@$(or $(PYTHON),$(error $(NO_PYTHON))) -m infra.install test

run: setup ## the whole service on this machine: http://127.0.0.1:8000/start (PORT, CARRIER_PORT, DATA)
	@exec .venv/bin/python -m infra.local.run

demo: setup ## end a few hundred calls, to fill the results of a running service
	@exec .venv/bin/python -m infra.local.demo

test: setup-test ## format, lint, types, imports, tests, package
	@exec .venv/bin/python -m infra.check

bench: setup-test ## speed and cost as ratios, beside what was promised
	@exec .venv/bin/python -m benchmarks

check: test

format: setup-test ## put every file into the one format
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

package: setup ## build/package: the zip and the template that are deployed
	@exec .venv/bin/python -m infra.package

STAGE ?= local
deploy: setup-deploy ## STAGE=local, dev or prod: package, check, deploy, try it (other commands: python -m infra)
	@exec .venv/bin/python -m infra.deploy $(STAGE)

destroy: setup-deploy ## STAGE: the service gone, its records kept
	@exec .venv/bin/python -m infra.destroy $(STAGE)

check-template: package ## checkov on the templates, in an environment of its own (slow)
	@exec .venv/bin/python -m infra.checkov

clean-local: setup ## stop what a killed run left behind and forget its data
	@exec .venv/bin/python -m infra.local.clean

clean: ## forget builds and installed packages (not .local)
	rm -rf build .venv .venv-engine .venv-checkov .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
