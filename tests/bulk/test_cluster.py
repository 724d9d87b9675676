"""Files scored by a cluster's workers: the same bytes as here, and each error in one line."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from app.bulk.cluster import cluster, cluster_run
from app.bulk.cluster.cluster_error import ClusterError
from app.bulk.cluster.worker_versions import CODE, versions
from app.bulk.parts.job import Job
from tests.bulk.cluster_runs import (
    HEADER,
    REJECTED,
    SAMPLE,
    Scored,
    content,
    default_job,
    here,
    parts_in,
    score,
)
from tools.dask_cluster import HIDDEN, DaskCluster, HeldFile, dask_cluster
from tools.ports import free_port
from tools.servers import fetch


@pytest.fixture(scope="module")
def job(app: Flask) -> Job:
    return default_job(app)


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
