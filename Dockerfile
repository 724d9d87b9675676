# syntax=docker/dockerfile:1
# The base can be pinned: --build-arg BASE=python@sha256:... --build-arg BASE_DIGEST=sha256:...
ARG BASE=python:3.11-slim-bookworm

# Build: install the locked packages into a virtual environment and verify their hashes.
FROM ${BASE} AS build
WORKDIR /srv/churn
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# The service's packages; with those for Dask and files of millions: --build-arg LOCK=bulk
ARG LOCK=run
COPY requirements/build.txt requirements/${LOCK}.txt requirements/
# Where packages come from another index, its settings are the secret `pip`; none is needed else.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    python -m venv .venv \
    && .venv/bin/pip install --require-hashes -r requirements/build.txt \
    && .venv/bin/pip install --require-hashes -r requirements/${LOCK}.txt
COPY . .
# Editable: the service reads the documents from the tree, beside the code they describe.
RUN .venv/bin/pip install --no-deps --no-build-isolation --no-index --editable . \
    && .venv/bin/python -m compileall -q app model wsgi.py \
    && mkdir instance

FROM ${BASE}
ARG BASE
ARG BASE_DIGEST
LABEL org.opencontainers.image.title="churn" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"
# The runbooks' commands use curl and pgrep.
# hadolint ignore=DL3008
RUN groupadd --gid 10001 churn \
    && useradd --uid 10001 --gid churn --no-create-home --shell /usr/sbin/nologin churn \
    && apt-get update \
    && apt-get install -y --no-install-recommends curl procps \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/churn
COPY --from=build /srv/churn /srv/churn
# The service writes only the embedded database here.
RUN chown 10001:10001 instance
ENV PATH=/srv/churn/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
CMD ["churn", "serve", "--host", "0.0.0.0", "--port", "8000"]
