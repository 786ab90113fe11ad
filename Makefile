# Everything a person needs to run: `make run` serves the page, `make test` passes every test.

BIN := .venv/bin
export PLAYWRIGHT_BROWSERS_PATH ?= 0
# Packages are installed as sources: unless the first process that imports them keeps what it compiled, each of the
# hundreds that tests start compiles them again, which takes it as long as all else.
unexport PYTHONDONTWRITEBYTECODE

# Tests of browsers and live tests wait most of the time: two processes more than there are cores.
WORKERS ?= $(shell expr $$(nproc) + 2)
FAST := tests/dsp tests/core tests/drills tests/profile tests/protocol

.DEFAULT_GOAL := help
.PHONY: help setup setup-extras setup-dev run test test-fast coverage check check-types check-rest format bench bench-results docs lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## what running needs, in .venv
	@tools/setup run

setup-extras: setup ## what only some commands need: `sottovoce mic`, `drill`, `analyze --plot`, reports as PDF
	@tools/setup extras

setup-dev: setup ## what tests need on top: test packages, a browser, PulseAudio, PortAudio
	@tools/setup dev

run: setup ## serve the page; ARGS="--port 9000" goes to `sottovoce serve`
	@$(BIN)/sottovoce serve $(ARGS)

test: setup-dev ## every test, on all cores; ARGS="-k pace" goes to pytest
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

test-fast: setup-dev ## what only computes: dsp, core, cues, drills, protocol; under a minute on two cores
	@$(BIN)/python -m pytest -n $(shell nproc) --dist loadscope -m "not corpus and not slow" $(FAST) $(ARGS)

coverage: setup-dev ## the same and the slower tests of the core, and which of its lines none runs
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest -n $(shell nproc) --dist loadscope -m "not corpus" $(FAST) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

check: setup-dev ## lint, format, types (Python and the page), import rules, documentation, lock files
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check-types check-rest

check-types:
	$(BIN)/mypy

check-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	tools/web/check
	$(BIN)/python -m pytest -q tests/test_import_rules.py tests/test_page_imports.py tests/test_docs_complete.py tests/test_lock.py tests/tools/test_message_types.py

format: setup-dev ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev ## measure speed and delay, short forms; ARGS goes to pytest
	@$(BIN)/python -m pytest --benchmark-only benchmarks $(ARGS)
	@$(BIN)/python -m benchmarks.latency --sessions 1,10 --seconds 5 --weather "2 % loss"
	@$(BIN)/python -m benchmarks.capacity --sessions 30,60,90,120 --seconds 10
	@$(BIN)/python -m benchmarks.soak --sessions 20 --seconds 30
	@$(BIN)/python -m benchmarks.hostile --seconds 2
	@$(BIN)/python -m benchmarks.playout --sessions 1,10 --seconds 5
	@$(BIN)/python -m benchmarks.drills --sessions 1,10 --seconds 10
	@$(BIN)/python -m benchmarks.end_to_end --seconds 20

bench-results: setup-dev ## measure in full, 25 minutes, and write benchmarks/results; ARGS names some
	@$(BIN)/python -m benchmarks.results $(ARGS)

docs: setup-dev ## write docs/reference.md and clients/web/protocol.d.ts from the code
	$(BIN)/python docs/generate.py
	$(BIN)/python -m tools.message_types

lock: setup-dev ## pin the dependencies anew: constraints*.txt
	@tools/lock $(ARGS)

clean: ## remove the environment and everything that was made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .coverage* build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
