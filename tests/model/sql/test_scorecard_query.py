"""The scorecard as SQL: in three real databases it answers what `POST /predict` answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from app.releases.release_loader import Release, load_release
from model.features import Contract
from model.scorecard import Scorecard
from model.scorecard_file import from_dict
from model.sql.dialect import DIALECTS
from model.sql.scorecard_query import scorecard_query
from tests.model.random_scorecards import random_contract, random_document, random_scorecard
from tests.model.sql.stated_answers import differences, line, stated
from tools.contract_rows import (
    ID,
    TABLE,
    Row,
    Run,
    customers,
    duckdb_table,
    faulty,
    postgresql_table,
    sqlite_table,
    values,
)
from tools.databases import PostgreSQL
from tools.servers import ROOT, Server, fetch

MANY = 100_000


@contextmanager
def tables(cluster: PostgreSQL, contract: Contract, rows: list[Row]) -> Iterator[dict[str, Run]]:
    """The customers in each database."""
    with ExitStack() as opened:
        yield {
            "postgresql": opened.enter_context(postgresql_table(cluster.new(), contract, rows)),
            "duckdb": opened.enter_context(duckdb_table(contract, rows)),
            "sqlite": opened.enter_context(sqlite_table(contract, rows)),
        }


def result(run: Run, kind: str, scorecard: Scorecard, contract: Contract) -> list[Row]:
    return run(scorecard_query(scorecard, contract, DIALECTS[kind], TABLE, ID))


def packaged(version: str) -> Release:
    return load_release(ROOT / "model" / "releases" / version)


def test_a_hundred_thousand_customers_get_the_service_s_answers(cluster: PostgreSQL) -> None:
    """Every edge, just below, at and above it; unknown values in random patterns; illegal ones.

    The comparison finds one probability that is off by 2e-12.
    """
    release = packaged("1.2.0")
    scorecard, contract = release.scorecard, release.contract
    rows = customers([scorecard], contract, MANY, 20)
    drawn = dict(zip(contract.names, map(set, zip(*rows, strict=True)), strict=True))
    for feature in contract.features:
        assert drawn[feature.name] >= {*values(feature, scorecard.terms), *faulty(feature)}
    wanted = stated(scorecard, contract, rows)
    with tables(cluster, contract, rows) as runs:
        for kind, run in runs.items():
            found = result(run, kind, scorecard, contract)
            assert differences(found, wanted)[:5] == [], kind
    wanted[0][next(i for i, chance in enumerate(wanted[0]) if chance)] += 2e-12
    assert differences(found, wanted) != []


@pytest.mark.parametrize("version", ["1.0.0", "1.2.0"])
def test_a_sample_gets_what_http_answers(server: Server, cluster: PostgreSQL, version: str) -> None:
    """Release 1.0.0 has no factors: what is unknown has points, and there is no range."""
    release = packaged(version)
    scorecard, contract = release.scorecard, release.contract
    rows = [
        row
        for row in customers([scorecard], contract, 1_300, 7)
        if contract.accepts(dict(zip(contract.names, row, strict=True)))
    ][:1000]
    sent = [
        {"id": str(i), "features": dict(zip(contract.names, row, strict=True))}
        for i, row in enumerate(rows)
    ]
    wanted: list[list[object]] = [[] for _ in rows]
    for policy in scorecard.policies:
        body = {"customers": sent, "policy": policy}
        status, text = fetch(f"{server.url}/predict/batch?version={version}", body)
        assert status == 200
        answers = json.loads(text)["predictions"]
        for row, answer in zip(wanted, answers, strict=True):
            row[:] = row or [*line(answer, scorecard.policies), None]
            assert row[3 + list(scorecard.policies).index(policy)] == answer["prediction"]
    columns = [list(column) for column in zip(*wanted, strict=True)]
    with tables(cluster, contract, rows) as runs:
        for kind, run in runs.items():
            assert differences(result(run, kind, scorecard, contract), columns)[:5] == [], kind


def test_release_without_factors(cluster: PostgreSQL) -> None:
    release = packaged("1.0.0")
    scorecard, contract = release.scorecard, release.contract
    rows = customers([scorecard], contract, 4_000, 3)
    wanted = stated(scorecard, contract, rows)
    with tables(cluster, contract, rows) as runs:
        for kind, run in runs.items():
            assert differences(result(run, kind, scorecard, contract), wanted)[:5] == [], kind


def other_bins() -> Scorecard:
    """A pair sorts its features in another way than their own terms; `f4` has no term."""
    content = random_document(5)
    del content["terms"][4]
    bins = [{"values": ["a", "b", "rare"]}, {"edges": [2.0]}]
    points = [[0.5, -0.5, 0.0], [1.0, 0.25, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    pair = {"features": ["f0", "f3"], "bins": bins, "points": points, "variance": 0.3}
    return from_dict({**content, "terms": [*content["terms"], pair]})


def nothing_learned() -> Scorecard:
    """All points are 0, so that there are no reasons; and no factors."""
    found = random_scorecard(1)
    (term, *_) = found.terms
    return replace(found, terms=(replace(term, points=[0.0] * 4),), factors=None)


def extreme() -> Scorecard:
    """Log-odds whose exponential a double cannot hold."""
    found = random_scorecard(2)
    return replace(found, intercept=-1000.0)


def skewed() -> Scorecard:
    """Log-odds that would lie below their range."""
    found = random_scorecard(3)
    assert found.factors
    return replace(found, factors=replace(found.factors, shift=-5.0))


def test_random_scorecards(cluster: PostgreSQL) -> None:
    """With pairs, values that count as unknown, and missing values that have points."""
    contract = random_contract()
    scorecards = [random_scorecard(seed) for seed in range(8)]
    scorecards += [other_bins(), nothing_learned(), skewed()]
    scorecards += [extreme(), replace(extreme(), intercept=1000.0)]
    rows = customers(scorecards, contract, 400, 11)
    with tables(cluster, contract, rows) as runs:
        for number, scorecard in enumerate(scorecards):
            wanted = stated(scorecard, contract, rows)
            for kind, run in runs.items():
                found = differences(result(run, kind, scorecard, contract), wanted)
                assert found[:5] == [], (number, kind)
