# Three commands: make mapping, make build, make test. Everything else is below them.
export DBT_PROJECT_DIR := .
export DBT_PROFILES_DIR := .
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

PYTHON_IN_VENV := .venv/bin/python
# Spark is 700 MB: it comes when it is first asked for, and stays out of the other environment.
SPARK_ENVIRONMENT := scripts/need_java.sh && scripts/environment.sh requirements-spark.txt .venv-spark
BUILD_ARGUMENTS = $(if $(MAPPING),--mapping "$(MAPPING)") \
                  $(if $(TARGET),--target "$(TARGET)") \
                  $(if $(DATA),--data "$(DATA)") $(if $(FULL),--full)

# The locks serve every system and name no index. The smaller is part of the larger, so that
# building and checking agree on every version.
LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
                --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help build rollback mapping test test-spark export screenshot docs benchmark format lock clean

help: ## Show this help
	@echo "usage: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' Makefile

build: ## Build, test and publish the warehouse [MAPPING=mappings/NAME.yml] [DATA=folder] [TARGET=spark] [FULL=1]
ifeq ($(TARGET),spark)
	@$(SPARK_ENVIRONMENT)
	@.venv-spark/bin/python scripts/build.py $(BUILD_ARGUMENTS)
else
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) scripts/build.py $(BUILD_ARGUMENTS)
endif

rollback: ## Put the previous release of the warehouse back; a second one undoes it
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) scripts/rollback.py

mapping: ## Draft mappings/NAME.yml for an export FILES="sales.csv ..." [NAME=shop]
	$(if $(FILES),,$(error name the files: make mapping FILES="sales.csv customers.csv"))
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) scripts/propose_mapping.py --save $(if $(NAME),--name "$(NAME)") $(FILES)

test: ## Run every check [CHECKS="dbt pytest sqlfluff spark mypy yaml ruff"]
	@scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) scripts/run_checks.py $(CHECKS)

test-spark: ## Build on Spark too and compare every table with DuckDB's (needs Java 17)
	@$(SPARK_ENVIRONMENT)
	@.venv-spark/bin/python -m pytest tests/spark

export: ## Write the published tables as Parquet to warehouse/parquet
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) scripts/export.py

screenshot: ## Take docs/report.png, the picture in the README, of the report (needs Chromium)
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) scripts/screenshot.py

docs: ## Write warehouse/docs.html: every model, column and where it comes from, of the last build
	@scripts/environment.sh requirements.txt
	@.venv/bin/dbt --quiet docs generate --static
	@cp target/static_index.html warehouse/docs.html
	@$(PYTHON_IN_VENV) scripts/lineage.py
	@echo "warehouse/docs.html is written; README.md has the lineage"

benchmark: ## Time a build against the least it could cost and other ways [ROWS=10000000] [ROUNDS=3] [JSON=1]
	@scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) scripts/benchmark.py $(if $(ROWS),--rows $(ROWS)) \
	    $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(JSON),--json)

format: ## Rewrite Python and SQL to the house style
	@scripts/environment.sh requirements-dev.txt
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .
	@.venv/bin/sqlfluff fix .

lock: ## Resolve requirements*.in into the hashed locks, after a change (needs uv)
	@uv pip compile $(LOCK_OPTIONS) requirements-dev.in -o requirements-dev.txt
	@uv pip compile $(LOCK_OPTIONS) requirements.in -c requirements-dev.txt -o requirements.txt
	@uv pip compile $(LOCK_OPTIONS) requirements-spark.in -c requirements-dev.txt -o requirements-spark.txt

clean: ## Remove everything that the other commands made
	rm -rf .venv .venv-spark target logs .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf tests/browser/node_modules
	find warehouse -mindepth 1 ! -path warehouse/build ! -name .gitignore -delete
