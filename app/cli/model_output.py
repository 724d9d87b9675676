"""What `churn model` prints: metrics, progress, and a mistake in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from app.cli.one_line_errors import one_line


def in_words(metric: dict[str, Any]) -> str:
    """A metric's value and interval."""
    low, high = metric["interval"]
    return f"{metric['value']:.4f} ({low:.4f} to {high:.4f})"


def print_metrics(metrics: list[dict[str, Any]]) -> None:
    """Print a line for each metric."""
    for metric in metrics:
        click.echo(f"{metric['metric']:<26}{in_words(metric)}")


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A function that tells of the next step: a moving bar on a terminal, plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step: click.echo(step, err=True)
        return
    with Progress(
        *Progress.get_default_columns()[:2], TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("reading customers", total=None)
        yield lambda step: bar.update(task, description=step)


@contextmanager
def one_line_mistakes() -> Iterator[None]:
    """End with one line on stderr: status 2, or the error's own."""
    try:
        yield
    except ModuleNotFoundError as error:
        click.echo(f"{error.name} is not installed: pip install -e '.[model]'", err=True)
        sys.exit(2)
    except (ValueError, OSError) as error:
        click.echo(one_line(str(error)), err=True)
        sys.exit(getattr(error, "exit_status", 2))
