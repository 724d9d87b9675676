"""What every page stands in: the base template, the styles, the scripts, the icon."""

from __future__ import annotations

from flask import Blueprint
from markupsafe import Markup

blp = Blueprint(
    "page_shell",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@blp.app_template_filter("code")
def code(text: str) -> Markup:
    """A sentence whose `words` between backticks are code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)
    )
