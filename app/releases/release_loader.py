"""Reads one release of the model and checks it against its card and its feature contract."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.releases import approval as approval_file
from app.releases.approval import Approval, read_approval
from app.releases.card_figures import disagreements
from model import economics as economics_file
from model.economics import Economics, parse_economics
from model.feature_file import parse_contract
from model.features import Contract
from model.scorecard import POLICIES_OF_ALL, VALUE, Scorecard
from model.scorecard_file import finite, parse_scorecard

DAMAGED, CONTRACT, SELF_TEST = "damaged", "contract", "self-test"
"""Kinds of reasons: a file isn't the one that was released; it has another contract than the
scorecard; it gives other scores than it was made with."""


class ReleaseError(ValueError):
    """A release that must not serve; the message says why, without paths."""

    def __init__(self, message: str, kind: str = DAMAGED) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, eq=False)
class Release:
    """A release whose files match its card and whose self-test passes."""

    version: str
    path: Path
    scorecard: Scorecard
    contract: Contract
    """The features that the scorecard was trained on."""

    card: dict[str, Any]
    evaluation: dict[str, Any]
    digests: dict[str, str]
    """SHA-256 of each file, by name."""

    economics: Economics | None
    """What a call costs and can bring; releases before 1.2.0 have none."""

    card_digest: str
    """SHA-256 of the card, which states the others: two releases with the same are the same."""

    approval: Approval | None
    """Who approved these bytes, or None."""


def load_release(path: Path) -> Release:
    """Read one release and check it against its card.

    Each file is read once, so the content that was checked is the content that is used.

    Raises:
        ReleaseError: a file is missing or unreadable, a digest differs, the scorecard was trained
            on another feature contract or lacks some of its values, a stored input no longer
            gives its stored score, or the card states a figure that another file contradicts.
    """
    try:
        # In Python: libyaml's loader is quicker, and ends the process where brackets nest too deep.
        content = (path / "card.yaml").read_bytes()
        card = yaml.safe_load(content)["model_card"]
        digests = {a["file"]: a["sha256"] for a in card["artifacts"]}
        files = {name: _read(path, name, digests) for name in {*digests, *_PARSED}}
        _check_card(card)
        scorecard = parse_scorecard(files["scorecard.json"], "scorecard.json")
        evaluation = json.loads(files["evaluation.json"])
        stated = files.get(economics_file.NAME)
        economics = None if stated is None else parse_economics(stated)
        # The scorecard states the digest of its meaning; its comments may change.
        contract_text = (path / CONTRACT_FILE).read_bytes()
    except OSError as error:
        name = Path(error.filename).name if error.filename else path.name
        raise ReleaseError(f"{name}: {error.strerror}") from None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ReleaseError(f"card.yaml is not a model card: {_line(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ReleaseError(_line(error)) from None
    try:
        contract = parse_contract(contract_text, CONTRACT_FILE)
    except ValueError as error:
        raise ReleaseError(_line(error), CONTRACT) from None
    _check_scorecard(scorecard, contract, path.name, has_economics=economics is not None)
    _check_figures(card, evaluation, scorecard, contract, economics)
    whole = hashlib.sha256(content).hexdigest()
    return Release(
        version=path.name,
        path=path,
        scorecard=scorecard,
        contract=contract,
        card=card,
        evaluation=evaluation,
        digests=digests,
        economics=economics,
        card_digest=whole,
        approval=read_approval(path / approval_file.NAME, whole),
    )


CONTRACT_FILE = "features.yaml"
_PARSED = ("scorecard.json", "evaluation.json")


def _read(path: Path, name: str, digests: dict[str, str]) -> bytes:
    """The content of a release's file, which has the digest that its card states."""
    if name not in digests:
        raise ReleaseError(f"card.yaml states no digest of {name}")
    content = (path / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digests[name]:
        raise ReleaseError(f"{name} is not the file whose digest the card states")
    return content


def _check_card(card: dict[str, Any]) -> None:
    """Look up what the service tells of a card; raises as a lookup does where it isn't there."""
    metrics = card["metrics"]
    figures = [*metrics["decision_thresholds"].values()]
    for metric in metrics["model_performance"]:
        figures += [metric["value"], metric.get("threshold", 0), *metric.get("interval", ())]
        if not isinstance(metric["metric"], str):
            raise TypeError("a metric's name is no text")
    if not all(map(finite, figures)):
        raise TypeError("a metric, interval or threshold is no number")
    _ = card["date"]


def _check_scorecard(
    scorecard: Scorecard, contract: Contract, version: str, *, has_economics: bool
) -> None:
    if scorecard.version != version:
        raise ReleaseError(f"scorecard.json says version {scorecard.version}")
    if scorecard.contract_digest != contract.digest:
        raise ReleaseError(
            f"scorecard.json was trained on another contract than {CONTRACT_FILE}", CONTRACT
        )
    if missing := [name for name in POLICIES_OF_ALL if name not in scorecard.policies]:
        raise ReleaseError(f"scorecard.json has no threshold of {', '.join(missing)}")
    if (VALUE in scorecard.policies) != has_economics:
        raise ReleaseError(f"the policy {VALUE} and {economics_file.NAME} need each other")
    if uncovered := _uncovered(scorecard, contract):
        raise ReleaseError(f"scorecard.json has no points for {uncovered}")
    if failures := scorecard.verify():
        raise ReleaseError(f"self-test failed: {failures[0]}", SELF_TEST)


def _check_figures(
    card: dict[str, Any],
    evaluation: dict[str, Any],
    scorecard: Scorecard,
    contract: Contract,
    economics: Economics | None,
) -> None:
    if str(card.get("version")) != scorecard.version:
        raise ReleaseError(f"card.yaml says version {str(card.get('version'))[:50]}")
    try:
        fault = next(disagreements(card, evaluation, scorecard.policies, contract, economics), None)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ReleaseError(
            f"evaluation.json is not the evaluation of a card: {_line(error)}"
        ) from None
    if fault:
        raise ReleaseError(f"card.yaml: {fault}")


def _uncovered(scorecard: Scorecard, contract: Contract) -> str:
    """What a caller may send and the scorecard could not score: features or values, or nothing."""
    for term in scorecard.terms:
        for name, bins in zip(term.features, term.bins, strict=True):
            feature = contract.by_name.get(name)
            if feature is None:
                return f"{name}, which is none of the contract's"
            allowed = (False, True) if feature.type == "boolean" else feature.values
            if bool(allowed) != bool(bins.values) or not set(allowed) <= set(bins.values):
                return f"each value of {name}"
    return ""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
