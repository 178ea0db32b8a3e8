# `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TRAINING := $(VENV)/.ready-to-train
UV ?= $(shell command -v uv || echo $(BIN)/uv)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup train-extra demo test dev check bench bench-profile mutants lock apt-deps clean dictionary

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## virtual environment with the locked dependencies

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; say which with make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --config-settings editable_mode=compat -e .
	@touch $(READY)

train-extra: $(TRAINING) ## what `fenqi train` needs beside that

$(TRAINING): $(READY) requirements-train.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-train.lock
	@touch $(TRAINING)

demo: $(READY) ## a synthetic lender, one night, published and explained, under var/demo
	FENQI_HOME=var/demo $(BIN)/python -m orchestration.demo

test: $(TRAINING) ## every test; some of them: make test ARGS=tests/unit
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

dev: $(READY) ## Dagster's UI on FENQI_HOME (default var)
	$(BIN)/fenqi dev

check: $(READY) ## format, lint, types, Dagster definitions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" PATH="$(CURDIR)/$(BIN):$$PATH" DAGSTER_DISABLE_TELEMETRY=yes $(BIN)/dg check defs

bench: $(READY) ## one night against its floor, both measured in the same run
	$(BIN)/python -m tests.benchmarks.night

dictionary: $(READY) ## write the profile's contracts from their declarations, and docs/data_dictionary.md from all contracts
	$(BIN)/fenqi contract write

bench-profile: $(READY) ## a night's windowed features against recomputing them, 1 million customers (ARGS="--customers 100000")
	$(BIN)/python -m tests.benchmarks.profile $(ARGS)

mutants: $(READY) ## small errors put into modules one by one: which does no test notice? (ARGS="transforms/offers", ARGS="--changed main", ARGS=--help)
	$(BIN)/python -m tests.mutants $(ARGS)

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras --no-header --extra dev pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras --no-header --extra dev --extra train -c requirements.lock pyproject.toml -o requirements-train.lock
	sed -i '1i # The same with what `fenqi train` needs: `make lock` writes it.' requirements-train.lock
	sed -i '1i # Every package of the default install and of development, with hashes: `make lock` writes it, pip checks it.' requirements.lock

apt-deps: ## Debian packages that only some tests need (Chromium for the browser tests)
	@if test -x /usr/bin/chromium; then echo "chromium is there"; exit 0; fi; \
	command -v apt-get >/dev/null || \
	  { echo "no apt-get here: install Chromium as /usr/bin/chromium, or let the browser tests skip"; exit 0; }; \
	test "$$(id -u)" = 0 || SUDO=sudo; \
	test -z "$$SUDO" || command -v sudo >/dev/null || { echo "run make apt-deps as root: there is no sudo"; exit 1; }; \
	$$SUDO apt-get update -qq -o Acquire::Retries=3 && \
	$$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Acquire::Retries=3 \
	  --no-install-recommends chromium fonts-noto-cjk >/dev/null

clean: ## forget the virtual environment and what runs here have written
	rm -rf $(VENV) var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
