"""Drafts the prose of a model card, with a marked gap for each thing that only people know."""

from __future__ import annotations

import datetime

import yaml

from model.economics import GAP

_HEAD = f"""\
# The part of the model card that people write. `churn model release` adds all numbers.
# Replace each text that begins with {GAP}. `churn handbook check` lists those that are left.
"""


def draft_card(file: str, target: str, today: datetime.date) -> str:
    """Write a `card.yaml` about the customers of a file.

    Args:
        file: its name.
        target: the column with the outcome.
        today: the date of the release.
    """
    prose = {
        "name": f"Scorecard for {target}",
        "version": "1.0.0",
        "date": today,
        "owner": f"{GAP} which team answers for the model?",
        "description": (
            f"Estimates the probability of {target} for a customer, from the other columns of "
            f"{file}. The model is a scorecard: it adds up points from one table for each feature. "
            "So every score splits exactly into the points that make it up."
        ),
        "intended_use": {
            "primary_uses": [f"{GAP} which decisions do the scores help with?"],
            "primary_users": [f"{GAP} who uses the scores?"],
            "out_of_scope": [
                f"{GAP} what must the scores not be used for?",
                "Inferring causes from effects. A feature that raises the score goes together with "
                "the outcome; changing it need not change the outcome.",
            ],
        },
        "factors": {
            "relevant_factors": [
                f"{GAP} between which groups of people could errors differ? Name features of type "
                "boolean or category under evaluation_factors to measure it."
            ],
            "evaluation_factors": [],
        },
        "thresholds": {},
        "decision_thresholds": {
            "default": "0.5: above it, the outcome is more probable than not.",
            "high_precision": "The lowest threshold with 75% precision on held-out customers.",
            "high_recall": "The highest threshold with 80% recall on held-out customers.",
        },
        "dataset": {
            "name": file,
            "time_period": f"{GAP} from when are the customers, and when was the outcome known?",
            "source": f"{GAP} where does the file come from, and which customers are in it?",
        },
        "preprocessing": [
            "Each numeric feature is divided into at most 32 bins near quantiles of the training "
            "set; categories and yes/no features have one bin for each value.",
            f"{GAP} what was done to the data before it became {file}?",
        ],
        "risks": [f"{GAP} whom could a wrong score harm, and how?"],
        "mitigations": [
            "Every answer includes its exact reasons, and scorecard.json contains every table of "
            "points.",
            f"{GAP} what is done about the risks?",
        ],
        "caveats_and_recommendations": [
            f"{GAP} what should a user know before acting on a score?",
            "The model degrades as customers change. Train it again on recent customers.",
        ],
        "references": {
            "papers": [
                "Mitchell et al. (2019), Model cards for model reporting, FAT* 2019: the form of "
                "this card.",
                "Lou, Caruana, Gehrke and Hooker (2013), Accurate intelligible models with "
                "pairwise interactions, KDD 2013: models of this kind.",
            ],
            "related_models": [],
        },
    }
    return _HEAD + yaml.safe_dump(prose, sort_keys=False, width=100, allow_unicode=True)
