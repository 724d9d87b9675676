# make help lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3.11
BIN := .venv/bin
STAMPS := .venv/.stamps

.PHONY: help serve test versions check model bench soak drill image sbom format openapi alerts screenshot \
	lock services

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

serve: $(STAMPS)/run ## serve API and handbook [HOST=127.0.0.1] [PORT=8000]
	@exec $(BIN)/churn serve --host $(HOST) --port $(PORT)

test: $(STAMPS)/dev services ## run all tests
	@$(BIN)/python -m pytest --numprocesses=3

versions: $(STAMPS)/dev services ## run the core of the tests on each other supported Python that is here
	@scripts/versions

check: $(STAMPS)/dev ## formatting, lint, types, import rules, documents, OpenAPI document, SBOM, licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/lint-imports
	$(BIN)/churn handbook check --strict
	$(BIN)/python scripts/openapi.py --check
	$(BIN)/python scripts/alerts.py --check
	$(BIN)/python scripts/dashboard.py --check
	$(BIN)/python -m scripts.manifests
	$(BIN)/python -m scripts.sbom --check

model: $(STAMPS)/dev ## train, evaluate and write the release
	$(BIN)/churn model release

bench: $(STAMPS)/bench $(STAMPS)/mlserver ## print every performance figure that the documents quote
	@scripts/install-programs wrk postgresql redis-server
	@$(BIN)/python -m benchmarks

soak: $(STAMPS)/dev services ## the service under load, while parts of it come and go: print figures
	@$(BIN)/python -m soak

drill: $(STAMPS)/dev services ## break each cause for real [ONLY=runbook/cause] [BLIND=n SEED=n] [FULL=1]
	@$(BIN)/python -m drills $(if $(ONLY),--only $(ONLY)) $(if $(BLIND),--blind $(BLIND)) \
		$(if $(SEED),--seed $(SEED)) $(if $(LIES),--lies) $(if $(ALL),--all) $(if $(FULL),--full)

image: $(STAMPS)/dev ## build the image without a container engine, into build/image, and try it
	@scripts/install-programs buildah mmdebstrap iproute2
	@$(BIN)/python -m scripts.image build/image
	@IMAGE=build/image $(BIN)/python -m pytest --quiet tests/deploy/test_image.py

format: $(STAMPS)/dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

openapi: $(STAMPS)/dev ## write openapi.json as the code has it
	$(BIN)/python scripts/openapi.py

sbom: $(STAMPS)/dev ## write sbom.json and the list of licences from the locks
	$(BIN)/python -m scripts.sbom

alerts: $(STAMPS)/dev ## write alert rules and dashboard from their sources
	$(BIN)/python scripts/alerts.py
	$(BIN)/python scripts/dashboard.py

screenshot: $(STAMPS)/dev services ## take the README's screenshots
	$(BIN)/python -m scripts.screenshot

lock: $(STAMPS)/venv ## resolve the dependencies again into requirements/
	$(BIN)/pip install --quiet uv
	$(COMPILE) requirements/build.in -o requirements/build.txt
	$(COMPILE) setup.cfg -o requirements/run.txt
	$(COMPILE) setup.cfg --extra model --extra test --extra tracing --extra bulk -c requirements/run.txt \
		-o requirements/dev.txt
	$(COMPILE) setup.cfg --extra tracing -c requirements/dev.txt -o requirements/tracing.txt
	$(COMPILE) setup.cfg --extra bulk -c requirements/dev.txt -o requirements/bulk.txt
	$(COMPILE) setup.cfg --extra model --extra bulk --extra bench -c requirements/dev.txt \
		-o requirements/bench.txt
	$(COMPILE) requirements/mlserver.in -o requirements/mlserver.txt

COMPILE = $(BIN)/uv pip compile -q --upgrade --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "make lock"

# What the tests need from the system, where it can be installed.
services:
	@scripts/install-programs chromium redis-server postgresql prometheus prometheus-alertmanager \
		curl iproute2 nginx procps redis-tools strace wrk buildah mmdebstrap

$(STAMPS)/venv:
	@scripts/venv $(PYTHON)
	@$(BIN)/pip install --quiet --require-hashes -r requirements/build.txt
	@mkdir -p $(STAMPS) && touch $@

# What the service is measured against, and could not be installed beside.
$(STAMPS)/mlserver: requirements/mlserver.txt | $(STAMPS)/venv
	@echo "installing requirements/mlserver.txt"
	@$(BIN)/python -m venv .venv/mlserver
	@.venv/mlserver/bin/pip install --quiet --require-hashes -r requirements/mlserver.txt
	@touch $@

# Each set of packages is installed from its lock; --no-deps: the project's own are in the lock.
$(STAMPS)/%: requirements/%.txt setup.cfg | $(STAMPS)/venv
	@echo "installing requirements/$*.txt"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/$*.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
