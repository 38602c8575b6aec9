#!/bin/sh
# Pins what pyproject.toml asks for, with hashes and without addresses: one file a service, `all` for `make run`, `dev` for `make test`.
set -eu
bin=$1
"$bin/pip" install --disable-pip-version-check --quiet uv
for extra in ingest enrich popularity indexer search webhooks ops all dev; do
    "$bin/uv" pip compile pyproject.toml --quiet --extra "$extra" --universal --python-version 3.11 --generate-hashes --no-header \
        --output-file "requirements/$extra.txt"
done
