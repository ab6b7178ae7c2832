# Every target sets up first, so each works as the first command in a fresh clone.
PYTHON ?= python3
RUN := .venv/bin/python
TYPED := $(wildcard schemas priorauth flows desk twin)

# Prefect's client sends usage figures home unless told otherwise.
export DO_NOT_TRACK := 1

# Without its compiled files each process, and the workbench starts many, spends a second more.
unexport PYTHONDONTWRITEBYTECODE

# Homebrew's libraries are not where macOS looks by itself.
ifeq ($(shell uname -s),Darwin)
export DYLD_FALLBACK_LIBRARY_PATH := /opt/homebrew/lib:/usr/local/lib:/usr/lib
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-tools demo test test-pure lint up bench clean

help:  ## show this list
	@echo "Prior authorization for IVIG. Each of these works in a fresh clone:"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "New here? Start with 'make demo', then 'make up' and open the address it prints."

setup:  ## prepare the environment in .venv (the others do this by themselves)
	@$(PYTHON) bootstrap.py

setup-tools:
	@$(PYTHON) bootstrap.py --tools

demo: setup  ## run the sample referrals through Prefect; prints each result and where its PDF is
	@$(RUN) -m flows.demo

up: setup  ## start the workbench: Prefect server and UI, worker, schedules; Ctrl-C stops it
	@$(RUN) -m flows.workbench

test: setup-tools lint  ## check style and types, then run every test
	@$(RUN) -m pytest -q -m "not (workbench or rendering or slow or needs_tool)"
	@$(RUN) -m pytest -q -n 2 --dist loadfile -m "workbench or rendering or slow or needs_tool"

# Plain functions over pure code: no database, no program, no page, no Prefect.
PURE := $(addprefix tests/,docs dosing electrodiagnosis facts knowledge lifecycle logic policies renewals response)

test-pure: setup  ## run the tests of pure code alone, properties on a quarter of their examples (seconds)
	@$(RUN) -m pytest -q -n 2 --hypothesis-profile brief -m "not (workbench or rendering or slow or needs_tool)" $(PURE)

lint: setup  ## ruff, mypy and the import contracts
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy $(TYPED)
	@.venv/bin/lint-imports --no-logo

bench: setup-tools  ## run the benchmarks, side by side with the alternatives
	@$(RUN) -m flows.bench

clean:  ## remove the environment and the caches; cases and documents in var/ stay
	rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
