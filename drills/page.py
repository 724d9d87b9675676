"""The page that an alert leads to, as its reader gets it."""

from __future__ import annotations

from drills.stack import Stack
from tools.servers import fetch


def page(stack: Stack, slug: str) -> str:
    """Return the runbook's page from the service, or from the mirror where the service is dead."""
    try:
        status, text = fetch(
            f"{stack.url}/runbooks/{slug}", Authorization=f"Bearer {stack.key}", Accept="text/html"
        )
    except OSError:
        status, text = 0, ""
    if status == 200:
        return text
    mirrored = stack.mirror / "runbooks" / f"{slug}.html"
    return mirrored.read_text("utf-8") if mirrored.is_file() else ""


def heading_on_page(stack: Stack, slug: str, heading: str) -> bool:
    """Whether the page has that heading."""
    return f'id="{heading}"' in page(stack, slug)
