# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GROUPS := $(shell sed -n 's/^\(test\|lint\|build\) = \[\(.*\)\]$$/\2/p' pyproject.toml | tr -d ',')

.PHONY: demo test lint build clean

demo: $(VENV)/installed
	$(BIN)/meshlint examples --exit-zero

test: $(VENV)/ready
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build: $(VENV)/ready
	$(BIN)/python -m build --no-isolation

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/ready: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(GROUPS)
	touch $@

clean:
	rm -rf $(VENV) dist
