"""Each command that writes is killed at each call that changes the disk, and run again.

Then everything is as after an undisturbed run, and nothing else is there.
"""

from __future__ import annotations

import signal

from tests.writes.conftest import Case


def test_a_command_that_was_killed_can_be_run_again(case: Case) -> None:
    """And a reader finds no file half written in between."""
    assert case.calls
    for call, number in case.calls:
        killed = case.under(call, f"signal=KILL:when={number}")
        assert killed.status == -signal.SIGKILL, (call, number, killed)
        case.whole((call, number))
        case.run_again((call, number))
