"""What the pages show of an experiment: plots, the table of variants, and all as markdown."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.card.card_markdown import table_text
from app.handbook.card.card_tables import Table, TableCell, words
from app.handbook.card.spread_plots import Spread, SpreadPlot, spread_plot
from app.handbook.documents.experiment_file import Experiment, OverFolds


def gain(experiment: Experiment) -> str:
    """Say what the winner gains over the simplest one."""
    winner, simplest = experiment.by_name[experiment.simplest_not_beaten], experiment.variants[0]
    if winner == simplest:
        return "It is the simplest"
    return f"{simplest.log_loss.mean - winner.log_loss.mean:.4f} less than with {simplest.name}"


def plots(experiment: Experiment) -> list[SpreadPlot]:
    """Draw both measures over the folds, and the differences to the best variant."""
    differences = [
        Spread(
            v.name,
            low=v.difference - v.standard_error,
            high=v.difference + v.standard_error,
            mean=v.difference,
        )
        for v in experiment.variants
    ]
    return [
        _over_folds("Log loss", {v.name: v.log_loss for v in experiment.variants}),
        spread_plot("Difference to the best", "log loss, one standard error", differences),
        _over_folds("ROC AUC", {v.name: v.roc_auc for v in experiment.variants}),
    ]


def _over_folds(name: str, measured: dict[str, OverFolds]) -> SpreadPlot:
    spreads = [Spread(v, m.folds, *m.interval, m.mean) for v, m in measured.items()]
    return spread_plot(f"{name} by fold", f"{name}, 95% interval of the mean", spreads)


def variants(experiment: Experiment) -> Table:
    """Make the table of variants, the simplest first."""
    rows = [
        [
            TableCell(v.name, ", ".join(_marks(experiment, v.name))),
            _measure(v.log_loss),
            TableCell(f"{v.difference:.5f}", number=True),
            TableCell(f"{v.standard_error:.5f}", number=True),
            _measure(v.roc_auc),
        ]
        for v in experiment.variants
    ]
    columns = ["Variant", "Log loss", "Difference to the best", "Standard error", "ROC AUC"]
    return Table(columns, rows)


def _measure(measured: OverFolds) -> TableCell:
    low, high = measured.interval
    return TableCell(f"{measured.mean:.4f}", f"{low:.4f} to {high:.4f}", number=True)


def _marks(experiment: Experiment, name: str) -> Iterator[str]:
    if name == experiment.best:
        yield "best"
    if name == experiment.simplest_not_beaten:
        yield "the simplest not beaten"
    if experiment.by_name[name].is_beaten:
        yield "beaten"


def markdown(experiment: Experiment) -> str:
    """Return the experiment as markdown."""
    facts = {
        "Owner": experiment.owner or "nobody",
        "Date": experiment.date or "none",
        "Winner": experiment.simplest_not_beaten,
        "Best": experiment.best,
        "Command": f"`{experiment.command}`",
        **{f"Data, {words(key).lower()}": value for key, value in experiment.data.items()},
        **{words(key): value for key, value in experiment.training.items()},
    }
    parts = [
        f"# Experiment {experiment.number:03}: {experiment.title}",
        experiment.question,
        "## Verdict",
        experiment.verdict or "Nobody has written it yet.",
        "## Variants",
        table_text(variants(experiment)),
        "## How it was run",
        "\n".join(f"- {name}: {value}" for name, value in facts.items()),
    ]
    if experiment.decided_in:
        links = "\n".join(f"- [{path}](../{path})" for path in experiment.decided_in)
        parts += ["## Decided in", links]
    return "\n\n".join(filter(None, parts)) + "\n"
