# Everything runs in .venv; `make install` makes it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install check test bench wheel fuzz golden

install:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -e '.[dev]'

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test:
	$(BIN)/python -m pytest

bench:
	$(BIN)/python -m benchmarks

wheel:
	$(BIN)/python -m build --wheel

# MINUTES of random damage to logs of every dialect.
MINUTES ?= 2
fuzz:
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

# Rewrites golden files from what the code does now: read the difference before committing it.
golden:
	$(BIN)/python -m fixtures.make
	$(BIN)/python -m pytest --update-golden tests/test_golden.py tests/renderers
