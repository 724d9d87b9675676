"""Finds lines of the service's log in a stream, and writes them for people."""

from __future__ import annotations

import datetime
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

LONGEST_LINE = 1_000_000
"""Bytes of the longest line that is read; a longer one is passed over."""

MOST_WAITING = 1000
"""Requests whose error lines wait for the line that says how the request ended."""

MOST_LINES = 20
"""Error lines that wait for one request."""

MOST_PARTS = 3
"""Parts of a request that are shown, the slowest first."""

Status = Callable[[int], bool]


@dataclass(frozen=True)
class Line:
    """A line of the service's log: its JSON as written, and what it says."""

    text: str
    says: dict[str, Any]

    @property
    def time(self) -> datetime.datetime | None:
        """When it was written, in UTC, or None if it doesn't say."""
        try:
            found = datetime.datetime.fromisoformat(self.says["time"])
            return (found if found.tzinfo else found.replace(tzinfo=datetime.UTC)).astimezone(
                datetime.UTC
            )
        except (ValueError, OverflowError):
            return None

    @property
    def request(self) -> str:
        """The id of its request, or empty."""
        return str(self.says.get("request_id", ""))

    @property
    def ends_request(self) -> bool:
        """Whether it says how a request ended."""
        return type(self.says.get("status")) is int


@dataclass(frozen=True)
class Filters:
    """What is looked for; a filter that isn't set lets every line through."""

    slower: float | None = None
    """Milliseconds."""

    statuses: tuple[Status, ...] = ()
    request: str | None = None
    since: datetime.datetime | None = None

    def by_line(self, line: Line) -> bool:
        """Whether request id and time fit."""
        if self.request is not None and line.request != self.request:
            return False
        return self.since is None or (line.time is not None and line.time >= self.since)

    def by_end(self, line: Line) -> bool:
        """Whether a request ended as slowly and with such a status."""
        took = line.says.get("process_time_ms")
        if self.slower is not None and not (isinstance(took, int | float) and took >= self.slower):
            return False
        status = line.says["status"]
        return not self.statuses or any(fits(status) for fits in self.statuses)

    @property
    def of_ends(self) -> bool:
        """Whether the line at a request's end decides."""
        return self.slower is not None or bool(self.statuses)


@dataclass
class Search:
    """One pass over a stream.

    Args:
        filters: what is looked for.
    """

    filters: Filters
    read: int = 0
    """Lines of the service."""

    others: int = 0
    """Lines that aren't the service's."""

    matches: int = 0

    def lines(self, stream: BinaryIO) -> Iterator[Line]:
        """Yield the lines that are looked for, the error lines of a request before its own."""
        waiting: OrderedDict[str, list[Line]] = OrderedDict()
        for line in self._read(stream):
            before: list[Line] = []
            if self.filters.of_ends and not line.ends_request:
                if line.request and self.filters.by_line(line):
                    waiting.setdefault(line.request, []).append(line)
                    del waiting[line.request][:-MOST_LINES]
                    if len(waiting) > MOST_WAITING:
                        waiting.popitem(last=False)
                continue
            if self.filters.of_ends:
                before = waiting.pop(line.request, [])
                if not self.filters.by_end(line):
                    continue
            if self.filters.by_line(line):
                self.matches += 1 + len(before)
                yield from before
                yield line

    def _read(self, stream: BinaryIO) -> Iterator[Line]:
        while raw := stream.readline(LONGEST_LINE):
            if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(LONGEST_LINE)
                self.others += 1
            elif line := parse(raw.decode("utf-8", "replace")):
                self.read += 1
                yield line
            elif raw.strip():
                self.others += 1


def parse(raw: str) -> Line | None:
    """Find the service's JSON in a line, behind what journald, kubectl or compose put before it."""
    text = raw[raw.find('{"') :].rstrip() if '{"' in raw else ""
    try:
        says = json.loads(text)
    except (ValueError, RecursionError):
        return None
    ours = isinstance(says, dict) and all(isinstance(says.get(k), str) for k in ("time", "level"))
    return Line(text, says) if ours else None


def compact(line: Line) -> str:
    """Write a line for people: time, status, milliseconds, request, id, and its slowest parts."""
    says = line.says
    moment = line.time
    when = f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3] if moment else says["time"]
    if not line.ends_request:
        end = f"  {line.request}" if line.request else ""
        shown = [f"{when}  {says['level']}  {says.get('message', '')}{end}"]
        shown += [f"    {row}" for row in str(says.get("traceback", "")).splitlines()]
        return "\n".join(map(_printable, shown))
    parts = {
        name.removesuffix("_ms"): value
        for name, value in says.items()
        if name.endswith("_ms") and name != "process_time_ms" and isinstance(value, int | float)
    }
    slowest = sorted(parts.items(), key=lambda part: -part[1])[:MOST_PARTS]
    words = [
        when,
        str(says["status"]),
        f"{says.get('process_time_ms', '?'):>9} ms",
        f"{says.get('method', '-')} {says.get('path', '-')}",
        line.request,
        ", ".join(f"{name} {value} ms" for name, value in slowest),
    ]
    return _printable("  ".join(word for word in words if word))


def _printable(text: str) -> str:
    """Escape control characters: what a caller sent must not control the terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
