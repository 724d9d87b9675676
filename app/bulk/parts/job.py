"""What decides the result of scoring a file, apart from the file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.customers.files.header_matching import HeaderRules
from app.predictions.scorer import Scorer
from app.releases.release_loader import CONTRACT_FILE, Release, ReleaseError
from model.feature_file import parse_contract
from model.features import Contract
from model.scorecard import Scorecard
from model.scorecard_file import parse_scorecard

SCORECARD = "scorecard.json"

_scorecards: dict[bytes, Scorecard] = {}
_contracts: dict[bytes, Contract] = {}


@dataclass(frozen=True)
class Job:
    """How files are scored. It can be pickled: a worker elsewhere needs nothing else.

    Attributes:
        version: of the release.
        scorecard_text: the release's scorecard.json.
        contract_text: its features.yaml.
        policy: its threshold decides.
        reasons: most to give.
        keep: columns of the input that the result has, too.
        id_column: of the input; empty for one of the usual names.
        kind: of the result: csv, parquet or jsonl.
    """

    version: str
    scorecard_text: bytes
    contract_text: bytes
    policy: str
    reasons: int
    keep: tuple[str, ...]
    id_column: str
    kind: str

    @property
    def scorecard(self) -> Scorecard:
        """The scorecard, read once a process."""
        if self.scorecard_text not in _scorecards:
            _scorecards[self.scorecard_text] = parse_scorecard(self.scorecard_text, SCORECARD)
        return _scorecards[self.scorecard_text]

    @property
    def contract(self) -> Contract:
        """The contract of the features, read once a process."""
        if self.contract_text not in _contracts:
            _contracts[self.contract_text] = parse_contract(self.contract_text, CONTRACT_FILE)
        return _contracts[self.contract_text]

    @property
    def scorer(self) -> Scorer:
        """A scorer of one customer at a time."""
        return Scorer(self.scorecard, self.contract)

    @property
    def rules(self) -> HeaderRules:
        """Which columns a file has."""
        return HeaderRules(self.contract, self.id_column, keep=self.keep)

    def facts(self) -> dict[str, str]:
        """Return all that decides the result, by its name for people."""
        return {
            "release": f"{self.version} ({_digest(self.scorecard_text)})",
            "contract": _digest(self.contract_text),
            "--policy": self.policy,
            "--reasons": str(self.reasons),
            "--keep": ", ".join(self.keep),
            "--id": self.id_column,
        }


def job_of(
    release: Release,
    policy: str,
    reasons: int,
    *,
    keep: tuple[str, ...] = (),
    id_column: str = "",
    kind: str = "csv",
) -> Job:
    """Describe the job of scoring with a release.

    Raises:
        ReleaseError: its files aren't those that were loaded.
        PolicyError: it has no such policy.
        OSError: its files cannot be read.
    """
    text = (release.path / SCORECARD).read_bytes()
    if hashlib.sha256(text).hexdigest() != release.digests[SCORECARD]:
        raise ReleaseError(f"{SCORECARD} of release {release.version} was replaced meanwhile")
    job = Job(release.version, text, release.contract.text, policy, reasons, keep, id_column, kind)
    _scorecards[text], _contracts[release.contract.text] = release.scorecard, release.contract
    job.scorer.policy(policy)
    return job


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
