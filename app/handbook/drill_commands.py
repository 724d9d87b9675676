"""`churn drill`: practises for incidents."""

from __future__ import annotations

import datetime

import click
from flask.cli import AppGroup
from rapidfuzz import process

from app.handbook.documents import alert_rule_files
from app.handbook.documents.alert_rule_files import AlertRule
from app.handbook.drill_alerts import FAILURES, Alertmanager
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

SECONDS = 5.0
"""Time limit of a call to Alertmanager."""

NEAREST = 3

drill = AppGroup(
    "drill",
    help="Practise for incidents.",
    epilog="Example: churn drill page ChurnApiDown",
)


class NotSentError(click.ClickException):
    """Alertmanager didn't take the alert."""

    exit_code = 2


@drill.command(epilog="Example: churn drill page ChurnApiDown --minutes 20")
@click.argument("name")
@click.option(
    "--minutes", type=click.IntRange(1, 240), default=10, help="After that time it ends by itself."
)
@click.option("--end", "ends", is_flag=True, help="End the drill now.")
def page(name: str, minutes: int, ends: bool) -> None:
    """Send an alert as a drill.

    NAME is an alert. Alertmanager (ALERTMANAGER_URL) takes it the way of the real one, to the pager
    too. It has the label drill="true", its summary begins with DRILL, and the runbook that it opens
    says that it is a drill.
    """
    rule = _rule(name)
    alertmanager = services().alertmanager
    if not alertmanager.address:
        raise click.UsageError("ALERTMANAGER_URL is not set: give the address of Alertmanager")
    try:
        said = _end(alertmanager, rule) if ends else _send(alertmanager, rule, minutes)
    except (DependencyUnavailable, *FAILURES) as error:
        why = getattr(error, "reason", None) or error
        raise NotSentError(f"ALERTMANAGER_URL: no answer of Alertmanager ({why})") from None
    click.echo(said)


def _send(alertmanager: Alertmanager, rule: AlertRule, minutes: int) -> str:
    now = datetime.datetime.now(datetime.UTC)
    end = now + datetime.timedelta(minutes=minutes)
    alertmanager.send(rule, now, end, SECONDS)
    return f"{rule.name} was sent as a drill; it ends at {end:%H:%M} UTC, or with --end"


def _end(alertmanager: Alertmanager, rule: AlertRule) -> str:
    found = [d for d in alertmanager.active(SECONDS) if d.alert == rule.name]
    if not found:
        raise click.UsageError(f"no drill of {rule.name} is active")
    start = datetime.datetime.fromisoformat(found[0].since)
    alertmanager.send(rule, start, datetime.datetime.now(datetime.UTC), SECONDS)
    return f"the drill of {rule.name} has ended"


def _rule(name: str) -> AlertRule:
    rules = {rule.name: rule for rule in alert_rule_files.read(services().library().root)[0]}
    if name not in rules:
        near = [found for found, *_ in process.extract(name, list(rules), limit=NEAREST)]
        nearest = f", nearest: {', '.join(near)}" if near else ""
        raise click.UsageError(f"no alert rule is named {name!r}{nearest}")
    return rules[name]
