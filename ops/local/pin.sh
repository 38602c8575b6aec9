#!/bin/sh
# Pins what pyproject.toml asks for, with hashes and without addresses: `dev` for `make test`, `all` for `make run`, then one file a
# service or extra, in the versions of `dev`, so that any of them can be installed together.
set -eu
bin=$1
"$bin/pip" install --disable-pip-version-check --quiet uv
pin() {
    extra=$1
    shift
    "$bin/uv" pip compile pyproject.toml --quiet --extra "$extra" --universal --python-version 3.11 --generate-hashes --no-header \
        --output-file "requirements/$extra.txt" "$@"
}
pin dev
for extra in all ingest enrich popularity indexer search webhooks ner-fr ner-ja otel ops; do
    pin "$extra" --constraint requirements/dev.txt
done
