PYTHON ?= python3
BIN := .venv/bin
BABEL := $(BIN)/python -m babel.messages.frontend -q

.PHONY: run demo test test-fast test-app test-model test-ray coverage schemathesis soak fuzz lint messages install-programs

run: .venv/installed
	$(BIN)/python app.py

demo: export VOXCPM_MODEL := preview
demo: run

# Each of many threads would have heaps of its own, and of what a test freed, much would be kept.
RUNS := test-fast test-app test-model test-ray coverage
$(RUNS): export MALLOC_ARENA_MAX := 2
$(RUNS): export MALLOC_TRIM_THRESHOLD_ := 131072

PYTEST := $(BIN)/python -m pytest
SIDE_BY_SIDE := --numprocesses 2 --no-loadscope-reorder
OF_THE_MODEL := tests/engine tests/benchmarks tests/compat tests/synthesis/test_real_speech.py \
	tests/reference/test_denoise.py tests/test_preview.py
OF_RAY := tests/engine/test_ray.py tests/e2e/test_ray.py

# All but Ray's, in two runs, since a worker that has collected tests of the model has torch in its
# memory, beside all servers. CI runs `test test-ray`.
test:
	$(MAKE) --jobs 2 lint test-app
	$(MAKE) test-model

# While you work: units, and the application in the process of the tests.
test-fast: .venv/installed-tests
	$(PYTEST) $(SIDE_BY_SIDE) -m "not server and not slow"

# What runs without torch in the process of a test.
test-app: .venv/installed-tests install-programs
	$(PYTEST) $(SIDE_BY_SIDE) $(patsubst %,--ignore=%,$(OF_THE_MODEL) $(OF_RAY))

# The model in voxcpm's classes, its layers, and its processes.
test-model: .venv/installed-tests
	$(PYTEST) $(SIDE_BY_SIDE) -m "not server" $(OF_THE_MODEL)

# Models on the two nodes of a Ray cluster, and a server that starts a cluster of its own.
test-ray: .venv/installed-tests
	$(PYTEST) $(SIDE_BY_SIDE) $(OF_RAY)

coverage: .venv/installed-tests install-programs # a third slower
	$(PYTEST) $(SIDE_BY_SIDE) --cov=voxcpm_space --cov-report=term-missing:skip-covered

# What the schema of the HTTP API allows and forbids, far more of it than in `make test`.
schemathesis: export SCHEMATHESIS_EXAMPLES := 200
schemathesis: .venv/installed-tests
	$(PYTEST) tests/e2e/test_documentation.py -k schemathesis --timeout 3600

# Whether a server holds no more after MINUTES of use.
soak: MINUTES ?= 30
soak: .venv/installed-tests
	$(BIN)/python -m tests.benchmarks.soak $(MINUTES)

# Damaged files for the decoders, for SECONDS.
fuzz: SECONDS ?= 600
fuzz: .venv/installed-tests
	$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python -m tests.benchmarks.fuzz_decoder $(SECONDS)

lint: .venv/installed-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

messages: .venv/installed # brings the translations up to date with the source
	$(BABEL) extract -F pyproject.toml -k t --add-location=file -o .venv/messages.pot .
	$(BABEL) update -d voxcpm_space/locale -i .venv/messages.pot \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 100

install-programs: .venv/installed-tests # a browser and Redis; npm's clients where there is npm
	$(BIN)/python -m tests.e2e.install_browser
	-if command -v npm; then npm ci --silent --prefix tests/e2e/javascript; fi

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; (3, 10) <= sys.version_info[:2] <= (3, 12) or sys.exit("Python 3.10 to 3.12 is needed. If you have one beside this, name it: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/installed-tests: .venv/installed tests/requirements.txt requirements-ray.txt
	$(BIN)/python -m pip install --quiet -r tests/requirements.txt
	@touch $@
