"""Faults of the documents."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager

from drills.checkout import SOUND, deploy
from drills.faults.fault import DOWN, Fault
from drills.faults.service_faults import restart
from drills.stack import Stack

DOCUMENT = "runbooks/high-api-latency.md"
AGE = datetime.timedelta(days=100)


@contextmanager
def not_reviewed(stack: Stack) -> Iterator[None]:
    """Set a runbook's last review back, and deploy it."""
    file = stack.checkout / DOCUMENT
    before = (datetime.datetime.now(datetime.UTC).date() - AGE).isoformat()
    text = re.sub(r"(\*\*Last Updated\*\*: )\S+", rf"\g<1>{before}", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    restart(stack)
    try:
        yield
    finally:
        deploy(stack.checkout, SOUND)


OVERDUE = Fault(
    "a runbook whose last review is 100 days old",
    "ChurnApiReviewsOverdue",
    "documents.overdue",
    not_reviewed,
    DOWN,
)
