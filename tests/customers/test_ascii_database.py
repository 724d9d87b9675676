"""A PostgreSQL that was made without a locale: its databases have no encoding."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tools.databases import PostgreSQL
from tools.servers import ROOT, churn, fetch, gunicorn


def test_it_is_used_like_any_other(cluster: PostgreSQL, tmp_path: Path) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0"
            " LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    url = cluster.url("ascii")
    for command in (
        ["database", "upgrade"],
        ["customers", "load", str(ROOT / "model" / "sample_customers.csv")],
    ):
        done = churn(*command, DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
    with gunicorn(tmp_path, DATABASE_URL=url) as server:
        assert fetch(f"{server.url}/customers/wa-0010/prediction")[0] == 200
