"""`churn logs`: finds lines in the service's log."""

from __future__ import annotations

import datetime
import os
import re
import sys

import click

from app.observability.log_search import Filters, Search, Status, compact

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _slower(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read a length of time such as `500ms` or `1.5s`; return milliseconds."""
    if value is None:
        return None
    found = _LENGTH.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"{value!r}: write 500ms or 1.5s")
    return float(found[1]) * _SECONDS[found[2]] * 1000


def _since(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> datetime.datetime | None:
    """Read a length of time before now, or a time; without an offset it is UTC, as in the log."""
    if value is None:
        return None
    try:
        if found := _LENGTH.fullmatch(value):
            ago = float(found[1]) * _SECONDS[found[2]]
            return datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=ago)
        moment = datetime.datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        message = f"{value!r}: write 15m, 2h or 2026-11-29T03:12:08Z"
        raise click.BadParameter(message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _statuses(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> tuple[Status, ...]:
    """Read statuses such as `5xx`, `404` or `429,503`."""
    words = [] if value is None else value.lower().split(",")
    if not all(re.fullmatch(r"[1-5](xx|\d\d)", word) for word in words):
        raise click.BadParameter(f"{value!r}: write 5xx, 404 or 429,503")
    return tuple(_fits(word) for word in words)


def _fits(word: str) -> Status:
    if word.endswith("xx"):
        return lambda status: status // 100 == int(word[0])
    return lambda status: status == int(word)


@click.command(epilog="Example: churn logs --status 5xx --since 15m")
@click.option(
    "--slower",
    metavar="LENGTH",
    callback=_slower,
    help="Requests that took so long: 500ms or 1.5s.",
)
@click.option(
    "--status",
    metavar="STATUS",
    callback=_statuses,
    help="Requests that ended so: 5xx, 404 or 429,503.",
)
@click.option("--request", metavar="ID", help="Every line of one request.")
@click.option(
    "--since",
    metavar="TIME",
    callback=_since,
    help="Lines since then: 15m, 2h, 2026-11-29T03:12:08Z.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the lines' JSON as it was written.")
def logs(
    *,
    slower: float | None,
    status: tuple[Status, ...],
    request: str | None,
    since: datetime.datetime | None,
    as_json: bool,
) -> None:
    """Find lines in the service's log.

    Reads the log on standard input, also behind the prefixes of journald, kubectl and compose, and
    as it is written. A line must fit every option. The error lines of a request are shown before
    it. Other programs' lines are passed over. Exit status 0, whether a line fits or not.
    """
    if sys.stdin.isatty():
        raise click.UsageError("no log on standard input: journalctl -u churn | churn logs")
    search = Search(Filters(slower, status, request, since))
    try:
        for line in search.lines(sys.stdin.buffer):
            shown = line.text if as_json else compact(line)
            sys.stdout.buffer.write(f"{shown}\n".encode(errors="backslashreplace"))
            sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    except KeyboardInterrupt:
        return
    passed = f"; {search.others} lines of others passed over" if search.others else ""
    click.echo(f"{search.matches} of {search.read} lines{passed}", err=True)
