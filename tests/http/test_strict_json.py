"""Bodies that Python's parser accepts or fails on, sent to the running service."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.application import MAX_BODY
from app.http.strict_json import loads
from app.http.strict_json_reader import JSONError, read_thoroughly
from tests.problems import assert_problem

GOOD = '"contract":"One year","monthly_charges":50.0'

MALFORMED = {
    "empty": (b"", None),
    "blank": (b"  ", None),
    "cut off": (b'{"features": {"tenure": 1', None),
    "trailing comma": (b'{"features": {},}', None),
    "single quotes": (b"{'features': {}}", None),
    "two values": (b"{} {}", None),
    "not UTF-8": (b'{"features": "\xff"}', None),
    "UTF-16": ('{"features": {}}'.encode("utf-16"), None),
    "byte order mark": (b'\xef\xbb\xbf{"features": {}}', None),
    "raw control character": (b'{"policy": "a\x01"}', None),
    "duplicate key": (b'{"features": {"tenure": 1, "tenure": 2}}', "/features/tenure"),
    "duplicate key at the top": (b'{"features": {}, "features": {}}', "/features"),
    "NaN": (b'{"features": {"tenure": NaN}}', "/features/tenure"),
    "Infinity": (b'{"features": {"tenure": Infinity}}', "/features/tenure"),
    "-Infinity": (b'{"features": {"tenure": -Infinity}}', "/features/tenure"),
    "1e999": (b'{"features": {"tenure": 1e999}}', "/features/tenure"),
    "5,000 digits": (b'{"features": {"tenure": ' + b"1" * 5000 + b"}}", "/features/tenure"),
    "5,000 decimals": (b'{"features": {"tenure": 1.' + b"1" * 5000 + b"}}", "/features/tenure"),
    "100,000 [": (b"[" * 100_000, None),
    '100,000 {"a":': (b'{"a":' * 100_000, None),
    "101 closed lists": (b"[" * 101 + b"]" * 101, None),
    "1,020 closed lists": (b"[" * 1_020 + b"]" * 1_020, None),
    "20,000 closed lists": (b"[" * 20_000 + b"]" * 20_000, None),
    "lone surrogate": (b'{"features": {"contract": "\\ud800"}}', "/features/contract"),
    "NUL": (b'{"features": {"contract": "a\\u0000"}}', "/features/contract"),
    "lone surrogate in a name": (b'{"features": {"\\udfff": 1}}', "/features"),
}

BROKEN = {
    "null": (b"null", ""),
    "list": (b"[]", ""),
    "text": (b'"features"', ""),
    "number": (b"12", ""),
    "nothing in it": (b"{}", "/features"),
    "features null": (b'{"features": null}', "/features"),
    "features a list": (b'{"features": []}', "/features"),
    "another member": (f'{{"features": {{"tenure": 1, {GOOD}}}, "x": 1}}'.encode(), "/x"),
    "integer as text": (f'{{"features": {{"tenure": "12", {GOOD}}}}}'.encode(), "/features/tenure"),
    "integer with a fraction": (
        f'{{"features": {{"tenure": 1.9, {GOOD}}}}}'.encode(),
        "/features/tenure",
    ),
    "integer as a boolean": (
        f'{{"features": {{"tenure": true, {GOOD}}}}}'.encode(),
        "/features/tenure",
    ),
    "number with underscores": (
        b'{"features": {"tenure": 1, "contract": "One year", "monthly_charges": "1_000"}}',
        "/features/monthly_charges",
    ),
    "boolean as text": (
        f'{{"features": {{"tenure": 1, "partner": "yes", {GOOD}}}}}'.encode(),
        "/features/partner",
    ),
    "boolean as a number": (
        f'{{"features": {{"tenure": 1, "partner": 1, {GOOD}}}}}'.encode(),
        "/features/partner",
    ),
    "below the range": (f'{{"features": {{"tenure": -1, {GOOD}}}}}'.encode(), "/features/tenure"),
    "far above the range": (
        f'{{"features": {{"tenure": {10**300}, {GOOD}}}}}'.encode(),
        "/features/tenure",
    ),
    "not among the values": (
        b'{"features": {"tenure": 1, "contract": "Weekly", "monthly_charges": 50}}',
        "/features/contract",
    ),
    "a list for a value": (
        b'{"features": {"tenure": 1, "contract": [], "monthly_charges": 50}}',
        "/features/contract",
    ),
    "required left out": (
        b'{"features": {"tenure": 1, "contract": "One year"}}',
        "/features/monthly_charges",
    ),
    "required null": (
        b'{"features": {"tenure": null, "contract": "One year", "monthly_charges": 50}}',
        "/features/tenure",
    ),
    "no such feature": (
        f'{{"features": {{"tenur": 1, "tenure": 1, {GOOD}}}}}'.encode(),
        "/features/tenur",
    ),
    "a name with a slash": (
        f'{{"features": {{"a/b~c": 1, "tenure": 1, {GOOD}}}}}'.encode(),
        "/features/a~1b~0c",
    ),
    "no such policy": (
        f'{{"features": {{"tenure": 1, {GOOD}}}, "policy": "strict"}}'.encode(),
        "/policy",
    ),
    "policy a number": (
        f'{{"features": {{"tenure": 1, {GOOD}}}, "policy": 1}}'.encode(),
        "/policy",
    ),
    "policy null": (f'{{"features": {{"tenure": 1, {GOOD}}}, "policy": null}}'.encode(), "/policy"),
    "nested 99 deep": (b'{"features": ' + b"[" * 99 + b"]" * 99 + b"}", "/features"),
}


@pytest.mark.parametrize(("body", "place"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_json_is_400_and_names_the_place(
    client: FlaskClient, body: bytes, place: str | None
) -> None:
    problem = assert_problem(
        client.post("/predict", data=body, content_type="application/json"), 400, "malformed-json"
    )
    if place is None:
        assert "errors" not in problem
        assert problem["detail"]
    else:
        assert problem["errors"][0]["pointer"] == place


@pytest.mark.parametrize(("body", "place"), BROKEN.values(), ids=BROKEN)
def test_json_that_breaks_the_contract_is_422_and_names_the_place(
    client: FlaskClient, body: bytes, place: str
) -> None:
    problem = assert_problem(
        client.post("/predict", data=body, content_type="application/json"), 422, "invalid-input"
    )
    assert place in [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "application/vnd.api+json"],
)
def test_another_content_type_is_415(client: FlaskClient, content_type: str | None) -> None:
    response = client.post("/predict", data=b"{}", content_type=content_type)
    assert_problem(response, 415, "unsupported-media-type")


def test_a_body_over_the_limit_is_413(client: FlaskClient) -> None:
    body = b'{"features": "' + b"x" * MAX_BODY + b'"}'
    response = client.post("/predict", data=body, content_type="application/json")
    assert_problem(response, 413, "too-large")


def test_depth_is_reported_at_its_character() -> None:
    """Brackets inside strings, escaped quotes among them, do not count."""
    with pytest.raises(JSONError, match=r"at character 110$"):
        loads(b'["[\\"[[["' + b"," + b"[" * 100_000)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner
        )
    ),
)


@given(JSON)
def test_good_json_reads_as_the_standard_parser_reads_it(value: object) -> None:
    text = json.dumps(value)
    assert loads(text.encode()) == json.loads(text)


def _joined(parts: list[str], ends: str) -> str:
    return ends[0] + ",".join(parts) + ends[1]


LEAVES = [
    "null",
    "true",
    "NaN",
    "1e999",
    "-0",
    "0.5",
    '""',
    '"a:b"',
    '":"',
    '"\\u0000"',
    '"\\u00e4"',
]
LEAVES += ["9" * 18, "9" * 19, "-" + "9" * 19, "9" * 30, "0." + "1" * 450]
LEAVES += ["[" * depth + "]" * depth for depth in (1, 101, 1010)]

SOURCES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: _joined(parts, "[]"))
        | st.lists(
            st.tuples(st.sampled_from(['"a":', '"b" :', '"a:": ', '"\\u0061":']), inner).map(
                "".join
            ),
            max_size=4,
        ).map(lambda parts: _joined(parts, "{}"))
    ),
)


def test_a_deep_body_of_many_values_takes_no_more_memory_than_a_flat_one() -> None:
    """Places are computed only for faults, not for each value."""
    inner = '["\\u0061"' + ",0" * 100_000 + "]"
    deep = ('{"' + "n" * 100 + '":') * 95 + inner + "}" * 95

    def peak(text: str) -> int:
        tracemalloc.start()
        loads(text.encode())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(deep) < 2 * peak(inner)


@given(SOURCES)
@settings(max_examples=500)
def test_the_quick_way_reads_and_refuses_what_the_thorough_one_does(source: str) -> None:
    """Duplicates, escapes, colons in texts, long numbers and depth, in any order."""

    def told(read: Callable[[bytes], object]) -> object:
        try:
            return repr(read(source.encode()))
        except JSONError as error:
            return error.detail, error.pointer

    assert told(loads) == told(read_thoroughly)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(body: bytes) -> None:
    try:
        loads(body)
    except JSONError as error:
        detail = error.detail
    else:
        detail = "read"
    assert detail


@given(st.text('{}[]",:0123456789.eE+-\\u dNaInfity/truefalsn', max_size=60))
def test_nearly_json_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        loads(text.encode())
    except JSONError as error:
        detail = error.detail
    else:
        detail = "read"
    assert detail
