"""JSON files as people and programs write them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.bulk.dirty_case import ALL, ENDS, Case

ENTRIES = [
    {"id": "c-1", "tenure": 12, "contract": "One year", "monthly_charges": 65.5},
    {"id": "c-2", "tenure": 1, "contract": "Two year", "monthly_charges": 5},
    {"id": "c-3", "tenure": 30, "contract": "Month-to-month", "monthly_charges": 80},
]
ONE, TWO, THREE = map(json.dumps, ENTRIES)
PLAIN = f"{ONE}\n{TWO}\n{THREE}\n"


def among(entry: str) -> bytes:
    """Put a line between two good ones."""
    return f"{ONE}\n{entry}\n{THREE}\n".encode("utf-8", "surrogatepass")


def entries() -> Iterator[Case]:
    """JSON lines, right and wrong."""
    yield Case("plain.jsonl", PLAIN.encode(), ALL)
    yield Case("crlf.jsonl", PLAIN.replace("\n", "\r\n\r\n").encode(), ALL)
    yield Case("bom.jsonl", b"\xef\xbb\xbf" + PLAIN.encode(), ALL)
    yield Case("utf16.jsonl", PLAIN.encode("utf-16"), ALL)
    nested = "\n".join(
        json.dumps({"id": e["id"], "features": {k: v for k, v in e.items() if k != "id"}})
        for e in ENTRIES
    )
    yield Case("features.jsonl", nested.encode(), ALL)
    for name, entry, said in (
        ("cut", '{"id": "c-2", "tenure": 1', ""),
        ("text", '"c-2"', "object"),
        ("number", "2", "object"),
        ("null", "null", "object"),
        ("list", "[1, 2]", "object"),
        ("nothing", "{}", ""),
        ("csv", "c-2,1,Two year,5", ""),
        ("no-id", TWO.replace('"id": "c-2", ', ""), "id"),
        ("null-id", TWO.replace('"c-2"', "null"), "id"),
        ("list-id", TWO.replace('"c-2"', '["c-2"]'), "id"),
        ("two-ids", TWO.replace("{", '{"id": "c-4", ', 1), "twice"),
        ("unknown", TWO.replace("{", '{"tenur": 1, ', 1), "tenur"),
        ("missing", TWO.replace('"tenure": 1, ', ""), "tenure"),
        ("object-value", TWO.replace(": 1,", ': {"months": 1},'), "tenure"),
        ("list-value", TWO.replace(": 1,", ": [1],"), "tenure"),
        ("boolean-value", TWO.replace(": 1,", ": true,"), "tenure"),
        ("nan", TWO.replace(": 5", ": NaN"), ""),
        ("infinity", TWO.replace(": 5", ": -Infinity"), ""),
        ("huge", TWO.replace(": 5", ": 1e400"), ""),
        ("digits", TWO.replace(": 1,", f": {'1' * 5000},"), ""),
        ("deep", '{"a":' * 100_000, ""),
        ("deep-lists", "[" * 100_000 + "]" * 100_000, ""),
        ("surrogate", TWO.replace("c-2", "\\ud800"), "id"),
        ("nul", TWO.replace("c-2", "c\\u0000"), "id"),
        ("too-long", TWO.replace("c-2", "x" * 1_000_000), "a line of more than"),
        ("features-list", '{"id": "c-2", "features": [1]}', ""),
        ("features-null", '{"id": "c-2", "features": null}', ""),
        ("two-objects", f"{TWO} {TWO}", ""),
        ("comma", f"{TWO},", ""),
    ):
        yield Case(f"{name}.jsonl", among(entry), ENDS, {2: said})
    for name, entry, id_ in (
        ("texts", TWO.replace(": 1,", ': " 1.0 ",'), "c-2"),
        ("integer-id", TWO.replace('"c-2"', "7"), "7"),
        ("float-id", TWO.replace('"c-2"', "7.0"), "7"),
        ("float-tenure", TWO.replace(": 1,", ": 1.0,"), "c-2"),
        ("spelled", TWO.replace('"tenure"', '"Tenure"'), "c-2"),
        ("outcome", TWO.replace("{", '{"churn": "yes", ', 1), "c-2"),
    ):
        yield Case(f"right-{name}.jsonl", among(entry), ("c-1", id_, "c-3"))


def arrays() -> Iterator[Case]:
    """JSON arrays, right and wrong."""
    yield Case("plain.json", f"[{ONE}, {TWO},\n{THREE}]".encode(), ALL)
    yield Case("spread.json", json.dumps(ENTRIES, indent=2).encode(), ALL)
    yield Case("empty.json", b"[]")
    yield Case("scalars.json", f"[{ONE}, {TWO},\n3]".encode(), ("c-1", "c-2"), {2: "object"})
    for name, content, said in (
        ("cut", f"[{ONE},\n{TWO}", "cut.json:2: not JSON"),
        ("comma", f"[{ONE}\n{TWO}]", "comma.json:2: not JSON"),
        ("more", f"[{ONE}]\n[{TWO}]", "more.json:2: not JSON: more text after the array"),
        ("deep", "[" * 100_000, "deep.json:"),
        ("object", json.dumps(ENTRIES[0], indent=1), "a JSON object of several lines"),
    ):
        yield Case(f"{name}.json", content.encode(), refused=said)
