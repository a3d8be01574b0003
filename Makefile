# make demo · make test · make bench: each sets up what it needs in .venv
PYTHON ?= python3.13
BIN := .venv/bin

.PHONY: demo test lint docs bench clean

demo: .venv/base
	$(BIN)/portalscope demo

test: .venv/dev
	$(BIN)/python -m pytest -n auto

lint: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/dev
	$(BIN)/python docs/generate.py

bench: .venv/dev
	$(BIN)/python -m benchmarks

.venv/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/dev: .venv/base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,geo]'
	touch $@

clean:
	rm -rf .venv build dist *.egg-info portalscope-demo
