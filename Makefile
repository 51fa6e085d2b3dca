# Two commands are all there is to know:
#   make lab    sets everything up and opens JupyterLab on the course
#   make test   sets everything up and runs the test suite
# HEADLESS=1 (or CI=true) makes `make lab` print the address instead of opening a browser.
# OFFLINE=FILE takes everything from a bundle (`dockerlab images bundle --wheels FILE`).

PYTHON ?= python3
BIN := .venv/bin
PYTEST_ARGS ?=

.PHONY: help lab test check format bench soak notebooks exercises site setup setup-dev images clean
.DEFAULT_GOAL := help

help:
	@sed -n '2,5s/^# *//p' Makefile

setup:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. On Debian or Ubuntu:  sudo apt-get install python3 python3-venv"; exit 1; }
ifdef OFFLINE
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed. If one is here:  make lab PYTHON=python3.11 OFFLINE=FILE"; exit 1; }
	@$(PYTHON) -m dockerlab.course.offline.setup "$(OFFLINE)"
else
	@$(PYTHON) -m dockerlab.bootstrap course
endif

setup-dev:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. On Debian or Ubuntu:  sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -m dockerlab.bootstrap dev

images: setup
	@$(BIN)/dockerlab images $(if $(OFFLINE),load "$(OFFLINE)",prepare)

lab: images
	@$(BIN)/dockerlab lab $(if $(HEADLESS)$(filter true,$(CI)),--headless)

test: setup-dev
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup-dev
	@$(BIN)/python tests/benchmarks/bench.py $(BENCH)

soak: setup-dev
	@$(BIN)/python tests/soak/soak.py

notebooks: setup-dev
	@$(BIN)/python tests/course/execute.py $(BOOKS)

exercises: setup-dev
	@$(BIN)/python tests/course/exercises.py $(BOOKS)

site: setup-dev
	@$(BIN)/python notebooks/site/build.py $(if $(filter external,$(LINKS)),--external)

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
