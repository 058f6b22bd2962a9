# Everything a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
ifneq ($(UV),)
PIP = $(UV) pip install --quiet --python $(BIN)/python
else
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif
# Whoever waits sees that something goes on: a dot a second.
DOTS = & job=$$!; while kill -0 $$job 2>/dev/null; do printf .; sleep 1; done; echo; wait $$job
PORT ?= 8000
SCALE ?= 1
# One worker for each core. Each begins with a run of neighbouring tests, which share what is started
# once for a file, and takes from the other's end when its own are done: a few files are far longer
# than the rest, so files as a whole cannot be shared out evenly. `make test SPREAD=` is one process.
SPREAD ?= -n auto --maxprocesses 8 --dist worksteal

.PHONY: help install demo test slow coverage fix lint types layers schema check docs changelog audit clients bench \
  load attacks soak memory rotation reliability clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## set up .venv with everything that development needs

# What running needs, and no more: a demonstration is no development.
$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV), once: about 30 packages, half a minute"
ifneq ($(UV),)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV)
endif
	@$(PIP) -e . $(DOTS)
	@touch $@

$(VENV)/.installed: $(VENV)/.ready
	@echo "Adding what development and all extras need: about 60 packages"
	@$(PIP) -e '.[dev]' $(DOTS)
	@touch $@

demo: $(VENV)/.ready ## serve the sandbox on PORT (8000), ask it one question, verify the answer
	@$(BIN)/cgw demo --port $(PORT) --scale $(SCALE)

# Tests start hundreds of interpreters, which need not compile everything each time.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q $(SPREAD) $(if $(K),-k '$(K)')
COUNTED = $(if $(COVERAGE),--cov --cov-report= --cov-fail-under=0)

test: install ## what a change needs, a few minutes; K=word runs what the word names
	$(PYTEST) -m 'not slow' $(COUNTED)

slow: install ## the other tests: sweeps, large markets, attacks; K=word as above
	$(PYTEST) -m slow $(COUNTED) $(if $(COVERAGE),--cov-append)

coverage: ## all tests, and whether they take enough branches
	@$(MAKE) --no-print-directory test COVERAGE=1
	@$(MAKE) --no-print-directory slow COVERAGE=1
	.ci/coverage $(BIN)/python

fix: install ## what ruff can mend by itself: rules and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: install ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## mypy, strict
	$(BIN)/mypy

layers: install ## who may import whom
	$(BIN)/lint-imports

schema: install ## print the schema into schema.graphql, and its fields for the verifiers
	$(BIN)/cgw schema print --output schema.graphql
	$(BIN)/python -m tests.fields

check: lint types layers ## all that is not a test
	$(BIN)/cgw schema check

docs: install ## renew the parts of pages that are written from the code
	$(BIN)/python -m tests.docs.pages

changelog: install ## what changes/ adds to CHANGELOG.md; with VERSION=0.2.0 written into it
	$(BIN)/towncrier build $(if $(VERSION),--yes --version $(VERSION),--draft --version Unreleased)

audit: install ## the GraphQL over HTTP audit against a running demo; needs node and npm
	.ci/audit $(BIN)/cgw

clients: install ## clients and suites of others against a running demo; needs node and npm
	.ci/clients $(BIN)/cgw

bench: install ## us beside other gateways, in one run; renews docs/performance.md
	$(BIN)/python -m benchmarks --write

load: install ## 200 callers at once on loopback: how often registries are asked, what is shed
	$(BIN)/python -m benchmarks.reliability.load

attacks: install ## every attack, alone and three at once: what it costs the others; half an hour
	$(BIN)/python -m benchmarks.reliability.attacks

soak: install ## twenty minutes of everything mixed, one request in a hundred hostile
	$(BIN)/python -m benchmarks.reliability.soak

memory: install ## resident memory over the walk of a market of real size; six minutes
	$(BIN)/python -m benchmarks.memory

rotation: install ## signing keys change under load, over two replicas; three minutes
	$(BIN)/python -m benchmarks.reliability.rotation

reliability: install ## measure and renew the figures of docs/reliability.md
	$(BIN)/python -m benchmarks.reliability --write

clean: ## remove what was made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
