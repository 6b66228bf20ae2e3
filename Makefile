# padma: `make` alone prints what there is. The two that a newcomer needs are `make run` and `make test`; each sets up what it
# needs in .venv the first time and is quick from then on. Another Python: make run PYTHON=python3.12
#
# The same without make (on Windows use .venv\Scripts instead of .venv/bin):
#   python3 -m venv .venv
#   .venv/bin/python -m pip install -e .                # for tests: -e ".[test]"
#   .venv/bin/padma run bnp_government                  # for tests: .venv/bin/python -m pytest

PYTHON ?= python3
VENV ?= .venv
SCENARIO ?= bnp_government
ARGS ?=
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test lint check slow cover mutation bench matrix audit examples figures gallery odd codebook teaching data clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.dev  ## install everything that a developer needs into .venv

run: $(VENV)/.base  ## simulate a scenario (SCENARIO=bnp_government, ARGS="--runs 200 --force")
	$(BIN)/padma run $(SCENARIO) $(ARGS)

test: $(VENV)/.test  ## run the tests (ARGS="-k recipes" for some of them)
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev  ## check form and types: ruff and mypy
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

check: lint test  ## all that must be right before a change is handed in

slow: $(VENV)/.dev  ## scientific checks that take minutes
	$(BIN)/python -m pytest -m slow $(ARGS)

cover: $(VENV)/.dev  ## run the tests and say which lines of code they reach, processes that they start included
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered --include "$(CURDIR)/sim/*,$(CURDIR)/calibration/*"

mutation: $(VENV)/.dev  ## change rules and scores in every small way and see whether a test notices (ARGS="--sample 20")
	$(BIN)/python -m tests.mutation $(ARGS)

bench: $(VENV)/.test  ## measure how fast the engines are
	$(BIN)/python -m tests.bench.bench

examples: $(VENV)/.dev  ## make anew what the documentation shows (PARTS="run compare attribution sweep sensitivity benchmark")
	$(BIN)/python -m calibration.examples $(PARTS)

matrix: $(VENV)/.test  ## compute the same numbers on other Pythons and libraries (needs a network, python3.11 to 3.13)
	$(BIN)/python -m tests.matrix

audit: $(VENV)/.dev  ## look up known weaknesses of what padma depends on (needs a network)
	$(BIN)/python -m pip_audit --skip-editable

figures: $(VENV)/.base  ## redraw the figures of results/SCENARIO
	$(BIN)/padma figure results/$(SCENARIO) $(ARGS)

gallery: $(VENV)/.base  ## redraw the picture of each kind of figure and results/GALLERY.md (minutes)
	$(BIN)/python -m sim.gallery

odd: $(VENV)/.base  ## rewrite the generated tables of sim/README.md
	$(BIN)/python -m sim.odd

codebook: $(VENV)/.base  ## rewrite scenarios/CODEBOOK.md from the files of the leaders
	$(BIN)/python -m sim.leader_codebook

teaching: $(VENV)/.base  ## renew the numbers in scenarios/teaching/ANSWERS.md, after a fit or a change of content
	$(BIN)/python -m tests.teaching.answers

data: $(VENV)/.base  ## rebuild scenarios/world and calibration/data from raw tables (RAW=folder)
	@test -n "$(RAW)" || { echo "make data: say where the raw tables are, for example: make data RAW=../raw"; exit 2; }
	$(BIN)/python -m calibration.derive --raw "$(RAW)"
	$(BIN)/python -m calibration.record --raw "$(RAW)"

clean:  ## remove .venv, caches and builds; results stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find sim tests calibration -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp file says what .venv holds; it is renewed when pyproject.toml changes.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "padma needs Python 3.11 or newer; '$(PYTHON)' is older or not there."; \
	  echo "Install a newer one, or name it: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments: its venv module is missing."; \
	  echo "On Debian and Ubuntu: sudo apt install python3-venv. Then give the same command again."; exit 2; }
	@echo "Setting up $(VENV): once, a minute or two."
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@
