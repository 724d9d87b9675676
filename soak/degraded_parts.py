"""Each of the parts that the service asks slow, silent and gone: one at a time, and two at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import combinations, product
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit

from app.customers.files.sample_file import SAMPLE
from soak.figures import Figure
from soak.requests_sent import SINGLE
from tools.databases import postgresql, redis_server
from tools.faulty_proxy import faulty_proxy
from tools.load_clients import Load
from tools.log_reader import log_reader
from tools.mixed_traffic import CUSTOMERS
from tools.nameserver import nameserver
from tools.ports import free_port
from tools.prometheus import prometheus
from tools.release_changes import succeeds
from tools.servers import Server, fetch, gunicorn, wait_until

TITLE = (
    "Parts slow, silent and gone: what callers notice while they are, and when they no longer do"
)

STATES = ("slow", "silent", "gone")
SECONDS = 3.0
"""How long each fault lasts."""

SLOWER = 0.020
"""Seconds by which the 99th percentile of predictions may grow."""

LIVE, LOOKUP, BACK = 0.1, 1.1, 5.0
"""Seconds, at most: for the slowest probe, for the slowest lookup, until all is used again."""

ROUNDS = 10
"""Answers in a row, of whichever worker, that show that a part is used again."""

Switch = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """What the callers noticed of a fault; times in seconds."""

    name: str
    prediction: float
    live: float
    lookup: float
    page: float
    back: float
    failed: int

    def faults(self, healthy: float) -> bool:
        """Whether a caller noticed more than is promised."""
        return (
            self.prediction > healthy + SLOWER
            or self.live > LIVE
            or self.lookup > LOOKUP
            or self.back > BACK
            or self.failed > 0
        )

    def figure(self, healthy: float) -> Figure:
        """The case in a line."""
        told = (
            f"{self.prediction * 1000:.1f} · {self.live * 1000:.0f} · {self.lookup * 1000:,.0f} · "
            f"{self.page * 1000:.0f} ms · {self.back:.1f} s · {self.failed}"
        )
        return Figure(self.name, told, broken=self.faults(healthy))


def run(folder: Path) -> list[Figure]:
    """Go through all faults."""
    with _system(folder) as (server, parts):
        _wait_until_used(server)
        healthy = _case(server, "all well", {}, parts)
        limit = max(healthy.prediction, _case(server, "all well", {}, parts).prediction)
        again: list[Case] = []

        def case(faults: Mapping[str, str]) -> Case:
            """Measure; what is beyond a limit once more, for the machine may have stalled."""
            name = ", ".join(f"{part} {state}" for part, state in faults.items())
            found = _case(server, name, faults, parts)
            if not found.faults(limit):
                return found
            again.append(found)
            return _case(server, f"{name}, again", faults, parts)

        found = [case({part: state}) for part, state in product(parts, STATES)]
        pairs = [
            case({one: first, other: second})
            for (one, other), first, second in product(combinations(parts, 2), STATES, STATES)
        ]
    measures = ("prediction", "live", "lookup", "page", "back")
    worst = [max(pairs, key=attrgetter(what)) for what in measures]
    shown = {case.name: case for case in (*worst, *(c for c in pairs if c.faults(limit)))}
    return [
        Figure("prediction p99 · slowest probe · slowest lookup · page p99 · back · failed", ""),
        *(one.figure(limit) for one in (healthy, *found)),
        Figure("pairs of faults", str(len(pairs)), broken=any(c.faults(limit) for c in pairs)),
        *(one.figure(limit) for one in shown.values()),
        Figure("measured again", str(len(again))),
        *(replace(one.figure(limit), broken=False) for one in again),
    ]


def _case(
    server: Server, name: str, faults: Mapping[str, str], parts: Mapping[str, Switch]
) -> Case:
    """Cause the faults under load, measure, mend them, and wait until all is used again."""
    runbook = "/runbooks/high-api-latency"
    lookups: list[tuple[str, str, object]] = [
        request
        for customer in CUSTOMERS
        for request in (
            ("GET", f"/customers/{customer}/prediction", None),
            ("GET", "/customers/at-risk?limit=5", None),
        )
    ]
    kinds = {
        "prediction": Load(server.url, [SINGLE], clients=4, pause=0.01, keep=True),
        "lookup": Load(server.url, lookups, clients=6, pause=0.05, keep=True),
        "page": Load(
            server.url,
            [("GET", runbook, None), ("GET", f"{runbook}/state.json", None)],
            clients=2,
            pause=0.1,
            keep=True,
        ),
        "live": Load(server.url, [("GET", "/health/live", None)], clients=1, pause=0.05),
    }
    for part, state in faults.items():
        parts[part](state)
    for sent in kinds.values():
        sent.start()
    time.sleep(SECONDS)  # the fault's duration
    for sent in kinds.values():
        sent.stop()
    for part in faults:
        parts[part]("well")
    mended = time.monotonic()
    _wait_until_used(server)
    return Case(
        name,
        prediction=_share(kinds["prediction"], 0.99),
        live=_share(kinds["live"], 1),
        lookup=_share(kinds["lookup"], 1),
        page=_share(kinds["page"], 0.99),
        back=time.monotonic() - mended,
        failed=sum(sent.failed for kind, sent in kinds.items() if kind != "lookup")
        + sum(
            number
            for (_, outcome), number in kinds["lookup"].seen.items()
            if outcome not in {200, 503}
        ),
    )


def _share(sent: Load, share: float) -> float:
    ordered = sorted(sent.seconds)
    return ordered[int(share * (len(ordered) - 1))]


def _wait_until_used(server: Server) -> None:
    """Wait until database, cache and Prometheus are asked again, and answer."""

    def used() -> bool:
        asked = [
            fetch(f"{server.url}/customers/{CUSTOMERS[0]}/prediction"),
            fetch(f"{server.url}/customers/at-risk?limit=1"),
        ]
        ready = json.loads(fetch(f"{server.url}/health/ready")[1])
        alerts = json.loads(fetch(f"{server.url}/runbooks/high-api-latency/state.json")[1])
        return (
            all(status == 200 for status, _ in asked)
            and all(part["status"] == "ok" for part in ready["parts"].values())
            and all(alert["state"] != "not available" for alert in alerts["alerts"])
        )

    for _ in range(ROUNDS):
        wait_until(used, "every part is used again", seconds=30)


@contextmanager
def _system(folder: Path) -> Iterator[tuple[Server, dict[str, Switch]]]:
    """Run the service between real servers, and what makes each of them slow, silent or gone."""
    redis_port = free_port()
    with ExitStack() as stack:
        enter = stack.enter_context
        cluster = enter(postgresql())
        enter(redis_server(folder, redis_port))
        rules = enter(prometheus(folder, "http://127.0.0.1:1"))
        proxies = {
            "database": enter(faulty_proxy(cluster.port)),
            "cache": enter(faulty_proxy(redis_port)),
            "Prometheus": enter(faulty_proxy(urlsplit(rules).port or 0)),
        }
        names, reader = enter(nameserver(folder)), enter(log_reader(folder))
        direct = cluster.new()
        succeeds("database", "upgrade", DATABASE_URL=direct)
        succeeds("customers", "load", str(SAMPLE), DATABASE_URL=direct)
        name = direct.rpartition("/")[2]
        server = enter(
            gunicorn(
                folder,
                before=[*reader.before, *names.before],
                DATABASE_URL=f"postgresql://postgres@database.test:{proxies['database'].port}/{name}",
                CACHE_URL=f"redis://cache.test:{proxies['cache'].port}/0",
                PROMETHEUS_URL=f"http://prometheus.test:{proxies['Prometheus'].port}",
                RATE_LIMIT="100000/second",
                WEB_CONCURRENCY="2",
            )
        )

        def resolve(state: str) -> None:
            names.set(state)
            for proxy in proxies.values():
                proxy.drop()  # only who connects asks for a name

        parts: dict[str, Switch] = {part: proxy.set for part, proxy in proxies.items()}
        yield server, {**parts, "nameserver": resolve, "log reader": reader.set}
