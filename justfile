# What contributors and CI run. `uv run just` lists the recipes.

[private]
default:
    @just --list --unsorted

# everything that a change must pass
check: lint test-all

# format, lint, types, layers
lint:
    uv run ruff format --check
    uv run ruff check
    uv run mypy
    uv run lint-imports --no-cache

# all tests; those of the domain and the projections go through every branch of them
test-all:
    uv run pytest -n2 --cov --cov-report= tests/domain tests/projections
    uv run coverage report --fail-under=100
    uv run pytest --ignore=tests/domain --ignore=tests/projections

# which lines of the services the tests do not reach (slow)
coverage:
    uv run pytest --cov=services --cov-report=term-missing:skip-covered

# the tests you name, or all: `just test tests/domain -k promise`
test *arguments:
    uv run pytest {{ arguments }}

# write code the way `check` wants it
fmt:
    uv run ruff check --fix
    uv run ruff format

# docs/events.md, written from the code
events:
    uv run python -m tests.docs.events

# docs/configuration.md, written from the code
configuration:
    uv run python -m tests.docs.configuration

# what of services/client follows from the API, written from its OpenAPI document
client:
    uv run python -m tests.docs.client

# a bill of materials of what runs, with hashes: CycloneDX JSON
sbom file="dist/sbom.json":
    mkdir -p {{ parent_directory(file) }}
    uv export --quiet --no-dev --all-extras --format cyclonedx1.5 --output-file {{ file }}

# known vulnerabilities of what is installed; needs the network, so it is no part of `check`
audit *arguments:
    uv run --no-project python .ci/audit.py {{ arguments }}

# newest versions of everything, written to pyproject.toml
lock:
    uv run --no-project python .ci/lock.py

# pictures of every page, to be looked at, in the folder screenshots
screenshots *which:
    uv run python -m tests.browser.screenshots {{ which }}

# every bench, and docs/benchmarks.md; `just benches --quick`: seconds of each
benches *arguments:
    uv run python -m tests.bench {{ arguments }}

# one bench, with its figures and a last line of JSON: `just bench imports`
bench name="append":
    uv run python -m tests.bench.{{ name }}
