# Two commands do everything: `make app` opens the dashboard, `make test` checks the project.
# Both first install what they need into .venv, once; from then on neither needs the internet.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: app check test fuzz lint validate worlds bench bom docs site format clean

app: $(INSTALLED)
	$(BIN)/spiraal app

# Within a minute: all but slow tests and those in a browser.
check: lint
	$(BIN)/pytest --numprocesses auto -m "not slow"

test: lint
	$(BIN)/python scripts/warm_up.py
	$(BIN)/pytest --numprocesses auto

# Damaged files and links for every reader, for SECONDS; what fails is kept in tests/fuzz/corpus.
SECONDS ?= 60
fuzz: $(INSTALLED)
	FUZZ_SECONDS=$(SECONDS) $(BIN)/pytest tests/fuzz

# Style, floors (which room may know which), spelling, types.
lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/mypy

# Slow, about fifty minutes of one core: what the model says about children, held against the studies.
# Interrupted, it goes on.
validate: $(INSTALLED)
	$(BIN)/python experiments/calibrate.py report
	$(BIN)/spiraal study all

# About an hour of two cores, which goes on where it was: all studies in plausible worlds, and without mechanisms.
worlds: $(INSTALLED)
	$(BIN)/python experiments/across_worlds.py
	$(BIN)/python experiments/mechanisms.py
	$(BIN)/spiraal study report

bench: $(INSTALLED)
	$(BIN)/python benchmarks/bench_class.py
	$(BIN)/python benchmarks/dashboard

# Every library that is installed, with version and licence: CycloneDX, for programs that look for known weaknesses.
bom: $(INSTALLED)
	$(BIN)/python scripts/bill_of_materials.py bom.json

# Tables, numbers and pictures of README and docs/ that have changed (the dashboard's picture needs Chromium), and the
# site that they make, with tutorials that are executed: build/site/index.html.
docs: $(INSTALLED)
	$(BIN)/spiraal study report
	$(BIN)/python scripts/write_docs.py
	$(BIN)/python scripts/write_pictures.py
	$(MAKE) site

site: $(INSTALLED)
	$(BIN)/sphinx-build -W --keep-going -q -c docs/site . build/site -d build/pages

format: $(INSTALLED)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find app.py sim experiments scripts benchmarks tests -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml requirements.txt
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Spiraal needs Python 3.11 or newer; name yours: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint requirements.txt --editable '.[app,cluster,discovery,docs,studies,test]'
	touch $@
