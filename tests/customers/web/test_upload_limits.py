"""Files that are too much, or no files of customers: each is one clear page, and costs little."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import os
import socket
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pyarrow import parquet

from app.application import MAX_BODY
from app.customers.web import upload_routes
from app.customers.web.upload_limits import MAX_BYTES, MAX_CUSTOMERS, MAX_UPLOAD, MAX_UPLOADS
from tests.apps import make_app
from tests.customers.web.uploads import KIND, fields_of, form_of, listed, upload, words
from tests.prediction_bodies import REQUIRED
from tests.serving.loop_servers import loop_server
from tools.raw_requests import sent, told
from tools.servers import Server, fetch, gunicorn

HEAD = b"customer_id,tenure,contract,monthly_charges\n"
ROW = b"a-1,12,One year,65.5\n"
MEBIBYTE = 1 << 20


def padded(size: int) -> bytes:
    """A file of one customer and blank lines."""
    start = HEAD + ROW
    return (start + (b" " * 99_999 + b"\n") * (size // 100_000 + 1))[:size]


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED, files: int = 1) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for number in range(files):
            archive.writestr(f"c{number}.csv", content)
    return packed.getvalue()


def zeros() -> bytes:
    """A gzip file of 5 GB of zeros, in members of 50 MB."""
    return gzip.compress(bytes(50 * MEBIBYTE), 1) * 20


def zero_column() -> bytes:
    """A Parquet file of a few kB that says it unpacks to 8 MB."""
    file = io.BytesIO()
    table = pa.table({"a": pa.repeat(0.0, MEBIBYTE)})
    parquet.write_table(table, file, compression="zstd", use_dictionary=False)
    return file.getvalue()


def encrypted() -> bytes:
    """A zip archive that says it has a password."""
    content = bytearray(zipped(HEAD + ROW))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


REFUSED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "empty": (lambda: b"", 422, "c.csv: the file is empty"),
    "header only": (lambda: HEAD, 422, "c.csv: the file has no customers."),
    "binary": (lambda: bytes(range(256)) * 40, 422, "c.csv:1: not UTF-8"),
    "zeros": (lambda: bytes(9000), 422, "c.csv:1: not UTF-8"),
    "picture": (
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(900),
        *(422, "a PNG image: give a CSV file in UTF-8"),
    ),
    "workbook": (lambda: b"PK\x03\x04" + b"xl/workbook.xml" * 9, 422, "the archive is damaged"),
    "one customer too many": (
        lambda: HEAD + ROW * (MAX_CUSTOMERS + 1),
        *(413, "more than 5,000 customers. Split the file"),
    ),
    "a line of 5 MB": (
        lambda: b"x" * MAX_BYTES,
        *(422, "a line of more than 1000000 characters"),
    ),
    "a byte too many": (lambda: padded(MAX_BYTES + 1), 413, "c.csv: larger than 5 MB."),
    "a gzip bomb": (zeros, 413, "it unpacks to more than 5 MB."),
    "a zip bomb": (lambda: zipped(bytes(50 * MEBIBYTE)), 413, "it unpacks to more than 5 MB."),
    "a bzip2 bomb in a zip": (
        lambda: zipped(bytes(50 * MEBIBYTE), zipfile.ZIP_BZIP2),
        *(422, "the archive is damaged, incomplete or of an unknown kind."),
    ),
    "a Parquet bomb": (zero_column, 413, "it unpacks to more than 5 MB."),
    "a zip in a zip": (lambda: zipped(zipped(HEAD + ROW)), 422, "a zip archive: unpack it"),
    "a gzip in a gzip": (
        lambda: gzip.compress(gzip.compress(HEAD + ROW)),
        *(422, "an archive inside another. Unpack it"),
    ),
    "a bomb in a gzip": (
        lambda: gzip.compress(zeros()),
        *(422, "an archive inside another. Unpack it"),
    ),
    "two files": (lambda: zipped(HEAD + ROW, files=2), 422, "with 2 files. Give one"),
    "no file": (lambda: zipped(b"", files=0), 422, "a zip archive: unpack it"),
    "a password": (encrypted, 422, "the archive has a password. Unpack it first."),
    "half a gzip": (lambda: gzip.compress(os.urandom(9000))[:5000], 422, "the archive is damaged"),
    "half a zip": (lambda: zipped(os.urandom(9000))[:5000], 422, "the archive is damaged"),
    "half a Parquet": (lambda: b"PAR1" + bytes(99), 422, "the Parquet file cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_what_would_be_right(client: FlaskClient, name: str) -> None:
    """In the memory of a few files, however much there is inside."""
    make, status, said = REFUSED[name]
    body = form_of(make(), "c.csv")
    client.get("/upload")  # what is loaded once isn't the file's
    tracemalloc.start()
    try:
        answer = client.post("/upload", data=body, content_type=KIND)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == status
    assert "The file was not scored." in words(answer)
    assert said in words(answer)
    assert 'type="file"' in answer.text
    assert peak < 12 * MAX_BYTES


def test_as_many_as_may_be_are_scored(client: FlaskClient) -> None:
    """5,000 customers; and 5 MB, of which blank lines are no customers."""
    answer = upload(client, HEAD + ROW * MAX_CUSTOMERS)
    assert "5,000 read, 5,000 scored, 0 rejected." in words(answer)
    assert listed(upload(client, padded(MAX_BYTES))) == ["a-1"]


BOMB = base64.b64encode(bz2.compress(bytes(50 * MEBIBYTE))).decode()
FORMS: dict[str, tuple[bytes, str, int, str]] = {
    "no file": (fields_of(policy="default"), KIND, 422, "Choose a file first."),
    "no name": (form_of(b"", ""), KIND, 422, "Choose a file first."),
    "no form": (b"{}", "application/json", 422, "Choose a file first."),
    "no boundary": (form_of(ROW), "multipart/form-data", 422, "send it as multipart/form-data"),
    "half a form": (form_of(ROW)[:-20], KIND, 422, "send it as multipart/form-data"),
    "policy": (form_of(HEAD + ROW, policy="x"), KIND, 422, "has no policy x; give one of default"),
    "too many parts": (fields_of(**{f"f{n}": "" for n in range(99)}), KIND, 413, "5 MB"),
    "again, changed": (fields_of(again="!"), KIND, 422, "The form was changed on its way."),
    "again, not packed": (fields_of(again="AAAA"), KIND, 422, "The form was changed on its way."),
    "again, a bomb": (fields_of(again=BOMB), KIND, 413, "larger than 5 MB"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_no_page_sends_is_refused(client: FlaskClient, name: str) -> None:
    body, kind, status, said = FORMS[name]
    answer = client.post("/upload", data=body, content_type=kind)
    assert (answer.status_code, said in words(answer)) == (status, True)


def test_a_page_of_another_site_can_t_send_it(client: FlaskClient) -> None:
    body = form_of(HEAD + ROW)
    for headers, status in (
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
    ):
        answer = client.post("/upload", data=body, content_type=KIND, headers=headers)
        assert answer.status_code == status


def test_so_many_are_scored_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next is told to come again, as a page; all else is answered meanwhile."""
    go, inside = threading.Event(), threading.Semaphore(0)
    score_file = upload_routes.score_file

    def waits(*args: Any) -> Any:
        inside.release()
        go.wait()
        return score_file(*args)

    monkeypatch.setattr(upload_routes, "score_file", waits)
    body = form_of(HEAD + ROW)
    head = b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n" % KIND.encode()
    request = head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with loop_server(make_app()) as server:
        clients = [sent(server, request) for _ in range(MAX_UPLOADS)]
        for _ in clients:
            inside.acquire()
        refused = told(sent(server, request))
        assert fetch(f"{server.url}/predict", {"features": REQUIRED})[0] == 200
        assert [fetch(server.url + path)[0] for path in ("/upload", "/problems")] == [200, 200]
        go.set()
        assert all(b" 200 " in told(client).splitlines()[0] for client in clients)
        assert b" 200 " in told(sent(server, request)).splitlines()[0]
    assert b" 503 " in refused.splitlines()[0]
    assert b"retry-after: 2\r\n" in refused.lower()
    assert "2 files are being scored at this moment" in refused.decode()


@pytest.fixture(scope="module", params=["loop", "threads"])
def one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One worker of each kind."""
    folder = tmp_path_factory.mktemp(request.param)
    with gunicorn(folder, WEB_CONCURRENCY="1", WORKER=request.param) as found:
        yield found


def head_of(path: bytes, *headers: bytes) -> bytes:
    kind = b"Content-Type: " + (b"application/json" if path == b"/predict" else KIND.encode())
    start = [b"POST %b HTTP/1.1" % path, b"Host: localhost", b"Connection: close"]
    return b"\r\n".join([*start, kind, *headers, b"", b""])


FULL = form_of(padded(MAX_BYTES))
LARGE = FULL.ljust(MAX_UPLOAD + 1)
CHUNKED = b"Transfer-Encoding: chunked"
SENT: dict[str, tuple[bytes, bytes, bytes, int, bytes]] = {
    "a full form": (b"/upload", b"Content-Length: %d" % len(FULL), FULL, 200, b"1 scored"),
    "in chunks": (
        *(b"/upload", CHUNKED),
        *(b"%x\r\n%b\r\n0\r\n\r\n" % (len(FULL), FULL), 200, b"1 scored"),
    ),
    "a byte too many": (
        *(b"/upload", b"Content-Length: %d" % len(LARGE), LARGE),
        *(413, b"larger than 5 MB"),
    ),
    "too many in chunks": (
        *(b"/upload", CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(LARGE), LARGE)),
        *(413, b"larger than 5 MB"),
    ),
    "a length that is a lie": (
        *(b"/upload", b"Content-Length: %d" % (1 << 40), FULL[:999]),
        *(413, b"larger than 5 MB"),
    ),
    "half of it": (
        *(b"/upload", b"Content-Length: %d" % len(FULL), FULL[: len(FULL) // 2]),
        *(400, b"broke off"),
    ),
    "as large elsewhere": (
        *(b"/predict", b"Content-Length: %d" % (MAX_BODY + 1), bytes(MAX_BODY + 1)),
        *(413, b"/problems/too-large"),
    ),
}


@pytest.mark.parametrize("name", SENT)
def test_a_body_of_any_length_has_its_answer(one: Server, name: str) -> None:
    path, header, body, status, said = SENT[name]
    client = sent(one, head_of(path, b"Accept: text/html", header) + body)
    client.shutdown(socket.SHUT_WR)
    answer = told(client)
    assert b" %d " % status in answer.splitlines()[0]
    assert said in answer


@pytest.mark.parametrize("one", ["threads"], indirect=True)
def test_uploads_that_stall_don_t_stop_the_service(one: Server) -> None:
    """As many as there are threads, and one more. The loop gives no thread to half a body."""
    begun = head_of(b"/upload", b"Content-Length: %d" % len(FULL)) + FULL[:9000]
    clients = [sent(one, begun) for _ in range(9)]
    assert fetch(f"{one.url}/health/live")[0] == 200
    for client in clients[1:]:
        client.close()
    answers = [told(client) for client in clients[:1]]
    assert {answer.split(b" ", 2)[1] for answer in answers} <= {b"400", b"503"}
    request = head_of(b"/upload", b"Content-Length: %d" % len(FULL)) + FULL
    assert b" 200 " in told(sent(one, request)).splitlines()[0]
    assert "Traceback" not in one.log.read_text()
