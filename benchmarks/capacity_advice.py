"""Tables and sentences of what follows from the figures for a deployment."""

from __future__ import annotations

import math

from benchmarks import capacity_sizing as sizing
from benchmarks.capacity_cells import (
    BATCH,
    PREDICT,
    SERVER_CORE,
    SHARED,
    WORKERS,
    Figures,
    first_saturated,
)
from benchmarks.capacity_tables import rate_text, table, wrapped


def rates(figures: Figures) -> str:
    """Show what one core answers within the limit, and what is used up first."""
    rows = []
    for setting, endpoint in figures.lines():
        lines = figures.of(setting, endpoint, 1)
        best, (what, since) = sizing.within_limit(lines), first_saturated(lines)
        first = f"{what}, from {since} connections" if what else "nothing"
        values = (
            [rate_text(best.rate), str(best.connections), f"{best.p99:.1f}"]
            if best
            else ["none", "", ""]
        )
        rows.append([f"`{endpoint}`", setting, *values, first])
    heads = ("", "setting", "requests/s of a core", "connections", "p99 ms", "used up first")
    server = sum(row[-1].startswith(SERVER_CORE) for row in rows)
    sentence = f"The core of the server is used up first in {server} of {len(rows)} of these lines."
    return f"{table(heads, rows)}\n\n{sentence}"


def memory(figures: Figures) -> str:
    """Show the memory of workers and pods, and what the manifests allow."""
    used = [sizing.memory(figures, workers) for workers in WORKERS]
    most = max(cell.connections for cell in figures.cells)
    rows = [
        ["the process that starts the workers", *(f"{one.master:.0f}" for one in used)],
        ["a worker, single requests", *(f"{one.single:.0f}" for one in used)],
        [f"a worker, {most} batches at a time, at most", *(f"{one.batches:.0f}" for one in used)],
        ["all together, single requests", *(f"{one.usual():.0f}" for one in used)],
        [
            f"all together, {most} batches at a time, at most",
            *(f"{one.most():.0f}" for one in used),
        ],
    ]
    made = {name: sizing.pods(path) for name, path in sizing.OVERLAYS.items()}
    allowed = [
        f"{name}: {pod.workers} workers, {pod.request_mb:.0f} MB asked for, {pod.limit_mb:.0f} MB "
        "at most"
        for name, pod in made.items()
    ]
    sentence = wrapped(f"A pod of {'; of '.join(allowed)}.")
    return f"{table(('MB', 'one worker', 'two workers'), rows)}\n\n{sentence}"


def replicas(figures: Figures) -> str:
    """Work the formula out, and show pods of production for some rates."""
    pod = sizing.pods(sizing.OVERLAYS["production"])
    lines = [line for line in figures.lines() if line[0] == SHARED or line[1] == BATCH]
    best = {line: sizing.within_limit(figures.of(*line, 1)) for line in lines}
    known = {line: cell for line, cell in best.items() if cell}
    (setting, endpoint), cell = next(
        (line, cell) for line, cell in known.items() if line[0] == SHARED
    )
    carried, rate = pod.carried(cell.rate), sizing.RATES[1]
    pods = math.ceil(rate / carried)
    worked = wrapped(
        f"For `{endpoint}` in the setting {setting} a core answers {rate_text(cell.rate)} requests "
        f"a second. A production pod has {pod.workers} workers and asks for {pod.cores:g} cores. "
        f"At the target of {pod.target} % it carries {pod.cores:g} * {rate_text(cell.rate)} * "
        f"{pod.target / 100:g} = {carried:,.0f}. For {rate:,} requests a second: "
        f"{rate:,} / {carried:,.0f}, rounded up, is {pods}, and one more {pods + 1}; never fewer "
        f"than {pod.least}."
    )
    rows = [
        [f"`{line[1]}`", f"{pod.carried(one.rate):,.0f}"]
        + [f"{pod.needed(rate, one.rate):,}" for rate in sizing.RATES]
        for line, one in known.items()
    ]
    heads = ("pods of production", "a pod at the target", *(f"{rate:,}/s" for rate in sizing.RATES))
    return f"{worked}\n\n{table(heads, rows)}"


def autoscaler(figures: Figures) -> str:
    """Show the numbers of the manifests, and what they carry."""
    best = sizing.within_limit(figures.of(SHARED, PREDICT, 1))
    heads = ["", *sizing.OVERLAYS]
    made = [sizing.pods(path) for path in sizing.OVERLAYS.values()]
    rows = [
        ["cores that a pod asks for", *(f"{pod.cores:g}" for pod in made)],
        ["workers of a pod", *(str(pod.workers) for pod in made)],
        ["target, % of the cores asked for", *(str(pod.target) for pod in made)],
        ["fewest pods", *(str(pod.least) for pod in made)],
        ["most pods", *(str(pod.most) for pod in made)],
        *(
            [f"predictions a second of the {word} pods, at the target"]
            + [f"{n(pod) * pod.carried(best.rate):,.0f}" for pod in made]
            for word, n in (("fewest", _least), ("most", _most))
            if best
        ),
        ["connections that PostgreSQL must allow", *(str(pod.connections()) for pod in made)],
    ]
    return table(heads, rows)


def _least(pod: sizing.Pods) -> int:
    return pod.least


def _most(pod: sizing.Pods) -> int:
    return pod.most
