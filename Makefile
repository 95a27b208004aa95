# make demo · make test · make check · make bench · make fidelity · make gauntlet · make wheel
#
# Needs git, Python 3.11 or newer with venv, a C compiler, cargo and make. All else goes into .venv, by itself,
# the first time it is needed; a stamp in .venv/stamps says what is there, so that a second run starts at once.

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fidelity gauntlet wheel valgrind format setup clean

VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
CARGO  := cargo
MANIFEST := core/Cargo.toml
# In CI a Cargo.lock that doesn't fit Cargo.toml is an error, not something to mend in passing.
LOCKED := $(if $(CI),--locked)
CORE_SOURCES := core/Cargo.toml core/Cargo.lock $(shell find core -path core/target -prune -o -name '*.rs' -print)

# pyo3 and maturin build for this interpreter and no other.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1
unexport PYTHONHOME PYTHONPATH

help: ## what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 18

demo: $(STAMPS)/core ## four loads on the concert service, and what they mean: about 40 seconds
	$(BIN)/python examples/concert/demo.py

test: $(STAMPS)/core $(STAMPS)/dev ## the core's tests and all others (no root, no services needed)
	$(CARGO) test $(LOCKED) --quiet --manifest-path $(MANIFEST) --no-default-features
	$(BIN)/python -m pytest

check: $(STAMPS)/core $(STAMPS)/dev ## style, types, layers, stubs; shipped lines per language
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/core_imports.py
	$(BIN)/python -m mypy.stubtest sonagi._core --mypy-config-file pyproject.toml --allowlist tools/stubtest.allow
	$(CARGO) fmt --manifest-path $(MANIFEST) --check
	$(CARGO) clippy $(LOCKED) --quiet --manifest-path $(MANIFEST) --all-targets --no-default-features -- -D warnings
	$(CARGO) clippy $(LOCKED) --quiet --manifest-path $(MANIFEST) --all-targets --features python -- -D warnings
	$(BIN)/python tools/reference.py --check
	$(BIN)/python tools/pictures.py --check
	$(BIN)/python tools/lines.py

bench: $(STAMPS)/core $(STAMPS)/dev ## CPU per request beside wrk, hey, Locust and k6
	$(BIN)/python benchmarks/speed.py

fidelity: $(STAMPS)/core $(STAMPS)/dev ## percentiles beside what the server really took, arrivals beside when they were due
	$(BIN)/python benchmarks/fidelity.py
	$(BIN)/python benchmarks/arrivals.py

gauntlet: $(STAMPS)/core $(STAMPS)/dev ## real faults, and how often the diagnosis is right (root, nginx, PostgreSQL; 45 minutes)
	$(BIN)/python tests/gauntlet/run.py --healthy 15 --record

wheel: $(STAMPS)/env ## an abi3 wheel in dist/: whoever installs it needs no cargo
	$(BIN)/maturin build --release $(LOCKED) --out dist

valgrind: ## the core's tests under valgrind (needs valgrind; takes minutes)
	PROPTEST_CASES=16 CARGO_TARGET_$(shell rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')_RUNNER="valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite" \
	  $(CARGO) test --manifest-path $(MANIFEST) --no-default-features

format: $(STAMPS)/dev ## put Python and Rust into the project's form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(CARGO) fmt --manifest-path $(MANIFEST)

setup: $(STAMPS)/core $(STAMPS)/dev ## everything the other targets need

clean: ## back to a fresh clone
	rm -rf $(VENV) core/target dist src/sonagi/_core*.so .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests tools examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# ---- what the targets stand on ----

# A venv of the first Python that is new enough and can make one (Debian packs ensurepip apart).
$(BIN)/python:
	@python=$$(sh tools/find_python) && echo "$$python -m venv $(VENV)" && "$$python" -m venv $(VENV)

$(STAMPS)/env: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --group build
	@mkdir -p $(STAMPS) && touch $@

# The package itself is not copied: .venv points at src/, so a change in Python needs no set-up.
$(STAMPS)/core: $(STAMPS)/env $(CORE_SOURCES)
	@command -v $(CARGO) >/dev/null || { echo "cargo is missing: Sonagi's core is written in Rust (1.85 or newer)" >&2; exit 1; }
	$(BIN)/maturin develop --release --quiet --group example $(LOCKED)
	@touch $@

$(STAMPS)/dev: $(STAMPS)/env
	$(BIN)/python -m pip install --group dev
	@touch $@
