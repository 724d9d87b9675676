"""Large batches are completed with arrays where numpy is installed; the answers are the same."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.predictions.inference_choice import LARGE, InferenceChoice
from model.columnar.batch_inference import BatchInference
from model.scorecard import Scorecard
from tests.model.random_scorecards import random_contract, random_customers, random_scorecard
from tests.prediction_bodies import CONTRACT
from tools.coded_customers import sample

ANSWERS = """
import json, sys
for name in sys.argv[1:]:
    sys.modules[name] = None
from app.cli.model_options import RELEASES
from app.predictions.scorer import Scorer
from app.releases.release_loader import load_release
release = load_release(RELEASES / "1.2.0")
scorer = Scorer(release.scorecard, release.contract)
few, many = json.load(sys.stdin)
answers = scorer.score_many(few)
assert not sys.modules.get("numpy"), "loaded for a small batch"
answers += scorer.score_many(many)
print(json.dumps([sys.modules.get("numpy") is not None, answers]))
"""


def answers(customers: list[dict[str, Any]], *hidden: str) -> Any:
    """Score a small batch and a large one in a new process without some modules."""
    done = subprocess.run(
        [sys.executable, "-c", ANSWERS, *hidden],
        input=json.dumps([customers[: LARGE - 1], customers]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_large_batch_has_the_same_answers_without_numpy() -> None:
    """Every digit; a server that gets small batches only never loads numpy."""
    names = CONTRACT.names
    customers = [
        {name: value for name, value in customer.items() if name != names[-1 - at % 15]}
        for at, customer in enumerate(sample(CONTRACT))
    ]
    loaded, fast = answers(customers)
    hidden, plain = answers(customers, "numpy")
    assert (loaded, hidden) == (True, False)
    assert fast == plain


@given(
    st.integers(0, 200).map(random_scorecard),
    st.lists(random_customers(), min_size=1, max_size=12),
)
def test_arrays_infer_what_the_factor_model_infers(
    scorecard: Scorecard, customers: list[dict[str, Any]]
) -> None:
    """To the last bit, also the feature to ask for next."""
    factors, contract = scorecard.factors, random_contract()
    assert factors
    whole = [contract.nothing | customer for customer in customers]
    known = [scorecard.intercept + sum(scorecard.effects(customer)) for customer in whole]
    plain = [*InferenceChoice(factors, contract).infer(whole, known)]
    assert BatchInference(factors, contract).infer(whole, known) == plain
    assert len(whole) < LARGE  # or both were arrays'
