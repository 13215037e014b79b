# `make demo` and `make test` need nothing but python3 (3.11 or newer); the first call builds .venv (7.5 GB, most of it
# PyTorch with CUDA; README says how to do without).
PYTHON ?= python3
BIN := .venv/bin
DATA ?= ../shared/data
WORKERS ?= 2
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Workers keep to the order of the files, so that what a file's tests share is made once; who is done takes from another.
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal --durations 20

# Each of them is a small test of `make test` as well; here they try more.
FAULTS := DISCOVER_MUTATIONS=1000 DISCOVER_KILLS=200 DISCOVER_CASES=10000

.PHONY: demo test test-rest faults lint audit constraints bench docs page clean

demo: .venv/ready            ## the main job on the sample catalog: what it found, and where the report is
	$(BIN)/discover demo

test: .venv/ready            ## nearly all tests, in five minutes on two cores; prints the twenty slowest
	$(PYTEST) -m "not slow and not browser"

test-rest: .venv/ready       ## the others: in a browser, and those that take long
	$(PYTEST) -m "slow or browser"

faults: .venv/ready          ## 1,000 mutations of files, 200 kills and failing disks, 10,000 cases of the API: minutes
	$(FAULTS) $(BIN)/python -m pytest -q -s tests/faults tests/service/test_fuzz.py

lint: .venv/ready            ## style, types, and the import rule
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: .venv/bench           ## one table of speed and quality beside peers; DATA=folder of catalogs, see benchmarks/README.md
	$(BIN)/python -m benchmarks --data $(DATA)

docs: .venv/ready            ## rewrite docs/settings.md and docs/commands.md from the program
	$(BIN)/python -m tools.reference

page: .venv/ready            ## rebuild the page: types from the service, bundle from the sources; needs Node 20 or newer
	cd discover/service/page && npm ci
	$(BIN)/python -c 'import sys; from discover.service import app; sys.stdout.buffer.write(app.document())' \
		| (cd discover/service/page && npm run --silent types)
	cd discover/service/page && npm run build

audit: .venv/audit/ready     ## known holes of the versions in constraints.txt; what the index has no data on is listed as not audited
	.venv/audit/bin/pip-audit --requirement constraints.txt --disable-pip --progress-spinner off

constraints: .venv/audit/ready  ## rewrite constraints.txt from pyproject.toml; UPGRADE=--upgrade raises the versions
	.venv/audit/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev $(UPGRADE) \
		--no-annotate --no-emit-index-url --custom-compile-command 'make constraints' --output-file constraints.txt pyproject.toml

# Hashes are checked for everything but the project itself, which lies here.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --requirement constraints.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/bench: .venv/ready
	$(PIP) install --editable '.[bench]'
	touch $@

.venv/audit/ready:
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit uv
	touch $@

clean:                       ## remove the environment and what the demo wrote
	rm -rf .venv demo-workspace
