"""Progress of a command: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from app.observability import progress as module
from app.observability.progress import LINE, progress


def test_elsewhere_it_is_a_line_for_each_step_and_for_many_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("loading customers.csv", 3 * LINE) as report:
        report("reading")
        for _ in range(5):
            report(LINE // 2)
    assert capsys.readouterr().err.splitlines() == [
        "reading",
        f"loading customers.csv: {LINE}",
        f"loading customers.csv: {2 * LINE}",
    ]


def test_on_a_terminal_it_is_a_bar_that_goes_when_all_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=120)
    monkeypatch.setattr(module, "Console", lambda **_: terminal)
    with progress("loading customers.csv", 2000) as report:
        report(1500)
        report("checking")
    shown = screen.getvalue()
    assert "1,500 rows" in shown
    assert "checking" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased
