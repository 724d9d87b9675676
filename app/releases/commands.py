"""`churn model list`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.releases.approval import unapproved
from app.services import services


@click.command("list", epilog="Example: churn model list")
@with_appcontext
def list_releases() -> None:
    """List the releases.

    Shows those in MODEL_DIR, who approved them, which one serves, and which are refused.
    """
    known = services().releases
    for release in known.all():
        metrics = {m["metric"]: m["value"] for m in release.card["metrics"]["model_performance"]}
        auc = f"  ROC AUC {metrics['roc_auc']:.4f}" if "roc_auc" in metrics else ""
        serves = "  serves" if release is known.serving else ""
        if not known.can_answer(release):
            serves = "  has another feature contract"
        by = unapproved(release.path)
        if approval := release.approval:
            by = f"approved by {approval.team} on {approval.date}"
        click.echo(f"{release.version}  {release.card['date']}{auc}  {by}{serves}")
    for version, refusal in sorted(known.refused.items()):
        click.echo(f"{version}  refused: {refusal.reason}")
