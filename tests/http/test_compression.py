"""Answers over a kilobyte are compressed for readers who accept it."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask.testing import FlaskClient

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}
ANSWERS = {
    "page": ("/runbooks", "text/html"),
    "document": ("/runbooks/high-api-latency", "text/html"),
    "JSON": ("/handbook.json", "application/json"),
    "OpenAPI": ("/openapi.json", "application/json"),
    "metrics": ("/metrics", "text/plain"),
    "sheet": ("/static/handbook.css", "text/css"),
    "script": ("/static/handbook.js", "text/javascript"),
    "Swagger UI": ("/docs/assets/swagger-ui.css", "text/css"),
}


@pytest.mark.parametrize("coding", DECODERS)
@pytest.mark.parametrize(("path", "kind"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_compressed(client: FlaskClient, path: str, kind: str, coding: str) -> None:
    """It is a third at most, and names what it depends on."""
    plain = client.get(path)
    made = client.get(path, headers={"Accept-Encoding": coding})
    assert (made.mimetype, made.headers["Content-Encoding"]) == (kind, coding)
    assert made.headers["Content-Length"] == str(len(made.data))
    assert "Accept-Encoding" in made.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    whole = DECODERS[coding](made.data)
    if path != "/metrics":  # which counts these requests
        assert whole == plain.data
    assert len(made.data) < len(whole) / 2


@pytest.mark.parametrize("path", ["/health/live", "/static/icon.svg", "/problems/nothing"])
def test_a_small_answer_and_an_error_are_not(client: FlaskClient, path: str) -> None:
    made = client.get(path, headers={"Accept-Encoding": "gzip, br, zstd"})
    assert "Content-Encoding" not in made.headers


def test_a_reader_without_it_gets_it_plain(client: FlaskClient) -> None:
    for accepted in ("", "identity", "deflate"):
        made = client.get("/runbooks", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in made.headers
        assert made.text.startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/runbooks", "/static/handbook.css"])
@pytest.mark.parametrize("first", ["gzip", "br", ""])
def test_a_tag_is_good_for_every_coding(client: FlaskClient, path: str, first: str) -> None:
    """Weak, as the page is the same: whoever has it in one coding needs it in no other."""
    tag = client.get(path, headers={"Accept-Encoding": first}).headers["ETag"]
    assert tag.startswith("W/")
    for coding in ("gzip", "br", ""):
        again = client.get(path, headers={"Accept-Encoding": coding, "If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in again.headers["Vary"]


def test_head_tells_what_get_would(client: FlaskClient) -> None:
    asked = {"Accept-Encoding": "gzip"}
    got, head = (client.open("/runbooks", method=m, headers=asked) for m in ("GET", "HEAD"))
    assert head.data == b""
    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]
