# Dateline. The two commands of a newcomer are `make run` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
NAME ?= all
.DEFAULT_GOAL := help
QUICK ?=
SEED ?= 1

.PHONY: help run test check clean bench docs pictures faults faults-release shape schemas requirements unit

help: ## what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile

run: $(VENV)/.run ## everything on this machine: Kafka, Elasticsearch, six services, sample news
	@$(BIN)/dateline run

test: check ## linters, types and all tests, on real engines
	@$(BIN)/pytest

check: $(VENV)/.test ## linters and types only
	@$(BIN)/ruff format --check --quiet . || { echo 'run: $(BIN)/ruff format .'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

unit: $(VENV)/.test ## the tests that need no engine
	@$(BIN)/pytest tests/unit tests/contract

faults: $(VENV)/.test ## everything is killed, stalled and cut while news comes in: an hour; SEED=1,2,3 for three runs
	@FAULTS=middle FAULTS_SEED=$(SEED) $(BIN)/pytest tests/faults tests/security

faults-release: $(VENV)/.test ## the same, ten times as long, and 25 crashes at every point
	@FAULTS=release FAULTS_SEED=$(SEED) $(BIN)/pytest tests/faults

bench: $(VENV)/.test ## measure: make bench NAME=latency QUICK=1
	@$(BIN)/python -m tests.benchmarks $(NAME) $(if $(QUICK),--quick)

shape: $(VENV)/.test ## the figures of our code that docs/decisions and CONTRIBUTING speak of
	@$(BIN)/python -m tests.shape

schemas: $(VENV)/.test ## write the generated files under schemas/ and .env.example anew
	@$(BIN)/python -m ops.schemas

docs: $(VENV)/.test ## the site of docs/, into site/, without the network
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo 'open site/index.html'

pictures: $(VENV)/.test ## take docs/pictures/ anew, of the sample news in a browser
	@$(BIN)/python -m tests.browser.pictures

requirements: $(VENV)/.test ## pin what pyproject.toml asks for
	@sh ops/local/pin.sh $(BIN)

clean: ## remove engines, data, logs and the virtual environment
	@if [ -x $(BIN)/dateline ]; then $(BIN)/dateline clean; fi
	@rm -rf .dateline $(VENV)

$(VENV)/.run: requirements/all.txt pyproject.toml
	@sh ops/local/bootstrap.sh $(VENV) requirements/all.txt
	@touch $@

$(VENV)/.test: requirements/dev.txt pyproject.toml
	@sh ops/local/bootstrap.sh $(VENV) requirements/dev.txt
	@touch $@ $(VENV)/.run
