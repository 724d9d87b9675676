"""The application is WSGI: it runs under any such server, and knows a request as from there."""

from __future__ import annotations

import json
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest

import wsgi
from app.serving.wsgi_environ import environ_of
from tests.prediction_bodies import REQUIRED
from tools.servers import fetch


class Silent(WSGIRequestHandler):
    """Logs nothing; the application does."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_application_runs_under_another_server() -> None:
    """The standard library's, whose validator checks both sides against PEP 3333."""
    with make_server("127.0.0.1", 0, validator(wsgi.app), handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            status, answer = fetch(f"{url}/predict?reasons=1", {"features": REQUIRED})
            assert (status, len(json.loads(answer)["reasons"])) == (200, 1)
            batch = {"customers": [{"id": "a", "features": REQUIRED}]}
            assert fetch(f"{url}/predict/batch", batch)[0] == 200
            assert fetch(f"{url}/predict", {"features": {}})[0] == 422
            assert fetch(f"{url}/health/ready")[0] == 200
            assert "<h1" in fetch(f"{url}/runbooks", Accept="text/html")[1]
        finally:
            server.shutdown()
            thread.join()


SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "headers": [],
    "server": ("127.0.0.1", 8000),
    "client": ("10.1.1.1", 5),
    "scheme": "http",
}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"client": None}, {"REMOTE_ADDR": ""}),
        ({"server": ("/run/churn.sock", None)}, {"SERVER_NAME": "/run/churn.sock"}),
        ({"server": None}, {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}),
        ({"query_string": b"q=caf%C3%A9"}, {"QUERY_STRING": "q=caf%C3%A9"}),
        (
            {"path": "/caf\u00e9", "raw_path": b"/caf%C3%A9"},
            {"PATH_INFO": "/caf\u00e9".encode().decode("latin-1")},
        ),
        ({"path": "/\ufffd", "raw_path": b"/%ff"}, {"PATH_INFO": "/\u00ff"}),
        ({"headers": [(b"content-type", b"a/b")]}, {"CONTENT_TYPE": "a/b"}),
        ({"headers": [(b"x-a", b"1"), (b"x-a", b"2")]}, {"HTTP_X_A": "1,2"}),
        ({"headers": [(b"cookie", b"a=1"), (b"cookie", b"b=2")]}, {"HTTP_COOKIE": "a=1;b=2"}),
        ({"headers": [(b"x-name", b"\xff")]}, {"HTTP_X_NAME": "\u00ff"}),
    ],
)
def test_an_environment_has_what_the_request_had(
    changed: dict[str, object], found: dict[str, str]
) -> None:
    environ = environ_of({**SCOPE, **changed})
    assert {name: environ[name] for name in found} == found


def test_a_header_that_passes_for_another_is_left_out() -> None:
    """`X_Forwarded_For` would be read as `X-Forwarded-For`."""
    environ = environ_of({**SCOPE, "headers": [(b"x_forwarded_for", b"127.0.0.1")]})
    assert not [name for name in environ if "FORWARDED" in name]
