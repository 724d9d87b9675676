"""The parts of a drill that need no stack."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from drills import blind_draws, reader, report, results_file, watching
from drills.drill import Outcome
from drills.faults import FAULTS
from drills.lies import LIES, Caught
from drills.stack import Stack
from drills.supervisor import Supervisor, Unit, alive
from drills.traffic import Answer, Traffic
from tools.servers import wait_until

RUNBOOK = """# Runbook: Queue full

## Common Causes & Solutions

### Cause 1: A worker hangs

**Symptoms**: none.

**Check**: `churn diagnose queue.worker`

**Solution**: restart it.

```bash needs=cluster
kubectl rollout restart deploy/queue
```

```bash drill needs=systemd
systemctl restart queue
```

### Cause 2: The disk is full

**Check**: `churn diagnose disk`

**Solution**: follow [Disk full](disk-full.md).

### Cause 3: Something else

**Check**: `churn diagnose queue.else`

**Solution**: {solution}
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    found = Supervisor(tmp_path)
    log = tmp_path / "log"
    found.add(Unit("queue", ["sleep", "600"], log, tmp_path))
    with found.listening():
        yield found


def systemctl(supervisor: Supervisor, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(supervisor.programs / "systemctl"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemctl_restarts_what_is_stopped(supervisor: Supervisor) -> None:
    """As systemd does: it continues stopped processes, so that they can end."""
    unit = supervisor.units["queue"]
    assert systemctl(supervisor, "status", "queue").returncode == 3
    assert systemctl(supervisor, "start", "queue").returncode == 0
    first = unit.pid
    unit.send(signal.SIGSTOP)
    assert systemctl(supervisor, "restart", "queue").returncode == 0
    assert unit.pid != first
    assert not alive(first)
    assert systemctl(supervisor, "status", "queue").returncode == 0


@pytest.mark.parametrize(
    ("words", "status"), [(("restart", "nothing"), 5), (("resart", "queue"), 1), (("stop",), 1)]
)
def test_systemctl_refuses_a_typo(
    supervisor: Supervisor, words: tuple[str, ...], status: int
) -> None:
    assert systemctl(supervisor, *words).returncode == status


def test_all_units_end_with_the_supervisor(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    unit = supervisor.add(Unit("queue", ["sleep", "600"], tmp_path / "log", tmp_path))
    with supervisor.listening():
        unit.start()
        pid = unit.pid
    wait_until(lambda: not alive(pid), "the unit has ended")


def told(tmp_path: Path, solution: str) -> list[reader.Told]:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "queue-full.md").write_text(RUNBOOK.replace("{solution}", solution))
    return reader.told(reader.read(tmp_path, "queue-full"))


def test_a_reader_takes_the_block_of_the_machine_or_the_link(tmp_path: Path) -> None:
    worker, disk, other = told(tmp_path, "see [Disk full](disk-full.md).")
    assert worker.name == "queue.worker"
    assert worker.solution == ("systemctl restart queue\n",)
    assert (disk.solution, disk.elsewhere) == ((), "disk-full")
    assert other.elsewhere == "disk-full"


def test_a_solution_without_a_command_fails_the_drill(tmp_path: Path) -> None:
    with pytest.raises(reader.DrillError, match=r"page: .* a solution without a command"):
        told(tmp_path, "ask somebody.")


def test_no_time_of_the_rules_is_long(tmp_path: Path) -> None:
    rules = watching.rules("http://127.0.0.1:1", tmp_path)
    lengths = {int(word) for word in watching.LENGTH.findall(rules)}
    assert lengths
    assert max(lengths) <= watching.LONGEST
    assert "for: 1d" in watching.rules("http://127.0.0.1:1", tmp_path, minute=60)


def test_new_results_replace_only_their_own(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    first, second = list(FAULTS)[:2]
    results_file.record(path, [outcome(first), outcome(second)])
    results_file.record(path, [outcome(first, passed=False)], {"seed": 1, "right": 3})
    results_file.record(path, [], {"seed": 2})
    results_file.record(path, [], {"seed": 1, "right": 4})
    known = json.loads(path.read_text())
    assert {(d["runbook"], d["cause"]): d["passed"] for d in known["drills"]} == {
        first: False,
        second: True,
    }
    assert known["blind"] == [{"seed": 2}, {"seed": 1, "right": 4}]


def test_a_command_that_does_not_end_is_a_failed_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(command: list[str], timeout: float, **_: object) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", late)
    somewhere = SimpleNamespace(checkout=Path(), environ={})
    done = Stack.shell(cast("Stack", somewhere), "churn model promote --in-service")
    assert done.returncode
    assert "has not ended" in done.stderr


def test_a_failed_drill_says_where_and_why() -> None:
    failed = outcome(next(iter(FAULTS)), passed=False)
    failed.why = "checks: model.contract says yes under model.damaged"
    assert report.line(failed).endswith(failed.why)


def test_a_lie_counts_as_caught_only_at_its_step() -> None:
    assert len({lie.name for lie in LIES}) == 7
    lie = LIES[0]
    assert Caught(lie, f"{lie.step}: {lie.reason}").rightly
    assert not Caught(lie, "it passed").rightly
    assert not Caught(lie, f"alert: {lie.reason}").rightly


def test_a_seed_repeats_its_draw_and_all_kinds_come_up() -> None:
    first, second = (
        [blind_draws.draw(numbers) for _ in range(200)]
        for numbers in (random.Random(1), random.Random(1))
    )
    assert first == second
    assert {len(drawn) for drawn in first} == {0, 1, 2}
    assert {key for drawn in first for key in drawn} == FAULTS.keys()


def test_an_answer_with_another_probability_is_wrong() -> None:
    traffic = Traffic("http://127.0.0.1:1", "", {"a": {}, "b": {}}, {"1.0.0": [0.25, 0.5]})
    answers = [
        Answer(0, "lookup", 0, 200, "1.0.0", 0.25),
        Answer(0, "lookup", 1, 200, "1.0.0", 0.25),
        Answer(0, "lookup", 1, 200, "2.0.0", 0.5),
        Answer(0, "lookup", 1, 503, "", None),
    ]
    assert len(traffic.wrong(answers)) == 2


def outcome(key: tuple[str, str], *, passed: bool = True) -> Outcome:
    fault = FAULTS[key]
    return Outcome(*key, key[1], fault, fault.check, datetime.now(UTC), passed, 1, 1.0, 1.0, 1.0)
