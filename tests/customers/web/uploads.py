"""Uploads for tests: how to send one, and what the answer's page says."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

KIND = "multipart/form-data; boundary=between"


def form_of(content: bytes, name: str = "customers.csv", **fields: str) -> bytes:
    """The body that the form sends: a file, and fields."""
    return fields_of(**fields).removesuffix(b"--between--\r\n") + (
        b'--between\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%b\r\n--between--\r\n"
        % (name.encode(), content)
    )


def fields_of(**fields: str) -> bytes:
    """The body of a form with fields alone."""
    parts = [
        f'--between\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return "".join([*parts, "--between--\r\n"]).encode()


def upload(
    client: FlaskClient, content: bytes, name: str = "customers.csv", **fields: str
) -> TestResponse:
    """Send a file as the form does; werkzeug's client would put a large one on the disk."""
    return client.post("/upload", data=form_of(content, name, **fields), content_type=KIND)


def send_again(client: FlaskClient, answer: TestResponse, **fields: str) -> TestResponse:
    """Ask for the CSV file of an answer, with what its page carries."""
    (field,) = re.findall(r'name="again" value="([^"]*)"', answer.text)
    body = fields_of(**{"again": html.unescape(field), "as": "csv"}, **fields)
    return client.post("/upload", data=body, content_type=KIND)


def words(answer: TestResponse) -> str:
    """The text of a page, without tags."""
    text = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])
    return " ".join(html.unescape(text).split())


def listed(answer: TestResponse) -> list[str]:
    """The ids of the page's list, in its order."""
    return re.findall(r'<th scope="row">([^<]*)</th>', answer.text)
