# Everything runs in .venv, which the first target makes; nothing else needs to be installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo demo-down lint fast check coverage test mutants soak bench bench-short pictures house sdks dist matrix format clean

$(VENV)/installed: setup.py
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 10) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/installed
	$(BIN)/python -m sandbox demo

demo-down: $(VENV)/installed
	$(BIN)/python -m sandbox demo-down

lint: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/python -m sandbox.actionlint

# Compiled tests are kept, whatever the environment says: compiling them takes each process two seconds.
fast check: export PYTHONDONTWRITEBYTECODE =

# Nothing is started and nobody is asked: for every save of a file.
fast: $(VENV)/installed
	$(BIN)/python -m pytest -q -m "not slow" --numprocesses 2 --dist loadfile tests/unit

# Wire tests wait about half of their time: three processes keep two cores busy.
FAST_TESTS := $(BIN)/python -m pytest -q --numprocesses 3 -m "not slow" --dist worksteal tests/unit tests/wire
check: lint
	$(FAST_TESTS)

# Which lines and branches of `core` and `connect` no test has been to is shown, file by file; those that are whole are left
# out. What to measure stands in pyproject.toml.
coverage: $(VENV)/installed
	$(FAST_TESTS) --cov --cov-report=term

# A skipped or missing tier fails the run: see tests/conftest.py. Most tests wait for clusters, so two processes, each with
# a sandbox of its own, take little more than half the time of one.
test: lint
	$(BIN)/python -m sandbox fetch --plugins
	$(BIN)/python -m pytest --all-tiers --numprocesses 2 --dist loadfile --no-loadscope-reorder tests

# Breaks the code at random, a copy of it, and asks whether unit and wire tests notice: up to an hour for a hundred breaks.
# `make mutants SEED=4711` repeats a run.
COUNT ?= 100
mutants: $(VENV)/installed
	$(BIN)/python -m tests.mutants --count $(COUNT) $(if $(SEED),--seed $(SEED))

ROUNDS ?= 10
soak: $(VENV)/installed
	$(BIN)/python -m tests.soak --machine 10000
	$(BIN)/python -m tests.soak --chaos
	$(BIN)/python -m tests.soak --rounds $(ROUNDS)

# About four hours; `python -m benchmarks --help` tells how to measure a part of it.
bench: $(VENV)/installed
	$(BIN)/python -m benchmarks --threads --counts 100
	$(BIN)/python -m benchmarks

# The same story in a quarter of an hour.
bench-short: $(VENV)/installed
	$(BIN)/python -m benchmarks --counts 10 100 --workers 1 --kinds instant --repeats 3 \
		--samples benchmarks/short/samples --page benchmarks/short/RESULTS.md

pictures: house
	$(BIN)/python docs/pictures/capture.py
	$(BIN)/python docs/pictures/graph.py

# From the imports alone; a unit test tells when it is due.
house: $(VENV)/installed
	$(BIN)/python docs/pictures/house.py

# The SDKs of other languages, from the plugin's schema; an engine test tells when it is due.
sdks: $(VENV)/installed
	$(BIN)/python -m sandbox.sdks

# The plugin for this platform, for programs where there is no Python.
dist: $(VENV)/installed
	$(BIN)/python -m bundle

# The table of the README's section "Versions": the Pythons that are installed here, and the oldest Pulumi SDK.
matrix: $(VENV)/installed
	$(BIN)/python -m sandbox.matrix

format: $(VENV)/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .sandbox venv build dist *.egg-info provider/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
