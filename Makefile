# The two commands a newcomer needs are `make run` and `make test`; each sets up what it lacks first.

PORT ?= 8000
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help setup setup-test run test check bench lock clean

help:
	@echo 'make run    set up what is missing, load the demonstration data once, serve on http://127.0.0.1:$(PORT)'
	@echo 'make test   set up what is missing, then run every check'
	@echo 'make bench  run the benchmarks, printed as ratios; PORTAL_BENCH_LISTS=FOLDER: with real lists;'
	@echo '            BENCH=--million: also against a million names, which takes an hour'
	@echo 'make setup  only set up; make lock: renew the lock files; make clean: remove what set-up made'

setup: .venv/run.stamp
	@.ci/system-packages run

setup-test: setup .venv/test.stamp
	@.ci/system-packages test

.venv/pip.stamp:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer was not found; install python3 first'; exit 1; }
	@echo '== making the virtual environment with $(PYTHON)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/system-packages venv "$(PYTHON)"
	@$(PYTHON) -m venv .venv && touch $@

.venv/run.stamp: .venv/pip.stamp requirements.lock pyproject.toml package-lock.json
	@.ci/system-packages run
	@echo '== installing the locked packages'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo '== installing the portal, fetching its styles and scripts'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@echo '== making the fonts for certificates'
	@$(BIN)/portal assets fonts
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements-dev.lock package-lock.json
	@echo '== installing the locked packages for the tests'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m tests.foreign
	@touch $@

run: setup
	@$(BIN)/portal migrate
	@$(BIN)/portal demo --once
	@PORTAL_DEMONSTRATION=true $(BIN)/portal serve --port $(PORT)

check: setup-test
	@echo '== ruff';        $(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@echo '== mypy';        $(BIN)/mypy
	@echo '== import-linter'; $(BIN)/lint-imports --no-logo --no-cache

test: check
	@echo '== pytest'
	@$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder

bench: setup-test
	@$(BIN)/python -m tests.bench $(BENCH)

lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header -c requirements.lock --group dev pyproject.toml -o requirements-dev.lock
	@npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean:
	rm -rf .venv static/vendor build dist *.egg-info
