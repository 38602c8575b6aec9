# One image a service, from one file: docker build --build-arg SERVICE=indexer -t dateline-indexer .
# SERVICE is ingest, enrich, popularity, indexer, search, or ops, the image of the command `dateline`.
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS packages
ARG SERVICE
COPY requirements/${SERVICE}.txt /requirements.txt
# jstyleson, which ingest needs, comes as source only: pip builds it, and needs no compiler for that.
RUN python -m venv /venv \
    && /venv/bin/pip install --disable-pip-version-check --no-cache-dir --require-hashes -r /requirements.txt \
    && /venv/bin/pip uninstall --disable-pip-version-check --yes pip

FROM python:${PYTHON}
ARG SERVICE
LABEL org.opencontainers.image.title="dateline-${SERVICE}" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 dateline \
    && useradd --uid 10001 --gid dateline --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dateline \
    # the one folder that is written: ingest keeps the salt of the day for visitors there, on a volume
    && install --directory --owner=dateline --group=dateline --mode=0700 /var/lib/dateline
COPY --from=packages /venv /venv
WORKDIR /app
COPY pyproject.toml LICENSE ./
COPY schemas schemas
COPY shared shared
COPY services services
COPY ops ops
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SERVICE=${SERVICE}
# Nothing compiles at run time, where the file system is read-only.
RUN python -m compileall -q shared services ops
USER 10001:10001
# Liveness, as an orchestrator wants it that restarts what is unhealthy. docker-compose.yml asks /readyz instead.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', int(os.environ.get('DATELINE_OPERATIONS_PORT', 9100)), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
# The shell is replaced by Python, which so gets SIGTERM itself. Other arguments are another command: python -m ops.cli setup
CMD ["/bin/sh", "-c", "exec python -m services.$SERVICE"]
