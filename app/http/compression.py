"""Compresses answers for readers who accept it."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

MIN_BYTES = 1000
"""A smaller answer fits one packet anyway."""

_ALGORITHMS = ["zstd", "br", "gzip"]
"""The cheapest first, where a reader accepts several (ADR-028)."""

_TYPES = [
    *("text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/markdown"),
    *("application/json", "application/atom+xml", "image/svg+xml"),
]


def init_app(app: Flask) -> None:
    """Compress answers; call it early, for what is called first runs last on an answer."""
    app.config.update(
        COMPRESS_MIN_SIZE=MIN_BYTES,
        COMPRESS_ALGORITHM=_ALGORITHMS,
        COMPRESS_ALGORITHM_STREAMING=_ALGORITHMS,
        COMPRESS_MIMETYPES=_TYPES,
    )
    Compress(app)
