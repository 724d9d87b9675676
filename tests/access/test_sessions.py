"""A session's cookie: what it holds, when it ends, and that nobody else can make one."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from app.access import key_file
from app.access.sessions import COOKIE, LIFETIME
from tests.access.browsers import OURS, cookie_of, sign_in, status_with
from tests.apps import bearer, make_app
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem

SECRET = "0123456789abcdef0123456789abcdef"


def test_it_holds_the_name_of_the_key_and_no_key(keyed: Flask, keys: dict[str, str]) -> None:
    _, cookie = sign_in(keyed, keys["predict"])
    payload = base64.urlsafe_b64decode(cookie.partition(".")[0] + "==").decode()
    digest = key_file.digest_of(keys["predict"]).hex()
    assert "predict-client" in payload
    assert digest[:12] in payload
    assert digest[:13] not in payload
    assert keys["predict"] not in payload


@pytest.mark.parametrize(
    ("proxies", "scheme", "headers", "secure"),
    [
        (0, "http", {}, False),
        (0, "https", {}, True),
        (0, "http", {"Origin": "https://churn.example"}, True),
        (0, "http", {"X-Forwarded-Proto": "https"}, False),
        (1, "http", {"X-Forwarded-Proto": "https"}, True),
        (2, "http", {"X-Forwarded-Proto": "http, https"}, True),
        (1, "http", {"X-Forwarded-Proto": "http"}, False),
    ],
)
def test_its_flags(  # noqa: PLR0917
    key_file: Path,
    keys: dict[str, str],
    proxies: int,
    scheme: str,
    headers: dict[str, str],
    secure: bool,
) -> None:
    """Secure behind TLS; a proxy's word counts only where there are proxies."""
    app = make_app(api_keys_file=key_file, trusted_proxies=proxies)
    client = app.test_client()
    given = {"data": {"key": keys["predict"]}, "base_url": f"{scheme}://churn.example"}
    answer = client.post("/sign-in", headers=headers, **given)  # type: ignore[arg-type]
    first, *flags = answer.headers["Set-Cookie"].split("; ")
    assert first.startswith(f"{COOKIE}=")
    found = {flag for flag in flags if not flag.startswith("Expires=")}
    assert found == {"HttpOnly", "Path=/", "SameSite=Lax"} | ({"Secure"} if secure else set())


def test_it_is_sent_below_the_prefix_only(key_file: Path, keys: dict[str, str]) -> None:
    app = make_app(api_keys_file=key_file, url_prefix="/churn")
    answer = app.test_client().post("/churn/sign-in", data={"key": keys["handbook"]})
    assert "; Path=/churn;" in answer.headers["Set-Cookie"]
    assert answer.location == "/churn/"


def test_it_opens_what_the_key_opens(keyed: Flask, keys: dict[str, str]) -> None:
    client, _ = sign_in(keyed, keys["predict"])
    assert client.get("/models").status_code == 200
    assert client.get("/health/live").status_code == 200
    assert_problem(client.get("/handbook.json"), 403, "forbidden")
    assert client.post("/predict", json={"features": REQUIRED}, headers=OURS).status_code == 200


def test_a_header_wins_even_a_wrong_one(keyed: Flask, keys: dict[str, str]) -> None:
    client, _ = sign_in(keyed, keys["predict"])
    wrong = client.get("/models", headers=bearer("churn_wrong"))
    assert_problem(wrong, 401, "unauthorized")
    assert client.get("/handbook.json", headers=bearer(keys["handbook"])).status_code == 200


@pytest.mark.parametrize(
    ("said", "admitted"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost:8001"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_with_a_cookie_even_json_must_come_from_our_pages(
    keyed: Flask, keys: dict[str, str], said: dict[str, str], admitted: bool
) -> None:
    client, _ = sign_in(keyed, keys["predict"])
    answer = client.post("/predict", json={"features": REQUIRED}, headers=said)
    if admitted:
        assert answer.status_code == 200
    else:
        assert_problem(answer, 403, "cross-site")


def test_it_ends_with_its_key(key_file_path: Path) -> None:
    """At once: revoked, replaced by another of the same name, or renamed."""
    first = key_file.add(key_file_path, "lead", ("predict",))
    key_file.add(key_file_path, "other", ("predict",))
    app = make_app(api_keys_file=key_file_path)
    _, cookie = sign_in(app, first)
    assert status_with(app, cookie) == 200
    text = key_file_path.read_text()

    key_file.revoke(key_file_path, "lead")
    assert status_with(app, cookie) == 401
    second = key_file.add(key_file_path, "lead", ("predict",))
    assert status_with(app, cookie) == 401
    assert sign_in(app, second)[1] != cookie

    key_file_path.write_text(text)
    assert status_with(app, cookie) == 200
    key_file_path.write_text(text.replace("lead", "leader"))
    assert status_with(app, cookie) == 401


def test_it_loses_a_scope_with_its_key(key_file_path: Path) -> None:
    key = key_file.add(key_file_path, "lead", ("predict", "handbook"))
    app = make_app(api_keys_file=key_file_path)
    _, cookie = sign_in(app, key)
    assert status_with(app, cookie, "/handbook.json") == 200
    key_file_path.write_text(key_file_path.read_text().replace("  - handbook\n", ""))
    assert status_with(app, cookie, "/handbook.json") == 403


@pytest.fixture
def key_file_path(tmp_path: Path) -> Path:
    return tmp_path / "keys.yaml"


def test_it_ends_after_twelve_hours(
    keyed: Flask, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the time in its signature, whatever the browser keeps; use does not prolong it."""
    _, cookie = sign_in(keyed, keys["predict"])
    made = int(time.time())
    age = int(LIFETIME.total_seconds())
    assert age == 12 * 3600
    for later, status in ((age - 60, 200), (age + 60, 401), (-60, 401)):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _, at=made + later: at)
        assert status_with(keyed, cookie) == status
    answer = keyed.test_client().get("/models", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert "Set-Cookie" not in answer.headers


def test_only_the_same_secret_reads_it(key_file: Path, keys: dict[str, str]) -> None:
    """Instances with one SECRET_KEY share sessions; each has its own otherwise."""
    one, same = (make_app(api_keys_file=key_file, secret_key=SECRET) for _ in range(2))
    others = [make_app(api_keys_file=key_file, secret_key=s) for s in ("", "", SECRET[::-1])]
    _, cookie = sign_in(one, keys["predict"])
    assert status_with(same, cookie) == 200
    assert [status_with(other, cookie) for other in others] == [401] * 3


def test_another_application_with_the_secret_signs_none(
    key_file: Path, keys: dict[str, str]
) -> None:
    app = make_app(api_keys_file=key_file, secret_key=SECRET)
    other = Flask("other")
    other.secret_key = SECRET
    signer = other.session_interface.get_signing_serializer(other)  # type: ignore[attr-defined]
    _, cookie = sign_in(app, keys["predict"])
    content = app.session_interface.get_signing_serializer(app).loads(cookie)  # type: ignore[attr-defined]
    assert status_with(app, signer.dumps(content)) == 401


@given(place=st.integers(0, 400), to=st.characters(codec="ascii", categories=["L", "N", "P"]))
def test_a_cookie_with_one_other_character_opens_nothing(
    forged: tuple[Flask, str], place: int, to: str
) -> None:
    app, cookie = forged
    place %= len(cookie) - 1  # the last one has bits that base64 leaves out
    if cookie[place] != to and to not in '";\\,':
        assert status_with(app, cookie[:place] + to + cookie[place + 1 :]) == 401


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300))
def test_nor_does_anything_else(forged: tuple[Flask, str], value: str) -> None:
    assert status_with(forged[0], value) == 401


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, str]:
    """An application, and a right cookie to forge."""
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    key = key_file.add(file, "lead", ("predict",))
    app = make_app(api_keys_file=file)
    return app, sign_in(app, key)[1]


def test_signing_in_keeps_nothing_of_an_earlier_session(keyed: Flask, keys: dict[str, str]) -> None:
    """A cookie that somebody else has put there is replaced, whole."""
    client, planted = sign_in(keyed, keys["operate"])
    answer = client.post("/sign-in", data={"key": keys["predict"]}, headers=OURS)
    assert cookie_of(answer) != planted
    assert client.get("/models").status_code == 200
    assert client.get("/metrics").status_code == 403


def test_signing_out_takes_the_cookie(keyed: Flask, keys: dict[str, str]) -> None:
    """A copy of it works until it expires: revoke the key to end that, as ADR-025 says."""
    client, cookie = sign_in(keyed, keys["predict"])
    answer = client.post("/sign-out", headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/models").status_code == 401
    assert status_with(keyed, cookie) == 200


def test_without_keys_there_are_no_sessions(app: Flask) -> None:
    client = app.test_client()
    for path in ("/sign-in", "/sign-out"):
        answer = client.post(path, data={"key": "x"}, headers=OURS)
        assert answer.status_code == 303
        assert "Set-Cookie" not in answer.headers
    assert "No keys are configured" in client.get("/sign-in").text
    assert "Sign in" not in client.get("/").text
