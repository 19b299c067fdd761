PYTHON ?= python3
BIN := .venv/bin

.PHONY: run demo test coverage lint install-browser

run: .venv/installed
	$(BIN)/python app.py

demo: export VOXCPM_MODEL := preview
demo: run

test: .venv/installed-tests lint install-browser
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

coverage: .venv/installed-tests install-browser # a third slower
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile \
		--cov=voxcpm_space --cov-report=term-missing:skip-covered

lint: .venv/installed-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install-browser: .venv/installed-tests
	$(BIN)/python -m tests.e2e.install_browser

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; (3, 10) <= sys.version_info[:2] <= (3, 12) or sys.exit("Python 3.10 to 3.12 is needed. If you have one beside this, name it: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/installed-tests: .venv/installed tests/requirements.txt
	$(BIN)/python -m pip install --quiet -r tests/requirements.txt
	@touch $@
