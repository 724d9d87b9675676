"""One prediction a request: this service in its settings, beside other servers."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.access import key_file
from benchmarks import mlserver_contender
from benchmarks.contenders import Contender, gunicorn, uvicorn
from benchmarks.measurement import Measurement
from benchmarks.open_loop import BODY, OURS, PATH, TYPED
from benchmarks.pipeline import write_pipeline
from benchmarks.typed_models import CONTRACT
from benchmarks.wrk_load import measure
from tools.cores import LOAD_CORE, on_core
from tools.databases import redis_server
from tools.ports import free_port

PLAIN = OURS.name
REASONS = f"{PLAIN}, ?reasons=5"
KEY = f"{PLAIN}, a key"
LIMITED = f"{PLAIN}, a limit in the process"
SHARED_LIMIT = f"{PLAIN}, a limit in Redis"
PARTIAL = f"{PLAIN}, required features only"
THREADS = f"{PLAIN}, WORKER=threads"
BARE = "bare callable, gunicorn sync"
PIPELINE = "FastAPI, pandas, scikit-learn pipeline"
MLSERVER = mlserver_contender.NAME

Found = dict[str, Measurement]


@dataclass(frozen=True)
class Target:
    """What a figure must be, alone or as a multiple of another contender's; or only printed."""

    name: str
    one: str
    other: str | None
    relation: str = ""
    goal: float = 0.0
    figure: str = "rate"

    def value(self, found: Found) -> float:
        """What was measured."""
        one = found[self.one]
        return one.times(found[self.other], self.figure) if self.other else one[self.figure]

    def verdict(self, value: float) -> str:
        """Whether that is what it must be."""
        if not self.relation:
            return ""
        met = value >= self.goal if self.relation == ">=" else value <= self.goal
        return "met" if met else "NOT MET"


TARGETS = (
    Target("rate, plain / FastAPI, typed (the goal is 1.05)", PLAIN, TYPED.name, ">=", 1.0),
    Target("rate, plain / bare callable", PLAIN, BARE, ">=", 1.0),
    Target("rate, a key / plain", KEY, PLAIN, ">=", 0.9),
    Target("rate, a limit in the process / plain", LIMITED, PLAIN, ">=", 0.9),
    Target("rate, a limit in Redis / plain", SHARED_LIMIT, PLAIN),
    Target("rate, ?reasons=5 / plain", REASONS, PLAIN, ">=", 0.95),
    Target("rate, required features only / plain", PARTIAL, PLAIN),
    Target("rate, plain / WORKER=threads", PLAIN, THREADS),
    Target("rate, plain / FastAPI, pandas", PLAIN, PIPELINE, ">=", 15),
    Target("rate, plain / MLServer", PLAIN, MLSERVER, ">=", 1),
    Target("p99, plain / FastAPI, typed", PLAIN, TYPED.name, "<=", 1.0, "p99"),
    Target("processor time a request, plain / FastAPI, typed", PLAIN, TYPED.name, figure="cpu"),
    Target("PSS, plain / WORKER=threads", PLAIN, THREADS, "<=", 1.0, "pss"),
    Target("start to first answer, s", PLAIN, None, "<=", 0.5, "start"),
)


def run(console: Console, rounds: int, seconds: int) -> Found:
    """Print the measurements and the targets."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, port = Path(name), free_port()
        with on_core(LOAD_CORE):
            stack.enter_context(redis_server(folder, port))
        found = measure(_contenders(folder, port), PATH, BODY, rounds, seconds)
    _print(console, found, rounds)
    return found


def _contenders(folder: Path, redis: int) -> list[Contender]:
    ours = OURS.command
    key = key_file.add(folder / "keys.yaml", "load", ("predict",))
    limit = {"RATE_LIMIT": "1000000/second"}
    shared = {**limit, "CACHE_URL": f"redis://127.0.0.1:{redis}/0"}
    required = {f.name: f.example for f in CONTRACT.features if f.required}
    return [
        OURS,
        Contender(REASONS, ours, path=f"{PATH}?reasons=5"),
        Contender(KEY, ours, {"API_KEYS_FILE": str(folder / "keys.yaml")}, key=key),
        Contender(LIMITED, ours, limit),
        Contender(SHARED_LIMIT, ours, shared),
        Contender(PARTIAL, ours, body={"features": required}),
        Contender(THREADS, ours, {"WORKER": "threads"}),
        Contender(BARE, gunicorn("benchmarks.bare:app", "-k", "sync")),
        TYPED,
        Contender(
            PIPELINE,
            uvicorn("benchmarks.fastapi_pipeline:app"),
            {"PIPELINE": str(write_pipeline(folder))},
        ),
        *([mlserver_contender.contender()] if mlserver_contender.PROGRAM.exists() else []),
    ]


def _print(console: Console, found: Found, rounds: int) -> None:
    table = Table(
        title=f"POST {PATH}, one core, 8 connections; medians of {rounds} rounds",
        title_justify="left",
    )
    for heading in (
        *("", "requests/s", "p50 ms", "p99 ms", "CPU µs"),
        *("PSS MB, all", "RSS MB, largest", "to 1st answer s"),
    ):
        table.add_column(heading, justify="right" if heading else "left")
    for name, m in found.items():
        row = f"{m['rate']:,.0f}", f"{m['p50']:.2f}", f"{m['p99']:.2f}", f"{m['cpu']:,.0f}"
        memory = f"{m['pss']:.0f}", f"{m['memory']:.0f}"
        table.add_row(name, *row, *memory, f"{m['start']:.2f}")
    console.print(table)

    table = Table(title="Targets; ratios are medians of the rounds' ratios", title_justify="left")
    for heading in ("", "measured", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for target in TARGETS:
        if target.other is None or target.other in found:
            value = target.value(found)
            wanted = f"{target.relation} {target.goal:g}" if target.relation else ""
            table.add_row(target.name, f"{value:.2f}", wanted, target.verdict(value))
        else:
            table.add_row(target.name, "not installed")
    console.print(table)


if __name__ == "__main__":
    run(Console(width=120), rounds=1, seconds=4)
