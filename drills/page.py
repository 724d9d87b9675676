"""The page that an alert leads to, as its reader gets it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from drills.stack import Stack
from tools.servers import fetch


def page(stack: Stack, annotations: Mapping[str, str]) -> str:
    """Return the page that an alert links to; where the service is dead, its copy in the mirror."""
    try:
        status, text = fetch(annotations["runbook_url"], Authorization=f"Bearer {stack.key}")
    except OSError:
        status, text = 0, ""
    if status == HTTPStatus.OK:
        return text
    copy = Path(urlsplit(annotations["runbook_mirror_url"]).path)
    return copy.read_text("utf-8") if copy.is_file() else ""


def has_heading(text: str, heading: str) -> bool:
    """Whether a page has a heading with that id."""
    return f'id="{heading}"' in text
