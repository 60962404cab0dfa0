# The two commands: `make run` and `make test`. Everything else serves them; `make help` lists it.
# Needed: Python 3.11 or newer, pip and make.

VENV := .venv
BIN  := $(VENV)/bin

# The first Python that will do; `make PYTHON=/path/to/python` chooses another.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$name; break; fi; done)
endif

# An environment that was moved with its folder, or whose Python is gone, would fail in strange ways.
ifneq ($(wildcard $(VENV)),)
MADE_IN := $(shell cat $(VENV)/.installed 2>/dev/null)
ifneq ($(if $(MADE_IN),$(MADE_IN),$(CURDIR)),$(CURDIR))
STALE := moved
else ifneq ($(shell $(BIN)/python -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null),True)
STALE := broken
endif
ifdef STALE
$(info $(VENV) no longer works here ($(STALE)), so it is made anew.)
$(shell rm -rf $(VENV))
endif
endif

# pip runs outside the environment and installs into it: a machine without Python's ensurepip will do.
# PIP_USER would send the packages elsewhere, and PIP_REQUIRE_VIRTUALENV would refuse.
PIP := PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 $(PYTHON) -m pip --python $(BIN)/python install --quiet \
	--disable-pip-version-check --no-input --root-user-action=ignore

.PHONY: help run test test-both install dev check format bench chaos year aloud screenshots migration lock clean
.DEFAULT_GOAL := help

help:                        ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: install                 ## set up and run Pacer; as app.yaml stands, that is the playground
	@$(BIN)/pacer run

test: export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 3) + 1)
test: dev                    ## set up and run every test, side by side; ARGS="-k doctor" chooses, ARGS="-n 0" is one by one
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

test-both: export PACER_TEST_BOTH = 1
test-both: test              ## the same with everything on PostgreSQL too

install: $(VENV)/.installed  ## .venv with the `pacer` command in it
	@echo "Ready: $(BIN)/pacer"

dev: $(VENV)/.installed-dev

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Pacer needs Python 3.11 or newer, and this machine's python3 is$$(python3 -c \
	'import sys; print(" %d.%d" % sys.version_info[:2])' 2>/dev/null || echo ' missing'). Install one (Debian 12, Ubuntu \
	23.04 or newer: apt install python3 python3-pip), or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	"Pacer needs Python 3.11 or newer, and %s is %d.%d." % (sys.executable, *sys.version_info[:2]))'
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "pip is missing for $(PYTHON). Install it \
	(Debian, Ubuntu: apt install python3-pip), then try again." >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Pacer needs into $(VENV) (once; a minute or two) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --no-index -e .
	@echo "$(CURDIR)" > $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests and checks need (once) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

check: dev                   ## formatter, linter, types and the import contract; each of them, whatever another says
	@wrong=; \
	$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; wrong="$$wrong format"; }; \
	$(BIN)/ruff check --quiet . || wrong="$$wrong lint"; \
	$(BIN)/mypy --no-error-summary || wrong="$$wrong types"; \
	PYTHONPATH=. $(BIN)/lint-imports --no-cache --no-logo || wrong="$$wrong imports"; \
	test -z "$$wrong" || { echo "Not in order:$$wrong (make format mends part of it)." >&2; exit 1; }

format: dev                  ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	@echo "Installing what the benches compare with (once) ..."
	@$(PIP) --require-hashes -r requirements-bench.lock
	@touch $@

bench: $(VENV)/.installed-bench ## measure: every module of tests/bench, one after the other
	@for file in tests/bench/[a-z]*.py; do test -e "$$file" || continue; \
	name=$$(basename "$$file" .py); echo "--- $$name"; $(BIN)/python -m tests.bench.$$name || exit 1; done

chaos: dev                   ## kill real processes under load 500 times, on SQLite and on PostgreSQL, and count (half an hour)
	@for database in sqlite postgres; do $(BIN)/python -m tests.chaos.run --database $$database $(ARGS) || exit 1; done

year: dev                    ## a year of what is said unasked, of check-ins and of wins, on both databases, accounted for
	@for database in sqlite postgres; do $(BIN)/python -m tests.chaos.year --database $$database $(ARGS) || exit 1; done

aloud: dev                   ## print a week of all that comes unasked in the large demo company; ARGS="--boards": its leaderboards
	@$(BIN)/python -m tests.read_aloud $(ARGS)

screenshots: dev             ## draw the playground's pictures anew, from the real page (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots

migration: dev               ## write the next migration from storage/tables.py: make migration WHAT="what changes"
	@$(BIN)/python -m storage.migrations.new "$(WHAT)"

lock:                        ## resolve pyproject.toml again (needs `uv`): hashes, and no address of a registry
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --group bench -o requirements-bench.lock

clean:                       ## take away what these commands made; the data stays
	rm -rf $(VENV) *.egg-info build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
