# Every door of the project. `make` alone lists them.
# Each target does its own set-up below .venv, once; a second call does no work.

PYTHON ?= python3
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

PY := .venv/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet
HELD := --require-hashes --only-binary :all: --no-deps
LOCKED := $(PIP_INSTALL) $(HELD)
EDITABLE := $(PIP_INSTALL) --no-build-isolation --no-deps --editable .

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help reports test lab cluster check positions lint tidy bench lock clean doctor moved

help:  ## List the doors
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s%s\n", $$1, $$2}' Makefile

reports: .venv/.batch  ## Build all report pages: reports/build/index.html
	.venv/bin/normlib report baseline rounds $(ARGS)

test: .venv/.dev  ## Run the tests; one alone: make test ARGS="-k as_of"
	$(PY) -m pytest -n auto --dist loadfile $(ARGS)

lab: .venv/.lab  ## Explore the notebooks in JupyterLab
	$(PY) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks $(ARGS)

cluster: .venv/.cluster  ## Install what `normlib report --dask` and Dask workers need

check: .venv/.batch  ## Check the data: every problem with its file, line and remedy
	.venv/bin/normlib check $(ARGS)

positions: .venv/.batch  ## Give new actors a place in the pictures, moving nobody
	.venv/bin/normlib positions $(ARGS)

lint: .venv/.dev  ## Style, types, layers and notebooks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) tools/check_notebooks.py notebooks/*.ipynb

tidy: .venv/.dev  ## Format the code; clear outputs from the notebooks
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .
	$(PY) tools/check_notebooks.py --clear notebooks/*.ipynb

bench: .venv/.dev .venv/.alone  ## Measure again what we claim about speed (20 minutes)
	$(PY) benchmarks/check_record.py
	$(PY) benchmarks/releases.py
	$(PY) benchmarks/ledger.py
	$(PY) benchmarks/what_if.py
	$(PY) benchmarks/explorer.py
	$(PY) benchmarks/projection.py
	$(PY) benchmarks/timeline.py
	$(PY) benchmarks/batch.py --python .venv/alone/bin/python $(ARGS)

lock: .venv/.batch  ## Pin the newest releases that pyproject.toml allows, a week old or older
	$(PIP_INSTALL) 'uv>=0.9.17'
	$(call pin,requirements-dev.lock,--extra lab --extra export --extra cluster --group dev)
	$(call pin,requirements-cluster.lock,--extra cluster --group build --constraint requirements-dev.lock)
	$(call pin,requirements-lab.lock,--extra lab --extra export --group build --constraint requirements-dev.lock)
	$(call pin,requirements.lock,--group build --constraint requirements-dev.lock)

clean:  ## Remove all that make has made: .venv, reports/build, caches
	rm -rf .venv reports/build benchmarks/build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

doctor: .venv/.batch  ## Say what is installed, what is missing, and what to do
	.venv/bin/normlib doctor $(ARGS)

# ---- set-up -------------------------------------------------------------------------------------

define pin
$(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --fork-strategy fewest --generate-hashes --no-annotate --upgrade \
    --custom-compile-command 'make lock' $(2) --output-file $(1)
endef

# A stamp says that a lock is installed. The locks agree with each other, and a larger one holds
# the smaller ones, so it sets their stamps too: nothing is ever installed twice or put back.
.venv/.batch: requirements.lock pyproject.toml .venv/.place
	$(LOCKED) -r requirements.lock
	$(EDITABLE)
	@touch $@

.venv/.lab: requirements-lab.lock pyproject.toml .venv/.place
	$(LOCKED) -r requirements-lab.lock
	$(EDITABLE)
	@touch .venv/.batch $@

.venv/.cluster: requirements-cluster.lock pyproject.toml .venv/.place
	$(LOCKED) -r requirements-cluster.lock
	$(EDITABLE)
	@touch .venv/.batch $@

.venv/.dev: requirements-dev.lock pyproject.toml .venv/.place
	$(LOCKED) -r requirements-dev.lock
	$(EDITABLE)
	@touch .venv/.batch .venv/.lab .venv/.cluster $@

# Benchmarks time our command in an environment of its own, as `make reports` alone makes it.
.venv/.alone: requirements.lock pyproject.toml .venv/.place
	@$(PYTHON) -m venv .venv/alone
	.venv/alone/bin/python -m pip install --quiet $(HELD) -r requirements.lock
	.venv/alone/bin/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

# A virtual environment holds the path of its folder: one that was moved or copied is made anew.
MOVED := $(shell test "$$(cat .venv/.place 2>/dev/null)" = "$$(pwd -P)" || echo moved)

.venv/.place: $(MOVED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "normlib needs Python 3.11 or newer, and '$(PYTHON)' is not. Name one:"; \
	  echo "  make $(MAKECMDGOALS) PYTHON=python3.12"; exit 3; } >&2
	@echo "Setting up .venv. This takes a minute or two, once."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python has no venv. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 3; }
	@pwd -P > $@
