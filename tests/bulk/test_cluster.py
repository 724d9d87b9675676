"""Files scored by Dask's workers: the same bytes as here, whoever dies, and errors in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask

from app.bulk import cluster, cluster_run
from app.bulk.cluster_error import ClusterError
from app.bulk.job import Job, job_of
from app.bulk.part_names import Part, parts_of
from app.bulk.part_run import run_here
from app.bulk.sources import sources
from app.bulk.worker_versions import CODE, versions
from app.predictions.scorer import DEFAULT_REASONS
from app.releases import require_serving_release
from tools.dask_cluster import HIDDEN, DaskCluster, HeldFile, dask_cluster
from tools.ports import free_port
from tools.servers import ROOT, fetch, wait_until

SAMPLE = (ROOT / "model" / "sample_customers.csv").read_bytes()
HEADER, FIRST, *_ = SAMPLE.splitlines(keepends=True)
REJECTED = HEADER + FIRST + b"a-1," + FIRST.partition(b",")[2].replace(b",", b",x", 1)


@dataclass
class Scored:
    """What a run said, reported and yielded, and the files that it left, by name."""

    said: list[str] = field(default_factory=list)
    reported: list[tuple[int, float]] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def job(app: Flask) -> Job:
    with app.app_context():
        return job_of(require_serving_release(), "default", DEFAULT_REASONS)


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as made:
        made.worker()
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon."""
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    monkeypatch.setattr(cluster_run, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(cluster_run, "PATIENCE_SECONDS", 0)


def parts_in(folder: Path, **files: bytes) -> list[Part]:
    (folder / "in").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "in" / f"{name}.csv").write_bytes(content)
    (folder / "out").mkdir(exist_ok=True)
    found = sources([str(folder / "in")], str(folder / "out"))
    return parts_of(str(folder / "out"), found, "")


def score(job: Job, parts: Sequence[Part], folder: Path | str, scheduler: str) -> Scored:
    """Score parts on a cluster; a worker that has just been started may not have joined."""
    run = Scored()
    ended = cluster_run.run_on_cluster(
        job,
        parts,
        lambda *done: run.reported.append(done),
        folder=str(folder),
        scheduler=scheduler,
        say=run.said.append,
    )
    run.ended = {part.name: repr(came) for part, came in ended}
    run.files = content(Path(parts[0].target).parent)
    return run


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "_"}


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def here(job: Job, parts: Sequence[Part]) -> Scored:
    """Score the same parts in this process, into another folder."""
    out = Path(parts[0].target).parent.with_name("here")
    out.mkdir()

    def moved(address: str) -> str:
        return str(out / Path(address).name)

    ours = [replace(p, target=moved(p.target), rejects=moved(p.rejects)) for p in parts]
    ended = {part.name: repr(came) for part, came in run_here(job, ours, lambda *_: None)}
    return Scored(ended=ended, files=content(out))


def test_workers_of_a_scheduler_score_as_this_process_does(
    job: Job, dask: DaskCluster, tmp_path: Path
) -> None:
    """Results, bad rows, a file that can't be read; and the dashboard is where it is said to be."""
    parts = parts_in(tmp_path, good=SAMPLE, bad=REJECTED, broken=b"PAR1", empty=HEADER)
    scored = score(job, parts, tmp_path / "out", dask.address)
    expected = here(job, parts)
    assert scored.ended == expected.ended
    assert scored.files == expected.files
    assert {"good.csv", "bad.csv", "bad.csv.rejects.csv"} <= scored.files.keys()
    assert "FileError" in scored.ended["broken.csv"]
    assert sum(rows for rows, _ in scored.reported) == len(SAMPLE.splitlines()) - 1 + 2
    assert scored.reported[-1][1] == sum(part.source.size or 0 for part in parts)
    (line,) = scored.said
    assert fetch(line.split()[1])[0] == 200


def test_a_worker_with_another_version_is_refused(
    job: Job, dask: DaskCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It might score differently."""
    parts = parts_in(tmp_path, a=SAMPLE)
    for name, message in (
        ("numpy", f"it has numpy {dict(versions())['numpy']}, and this command 0: install"),
        ("Python", ", and this command 0: install the same there"),
        (CODE, "it has another version of churn's code than this command"),
    ):
        changed = tuple((dict(versions()) | {name: "0"}).items())
        monkeypatch.setattr(cluster_run, "versions", lambda changed=changed: changed)
        with pytest.raises(ClusterError, match=r"^worker tcp://[^ ]+: it has") as caught:
            score(job, parts, tmp_path / "out", dask.address)
        assert message in str(caught.value)
    assert content(tmp_path / "out") == {}


def test_a_worker_that_sees_other_files_is_refused(
    job: Job, dask: DaskCluster, tmp_path: Path
) -> None:
    """Its own disk isn't the command's: the results would be lost there."""
    parts = parts_in(tmp_path, a=SAMPLE)
    with pytest.raises(ClusterError, match="memory://out is not the same folder there"):
        score(job, parts, "memory://out", dask.address)
    (tmp_path / "in" / "a.csv").unlink()
    with pytest.raises(ClusterError, match=r"doesn't see /.*/a\.csv: give files that all"):
        score(job, parts, tmp_path / "out", dask.address)
    assert content(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ("tcp://127.0.0.1:PORT", "no Dask scheduler answers at tcp://127.0.0.1:"),
        ("somewhere", "missing port number"),
        ("carrier-pigeon://127.0.0.1:1", "unknown address scheme"),
    ],
    ids=["nobody", "no-port", "scheme"],
)
def test_a_scheduler_that_does_not_answer_is_said(
    job: Job, tmp_path: Path, quick: None, scheduler: str, message: str
) -> None:
    address = scheduler.replace("PORT", str(free_port()))
    with pytest.raises(ClusterError, match=message):
        score(job, parts_in(tmp_path, a=SAMPLE), tmp_path / "out", address)


def test_a_scheduler_without_our_code_is_said(job: Job, tmp_path: Path, quick: None) -> None:
    """It reads the tasks, too."""
    with (
        dask_cluster(tmp_path, HIDDEN) as dask,
        pytest.raises(ClusterError, match=r"scheduler at .* has no churn"),
    ):
        score(job, parts_in(tmp_path, a=SAMPLE), tmp_path / "out", dask.address)


def test_what_goes_wrong_in_a_cluster_ends_in_one_line(
    job: Job, dask: DaskCluster, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No hang: a part that kills its worker, no worker, one without our code, no scheduler.

    The last test of this cluster: it ends it.
    """
    held = HeldFile(tmp_path / "in" / "held.csv")
    parts = parts_in(tmp_path)

    def run() -> Scored:
        return score(job, parts, tmp_path / "out", dask.address)

    with ThreadPoolExecutor() as threads:
        running = threads.submit(run)
        reader = held.reader()
        os.kill(reader, signal.SIGKILL)
        with pytest.raises(ClusterError, match=r"held\.csv: 1 of 1 workers that scored it died"):
            running.result()
        assert content(tmp_path / "out") == {}

        with pytest.raises(ClusterError, match="had no worker for 0 s"):
            run()

        stranger = dask.worker(HIDDEN)
        with pytest.raises(ClusterError, match=r"^worker tcp.* has no churn .*: install the"):
            run()
        os.kill(stranger, signal.SIGKILL)

        dask.worker()
        monkeypatch.setattr(cluster_run, "PATIENCE_SECONDS", 60)
        running = threads.submit(run)
        held.reader(but=reader)
        dask.scheduler.kill()
        with pytest.raises(ClusterError, match="went away: run again, finished parts stay"):
            running.result()


def test_a_local_process_that_is_killed_changes_no_byte(job: Job, tmp_path: Path) -> None:
    """Another one scores what it had begun; nothing is left where the command ran."""
    parts_in(tmp_path, a=SAMPLE, c=REJECTED)
    held = HeldFile(tmp_path / "in" / "b.csv")
    (tmp_path / "cwd").mkdir()
    words = ["score", f"{tmp_path}/in", "--output", f"{tmp_path}/out", "--engine", "dask"]
    with started(["-m", "app.cli.main", *words], tmp_path / "cwd") as command:
        reader = held.reader()
        os.kill(reader, signal.SIGKILL)
        held.reader(but=reader)
        held.write(SAMPLE)
        printed, said = command.communicate()
    assert command.returncode == 0, said
    assert "402 read, 401 scored, 1 rejected" in printed
    assert content(tmp_path / "cwd") == {}
    (tmp_path / "in" / "b.csv").unlink()
    assert content(tmp_path / "out") == here(job, parts_in(tmp_path, b=SAMPLE)).files


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGKILL], ids=lambda ends: ends.name)
def test_local_processes_end_with_the_command(tmp_path: Path, ends: signal.Signals) -> None:
    """By Ctrl-C, which a terminal sends to all of them, and without a word of theirs."""
    (tmp_path / "waits.py").write_text(WAITS)
    with started([f"{tmp_path}/waits.py"], tmp_path) as command:
        assert command.stdout
        (worker,) = map(int, command.stdout.readline().split())
        assert alive(worker)
        if ends == signal.SIGINT:
            os.killpg(command.pid, ends)
        else:
            command.send_signal(ends)
        _, said = command.communicate()
    wait_until(lambda: not alive(worker), "the worker ends")
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} == {"waits.py"}


WAITS = """
import os, sys
from contextlib import suppress
from app.bulk.cluster import connected

if __name__ == "__main__":
    with suppress(KeyboardInterrupt), connected("", 1) as client:
        print(*client.run(os.getpid).values(), flush=True)
        sys.stdin.read()
"""


def started(args: list[str], cwd: Path) -> subprocess.Popen[str]:
    """Start Python in a session of its own, as in a terminal."""
    return subprocess.Popen(
        [sys.executable, *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
