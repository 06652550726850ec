# `make` lists the targets. Every target sets up what it needs.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
READY := .venv/.ready
DATA ?= simulated

.PHONY: help setup demo test lint format up down dagster bench faults outage exactness invariants histories kills hostile chaos screenshots clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv from uv.lock

$(READY): uv.lock pyproject.toml local/setup.sh
	@PYTHON="$(PYTHON)" sh local/setup.sh

demo: $(READY) ## The whole way on this machine: events, Kafka, ClickHouse, marts, tables (DATA=shop for a real log)
	@$(BIN)/throughline demo --data $(DATA)

test: $(READY) ## Run every test on real engines, in two processes (ARGS="tests/macros -x" for some, in one)
ifdef ARGS
	@$(BIN)/pytest $(ARGS)
else
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/loaders/test_faults.py
	@# Eight loaders, which have to come by their faults in time: alone.
	@$(BIN)/pytest tests/loaders/test_faults.py
endif

lint: $(READY) ## Check style and types: ruff, mypy, sqlfluff, yamllint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/yamllint --strict .
	@# These two take their time: beside each other.
	$(BIN)/mypy & types=$$!; \
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models macros tests/dbt; style=$$?; \
	wait $$types && exit $$style

format: $(READY) ## Format Python and SQL
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --processes 2 models macros tests/dbt

up: $(READY) ## Start ClickHouse and Kafka
	@$(BIN)/throughline up

down: $(READY) ## Stop what runs
	@$(BIN)/throughline down

dagster: $(READY) ## Start the Dagster UI in the foreground
	@$(BIN)/throughline dagster dev

bench: $(READY) ## Run the benchmarks, print ratios (an hour; docs/performance.md says how to run one)
	@$(BIN)/throughline up
	@for script in bench/input/simulate.py bench/input/produce.py bench/loaders/run.py bench/loaders/steady.py bench/orchestration/run.py; do \
		echo "$$script"; $(BIN)/python "$$script" || exit 1; done
	@echo bench/behaviour/run.py; $(BIN)/uv run --quiet --locked --group bench --project . python bench/behaviour/run.py
	@for module in bench.models.run bench.models.history bench.identity.run; do echo "$$module"; $(BIN)/python -m "$$module" || exit 1; done

faults: $(READY) ## Break loaders, ClickHouse, Kafka and the wire by 500 seeds (ARGS="first count --jobs 4"; resumes)
	@$(BIN)/python -m tests.loaders.faults.run $(ARGS)

outage: $(READY) ## Take ClickHouse away from a loader for an hour (ARGS="minutes events/s")
	@$(BIN)/python bench/loaders/outage.py $(ARGS)

invariants: $(READY) ## Compare batches with a full refresh over 50 seeds (ARGS="first count batches"; resumes)
	@$(BIN)/python -m tests.invariants.run $(ARGS)

histories: $(READY) ## Compare identity with brute force over 500 random histories, whole and in 3 and 10 batches
	@HISTORIES=500 $(BIN)/pytest --timeout 7200 tests/scenarios/identity/test_random_histories.py

kills: $(READY) ## Kill dbt runs at 40 statements and start them again (ARGS="seed kills", or "seed kills clickhouse" to kill that)
	@$(BIN)/python -m tests.invariants.kills $(ARGS)

hostile: $(READY) ## Build payloads as odd as JSON has them, in batches and whole (ARGS="seed batches events")
	@$(BIN)/python -m tests.invariants.hostile $(ARGS)

chaos: $(READY) ## Kill processes of a running deployment at random, 200 times (ARGS="first seeds kills"; resumes)
	@$(BIN)/python -m tests.orchestration.chaos.run $(ARGS)

screenshots: $(READY) ## Take the pictures of docs/operations.md anew, from the running UI (needs a Chromium)
	@$(BIN)/uv run --quiet --locked --group screenshots --project . python -m local.screenshots.run

exactness: $(READY) ## Compare macros of behaviour with their oracles on 10,000 people (ARGS="people seed"; resumes)
	@$(BIN)/python -m tests.macros.exactness $(ARGS)

clean: ## Stop the stack, remove .local, .venv and build files
	@if [ -x $(BIN)/throughline ]; then $(BIN)/throughline down; fi
	rm -rf .local .venv target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
