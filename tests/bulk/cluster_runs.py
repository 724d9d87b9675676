"""Runs of a cluster for tests, and what they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask

from app.bulk.cluster import cluster_run
from app.bulk.parts.job import Job, job_of
from app.bulk.parts.part_names import Part, parts_of
from app.bulk.parts.part_run import run_here
from app.bulk.storage.sources import sources
from app.predictions.scorer import DEFAULT_REASONS
from app.releases import require_serving_release
from tools.servers import ROOT

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


def default_job(app: Flask) -> Job:
    """The job of the command without options."""
    with app.app_context():
        return job_of(require_serving_release(), "default", DEFAULT_REASONS)


def parts_in(folder: Path, **files: bytes) -> list[Part]:
    (folder / "in").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "in" / f"{name}.csv").write_bytes(content)
    (folder / "out" / "_rejects").mkdir(parents=True, exist_ok=True)
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
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files if path.name[0] != "_"}


def here(job: Job, parts: Sequence[Part]) -> Scored:
    """Score the same parts in this process, into another folder."""
    out = Path(parts[0].target).parent.with_name("here")
    out.mkdir()

    def moved(address: str) -> str:
        return str(out / Path(address).name)

    ours = [replace(p, target=moved(p.target), rejects=moved(p.rejects)) for p in parts]
    ended = {part.name: repr(came) for part, came in run_here(job, ours, lambda *_: None)}
    return Scored(ended=ended, files=content(out))
