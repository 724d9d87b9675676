"""Reads the customers of a JSON file: one a line, or an array of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import NamedTuple

from app.customers.files.file_format import FileError
from app.customers.files.text_lines import TOO_LONG, TextFile
from app.http.strict_json import loads
from app.http.strict_json_reader import JSONError

MAX_ARRAY = 64_000_000
"""Characters of an array, which is kept in memory; JSON lines have no limit."""

_ARRAY = re.compile(r"\[\s*(?:[]{[\"]|$)")
"""The beginning of an array; a column of a CSV file may be called [id]."""

_SPREAD = re.compile(r"\{[ \t]*[\r\n]")
_BLANKS = re.compile(r"[ \t\n\r]*")


class JSONEntry(NamedTuple):
    """A customer as parsed, or what is wrong with it, with the line where it begins."""

    line: int
    value: object
    fault: str = ""


def is_json(text: TextFile) -> bool:
    """Whether a file is JSON lines or a JSON array."""
    return text.start.startswith("{") or _is_array(text)


def json_form(text: TextFile) -> str:
    """How the file was read, in words."""
    return f"{'a JSON array' if _is_array(text) else 'JSON lines'}, {text.how}"


def json_entries(text: TextFile) -> Iterator[JSONEntry]:
    """Read the customers of a JSON file.

    Raises:
        FileError: the file cannot be read.
    """
    return _array(text) if _is_array(text) else _lines(text)


def flat(entry: object) -> tuple[tuple[str, ...], tuple[object, ...]]:
    """Return names and values of a customer, also those of the object `features` in it."""
    if not isinstance(entry, dict):
        return (), ()
    inner = entry.get("features", {})
    if not isinstance(inner, dict):
        return (), ()
    outer = {name: value for name, value in entry.items() if name != "features"}
    return (*outer, *inner), (*outer.values(), *inner.values())


def _is_array(text: TextFile) -> bool:
    return _ARRAY.match(text.start) is not None


def _lines(text: TextFile) -> Iterator[JSONEntry]:
    if _SPREAD.match(text.start):
        raise FileError(
            f"{text.name}: a JSON object of several lines: write one customer a line (JSON lines), "
            "or an array of customers"
        )
    for number, line in text.lines():
        if line is None:
            yield JSONEntry(number, None, TOO_LONG)
        elif line.strip():
            yield _entry(number, line)


def _array(text: TextFile) -> Iterator[JSONEntry]:
    content = text.read(MAX_ARRAY + 1)
    if len(content) > MAX_ARRAY:
        raise FileError(
            f"{text.name}: a JSON array of more than {MAX_ARRAY} characters: "
            "write one customer a line (JSON lines)"
        )

    def wrong(fault: str) -> FileError:
        return FileError(f"{text.name}:{content.count(chr(10), 0, at) + 1}: not JSON: {fault}")

    # Numbers stay texts: the question is only where an entry ends.
    decode = JSONDecoder(parse_int=str, parse_float=str).raw_decode
    line, counted = 1, 0
    at = _after_blanks(content, content.index("[") + 1)
    while content[at : at + 1] != "]":
        line, counted = line + content.count("\n", counted, at), at
        try:
            _, end = decode(content, at)
        except (JSONDecodeError, RecursionError) as error:
            at = getattr(error, "pos", at)
            raise wrong(getattr(error, "msg", "nested too deep")) from None
        yield _entry(line, content[at:end])
        at = _after_blanks(content, end)
        if content[at : at + 1] == ",":
            at = _after_blanks(content, at + 1)
        elif content[at : at + 1] != "]":
            raise wrong("expecting ',' or ']'")
    at = _after_blanks(content, at + 1)
    if at < len(content):
        raise wrong("more text after the array")


def _entry(line: int, text: str) -> JSONEntry:
    try:
        return JSONEntry(line, loads(text.encode("utf-8", "surrogatepass")))
    except JSONError as error:
        place = f"{error.pointer}: " if error.pointer else ""
        return JSONEntry(line, None, f"{place}{error.detail}")


def _after_blanks(content: str, at: int) -> int:
    found = _BLANKS.match(content, at)
    return found.end() if found else at
