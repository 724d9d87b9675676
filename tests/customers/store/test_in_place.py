"""Scores computed inside PostgreSQL are the scorer's, whatever JSON others stored."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from app.customers import rescoring
from app.customers.store.engines import JSON_OPTIONS
from app.customers.store.in_place import score_in_place
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.stored_features import fits
from app.releases.release_loader import Release, load_release
from model.bins import Bins
from model.features import Contract, Feature
from model.scorecard import TOLERANCE, Scorecard, Term
from tests.model.random_scorecards import random_contract, random_scorecard
from tests.stores import opened
from tools.contract_rows import customers as drawn
from tools.databases import PostgreSQL
from tools.servers import ROOT

NUMBER = 1500

ODD_VALUES = (
    *('"12"', "12.0", "1e1", "1E400", "-1e400", "-0", "-0.0", "0.1e-400", "null", "true", '"true"'),
    *("[]", "{}", "[1,2]", '{"a":1}', '""', '"\\u0000"', '"\\ud800"', "123456789012345678901234"),
    *(
        "0.30000000000000004",
        "9007199254740993",
        "1" * 400,
        "0." + "3" * 60,
        '"No "',
        '"no"',
        '"N\\u006f"',
    ),
)
ODD_DOCUMENTS = (
    *("[]", "null", "12", '"text"', "{}", " {}", '{"a": {"b": [1]}}', "[" * 50 + "]" * 50),
    *('{"\\u0000":1}', '{"tenure":1,"tenure":2}'),
)


@pytest.fixture
def store(cluster: PostgreSQL) -> Iterator[CustomerStore]:
    with opened(cluster.new()) as made:
        upgrade(made.database)
        yield made


def put(store: CustomerStore, documents: list[str]) -> None:
    with store.database.bulk() as connection, connection.begin():
        connection.execute(
            sa.text(
                "INSERT INTO customers (id, features, updated_at)"
                " SELECT 'c-' || n, CAST(d AS json), now()"
                " FROM unnest(CAST(:d AS text[])) WITH ORDINALITY AS t (d, n)"
            ),
            {"d": documents},
        )


def scores(store: CustomerStore, digest: str) -> list[float | None]:
    """The score of each document, or None."""
    query = "SELECT log_odds, scored_with FROM customers ORDER BY CAST(substr(id, 3) AS int)"
    with store.database.bulk() as connection:
        rows = connection.exec_driver_sql(query).all()
    return [log_odds if scored_with == digest else None for log_odds, scored_with in rows]


def wanted(scorecard: Scorecard, contract: Contract, documents: list[str]) -> list[float | None]:
    read = [JSON_OPTIONS["json_deserializer"](document) for document in documents]
    return [scorecard.log_odds(f) if fits(contract, f) else None for f in read]


def differ(found: list[float | None], right: list[float | None]) -> list[int]:
    return [
        number
        for number, (one, other) in enumerate(zip(found, right, strict=True))
        if (one is None) is not (other is None)
        or (one is not None and other is not None and not abs(one - other) <= TOLERANCE)
    ]


def documents_of(scorecard: Scorecard, contract: Contract, seed: int) -> list[str]:
    """Sound customers, faulty ones, and each way of writing that JSON allows to others."""
    draw = random.Random(seed)
    made = [*ODD_DOCUMENTS]
    for row in drawn([scorecard], contract, NUMBER, seed):
        pairs = [
            (json.dumps(name), written(value, draw))
            for name, value in zip(contract.names, row, strict=True)
            if value is not None and value not in (math.inf, -math.inf)
        ]
        kind = draw.randrange(5)
        if pairs and kind == 0:
            at = draw.randrange(len(pairs))
            pairs[at] = pairs[at][0], draw.choice(ODD_VALUES)
        elif pairs and kind == 1:
            again = draw.choice(pairs)[0], draw.choice([*ODD_VALUES, draw.choice(pairs)[1]])
            pairs.insert(draw.randrange(len(pairs) + 1), again)
        elif kind == 2:
            pairs.append((draw.choice(['"x"', '"tenure "', '""']), draw.choice(ODD_VALUES)))
        comma, colon = (", ", ": ") if draw.random() < 0.1 else (",", ":")
        made.append("{" + comma.join(name + colon + value for name, value in pairs) + "}")
    return made


def written(value: Any, draw: random.Random) -> str:
    """Write a value, whole numbers in either form, texts with escapes or without."""
    if isinstance(value, float) and value.is_integer() and draw.random() < 0.5:
        return str(int(value))
    return json.dumps(value, ensure_ascii=draw.random() < 0.1)


UNUSUAL = re.compile(r"^{}$|\\|null|[0-9][eE]|[.][0-9]{18}|[0-9]{16}")
"""No feature, an escape, a null, or a number that PostgreSQL might read otherwise."""

RANDOM = [(random_scorecard(seed), random_contract()) for seed in range(3)]


def packaged(version: str) -> tuple[Scorecard, Contract]:
    release = load_release(ROOT / "model" / "releases" / version)
    return release.scorecard, release.contract


def odd_names() -> tuple[Scorecard, Contract]:
    """Values that a document can have without quotes, and names that mean something in SQL."""
    name, flag, number = "place0", '100% "it\'s" :x', "v0"
    values = ("1", "true", "{}", "100 %", "a:b", "ß", "it's")
    contract = Contract(
        (
            Feature(name, "Kind", "category", "", "1", values=values, required=True),
            Feature(flag, "Flag", "boolean", "", example=True),
            Feature(number, "Number", "integer", "", 1, minimum=-5, maximum=2**60),
        )
    )
    terms = (
        Term((name,), (Bins(values=values),), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.0]),
        Term((flag,), (Bins(values=(True, False)),), [0.01, -0.01, 0.0]),
        Term((number,), (Bins(edges=(0.0, 9007199254740992.0)),), [-0.05, 0.05, 0.07, 0.0]),
    )
    scorecard = Scorecard(
        version="1.0.0",
        intercept=0.0,
        terms=terms,
        policies={"default": 0.5},
        contract_digest="",
        selftest=[],
        factors=None,
    )
    return scorecard, contract


@pytest.mark.parametrize(
    ("scorecard", "contract"),
    [packaged("1.2.0"), packaged("1.0.0"), *RANDOM, odd_names()],
    ids=["1.2.0", "1.0.0", "random 0", "random 1", "random 2", "odd names"],
)
def test_a_score_is_the_scorer_s_or_left_to_it(
    store: CustomerStore, scorecard: Scorecard, contract: Contract
) -> None:
    """A document that PostgreSQL leaves is one in doubt: of those we write it leaves none."""
    documents = documents_of(scorecard, contract, 5)
    put(store, documents)
    done = score_in_place(store.database, scorecard, contract, "d", lambda _: None)
    found, right = scores(store, "d"), wanted(scorecard, contract, documents)
    assert (
        differ(
            [f for f in found if f is not None],
            [r for f, r in zip(found, right, strict=True) if f is not None],
        )
        == []
    )
    assert done == sum(score is not None for score in found)
    ours = [
        number
        for number, document in enumerate(documents)
        if right[number] is not None
        and not UNUSUAL.search(document)
        and orjson.dumps(orjson.loads(document)).decode() == document
    ]
    assert len(ours) > 20
    assert [number for number in ours if found[number] is None] == []


def test_the_command_scores_every_sound_document(store: CustomerStore, release: Release) -> None:
    """What PostgreSQL leaves, the scorer takes; a fault leaves the customer unscored, counted."""
    documents = documents_of(release.scorecard, release.contract, 6)
    put(store, documents)
    reported: list[int] = []
    scored, skipped = rescoring.score(store, release, reported.append)
    right = wanted(release.scorecard, release.contract, documents)
    assert differ(scores(store, release.digests["scorecard.json"]), right) == []
    assert (scored, skipped) == (sum(r is not None for r in right), right.count(None))
    assert sum(reported) == len(documents)
    wrong = [None if score is None else score + 2e-12 for score in right]
    assert differ(scores(store, release.digests["scorecard.json"]), wrong) != []
