"""What `churn model` prints: metrics, and a mistake in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

if TYPE_CHECKING:
    from model.training.threshold_choice import Goal


def in_words(metric: dict[str, Any]) -> str:
    """Write a metric's value and interval."""
    low, high = metric["interval"]
    return f"{metric['value']:.4f} ({low:.4f} to {high:.4f})"


def print_metrics(metrics: list[dict[str, Any]]) -> None:
    """Print a line for each metric."""
    for metric in metrics:
        click.echo(f"{metric['metric']:<26}{in_words(metric)}")


def print_unmet(goals: Iterable[Goal]) -> None:
    """Print a line for each policy that misses its goal."""
    for goal in goals:
        if not goal.met:
            click.echo(f"{goal.policy}: {goal.said}")


@contextmanager
def one_line_mistakes() -> Iterator[None]:
    """End with one line on stderr for each fault: status 2, or the error's own."""
    try:
        yield
    except ModuleNotFoundError as error:
        click.echo(f"{error.name} is not installed: pip install -e '.[model]'", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(
            f"{error.filename}: {error.strerror}" if error.filename else str(error), err=True
        )
        sys.exit(2)
    except ValueError as error:
        for fault in getattr(error, "faults", [str(error)]):
            click.echo(" ".join(fault.split()), err=True)
        sys.exit(getattr(error, "exit_status", 2))


def print_partial(partial: dict[str, dict[str, float]]) -> None:
    """Print how well partial customers are scored."""
    found = partial["random_known"]
    low, high = found["calibration_error_low"], found["calibration_error_high"]
    click.echo(
        f"all customers out of fold: ROC AUC {partial['all_known']['roc_auc']:.4f}, "
        f"log loss {partial['all_known']['log_loss']:.4f}\n"
        "with random sets of known features: "
        f"mean probability {found['mean_probability']:.4f} of {found['churn_rate']:.4f}, "
        f"calibration error {found['calibration_error']:.4f} ({low:.4f} to {high:.4f}), "
        f"range covers {found['coverage']:.4f}, at least {found['coverage_worst']:.4f}"
    )


def stated_metrics(folder: Path) -> dict[str, str]:
    """Return the metrics that the card states, as text by name."""
    try:
        card = yaml.safe_load((folder / "card.yaml").read_bytes())["model_card"]
        return {m["metric"]: in_words(m) for m in card["metrics"]["model_performance"]}
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        raise ValueError(f"{folder.name}/card.yaml is not a model card") from None
