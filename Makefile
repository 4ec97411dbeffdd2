# Everything runs in .venv; `make install` makes it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install check test bench bench-trainer bench-compare bench-living corpus score rules formats wheel fuzz golden tour

install:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install torch==2.13.0
	$(BIN)/python -m pip install -e '.[dev,trainer]'

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy trainer
	$(BIN)/lint-imports

test:
	$(BIN)/python -m pytest

bench:
	$(BIN)/python -m benchmarks

# What diagnostics cost a training step.
bench-trainer:
	$(BIN)/python -m benchmarks.trainer_cost

# What comparisons are worth: docs/comparing-figures.md, some five minutes.
bench-compare:
	$(BIN)/python -m benchmarks.comparing

# What rules say while a run goes on: docs/living-figures.md, some four minutes on two cores.
bench-living:
	$(BIN)/python -m benchmarks.living

# Every scenario, every family, five seeds: about half an hour on two cores.
corpus:
	$(BIN)/python -m trainer.corpus

# What `logdiag analyze` makes of the corpus: docs/score.md.
score:
	$(BIN)/python -m benchmarks.score
	$(BIN)/python -m benchmarks.rule_pages

# A page for every rule, and their index: docs/rules.
rules:
	$(BIN)/python -m benchmarks.rule_pages

# The tables of docs/formats.md, from the samples in fixtures.
formats:
	$(BIN)/python -m benchmarks.format_pages

# The pictures of the README, by the commands that it shows: docs/pictures.
tour:
	$(BIN)/python -m fixtures.tour

wheel:
	$(BIN)/python -m build --wheel

# MINUTES of random damage to logs of every dialect.
MINUTES ?= 2
fuzz:
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

# Rewrites golden files from what the code does now: read the difference before committing it.
golden:
	$(BIN)/python -m fixtures.make
	$(BIN)/python -m pytest --update-golden tests/test_golden.py tests/formats tests/renderers
