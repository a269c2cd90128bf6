# The project's commands. `make help` lists them; each works on a fresh machine with Python 3.11+, make and a package registry.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never
# A process that may not keep what it compiled compiles all of it again, and the tests start hundreds.
export PYTHONDONTWRITEBYTECODE :=
export SECOR_HOME ?= .run

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  \033[36m%-16s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check uv || echo "uv is not to be had here; going on with pip"

# install LOCK: exact versions with their hashes, then both services in place (so that an edit is live).
define install
	@if [ -x $(BIN)/uv ]; then VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r $(1) \
	  && VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e services/workflow -e services/notifier; \
	else $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(1) \
	  && $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e services/workflow -e services/notifier; fi
endef

$(VENV)/.runtime: requirements.lock services/workflow/pyproject.toml services/notifier/pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.dev: requirements-dev.lock services/workflow/pyproject.toml services/notifier/pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.runtime

.PHONY: run
run: $(VENV)/.runtime ## Serve both services in sandbox mode on this machine (SQLite, mailbox folder, keys file)
	@exec $(BIN)/python deploy/run.py

.PHONY: demo
demo: $(VENV)/.runtime ## Play three employers through three years, over HTTP, on an instance of its own
	@$(BIN)/python deploy/demo.py

.PHONY: up
up: ## Build and start the whole system with docker compose, and wait until it is healthy (docs/install.md)
	docker compose up --detach --build --wait

.PHONY: down
down: ## Stop the composed system; its data stay
	docker compose down

.PHONY: smoke
smoke: $(VENV)/.runtime ## Play a case through the composed system; it stays there, so not among real cases
	@$(BIN)/python deploy/smoke.py

.PHONY: test
test: $(VENV)/.dev ## Run all tests, on SQLite and on a real PostgreSQL (found on the machine or taken from a wheel)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: $(VENV)/.dev ## Lint, format, strict types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: fmt
fmt: $(VENV)/.dev ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: contracts
contracts: $(VENV)/.dev ## Write contracts/ and the generated pages of docs/ anew from the code
	$(BIN)/python deploy/write_contracts.py

.PHONY: catalogues
catalogues: $(VENV)/.dev ## After a letter's template changed: bring the catalogues of its translations up to date
	$(BIN)/python deploy/catalogues.py

.PHONY: lint-contracts
lint-contracts: ## Have others' tools read contracts/: spectral and the AsyncAPI parser (needs npm)
	cd tests/contracts/tools && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent lint

.PHONY: fuzz
fuzz: $(VENV)/.dev ## Random questions to both services, SECOR_FUZZ_SECONDS long each (300); walks, SECOR_EXAMPLES times as many (20)
	SECOR_FUZZ_SECONDS=$${SECOR_FUZZ_SECONDS:-300} $(BIN)/python -m pytest tests/contracts/test_schemathesis.py
	SECOR_EXAMPLES=$${SECOR_EXAMPLES:-20} $(BIN)/python -m pytest tests/workflow/domain/test_machine_properties.py \
	  tests/workflow/log/test_log_properties.py tests/workflow/log/test_replay_properties.py tests/notifier/test_notifier_properties.py

.PHONY: faults
faults: $(VENV)/.dev ## Break everything under load, a hundred times over: processes, lines, disks, clocks; writes docs/faults.md
	SECOR_FAULTS=1 $(BIN)/python -m pytest --capture=no tests/faults tests/scale tests/notifier/test_killed.py $(ARGS)

build/bench-peers/.installed: tests/bench/requirements.lock | $(BIN)/python
	$(PYTHON) -m venv build/bench-peers
	@if [ -x $(BIN)/uv ]; then VIRTUAL_ENV=build/bench-peers $(BIN)/uv pip install --quiet --require-hashes -r $<; \
	else build/bench-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<; fi
	@touch $@

.PHONY: bench
bench: $(VENV)/.dev build/bench-peers/.installed ## Measure beside peers, on durable databases; writes docs/performance.md
	PYTHONPATH=tests $(BIN)/python -m bench.run

.PHONY: bench-large
bench-large: export SECOR_BENCH_EVENTS ?= 10000000
bench-large: bench ## The same with a log of ten million events (SECOR_BENCH_EVENTS)

.PHONY: golden
golden: $(VENV)/.dev ## Write a golden example of each event that has none yet; existing ones are never touched
	PYTHONPATH=tests $(BIN)/python tests/contracts/golden.py

.PHONY: release-baseline
release-baseline: contracts ## At a release: the contract as it stands becomes what later ones are compared with
	$(BIN)/python deploy/baseline.py --release

.PHONY: lock
lock: $(BIN)/python ## Resolve the dependencies anew into requirements*.lock (needs uv)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(ARGS) \
	  services/workflow/pyproject.toml services/notifier/pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(ARGS) \
	  services/workflow/pyproject.toml services/notifier/pyproject.toml -c requirements.lock --group build --group dev -o requirements-dev.lock

.PHONY: clean
clean: ## Remove the environment, the sandbox's data and everything built
	rm -rf $(VENV) .run build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find services -name '*.egg-info' -type d -prune -exec rm -rf {} +
