"""The pages of experiments, and the ways to them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from types import SimpleNamespace
from xml.etree.ElementTree import fromstring

import pytest
from flask.testing import FlaskClient

from app.handbook.card import experiment_figures
from app.handbook.documents import experiment_file
from app.http import page_shell
from tests.handbook.conftest import SAMPLE, make_app

PATH = "/experiments/001-number-of-bins"
FILE = "model/experiments/001-number-of-bins.yaml"
(EXPERIMENT,) = experiment_file.experiments(SAMPLE)


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_the_list_compares_at_a_glance(reader: FlaskClient) -> None:
    row = words(reader.get("/experiments").text).partition("001: ")[2]
    assert row.startswith(
        "Number of bins How many bins does a numeric feature need? 8 bins, 16 bins, 32 bins "
        "16 bins best: 32 bins 0.4141 0.0009 less than with 8 bins 2 Nov 2026"
    )


def test_the_page_has_question_verdict_figures_and_the_way_to_run_it_again(
    reader: FlaskClient,
) -> None:
    page = reader.get(PATH).text
    said = words(page)
    for expected in (
        "How many bins does a numeric feature need?",
        "Sixteen bins. More bins gain less than one standard error.",
        "16 bins the simplest not beaten 0.4141 0.4045 to 0.4237 0.00014",
        "8 bins beaten",
        "churn model experiment --again 1 --check",
        "Digest of the data (SHA-256) " + "ab" * 32,
    ):
        assert expected in said
    assert page.count("<figure") == 3
    folds = sum(len(v.log_loss.folds) + len(v.roc_auc.folds) for v in EXPERIMENT.variants)
    assert page.count('fill="none" cx=') == folds
    assert 'href="/adrs/002-scorecard"' in page


def test_experiments_belong_to_the_model(reader: FlaskClient) -> None:
    """They have no place of their own in the header: its entry for the model is the current one."""
    for path in ("/experiments", PATH):
        header = reader.get(path).text.partition('aria-label="Main"')[2].partition("</nav>")[0]
        assert re.findall(r'href="(\S+)" aria-current="true"', header) == ["/model-card"]


def test_it_is_reached_from_the_card_and_from_the_decision(reader: FlaskClient) -> None:
    link = f'href="{PATH}"'
    assert link in reader.get("/model-card").text.partition('id="experiments"')[2]
    assert link in reader.get("/adrs/002-scorecard").text
    assert link not in reader.get("/adrs/001-pickle").text
    assert f"]({PATH[1:]}.md): 16 bins" in reader.get("/model-card.md").text


def test_every_reader_finds_it(reader: FlaskClient) -> None:
    """Search, suggestions, the list of documents, `/llms.txt` and the feed."""
    results = reader.get("/search.json?q=how many bins").get_json()["results"]
    assert ("experiment", PATH) in {(r["kind"], r["url"]) for r in results}
    documents = reader.get("/handbook.json").get_json()["documents"]
    (listed,) = [d for d in documents if d["kind"] == "experiment"]
    assert (listed["url"], listed["status"]) == (PATH, "decided")
    assert f"{PATH}.md): winner: 16 bins. How many bins" in reader.get("/llms.txt").text
    assert f"http://localhost{PATH}" in reader.get("/feed.xml").text
    fromstring(reader.get("/feed.xml").data)
    text = reader.get(f"{PATH}.md").text
    assert text == experiment_figures.markdown(EXPERIMENT)
    (link,) = re.findall(r"\]\(\.\.(/\S+)\)", text)
    assert reader.get(link).status_code == 200


def test_links_to_the_file_lead_to_its_page(folder: Path) -> None:
    """In a document and in its markdown; a link to no file is a finding."""
    text = f"# Bins\n\n[Bins](../{FILE}), [none](../model/experiments/002-none.yaml)\n"
    (folder / "guides" / "bins.md").write_text(text)
    reader = make_app(folder, None).test_client()
    assert f'href="{PATH}"' in reader.get("/guides/bins").text
    assert f"[Bins]({PATH}.md)" in reader.get("/guides/bins.md").text
    documents = reader.get("/handbook.json").get_json()["documents"]
    (guide,) = [d for d in documents if d["slug"] == "bins"]
    dead = [f["message"] for f in guide["findings"] if f["rule"] == "link"]
    assert [message.partition(":")[0] for message in dead] == ["../model/experiments/002-none.yaml"]


def test_what_nobody_has_written_is_said_and_what_cannot_be_read_is_left_out(folder: Path) -> None:
    file = folder / FILE
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"verdict: .*", "verdict: 'GAP: write it'", text))
    file.with_name("002-broken.yaml").write_text("experiment: {figures: [}")
    reader = make_app(folder, None).test_client()
    assert "No verdict yet" in reader.get(PATH).text
    assert reader.get("/experiments").status_code == 200
    assert reader.get("/experiments/002-broken").status_code == 404
    file.unlink()
    assert (
        "No experiment is recorded."
        in make_app(folder, None).test_client().get("/experiments").text
    )


def test_a_page_that_is_kept_has_the_day_of_its_reader(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paper says when it was printed, however long the service has run."""
    for day in ("2030-01-02", "2030-01-03"):
        now = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        clock = SimpleNamespace(now=lambda _, now=now: now)
        fake = SimpleNamespace(datetime=clock, UTC=datetime.UTC)
        monkeypatch.setattr(page_shell, "datetime", fake)
        for path in ("/model-card", "/experiments", PATH):
            assert f'Printed <time datetime="{day}">' in reader.get(path).text
