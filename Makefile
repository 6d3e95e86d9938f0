# The verbs of Stoa. Plain `make` lists them.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up down status logs migrate backup restore seed seed-usage models bench test faults test-vllm unit contract integration browser arch check \
	lint types borders fix docs screenshots clean

STOA := infra/laptop/stoa
MEMBERS := libs/contracts libs/runtime libs/embedding libs/lexical services/gateway services/ingest \
	services/retrieval services/inference web infra/laptop infra/reference infra/seed
PYTEST := exec $(STOA) dev python -m pytest
# Three processes share the tests and two cores: much of a story's time is waiting.
SHARED := --numprocesses 3 --dist loadscope --no-loadscope-reorder
ENGINE ?= $(STOA_ENGINE)

help:
	@awk 'BEGIN {FS = ":.*## "} \
	/^##@/ {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run Stoa
up: export STOA_ENGINE := $(ENGINE)
up: ## install what is missing, start everything, print the addresses (DETACH=1: return when ready; ENGINE=vllm)
	@exec $(STOA) laptop$(if $(filter vllm,$(ENGINE)),+vllm) python -m laptop up --tied $(if $(DETACH),--detach)

down: ## stop everything
	@exec $(STOA) none python -m laptop down

status: ## what runs, and whether it is ready
	@exec $(STOA) none python -m laptop status

logs: ## the end of each log (NAME=gateway for one, FOLLOW=1 to go on)
	@exec $(STOA) none python -m laptop logs $(NAME) $(if $(FOLLOW),--follow)

migrate: ## bring the database's tables up to date
	@exec $(STOA) laptop python -m laptop migrate

backup: ## keep a copy of everything, while Stoa runs or not (TO=folder)
	@exec $(STOA) laptop python -m laptop backup $(if $(TO),--to "$(TO)")

restore: ## bring a backup into an empty, stopped installation (FROM=folder)
	@exec $(STOA) laptop python -m laptop restore "$(or $(FROM),$(error say FROM=the folder of the backup))"

seed: ## examples to look at, put into the Stoa that runs
	@exec $(STOA) laptop python -m laptop seed

seed-usage: ## a month of usage to look at, only for trying: nothing takes it out again (SURE=1: the ledger has rows)
	@exec $(STOA) laptop python -m laptop seed-usage $(if $(SURE),--yes) $(if $(ROWS),--rows $(ROWS)) $(if $(TWO),--two-currencies)

models: ## list the models (DO=fetch or DO=verify, NAME=… for one)
	@exec $(STOA) laptop python -m laptop.models $(or $(DO),list) $(NAME)

bench: ## what each part of search is worth: docs/quality.md anew (DATA=folder of evaluation sets)
	@exec $(STOA) dev python bench/ablation.py --json --data "$(or $(DATA),$(error say DATA=the folder of the evaluation sets))" \
	--into docs/quality.md --plot docs/images/quality.svg

##@ Test
test: chromium ## all tests, on the embedded engines
	@$(PYTEST) $(SHARED) tests/unit tests/contract tests/integration tests/architecture tests/browser

unit: ## rules and services
	@$(PYTEST) tests/unit

contract: ## every port over all its versions
	@$(PYTEST) tests/contract

integration: ## stories across processes
	@$(PYTEST) tests/integration

browser: chromium ## journeys in Chromium
	@$(PYTEST) tests/browser

faults: chromium ## long sweeps: every hostile text on every page, the slowest texts, broken parts
	@$(PYTEST) tests/faults

test-vllm: ## the engine suite and a cited chat on a real vLLM, in an environment of its own (.venv-vllm)
	@exec $(STOA) dev+vllm python -m pytest tests/vllm

.PHONY: chromium
chromium:
	@infra/laptop/chromium

##@ Check
check: lint types borders test test-vllm ## everything that must hold before a change goes in

lint: ## style of code and templates
	@$(STOA) dev ruff check .
	@$(STOA) dev ruff format --check .
	@$(STOA) dev djlint --quiet --lint web/web/templates
	@$(STOA) dev bandit --quiet --severity-level medium --configfile pyproject.toml --recursive $(MEMBERS)

types: ## mypy, strict, tests and benches included
	@exec $(STOA) dev mypy $(MEMBERS) infra/screenshots bench tests

borders: ## which package may import which
	@exec $(STOA) dev lint-imports

arch: borders ## borders, and the guard tests
	@$(PYTEST) tests/architecture

screenshots: chromium ## the pictures of README and docs (ALL=1 TO=folder: every page in every look and width)
	@exec $(STOA) dev python -m infra.screenshots $(if $(ALL),--all "$(or $(TO),$(error say TO=a folder))")

docs: ## write the pages of docs/ that are made from the code
	@exec $(STOA) dev python -m reference

fix: ## put right what can be put right by itself
	@$(STOA) dev ruff check --fix .
	@$(STOA) dev ruff format .

##@ Tidy up
clean: ## stop Stoa and remove .venv, .venv-vllm and caches; your data in var/ stays
	@$(STOA) none python -m laptop down
	rm -rf .venv .venv-vllm .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
