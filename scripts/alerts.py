"""Render the alert rules from their source: the committed ones, or with other lengths of time.

`alerts.py` writes deploy/prometheus/alerts.yml;
`alerts.py --check` compares with it instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "prometheus"
BASE = "http://churn-api.churn-mlops.svc:8000"
DASHBOARD = "http://grafana.churn-mlops.svc:3000/d/api-overview"

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def render(base: str = BASE, dashboard: str = DASHBOARD, shorter: int = 1) -> str:
    """The rules.

    Args:
        base: the service's address as people reach it.
        dashboard: Grafana's.
        shorter: divides each length of time; 60 makes seconds of minutes. None is below 2 s.
    """

    def length(text: str) -> str:
        if shorter == 1:
            return text
        seconds = int(text[:-1]) * _SECONDS[text[-1]]
        return f"{max(2, seconds // shorter)}s"

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701 - YAML
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[ ",
        variable_end_string=" ]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    template = environment.get_template("alerts.yml.j2")
    return template.render(base=base, dashboard=dashboard, t=length)


def main() -> int:
    """Write the file, or compare: 1 where it differs."""
    file = FOLDER / "alerts.yml"
    if "--check" not in sys.argv[1:]:
        file.write_text(render(), "utf-8")
        return 0
    if file.read_text("utf-8") == render():
        return 0
    sys.stderr.write(f"{file.name} is not what its source makes: run make alerts\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
