"""The shell of every page: base template, styles, scripts, icon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from markupsafe import Markup

from app.http.url_prefix import address
from app.services import services

if TYPE_CHECKING:
    from app.handbook.mirror.stamp import Stamp

blp = Blueprint(
    "page_shell",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
blp.add_app_template_filter(address)


@blp.app_template_global()
def mirror() -> Stamp | None:
    """Return what pages say of themselves in the handbook's mirror; None in the service."""
    return services().mirror


@blp.app_template_filter("code")
def code(text: str) -> Markup:
    """Write the `words` between backticks in a sentence as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)
    )
