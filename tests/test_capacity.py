"""The figures of capacity: what is measured, what follows from it, and that documents say so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import capacity, capacity_cells, capacity_load, capacity_pages, capacity_sizing
from benchmarks.capacity_cells import (
    LOOKUP,
    PREDICT,
    SHARED,
    SQLITE,
    Cell,
    Figures,
    saturated,
)
from tools.wrk import Report

CELL = Cell(
    *(SQLITE, 1, PREDICT, 8),
    **dict.fromkeys(("rate", "p50", "p99", "cpu", "pss", "peak", "master"), 1.0),
    **dict.fromkeys(("failed", "worker", "server", "load", "database", "cache", "foreign"), 0.0),
    hits=None,
)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return capacity_cells.read()


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    """A copy of the guides and charts."""
    for file in capacity_pages.GUIDES.glob("*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_guides_charts_and_manifests_follow_from_the_figures() -> None:
    assert capacity.check() == 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("load-test-results.md", "| 256 |", "| 255 |"),
        ("capacity.md", "| most pods | ", "| most pods | 1"),
        ("capacity-2.svg", 'points="', 'points="1,1 '),
    ],
)
def test_a_number_by_hand_is_found(
    guides: Path, figures: Figures, name: str, old: str, new: str
) -> None:
    assert capacity_pages.differing(figures, guides) == []
    text = (guides / name).read_text("utf-8")
    (guides / name).write_text(text.replace(old, new, 1), "utf-8")
    assert capacity_pages.differing(figures, guides) == [name]


def test_another_figure_is_found_in_guide_and_chart(guides: Path, figures: Figures) -> None:
    first, *others = figures.cells
    other = replace(figures, cells=(replace(first, rate=first.rate * 2), *others))
    assert {"load-test-results.md", "capacity-1.svg"} <= {*capacity_pages.differing(other, guides)}


def test_a_guide_without_a_marker_is_an_error(guides: Path, figures: Figures) -> None:
    file = guides / "capacity.md"
    file.write_text(file.read_text("utf-8").replace("<!-- end: memory -->", ""), "utf-8")
    with pytest.raises(ValueError, match="memory"):
        capacity_pages.differing(figures, guides)


def test_figures_are_read_as_they_were_written(tmp_path: Path, figures: Figures) -> None:
    capacity_cells.write(figures, tmp_path / "figures.json")
    assert capacity_cells.read(tmp_path / "figures.json") == figures


@pytest.mark.parametrize(
    ("shares", "what"),
    [
        ({"worker": 0.95, "server": 0.96, "load": 0.4}, "server's core"),
        ({"worker": 0.5, "server": 0.5, "load": 0.8, "database": 0.15}, "load generator"),
        ({"worker": 0.5, "server": 0.5, "load": 0.2, "database": 0.6, "cache": 0.15}, "database"),
        ({"worker": 0.5, "server": 0.5, "load": 0.2, "cache": 0.75}, "cache"),
        ({"worker": 0.5, "server": 0.5, "load": 0.3, "database": 0.3}, ""),
        ({"workers": 2, "worker": 0.9, "server": 1.7, "load": 0.2}, "both cores, server most"),
        ({"workers": 2, "worker": 0.9, "server": 0.9, "load": 0.3}, ""),
        (
            {"workers": 2, "worker": 0.4, "server": 0.7, "database": 1.1, "load": 0.1},
            "both cores, database most",
        ),
    ],
)
def test_what_is_used_up_is_named(shares: dict[str, float], what: str) -> None:
    assert saturated(replace(CELL, **shares)) == what  # type: ignore[arg-type]


def test_refused_requests_are_counted_and_are_no_rate() -> None:
    found = capacity_load.outcome(Report(1000, 500.0, 1.0, 2.0, 3.0, failed=250))
    assert (found["rate"], found["failed"]) == (375.0, 0.25)
    assert capacity_load.outcome(Report(0, 0.0, 0.0, 0.0, 0.0, failed=0))["failed"] == 1


def test_the_best_rate_has_no_failure_and_is_in_time() -> None:
    late = replace(CELL, rate=9.0, p99=50.0)
    refused = replace(CELL, rate=8.0, failed=0.01)
    good = replace(CELL, rate=7.0, p99=49.9)
    assert capacity_sizing.within_limit([CELL, late, refused, good]) == good
    assert capacity_sizing.within_limit([late, refused]) is None


def test_pods_carry_a_rate_at_the_target_with_one_lost() -> None:
    pods = capacity_sizing.Pods(2, 2, 1, 1, target=60, least=3, most=20)
    assert pods.carried(1000) == 1200
    assert [pods.needed(rate, 1000) for rate in (100, 2400, 2401)] == [3, 3, 4]
    assert pods.safe_target() == 60
    assert replace(pods, least=2).safe_target() == 45


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ({"target": 75}, "target is 75, not 60"),
        ({"request_mb": 1}, "asks for 1 MB"),
        ({"limit_mb": 1}, "may have 1 MB"),
    ],
)
def test_manifests_that_do_not_follow_are_found(
    fault: dict[str, int], finding: str, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = capacity_sizing.pods(capacity_sizing.OVERLAYS["production"])
    monkeypatch.setattr(capacity_sizing, "pods", lambda _: replace(sound, **fault))
    found = capacity_sizing.faults(figures)
    assert found
    assert all(finding in line for line in found)


def test_a_real_server_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With key, limit, PostgreSQL and Redis; both cores, for other tests run beside."""
    monkeypatch.setattr(capacity_load, "CUSTOMERS", 100)
    monkeypatch.setattr(capacity_load, "ASKED", 50)
    with capacity_load.running(SHARED, 2, tmp_path) as service:
        found = {endpoint: service.cell(endpoint, 2, 1) for endpoint in (PREDICT, LOOKUP)}
        used = service.parts.seconds()
    for cell in found.values():
        assert cell.rate > 0
        assert 0 < cell.p50 <= cell.p99
        assert cell.failed < 1
        assert 0 < cell.pss <= cell.peak
    assert found[PREDICT].hits is None
    assert found[LOOKUP].hits is not None
    assert all(used[part] > 0 for part in ("server", "load", "database"))


def test_an_interrupted_run_changes_nothing_and_goes_on(
    tmp_path: Path, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each endpoint is measured once; figures and guides are written when all are there."""
    measured: list[tuple[str, int, str]] = []

    @contextmanager
    def running(setting: str, workers: int, _: Path) -> Iterator[tuple[str, int]]:
        yield setting, workers

    def measure(service: tuple[str, int], endpoint: str, *_: object) -> list[Cell]:
        setting, workers = service
        measured.append((setting, workers, endpoint))
        if len(measured) == 6:
            raise KeyboardInterrupt
        return figures.of(setting, endpoint, workers)

    written: list[Figures] = []
    monkeypatch.setattr(capacity_load, "running", running)
    monkeypatch.setattr(capacity_load, "measure", measure)
    monkeypatch.setattr(capacity_cells, "write", partial(_note, capacity_cells.write, written))
    monkeypatch.setattr(capacity_pages, "write", written.append)
    unfinished = tmp_path / "unfinished.json"
    with pytest.raises(KeyboardInterrupt):
        capacity.run(Console(quiet=True), 2, unfinished)
    assert not written
    found = capacity.run(Console(quiet=True), 2, unfinished)
    assert found.cells == figures.cells
    assert written == [found, found]
    assert len(measured) == len({*measured}) + 1
    assert not unfinished.exists()


def _note(
    write: Callable[[Figures, Path], None], written: list[Figures], figures: Figures, *to: Path
) -> None:
    """Write the unfinished run; note the figures that would be committed."""
    if to:
        write(figures, *to)
    else:
        written.append(figures)
